import { HaggleError } from '../errors.ts';
import { hashPath, murmur3 } from '../stream-hash.ts';
import { box, checkMask, held, type ActionSpace, type Feature, type Mask } from './space.ts';

/**
 * How an agent decides: from what it observes to what it does. Pure: the same observation gives the same action, whoever asks and
 * whenever. A scripted rule and a trained net are asked alike, by {@link decide}.
 */
export interface Policy {
  readonly name: string;
  /** Names rule, parameters and features: two policies of one hash act alike. 128 bits in hexadecimal; no protection against forgery. */
  readonly hash: string;
  readonly observes: readonly Feature[];
  readonly acts: ActionSpace;
  /** The bare rule. Asked through {@link decide}, which checks and bounds both ends. */
  act(observation: readonly number[], mask?: Mask): readonly number[];
}

/** What {@link definePolicy} needs. */
export interface PolicySpec {
  /** Changes whenever the rule does. */
  readonly name: string;
  readonly observes: readonly Feature[];
  readonly acts: ActionSpace;
  /** What the rule was set to; part of the hash. */
  readonly parameters: Readonly<Record<string, number>>;
  act(observation: readonly number[], mask?: Mask): readonly number[];
}

/** A decision as it can be recorded and repeated. */
export interface Decision {
  readonly policy: string;
  /** As the policy saw it: within bounds. */
  readonly observation: readonly number[];
  /** Of choices: which were open, where not all were. */
  readonly mask?: Mask;
  readonly action: readonly number[];
}

/**
 * Makes a policy of a rule.
 *
 * @throws HaggleError `bad-policy` for no name, a parameter that is not finite, or nothing to act on; `bad-space` for features
 * whose bounds are not finite or not in order, two of one name, or more than 4,096
 */
export function definePolicy(spec: PolicySpec): Policy {
  const { name, observes, acts, parameters } = spec;
  if (name === '') throw badPolicy('a policy needs a name, got ""');
  const seen = box(observes);
  if (acts.kind === 'box' && acts.features.length === 0)
    throw badPolicy(`policy ${name} must act on something, got no feature`);
  const settings = Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, value] of settings) {
    if (!Number.isFinite(value)) throw badPolicy(`parameter ${key} of policy ${name} must be finite, got ${value}`);
  }
  const words = hashPath([
    name,
    ...wordsOf(seen),
    ...wordsOf(acts),
    ...settings.flatMap(([key, value]) => [key, String(value)]),
  ]);
  return Object.freeze({ name, hash: hexadecimal(words), observes, acts, act: spec.act.bind(spec) });
}

/**
 * Asks a policy. Observations beyond their bounds count as the bounds, for the world is not bounded; actions are held to theirs,
 * and a choice must be one that is open.
 *
 * @param mask - which choices are open; all, if left out
 * @throws HaggleError `bad-observation`, `bad-action` where the number of values is not that of the features, or a value is NaN;
 * `bad-action` for a choice that there is not or that is masked; `bad-mask`; and whatever the rule throws
 */
export function decide(policy: Policy, observation: readonly number[], mask?: Mask): Decision {
  const seen = observed(policy, observation, mask);
  const action = acted(policy, policy.act(seen, mask), mask);
  const open = mask === undefined ? {} : { mask };
  return { policy: policy.hash, observation: seen, ...open, action };
}

/** What a policy would see: the observation within its bounds. @throws HaggleError `bad-observation`, `bad-mask` */
export function observed(policy: Policy, observation: readonly number[], mask?: Mask): readonly number[] {
  if (mask !== undefined) checkMask(policy.acts, mask, `policy ${policy.name}`);
  const space = { kind: 'box', features: policy.observes } as const;
  return held(space, observation, { code: 'bad-observation', what: `what policy ${policy.name} observes` });
}

/** An action as a policy may take it: within its bounds. @throws HaggleError `bad-action` */
export function acted(policy: Policy, action: readonly number[], mask?: Mask): readonly number[] {
  return held(policy.acts, action, { code: 'bad-action', what: `what policy ${policy.name} does`, mask });
}

/** Asks a policy for an action: {@link decide}, or the `ctx.decide` of an agent, which records it. */
export type Asker = (policy: Policy, observation: readonly number[]) => readonly number[];

/** Names an observation in a record: 128 bits in hexadecimal over its numbers; no protection against forgery. */
export function observationHash(observation: readonly number[]): string {
  const bytes = new DataView(new ArrayBuffer(8 * observation.length));
  observation.forEach((value, k) => bytes.setFloat64(8 * k, value, true));
  return hexadecimal(murmur3(new Uint8Array(bytes.buffer), 0));
}

function wordsOf(space: ActionSpace): readonly string[] {
  if (space.kind === 'discrete') return ['discrete', String(space.choices.length), ...space.choices];
  const { features } = space;
  return [String(features.length), ...features.flatMap(({ name, min, max }) => [name, String(min), String(max)])];
}

function hexadecimal(words: readonly number[]): string {
  return words.map((word) => word.toString(16).padStart(8, '0')).join('');
}

function badPolicy(problem: string): HaggleError {
  return new HaggleError('bad-policy', problem);
}
