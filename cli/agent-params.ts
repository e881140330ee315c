import { z } from 'zod';
import type { Agent } from '../agent-core/agent/agent.ts';
import { HaggleError } from '../agent-core/errors.ts';
import { didOf } from '../agent-core/identity/did-key.ts';
import { publicKeyOfNkey } from '../agent-core/identity/nkey.ts';
import type { LoadedAgent } from './agent-module.ts';
import { pathText, readConfig, type ConfigPath } from './yaml-file.ts';

/** Parameters of an agent as they were given, by name. */
export interface GivenParams {
  readonly values: Readonly<Record<string, unknown>>;
  /** The texts of those that were given as `k=v`. */
  readonly texts: ReadonlyMap<string, string>;
}

const FILE = z.record(z.string(), z.unknown(), { error: 'parameters are a list of names with values' });

/**
 * Parameters from a file and from `k=v`, which count more. A value that reads as JSON is that, anything else is a text.
 *
 * @throws HaggleError `bad-flag` for what is no `k=v` or comes twice; as {@link readConfig} for the file
 */
export function givenParams(pairs: readonly string[], file?: string): GivenParams {
  const values = file === undefined ? {} : readConfig(file, FILE).value;
  const texts = new Map<string, string>();
  for (const pair of pairs) {
    const sign = pair.indexOf('=');
    const name = pair.slice(0, Math.max(sign, 0));
    if (name === '') throw new HaggleError('bad-flag', `--param takes name=value, got "${pair}"`);
    if (texts.has(name)) throw new HaggleError('bad-flag', `--param gives "${name}" twice`);
    texts.set(name, pair.slice(sign + 1));
  }
  const given = [...texts].map(([name, text]) => [name, valueOf(text)] as const);
  return { values: Object.fromEntries([...Object.entries(values), ...given]), texts };
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * An agent from parameters as people write them: where its schema wants what JSON cannot say, a whole number or its digits
 * stand for a `bigint`, a number for its text, and the NKEY of an agent for its address.
 *
 * @throws HaggleError `bad-parameter` naming the parameter, what was given and what is wanted
 */
export function agentFrom(loaded: LoadedAgent, given: GivenParams): Agent {
  const { parameters, where } = loaded;
  const names = Object.keys(given.values);
  const unknown = parameters === null ? undefined : names.find((name) => !parameters.includes(name));
  if (unknown !== undefined) {
    const known = parameters?.length === 0 ? 'it takes none' : `there is: ${parameters?.join(', ')}`;
    throw new HaggleError('bad-parameter', `${where} has no parameter "${unknown}"; ${known}`);
  }
  // Without a schema it takes nothing at all; an empty schema wants an empty object.
  const bare = parameters?.length === 0 ? attempt(loaded, undefined) : null;
  if (bare !== null && 'agent' in bare) return bare.agent;
  const { values } = given;
  const first = attempt(loaded, values);
  if ('agent' in first) return first.agent;
  const mended = mend(values, { issues: first.issues, texts: given.texts });
  const second = mended === null ? first : attempt(loaded, mended);
  if ('agent' in second) return second.agent;
  const faults = second.issues.map((issue) => faultOf(issue, values));
  throw new HaggleError('bad-parameter', `parameters of ${where}: ${faults.slice(0, FAULTS_SHOWN).join('; ')}`);
}

const FAULTS_SHOWN = 4;

function faultOf({ path, message, expected }: Issue, values: unknown): string {
  if (at(values, path) !== undefined) return `${pathText(path)}: ${message}, got ${shown(values, path)}`;
  return `${pathText(path)} is missing${expected === undefined ? '' : ` (${expected})`}`;
}

interface Issue {
  readonly path: ConfigPath;
  readonly message: string;
  readonly expected?: string;
}

function attempt(
  loaded: LoadedAgent,
  values: unknown,
): { readonly agent: Agent } | { readonly issues: readonly Issue[] } {
  try {
    return { agent: loaded.make(values) };
  } catch (error) {
    const issues = issuesOf(error);
    if (issues === null) throw error;
    return { issues };
  }
}

/** By their form, not by their class: the module may have copies of zod and Haggle of its own. */
const REFUSED = z.object({
  code: z.literal('bad-params'),
  cause: z.object({
    issues: z.array(
      z.object({
        path: z.array(z.union([z.string(), z.number()])),
        message: z.string(),
        expected: z.string().optional().catch(undefined),
      }),
    ),
  }),
});

function issuesOf(error: unknown): readonly Issue[] | null {
  const read = REFUSED.safeParse(error);
  if (!read.success) return null;
  return read.data.cause.issues.map(({ path, message, expected }) => ({
    path,
    message,
    ...(expected === undefined ? {} : { expected }),
  }));
}

/** The values with what the issues complain of replaced by what it stands for; null where nothing is to be replaced. */
function mend(
  values: unknown,
  { issues, texts }: { readonly issues: readonly Issue[]; readonly texts: ReadonlyMap<string, string> },
): unknown {
  let mended = values;
  for (const { path, expected } of issues) {
    const [name] = path;
    const text = path.length === 1 && typeof name === 'string' ? texts.get(name) : undefined;
    const value = meant(at(values, path), expected, text);
    if (value !== undefined) mended = replaced(mended, path, value);
  }
  return mended === values ? null : mended;
}

function meant(value: unknown, expected: string | undefined, text: string | undefined): unknown {
  // The text first: a number of JSON has lost digits beyond 2^53.
  const digits = typeof value === 'string' ? value : (text ?? (Number.isSafeInteger(value) ? String(value) : ''));
  if (expected === 'bigint') return /^-?\d{1,78}$/.test(digits) ? BigInt(digits) : undefined;
  if (expected === 'string') return text ?? (typeof value === 'number' ? String(value) : undefined);
  const key = typeof value === 'string' ? publicKeyOfNkey(value) : null;
  return key === null ? undefined : didOf(key);
}

function at(values: unknown, path: ConfigPath): unknown {
  let value: unknown = values;
  for (const step of path) value = isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  return value;
}

function replaced(values: unknown, [step, ...rest]: ConfigPath, value: unknown): unknown {
  if (step === undefined) return value;
  const inner = replaced(at(values, [step]), rest, value);
  if (Array.isArray(values)) return values.map((item: unknown, index) => (index === step ? inner : item));
  return isRecord(values) ? { ...values, [step]: inner } : values;
}

function isRecord(value: unknown): value is Readonly<Record<PropertyKey, unknown>> {
  return typeof value === 'object' && value !== null;
}

const SHOWN_CHARS = 60;

function shown(values: unknown, path: ConfigPath): string {
  const value = at(values, path);
  const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part)) ?? '';
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}
