import type { AnyProtocol } from './conversation-types.ts';
import { stateDiagram } from './diagram.ts';
import { fieldTexts, wireSchema, type SchemaNode } from './schema-text.ts';

/** What a reader wants to know of one message type. */
export interface MessageReference {
  readonly type: string;
  /** Its performative. */
  readonly as: string;
  /** A role, or `either`. */
  readonly from: string;
  /** The fields of its body, each as `name: what it holds`. */
  readonly fields: readonly string[];
  /** The states in which it may be said. */
  readonly states: readonly string[];
}

/** The messages of a protocol in the order of its definition. */
export function messageReference(protocol: AnyProtocol): readonly MessageReference[] {
  const states = Object.entries(protocol.dialogue.states);
  return Object.entries(protocol.messages).map(([type, { as, from, body }]) => ({
    type,
    as,
    from,
    fields: fieldTexts(wireSchema(body)),
    states: states.filter(([, { on }]) => on !== undefined && Object.hasOwn(on, type)).map(([name]) => name),
  }));
}

/** The bodies of a protocol as JSON Schemas (draft 2020-12), with all else that both sides must agree on. */
export interface ProtocolSchema {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly roles: readonly [string, string];
  readonly messages: Readonly<
    Record<string, { readonly from: string; readonly as: string; readonly body: SchemaNode }>
  >;
  readonly dialogue: AnyProtocol['dialogue'];
}

/** A protocol as data for programs in other languages: its digest, and the JSON Schema of every body. */
export function protocolSchema(protocol: AnyProtocol): ProtocolSchema {
  const { name, version, digest, roles, messages, dialogue } = protocol;
  const specs = Object.entries(messages).map(([type, { from, as, body }]) => {
    return [type, { from, as, body: wireSchema(body) }] as const;
  });
  return { name, version, digest, roles, messages: Object.fromEntries(specs), dialogue };
}

const HEAD = ['Message', 'Performative', 'From', 'Body', 'In state'] as const;

/** What people are told of a protocol, in Markdown. */
export interface ProtocolWords {
  /** A sentence: what it is for. */
  readonly about: string;
  /** Whose idea it is, as a citation that reads on after `Source:`. */
  readonly source: string;
}

/** A protocol's section of a reference in Markdown: source, roles, digest, diagram and table of messages. */
export function protocolMarkdown(protocol: AnyProtocol, { about, source }: ProtocolWords): string {
  const rows = messageReference(protocol).map(({ type, as, from, fields, states }) => [
    code(type),
    as,
    from,
    fields.length === 0 ? '–' : fields.map(code).join('<br>'),
    states.map(plain).join(', '),
  ]);
  return [
    `## ${plain(protocol.name)} ${protocol.version}`,
    '',
    about,
    '',
    `Source: ${source}.`,
    '',
    `Roles: ${protocol.roles.map(code).join(' and ')}. Digest: ${code(protocol.digest)}.`,
    '',
    '```mermaid',
    stateDiagram(protocol).trimEnd(),
    '```',
    '',
    ...markdownTable([HEAD, ...rows]),
    '',
  ].join('\n');
}

/** Rows as a Markdown table whose columns line up, as formatters write it; the first row is the head. */
export function markdownTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = columnWidths(rows);
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
}

/** Rows as text whose columns line up. */
export function textTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = columnWidths(rows);
  return rows.map((row) =>
    widths
      .map((width, column) => (row[column] ?? '').padEnd(width))
      .join('  ')
      .trimEnd(),
  );
}

function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const columns = Math.max(0, ...rows.map(({ length }) => length));
  return Array.from({ length: columns }, (_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? '').length)));
}

/** A code span in a table cell. */
function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|').replaceAll('`', "'")}\``;
}

/** Text in a table cell that Markdown shows as it is. */
function plain(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|]/g, (character) => `\\${character}`);
}
