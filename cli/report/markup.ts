/** Text that is HTML or SVG already. Everything else is text and is escaped where it is put in. */
export interface Markup {
  readonly markup: string;
}

/** What an element holds: strings and numbers as text, null as nothing. */
export type Child = Markup | string | number | null | readonly Child[];

/** Attributes by name; null leaves one out. Numbers are rounded to hundredths, plenty for coordinates. */
export type Attributes = Readonly<Record<string, string | number | null>>;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Void elements of HTML that reports use. */
const WITHOUT_END = new Set(['meta', 'col', 'br']);

/** `text` so that it means itself in element content and in quoted attributes. Control characters become spaces. */
export function escapeText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (found) => ESCAPES[found] ?? '').replaceAll(/\p{Cc}/gu, ' ');
}

/** An element. Names of elements and attributes must be constants of the program: they are not escaped. */
export function el(name: string, attributes: Attributes, ...children: readonly Child[]): Markup {
  const pairs = Object.entries(attributes).map(([key, value]) =>
    value === null ? '' : ` ${key}="${typeof value === 'number' ? rounded(value) : escapeText(value)}"`,
  );
  const start = `<${name}${pairs.join('')}>`;
  return { markup: WITHOUT_END.has(name) ? start : `${start}${inside(children)}</${name}>` };
}

/** Constant text of the program that is markup or CSS already. Never anything that was read from a file. */
export function trusted(markup: string): Markup {
  return { markup };
}

function inside(child: Child): string {
  if (child === null) return '';
  if (typeof child === 'string') return escapeText(child);
  if (typeof child === 'number') return String(child);
  return 'markup' in child ? child.markup : child.map(inside).join('');
}

/** A coordinate as SVG wants it, to hundredths. @returns `0` for what is no finite number */
export function rounded(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value * 100) / 100 + 0) : '0';
}
