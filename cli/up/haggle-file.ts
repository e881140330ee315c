import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { HaggleError } from '../../agent-core/errors.ts';
import { isRealm } from '../../agent-core/message/envelope.ts';
import { readConfig, type ConfigPath } from '../yaml-file.ts';

/** A broker that `haggle up` runs itself, on this machine only. */
export interface BrokerEntry {
  readonly port: number;
  readonly jetstream: boolean;
  /** False where everybody on this machine may speak: no keys, no permissions. */
  readonly accounts: boolean;
}

/** One process of `haggle up`. */
export interface AgentEntry {
  /** Unique; with replicas the entry's name, a dash and a number. */
  readonly name: string;
  /** Name of the entry it comes from. */
  readonly entry: string;
  /** The module, as an absolute path. */
  readonly file: string;
  readonly exportName: string | undefined;
  /** Key file, absolute. */
  readonly key: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly logLevel: string;
  readonly sign: string;
}

/** A checked `haggle.yaml`. */
export interface HaggleFile {
  readonly path: string;
  readonly realm: string;
  /** Null where `nats` names a broker that is there already. */
  readonly broker: BrokerEntry | null;
  readonly nats: string;
  /** True where keys that are not there are made. */
  readonly makesKeys: boolean;
  readonly drain: string;
  readonly agents: readonly AgentEntry[];
  /** The error that something in the file is wrong, with its place. */
  readonly fault: (path: ConfigPath, message: string) => HaggleError;
}

const REPLICAS_MAX = 256;
const AGENTS_MAX = 256;
const DEFAULT_PORT = 4_222;

const word = z.string({ error: 'must be a text' }).min(1, { error: 'must not be empty' });
const entryName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,47}$/, { error: 'a name is lower-case letters, digits and "-", at most 48' });

const AGENT = z.strictObject({
  file: word,
  export: word.optional(),
  key: word.optional(),
  params: z.record(z.string(), z.unknown(), { error: 'must be a list of names with values' }).default({}),
  replicas: z
    .int({ error: `must be a whole number from 1 to ${REPLICAS_MAX}` })
    .min(1)
    .max(REPLICAS_MAX)
    .default(1),
  'log-level': z
    .enum(['debug', 'info', 'warn', 'error'], { error: 'must be debug, info, warn or error' })
    .default('info'),
  sign: z.enum(['each', 'batch'], { error: 'must be each or batch' }).default('each'),
});

const BROKER = z.strictObject({
  port: z.int({ error: 'must be a port from 0 to 65535' }).min(0).max(65_535).default(DEFAULT_PORT),
  jetstream: z.boolean({ error: 'must be true or false' }).default(true),
  accounts: z.boolean({ error: 'must be true or false' }).default(true),
});

const FILE = z
  .strictObject({
    realm: z
      .string({ error: 'must be a text' })
      .refine(isRealm, { error: 'must be 1 to 64 of A-Z a-z 0-9 - _' })
      .default('main'),
    broker: z
      .union([z.literal(true), BROKER], { error: 'must be true, or a list of port, jetstream, accounts' })
      .optional(),
    nats: word.optional(),
    keys: z.enum(['auto', 'given'], { error: 'must be auto or given' }).default('given'),
    drain: z
      .string()
      .regex(/^\d+(\.\d+)?\s*(us|ms|s|min|h)$/, { error: 'must be a duration such as 20s' })
      .default('20s'),
    agents: z.record(entryName, AGENT, { error: 'must be a list of agents by name' }),
  })
  .refine(({ broker, nats }) => (broker === undefined) !== (nats === undefined), {
    error: 'needs either broker: (one that is started here) or nats: (the address of one that runs)',
    abort: true,
  })
  .refine(({ agents }) => Object.keys(agents).length > 0, { error: 'needs at least one agent', path: ['agents'] });

type Entry = z.output<typeof AGENT>;

/** Folder beside the file in which everything lies that `haggle up` makes. */
export function runFolderOf(file: string): string {
  return join(dirname(resolve(file)), '.haggle');
}

/** Reads and checks a `haggle.yaml`. @throws HaggleError `no-input`, `bad-config` */
export function readHaggleFile(path: string): HaggleFile {
  const { value, fault } = readConfig(path, FILE);
  const { realm, broker, nats, keys, drain } = value;
  const folder = dirname(resolve(path));
  const agents = Object.entries(value.agents).flatMap(([name, entry]) => {
    if (entry.key !== undefined && entry.replicas > 1) {
      throw fault(['agents', name, 'key'], 'replicas have a key each: leave key out and write keys: auto');
    }
    return replicasOf(name, entry, folder);
  });
  const names = agents.map((agent) => agent.name);
  const twice = agents.find((agent, index) => names.indexOf(agent.name) !== index);
  if (twice !== undefined) throw fault(['agents', twice.entry], `two agents would be called ${twice.name}`);
  if (agents.length > AGENTS_MAX) {
    throw fault(['agents'], `${agents.length} agents, the limit of one file is ${AGENTS_MAX}`);
  }
  const own = broker === true ? BROKER.parse({}) : (broker ?? null);
  const makesKeys = keys === 'auto';
  return { path, realm, broker: own, nats: nats ?? '', makesKeys, drain, agents, fault };
}

function replicasOf(entry: string, read: Entry, folder: string): readonly AgentEntry[] {
  return Array.from({ length: read.replicas }, (_, index) => {
    const name = read.replicas === 1 ? entry : `${entry}-${index + 1}`;
    return {
      name,
      entry,
      file: resolve(folder, read.file),
      exportName: read.export,
      key: read.key === undefined ? join(folder, '.haggle', 'keys', `${name}.key`) : resolve(folder, read.key),
      params: read.params,
      logLevel: read['log-level'],
      sign: read.sign,
    };
  });
}

/**
 * Parameters in which `@name` is the address of another agent of the file. In a list it stands for all replicas of that entry.
 * `unknown` makes the error for a name that is not there, or stands for more than one where one is wanted.
 */
export function withAddresses(
  value: unknown,
  addresses: ReadonlyMap<string, readonly string[]>,
  refuse: (path: ConfigPath, message: string) => HaggleError,
): unknown {
  const named = (text: string, path: ConfigPath): readonly string[] => {
    const found = addresses.get(text.slice(1));
    if (found !== undefined) return found;
    throw refuse(path, `there is no agent "${text.slice(1)}" in this file`);
  };
  const walk = (part: unknown, path: ConfigPath): unknown => {
    if (isReference(part)) {
      const [first, second] = named(part, path);
      if (second === undefined) return first;
      throw refuse(path, `"${part}" stands for several agents, and here is room for one: write "${part}-1"`);
    }
    if (Array.isArray(part)) {
      return part.flatMap((item: unknown, index): unknown[] =>
        isReference(item) ? [...named(item, [...path, index])] : [walk(item, [...path, index])],
      );
    }
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, walk(inner, [...path, key])]));
  };
  return walk(value, []);
}

/** The names that parameters refer to, see {@link withAddresses}. */
export function namesIn(value: unknown): readonly string[] {
  if (isReference(value)) return [value.slice(1)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(namesIn) : [];
}

function isReference(value: unknown): value is string {
  return typeof value === 'string' && /^@[a-z][a-z0-9-]*$/.test(value);
}
