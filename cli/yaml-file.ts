import { isNode, isPair, isScalar, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { z } from 'zod';
import { HaggleError } from '../agent-core/errors.ts';
import { readInput } from './files.ts';

/** A configuration is written by people: a larger file is another one. */
const CONFIG_CHARS = 1_000_000;

/** A place in a configuration: the keys and indices that lead there. */
export type ConfigPath = readonly PropertyKey[];

/** A configuration that was read, and where its parts stand. */
export interface ConfigFile<T> {
  readonly value: T;
  /** The error that something at a place is wrong, naming file, line and column. */
  readonly fault: (path: ConfigPath, message: string) => HaggleError;
}

/**
 * Reads a configuration in YAML (of which JSON is a part) and checks it against a schema. Anything unknown is an error.
 *
 * @throws HaggleError `no-input`; `bad-config` with `file:line:column`
 */
export function readConfig<T>(file: string, schema: z.ZodType<T>): ConfigFile<T> {
  const text = readInput(file);
  if (text.length > CONFIG_CHARS) {
    throw new HaggleError('bad-config', `${file}: a configuration has at most ${CONFIG_CHARS} characters`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const at = (offset: number, message: string): HaggleError => {
    const { line, col } = lines.linePos(offset);
    return new HaggleError('bad-config', `${file}:${line}:${col}: ${message}`);
  };
  const [broken] = [...document.errors, ...document.warnings];
  if (broken !== undefined) throw at(broken.pos[0], broken.message);
  const fault = (path: ConfigPath, message: string): HaggleError => at(offsetOf(document, path), message);
  const result = schema.safeParse(plain(document, at));
  if (result.success) return { value: result.data, fault };
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    throw fault([...issue.path, key], `${pathText([...issue.path, key])}: there is no such setting`);
  }
  const where = issue?.path ?? [];
  throw fault(where, `${where.length === 0 ? '' : `${pathText(where)}: `}${issue?.message ?? 'invalid'}`);
}

function plain(document: Document, at: (offset: number, message: string) => HaggleError): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw at(0, cause instanceof Error ? cause.message : String(cause));
  }
}

/** Where a path stands; where it does not exist, the nearest thing around it. */
function offsetOf(document: Document, path: ConfigPath): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of path) {
    const found = isCollection(node) ? childOf(node, step) : null;
    if (found === null) return offset;
    offset = startOf(found.label) ?? offset;
    node = found.node;
  }
  return offset;
}

interface Items {
  readonly items: readonly unknown[];
}

function isCollection(node: unknown): node is Items {
  return isNode(node) && 'items' in node && Array.isArray(node.items);
}

/** What a step leads to, and what stands for it in the text: a key, or an item itself. */
function childOf({ items }: Items, step: PropertyKey): { readonly label: unknown; readonly node: unknown } | null {
  const item = typeof step === 'number' ? items[step] : undefined;
  if (item !== undefined && !isPair(item)) return { label: item, node: item };
  const pair = items.find((each) => isPair(each) && isScalar(each.key) && String(each.key.value) === String(step));
  return isPair(pair) ? { label: pair.key, node: pair.value } : null;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? rangeOf(node)?.[0] : undefined;
}

function rangeOf(node: Node): readonly number[] | null | undefined {
  return node.range;
}

/** A path as people write it: `agents.shop.params[0]`. */
export function pathText(path: ConfigPath): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`))
    .join('');
}
