import { LineCounter, isMap, isNode, isPair, isScalar, isSeq, parseDocument } from 'yaml';
import { HaggleError } from '../../agent-core/errors.ts';

/** A topology is written by people: a larger file is another one. */
const TEXT_CHARS = 1_000_000;
/** A topology is a list of maps of maps; deeper ones are refused before the parser follows them. */
const NESTING_MAX = 32;

/** A piece of a YAML text that knows where it stands. */
export interface YamlPart {
  /** How messages call it. */
  readonly name: string;
  readonly offset: number;
  readonly node: unknown;
}

/** Reads a YAML text piece by piece; what does not fit is refused with file, line and column. */
export interface YamlReader {
  readonly root: YamlPart;
  /** The error that something is wrong here. */
  fault(part: YamlPart, problem: string): HaggleError;
  /** The parts of a map by key, where all keys are among `known`; null: any keys. */
  map(part: YamlPart, known: readonly string[] | null): ReadonlyMap<string, YamlPart>;
  /** The parts of a list. */
  list(part: YamlPart, max: number): readonly YamlPart[];
  /** A number from `min` to `max`. */
  number(part: YamlPart, bounds: { readonly min: number; readonly max: number; readonly whole?: boolean }): number;
  /** A text, at most 200 characters. */
  text(part: YamlPart): string;
  /** `true` or `false`. */
  flag(part: YamlPart): boolean;
  isNumber(part: YamlPart): boolean;
}

/**
 * A reader of one YAML document. References (`*name`) are not read: a short text could stand for a long one by them.
 *
 * @throws HaggleError `bad-topology`, as do the reader's methods, saying `file:line:column: problem`
 */
export function createYamlReader(text: string, file: string): YamlReader {
  const lines = new LineCounter();
  const at = (offset: number, problem: string): HaggleError => {
    const { line, col } = lines.linePos(offset);
    const [row, column] = [Math.max(1, line), Math.max(1, col)];
    return new HaggleError('bad-topology', `${file}:${row}:${column}: ${problem.trim()}`, {
      fields: { file, line: row, column },
    });
  };
  if (text.length > TEXT_CHARS) throw at(0, `a topology has at most ${TEXT_CHARS} characters, got ${text.length}`);
  const document = parse(text, lines, at);
  const [broken] = [...document.errors, ...document.warnings];
  if (broken !== undefined) throw at(broken.pos[0], shown(broken.message, 120));
  const fault = (part: YamlPart, problem: string): HaggleError => at(part.offset, `${part.name} ${problem}`);
  const root = { name: 'the topology', offset: startOf(document.contents) ?? 0, node: document.contents };
  return { root, fault, ...collections(fault), ...scalars(fault) };
}

type Fault = YamlReader['fault'];

function parse(
  text: string,
  lines: LineCounter,
  at: (offset: number, problem: string) => HaggleError,
): ReturnType<typeof parseDocument> {
  if (deepest(text) > NESTING_MAX) throw at(0, `brackets are nested more than ${NESTING_MAX} deep`);
  try {
    // Keys that come twice are looked for below: the parser compares every pair of them.
    return parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: false });
  } catch (cause) {
    throw at(0, `cannot be read: ${cause instanceof Error ? shown(cause.message, 120) : 'unknown cause'}`);
  }
}

function collections(fault: Fault): Pick<YamlReader, 'map' | 'list'> {
  return {
    map(part, known) {
      if (!isMap(part.node)) throw fault(part, `must be a map, got ${kindOf(part.node)}`);
      const parts = new Map<string, YamlPart>();
      for (const { key, value } of part.node.items) {
        const name = isScalar(key) ? String(key.value) : '';
        const found = { name: `${part.name}: ${shown(name, 40)}`, offset: startOf(key) ?? part.offset, node: value };
        if (known?.includes(name) === false) throw fault(found, `is unknown here; known are ${known.join(', ')}`);
        if (parts.has(name)) throw fault(found, 'is there twice');
        parts.set(name, { ...found, offset: startOf(value) ?? found.offset });
      }
      return parts;
    },
    list(part, max) {
      if (!isSeq(part.node)) throw fault(part, `must be a list, got ${kindOf(part.node)}`);
      const { items } = part.node;
      if (items.length > max) throw fault(part, `has at most ${max} entries, got ${items.length}`);
      return items.map((node, index) => ({
        name: `${part.name}[${index}]`,
        offset: startOf(node) ?? part.offset,
        node: isPair(node) ? null : node,
      }));
    },
  };
}

function scalars(fault: Fault): Pick<YamlReader, 'number' | 'text' | 'flag' | 'isNumber'> {
  const valueOf = (part: YamlPart): unknown => (isScalar(part.node) ? part.node.value : undefined);
  return {
    isNumber: (part) => typeof valueOf(part) === 'number',
    number(part, { min, max, whole = false }) {
      const value = valueOf(part);
      const fits = typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
      if (fits) return value + 0;
      throw fault(part, `must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, got ${kindOf(part.node)}`);
    },
    flag(part) {
      const value = valueOf(part);
      if (typeof value === 'boolean') return value;
      throw fault(part, `must be true or false, got ${kindOf(part.node)}`);
    },
    text(part) {
      const value = valueOf(part);
      if (typeof value === 'string' && value.length <= 200) return value;
      throw fault(part, `must be a text of at most 200 characters, got ${kindOf(part.node)}`);
    },
  };
}

/** What stands somewhere, for a message. */
function kindOf(node: unknown): string {
  if (isMap(node)) return 'a map';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node)) return node === null || node === undefined ? 'nothing' : 'a reference';
  const { value } = node;
  if (typeof value === 'string') return JSON.stringify(shown(value, 40));
  if (typeof value === 'number' || typeof value === 'boolean') return `${value}`;
  return value === null ? 'nothing' : 'something else';
}

/** Short, and printable ASCII only. */
function shown(text: string, length: number): string {
  return (text.length > length ? `${text.slice(0, length)}...` : text).replace(/[^\x20-\x7e]/g, '?');
}

function startOf(node: unknown): number | undefined {
  const range = isNode(node) ? node.range : null;
  return range?.[0];
}

/** Brackets that are open at once, at most, whatever they stand in. */
function deepest(text: string): number {
  let [open, most] = [0, 0];
  for (const char of text) {
    if (char === '[' || char === '{') most = Math.max(most, (open += 1));
    else if (char === ']' || char === '}') open = Math.max(0, open - 1);
  }
  return most;
}
