import { statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Agent } from '../agent-core/agent/agent.ts';
import { HaggleError } from '../agent-core/errors.ts';
import type { AnyProtocol } from '../agent-core/protocol/conversation-types.ts';

/** What `defineAgent` made, in a module of whoever wrote it. */
export interface LoadedAgent {
  /** File and name, for messages. */
  readonly where: string;
  readonly agentName: string;
  /** Names of its parameters; null where its schema does not list them. */
  readonly parameters: readonly string[] | null;
  make(params: unknown): Agent;
}

/** Extensions that Node runs itself, and those that tsx turns into what Node runs. */
const JAVASCRIPT: ReadonlySet<string> = new Set(['.js', '.mjs']);
const TYPESCRIPT: ReadonlySet<string> = new Set(['.ts', '.mts']);

/**
 * Loads a module and finds the kind of agent in it: the export of that name, or the only one there is.
 *
 * @throws HaggleError `no-input`; `bad-flag` for a file that is no module; `bad-agent-module` where it cannot be loaded or the choice is not clear
 */
export async function loadAgent(file: string, exportName?: string): Promise<LoadedAgent> {
  const found = exportsOf(await load(file), isFactory);
  return loaded(file, chosen(file, found, { wanted: exportName, what: 'agent made by defineAgent', flag: '--export' }));
}

/** A protocol that a module exports: the one of that name, or the only one there is. @throws as {@link loadAgent} */
export async function loadProtocol(file: string, name?: string): Promise<AnyProtocol> {
  const byExport = exportsOf(await load(file), isProtocol);
  const found = new Map([...byExport.values()].map((protocol) => [protocol.name, protocol]));
  return chosen(file, found, { wanted: name, what: 'protocol', flag: '--protocol' })[1];
}

interface Factory {
  (params: unknown): Agent;
  readonly agentName: string;
  readonly paramsSchema: unknown;
}

/** Not `instanceof`: a module may come with a copy of Haggle of its own. */
function isFactory(value: unknown): value is Factory {
  return typeof value === 'function' && 'agentName' in value && typeof value.agentName === 'string';
}

/** A protocol, or what stands for one with its programs beside it, as `contractNet` makes. */
function isProtocol(value: unknown): value is AnyProtocol {
  if (typeof value !== 'object' || value === null) return false;
  return 'id' in value && 'table' in value && 'bodies' in value && 'roles' in value;
}

async function load(file: string): Promise<Readonly<Record<string, unknown>>> {
  const extension = extname(file);
  if (!JAVASCRIPT.has(extension) && !TYPESCRIPT.has(extension)) {
    throw new HaggleError('bad-flag', `an agent is a file of TypeScript or JavaScript (.ts, .js, .mjs), got ${file}`);
  }
  const path = resolve(file);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new HaggleError('no-input', `cannot read ${file}: no such file`);
  }
  try {
    // Loaded when needed: a program in JavaScript pays nothing for it. It stays, because an agent may import more later.
    if (TYPESCRIPT.has(extension)) await registerTypeScript();
    const module: unknown = await import(pathToFileURL(path).href);
    return exportedBy(module);
  } catch (cause) {
    throw new HaggleError('bad-agent-module', `cannot load ${file}: ${whyNotLoaded(cause)}`, { cause });
  }
}

/** Both ways: Node takes a .ts file for CommonJS unless the next package.json says `"type": "module"`. */
async function registerTypeScript(): Promise<void> {
  const [commonJs, esm] = await Promise.all([import('tsx/cjs/api'), import('tsx/esm/api')]);
  commonJs.register();
  esm.register();
}

/** What a module exports by name. One that was turned into CommonJS has all of it in `default`. */
function exportedBy(module: unknown): Readonly<Record<string, unknown>> {
  if (typeof module !== 'object' || module === null) return {};
  const inner = 'default' in module ? module.default : null;
  const isTurned = typeof inner === 'object' && inner !== null && '__esModule' in inner;
  return isTurned ? { ...inner } : { ...module };
}

/** What Node says where an import, or a require, finds no package. */
const NOT_FOUND: ReadonlySet<unknown> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/** One line; the place inside the module, if it is known. */
function whyNotLoaded(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const [said = ''] = cause.message.split('\nRequire stack:');
  const text = said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
  const isMissing = 'code' in cause && NOT_FOUND.has(cause.code) && text.includes("'haggle");
  return isMissing ? `${text} (npm install haggle beside it)` : `${cause.name}: ${text}`;
}

function exportsOf<T>(
  module: Readonly<Record<string, unknown>>,
  is: (value: unknown) => value is T,
): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  // The same value may be exported twice, by its name and as default: its first name counts.
  for (const [name, value] of Object.entries(module)) {
    if (is(value) && ![...found.values()].includes(value)) found.set(name, value);
  }
  return found;
}

interface Choice {
  readonly wanted: string | undefined;
  readonly what: string;
  readonly flag: string;
}

function chosen<T>(file: string, found: ReadonlyMap<string, T>, { wanted, what, flag }: Choice): readonly [string, T] {
  const names = [...found.keys()].join(', ');
  const [first, second] = found;
  if (first === undefined) throw new HaggleError('bad-agent-module', `${file} exports no ${what}`);
  if (wanted !== undefined) {
    const one = found.get(wanted);
    if (one !== undefined) return [wanted, one];
    throw new HaggleError('bad-agent-module', `${file} exports no ${what} named "${wanted}"; there is: ${names}`);
  }
  if (second === undefined) return first;
  throw new HaggleError('bad-agent-module', `${file} exports more than one ${what}: choose with ${flag} (${names})`);
}

function loaded(file: string, [name, factory]: readonly [string, Factory]): LoadedAgent {
  const schema = factory.paramsSchema;
  const shape = typeof schema === 'object' && schema !== null && 'shape' in schema ? schema.shape : undefined;
  return {
    where: `${file} (${name})`,
    agentName: factory.agentName,
    parameters: schema === undefined ? [] : typeof shape === 'object' && shape !== null ? Object.keys(shape) : null,
    make: (params) => factory(params),
  };
}
