import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { LOG_LEVELS, type LogLevel } from '../agent-core/adapters/live/json-log.ts';
import type { Micros } from '../agent-core/clock.ts';
import { HaggleError } from '../agent-core/errors.ts';
import { isRealm } from '../agent-core/message/envelope.ts';
import type { SigningMode } from '../agent-core/message/seal.ts';
import { brokerAddresses, listenAddress, spanOf, type ListenAddress } from './flag-values.ts';
import { readConfig, type ConfigFile } from './yaml-file.ts';

/** One setting of `haggle agent run`: its flag is `--name`, its key in a file `name`. */
interface Setting {
  /** The variable that sets it; null where there is none. */
  readonly env: string | null;
  readonly fallback: string | null;
  /** True for a path: in a file it begins where the file is. */
  readonly path?: true;
}

/** Every setting with its variable and default. What counts: flag, then variable, then file, then default. */
export const RUN_SETTINGS = {
  key: { env: 'HAGGLE_KEY', fallback: null, path: true },
  // Its variable is read where the passphrase is: other commands know it too.
  'passphrase-file': { env: null, fallback: null, path: true },
  jwt: { env: 'HAGGLE_JWT', fallback: null, path: true },
  nats: { env: 'HAGGLE_NATS', fallback: 'nats://127.0.0.1:4222' },
  'tls-ca': { env: 'HAGGLE_TLS_CA', fallback: null, path: true },
  'tls-cert': { env: 'HAGGLE_TLS_CERT', fallback: null, path: true },
  'tls-key': { env: 'HAGGLE_TLS_KEY', fallback: null, path: true },
  realm: { env: 'HAGGLE_REALM', fallback: 'main' },
  name: { env: 'HAGGLE_NAME', fallback: null },
  // HAGGLE_DATA is where scenarios find their benchmark files.
  data: { env: 'HAGGLE_DATA_DIR', fallback: null, path: true },
  health: { env: 'HAGGLE_HEALTH', fallback: null },
  'log-level': { env: 'HAGGLE_LOG_LEVEL', fallback: 'info' },
  sign: { env: 'HAGGLE_SIGN', fallback: 'each' },
  drain: { env: 'HAGGLE_DRAIN', fallback: '20s' },
  'on-diverged': { env: 'HAGGLE_ON_DIVERGED', fallback: 'refuse' },
  export: { env: null, fallback: null },
} as const satisfies Readonly<Record<string, Setting>>;

/** Name of a setting. */
export type SettingName = keyof typeof RUN_SETTINGS;

/** The settings of one agent process. */
export interface RunSettings {
  readonly key: string;
  readonly passphraseFile: string | undefined;
  readonly jwt: string | undefined;
  readonly servers: readonly string[];
  /** Certificates for the link to the broker, as paths. */
  readonly tls: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string } | undefined;
  readonly realm: string;
  /** The agent's own name if undefined. */
  readonly name: string | undefined;
  /** Folder of the journal; undefined leaves the choice to the command, null keeps none. */
  readonly data: string | null | undefined;
  readonly health: ListenAddress | null;
  readonly logLevel: LogLevel;
  readonly sign: SigningMode;
  readonly drain: Micros;
  /** What to do where the journal is of another code, or damaged. */
  readonly onDiverged: 'refuse' | 'abandon';
  readonly exportName: string | undefined;
  /** Parameters that the file gives. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** Flags as commander gives them, by their names with dashes. */
export type Flags = Readonly<Record<string, string | undefined>>;
type Environment = Readonly<Record<string, string | undefined>>;

const text = z.string({ error: 'must be a text' }).min(1, { error: 'must not be empty' });

const FILE = z.strictObject(
  {
    ...Object.fromEntries(Object.keys(RUN_SETTINGS).map((name) => [name, text.optional()])),
    params: z.record(z.string(), z.unknown(), { error: 'must be a list of names with values' }).optional(),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'must be a list of settings' : undefined) },
);

/** One value and who said it, for messages. */
interface Said {
  readonly text: string;
  readonly by: string;
}

/**
 * The settings that count, from flags, variables and the file that `config` (or HAGGLE_CONFIG) names.
 *
 * @throws HaggleError `bad-flag`, `no-input`, `bad-config`
 */
