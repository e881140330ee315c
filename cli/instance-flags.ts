import { HaggleError } from '../agent-core/errors.ts';
import type { SigningMode } from '../agent-core/message/seal.ts';
import type { InstanceSource } from '../scenarios/instance-source.ts';
import { learnedPolicies } from '../scenarios/learned-policies.ts';
import type { ScenarioName } from '../scenarios/registry.ts';
import type { PolicySource } from '../scenarios/role-policies.ts';
import type { PolicyChoice } from '../scenarios/simulate.ts';
import { isFolder, readFolder, readInput } from './files.ts';

/** Flags of a command as commander gives them. */
export type CommandFlags = Readonly<Record<string, string | true | undefined>>;

/** Policies as `--policy` names them. */
export interface ChosenPolicies {
  readonly choice: PolicyChoice;
  readonly sources: readonly PolicySource[];
}

/**
 * What `--policy` names: `scripted`, `learned` (what is shipped with the scenario), or policy files joined by commas.
 *
 * @throws HaggleError `no-learned-policy` where the scenario ships none, `no-input` for a file that cannot be read
 */
export function chosenPolicies(scenario: ScenarioName, flag: string | true | undefined): ChosenPolicies {
  if (flag === undefined || flag === 'scripted') return { choice: 'scripted', sources: [] };
  if (flag === 'learned') return { choice: 'learned', sources: learnedPolicies(scenario) };
  const files = typeof flag === 'string' ? flag.split(',').filter((file) => file !== '') : [];
  if (files.length === 0) {
    throw new HaggleError('bad-flag', '--policy takes scripted, learned, or policy files joined by commas, got none');
  }
  return { choice: 'file', sources: files.map((file) => ({ file, text: readInput(file) })) };
}

/** Where `--instance`, `--generate` and `--set` say that the instance comes from. @throws HaggleError `bad-flag`, `no-input` */
export function instanceSource(flags: CommandFlags, policies: readonly PolicySource[]): InstanceSource {
  const { instance, generate, set } = flags;
  if (instance !== undefined && generate !== undefined) {
    throw new HaggleError('bad-flag', '--instance and --generate exclude each other');
  }
  const rest = { settings: parsePairs('--set', set), policies };
  if (typeof instance !== 'string') {
    return { type: 'generated', parameters: parsePairs('--generate', generate), ...rest };
  }
  if (isFolder(instance)) return { type: 'folder', folder: instance, files: readFolder(instance), ...rest };
  return { type: 'file', file: instance, text: readInput(instance), ...rest };
}

/** A seed. @throws HaggleError `bad-flag` unless it is a whole number from 0 to 2^53 − 1 */
export function parseSeed(text: string | true | undefined): number {
  const seed = Number(text);
  if (typeof text !== 'string' || !/^\d{1,16}$/.test(text) || !Number.isSafeInteger(seed)) {
    throw new HaggleError(
      'bad-flag',
      `--seed must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, got "${String(text)}"`,
    );
  }
  return seed;
}

/** A whole number from 1, or what holds where the flag is not given. @throws HaggleError `bad-flag` */
export function wholeNumber(flag: string, text: string | true | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (typeof text === 'string' && /^\d{1,9}$/.test(text) && number >= 1) return number;
  throw new HaggleError('bad-flag', `${flag} must be a whole number from 1, got "${String(text)}"`);
}

/** A signing mode. @throws HaggleError `bad-flag` */
export function parseSign(text: string | true | undefined): SigningMode {
  if (text === 'each' || text === 'batch' || text === 'off') return text;
  throw new HaggleError('bad-flag', `--sign must be each, batch or off, got "${String(text)}"`);
}

function parsePairs(flag: string, text: string | true | undefined): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  if (typeof text !== 'string') return pairs;
  for (const part of text.split(',').filter((piece) => piece !== '')) {
    const at = part.indexOf('=');
    const key = part.slice(0, at);
    if (at <= 0) throw new HaggleError('bad-flag', `${flag} takes key=value pairs joined by commas, got "${part}"`);
    if (pairs.has(key)) throw new HaggleError('bad-flag', `${flag} names "${key}" twice`);
    pairs.set(key, part.slice(at + 1));
  }
  return pairs;
}
