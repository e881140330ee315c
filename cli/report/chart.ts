import { el, type Child, type Markup } from './markup.ts';
import type { Axis } from './scale.ts';

/** A place for text so that labels do not touch: wide enough for the fonts that readers have. */
const CHAR_WIDTH = 0.6;

/** Size of the labels of charts, in the units of their drawings. */
export const FONT_SIZE = 12;

/** About how wide `text` is at `size`. */
export function textWidth(text: string, size = FONT_SIZE): number {
  return Array.from(text).length * size * CHAR_WIDTH;
}

/** A drawing with its name for those who do not see it. */
export interface Drawing {
  /** Unique in the page: names the title and description. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
}

/** An accessible SVG that is as wide as its place. */
export function drawing({ id, title, description, width, height }: Drawing, ...children: readonly Child[]): Markup {
  return el(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-desc`,
      class: width > 700 ? 'wide' : null,
      preserveAspectRatio: 'xMidYMid meet',
    },
    el('title', { id: `${id}-title` }, title),
    el('desc', { id: `${id}-desc` }, description),
    ...children,
  );
}

/** An axis, what it measures, and how far its grid lines go. */
export interface AxisPlace {
  readonly axis: Axis;
  readonly title: string;
  /** Where the axis stands: y of a horizontal one, x of a vertical one. */
  readonly at: number;
  /** The far end of the grid lines. */
  readonly to: number;
}

/** A vertical axis on the left: ticks, grid lines, and its title above. */
export function verticalAxis({ axis, title, at, to }: AxisPlace): Markup {
  const top = Math.min(...axis.range);
  return el(
    'g',
    { class: 'axis' },
    axis.ticks.map((tick) => [
      el('line', { class: 'grid', x1: at, x2: to, y1: axis.at(tick), y2: axis.at(tick) }),
      el('text', { x: at - 7, y: axis.at(tick) + 4, 'text-anchor': 'end' }, axis.label(tick)),
    ]),
    el('text', { class: 'axis-title', x: 0, y: top - 15 }, title),
  );
}

/** A horizontal axis below: ticks, their labels where they do not touch, and its title under them. */
export function horizontalAxis({ axis, title, at, to }: AxisPlace): Markup {
  const [left, right] = axis.range;
  let free = -Infinity;
  const labels = axis.ticks.map((tick) => {
    const text = axis.label(tick);
    const half = textWidth(text) / 2;
    const x = axis.at(tick);
    if (x - half < free) return null;
    free = x + half + 6;
    return el('text', { x, y: at + 18, 'text-anchor': 'middle' }, text);
  });
  return el(
    'g',
    { class: 'axis' },
    axis.ticks.map((tick) => el('line', { class: 'grid', x1: axis.at(tick), x2: axis.at(tick), y1: at, y2: to })),
    el('line', { class: 'base', x1: left, x2: right, y1: at, y2: at }),
    labels,
    el('text', { class: 'axis-title', x: (left + right) / 2, y: at + 36, 'text-anchor': 'middle' }, title),
  );
}

/** One entry of a legend: a sample and words. */
export interface LegendEntry {
  readonly sample: Markup;
  readonly words: string;
}

/** A legend in the text, so that it wraps where the page is narrow. Samples are drawn in a box of 26 × 14. */
export function legend(entries: readonly LegendEntry[]): Markup {
  return el(
    'ul',
    { class: 'legend' },
    entries.map(({ sample, words }) =>
      el('li', {}, el('svg', { viewBox: '0 0 26 14', 'aria-hidden': 'true' }, sample), words),
    ),
  );
}

/** A chart with its heading, legend and a sentence that says what it shows. */
export interface FigureText {
  readonly heading: string;
  readonly caption: string;
  readonly wide?: boolean;
}

/** A section of the report around a chart. Where the page is too narrow, the chart scrolls inside. */
export function figure({ heading, caption, wide }: FigureText, ...children: readonly Child[]): Markup {
  return el(
    'section',
    { class: wide === true ? 'card wide' : 'card' },
    el('h2', {}, heading),
    el('p', { class: 'caption' }, caption),
    children,
  );
}

/** A box in which `svg` scrolls sideways where it would become too small to read. Reached by keyboard, too. */
export function scrolling(label: string, content: Markup): Markup {
  return el('div', { class: 'scroll', role: 'group', tabindex: '0', 'aria-label': label }, content);
}

/** A diamond around a point: the mark of the baseline. */
export function diamond(at: { readonly x: number; readonly y: number }, size: number, name: string): Markup {
  const { x, y } = at;
  const path = `M${x} ${y - size}L${x + size} ${y}L${x} ${y + size}L${x - size} ${y}Z`;
  return el('path', { class: name, d: path.replaceAll(/\d+\.\d+/g, (number) => Number(number).toFixed(2)) });
}