export function runSettings(flags: Flags, env: Environment): RunSettings {
  const path = flags['config'] ?? nonEmpty(env['HAGGLE_CONFIG']);
  const file = path === undefined ? null : { path, config: readConfig<Readonly<Record<string, unknown>>>(path, FILE) };
  const said = (name: SettingName): Said | undefined => find(name, { flags, env, file });
  const of = (name: SettingName): string | undefined => said(name)?.text;
  const read = <T>(name: SettingName, reader: (value: string, by: string) => T): T | undefined => {
    const found = said(name);
    return found === undefined ? undefined : explained(() => reader(found.text, found.by), { name, found, file });
  };
  const key = of('key');
  if (key === undefined) {
    throw new HaggleError(
      'bad-flag',
      'an agent needs a key: --key FILE, or HAGGLE_KEY (haggle keys new FILE makes one)',
    );
  }
  const data = of('data');
  return {
    key,
    passphraseFile: of('passphrase-file'),
    jwt: of('jwt'),
    servers: read('nats', brokerAddresses) ?? [],
    tls: tlsOf(of('tls-ca'), of('tls-cert'), of('tls-key')),
    realm: read('realm', realmOf) ?? '',
    name: read('name', agentNameOf),
    data: data === 'none' ? null : data,
    health: read('health', (value, by) => (value === 'none' ? null : listenAddress(value, by))) ?? null,
    logLevel: read('log-level', choiceOf(LOG_LEVELS)) ?? 'info',
    sign: read('sign', choiceOf(['each', 'batch'])) ?? 'each',
    drain: read('drain', spanOf) ?? 0,
    onDiverged: read('on-diverged', choiceOf(['refuse', 'abandon'])) ?? 'refuse',
    exportName: of('export'),
    params: paramsOf(file?.config.value),
  };
}

function tlsOf(caFile?: string, certFile?: string, keyFile?: string): RunSettings['tls'] {
  const files = Object.entries({ caFile, certFile, keyFile }).filter(([, path]) => path !== undefined);
  return files.length === 0 ? undefined : Object.fromEntries(files);
}

interface Sources {
  readonly flags: Flags;
  readonly env: Environment;
  readonly file: { readonly path: string; readonly config: ConfigFile<Readonly<Record<string, unknown>>> } | null;
}

function find(name: SettingName, { flags, env, file }: Sources): Said | undefined {
  const setting: Setting = RUN_SETTINGS[name];
  const flag = flags[name];
  if (flag !== undefined) return { text: flag, by: `--${name}` };
  const variable = setting.env === null ? undefined : nonEmpty(env[setting.env]);
  if (variable !== undefined) return { text: variable, by: setting.env ?? '' };
  const inFile = file?.config.value[name];
  if (file !== null && typeof inFile === 'string') {
    const isPath = setting.path === true && inFile !== 'none';
    return { text: isPath ? resolve(dirname(file.path), inFile) : inFile, by: name };
  }
  return setting.fallback === null ? undefined : { text: setting.fallback, by: `--${name}` };
}

/** What is wrong in a file is told with its place. */
function explained<T>(
  read: () => T,
  { name, found, file }: { readonly name: SettingName; readonly found: Said; readonly file: Sources['file'] },
): T {
  try {
    return read();
  } catch (error) {
    if (file === null || found.by !== name || !(error instanceof HaggleError)) throw error;
    throw file.config.fault([name], error.message);
  }
}

function realmOf(value: string, by: string): string {
  if (isRealm(value)) return value;
  throw new HaggleError('bad-flag', `${by} takes 1 to 64 of A-Z a-z 0-9 - _, got "${value}"`);
}

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

function agentNameOf(value: string, by: string): string {
  if (NAME.test(value)) return value;
  throw new HaggleError('bad-flag', `${by} takes a letter, then letters, digits, - and _, at most 64, got "${value}"`);
}

function choiceOf<const T extends string>(choices: readonly T[]): (value: string, by: string) => T {
  return (value, by) => {
    const choice = choices.find((each) => each === value);
    if (choice !== undefined) return choice;
    throw new HaggleError('bad-flag', `${by} takes one of ${choices.join(', ')}, got "${value}"`);
  };
}

function paramsOf(value: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, unknown>> {
  const params = value?.['params'];
  return typeof params === 'object' && params !== null ? { ...params } : {};
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
