import { HaggleError } from '../errors.ts';
import { hashPath } from '../stream-hash.ts';

/** One number that a policy sees or sets, and its bounds, both included. */
export interface Feature {
  /** With its unit where it has one. */
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/**
 * How an agent decides: from what it observes to what it does. Pure: the same observation gives the same action, whoever asks and
 * whenever. A scripted rule and a trained net are asked alike, by {@link decide}.
 */
export interface Policy {
  readonly name: string;
  /** Names rule, parameters and features: two policies of one hash act alike. 128 bits in hexadecimal; no protection against forgery. */
  readonly hash: string;
  readonly observes: readonly Feature[];
  readonly acts: readonly Feature[];
  /** The bare rule. Asked through {@link decide}, which checks and bounds both ends. */
  act(observation: readonly number[]): readonly number[];
}

/** What {@link definePolicy} needs. */
export interface PolicySpec {
  /** Changes whenever the rule does. */
  readonly name: string;
  readonly observes: readonly Feature[];
  readonly acts: readonly Feature[];
  /** What the rule was set to; part of the hash. */
  readonly parameters: Readonly<Record<string, number>>;
  act(observation: readonly number[]): readonly number[];
}

/** A decision as it can be recorded and repeated. */
export interface Decision {
  readonly policy: string;
  /** As the policy saw it: within bounds. */
  readonly observation: readonly number[];
  readonly action: readonly number[];
}

/** Most features of one end. */
const FEATURES_MAX = 4_096;

/**
 * Makes a policy of a rule.
 *
 * @throws HaggleError `bad-policy` for no name, a feature whose bounds are not finite or not in order, two of one name, more than
 * 4,096 of one end, no action, or a parameter that is not finite
 */
export function definePolicy(spec: PolicySpec): Policy {
  const { name, observes, acts, parameters } = spec;
  if (name === '') throw badPolicy('a policy needs a name, got ""');
  checkFeatures(name, 'observes', observes);
  checkFeatures(name, 'acts on', acts);
  if (acts.length === 0) throw badPolicy(`policy ${name} must act on 1 to ${FEATURES_MAX} features, got none`);
  const settings = Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, value] of settings) {
    if (!Number.isFinite(value)) throw badPolicy(`parameter ${key} of policy ${name} must be finite, got ${value}`);
  }
  const words = hashPath([
    name,
    ...[observes, acts].flatMap((features) => [
      String(features.length),
      ...features.flatMap((feature) => [feature.name, String(feature.min), String(feature.max)]),
    ]),
    ...settings.flatMap(([key, value]) => [key, String(value)]),
  ]);
  const hash = words.map((word) => word.toString(16).padStart(8, '0')).join('');
  return Object.freeze({ name, hash, observes, acts, act: (observation: readonly number[]) => spec.act(observation) });
}

/**
 * Asks a policy. Observations beyond their bounds count as the bounds, for the world is not bounded; actions are held to theirs.
 *
 * @throws HaggleError `bad-observation`, `bad-action` where the number of values is not that of the features, or a value is NaN;
 * and whatever the rule throws
 */
export function decide(policy: Policy, observation: readonly number[]): Decision {
  const seen = bounded(policy.observes, observation, {
    code: 'bad-observation',
    what: `policy ${policy.name} observes`,
  });
  const action = bounded(policy.acts, policy.act(seen), { code: 'bad-action', what: `policy ${policy.name} acts on` });
  return { policy: policy.hash, observation: seen, action };
}

function bounded(
  features: readonly Feature[],
  values: readonly number[],
  { code, what }: { readonly code: string; readonly what: string },
): readonly number[] {
  if (values.length !== features.length) {
    throw new HaggleError(code, `${what} ${features.length} features, got ${values.length}`);
  }
  return features.map(({ name, min, max }, k) => {
    const value = values[k] ?? Number.NaN;
    if (Number.isNaN(value)) throw new HaggleError(code, `${what} ${name} from ${min} to ${max}, got NaN`);
    // -0 and 0 are one observation.
    return Math.min(max, Math.max(min, value)) + 0;
  });
}

function checkFeatures(policy: string, verb: string, features: readonly Feature[]): void {
  if (features.length > FEATURES_MAX) {
    throw badPolicy(`policy ${policy} ${verb} at most ${FEATURES_MAX} features, got ${features.length}`);
  }
  const names = new Set<string>();
  for (const { name, min, max } of features) {
    if (names.has(name)) throw badPolicy(`policy ${policy} ${verb} two features of the name ${name}`);
    names.add(name);
    if (Number.isFinite(min) && Number.isFinite(max) && min <= max) continue;
    throw badPolicy(`feature ${name} of policy ${policy} must have finite bounds in order, got ${min} to ${max}`);
  }
}

function badPolicy(problem: string): HaggleError {
  return new HaggleError('bad-policy', problem);
}
