import { HaggleError } from '../errors.ts';

/** One number that a policy sees or sets, and its bounds, both included. */
export interface Feature {
  /** With its unit where it has one. */
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/** Numbers, each within bounds. A value has one number a feature, in their order. */
export interface Box {
  readonly kind: 'box';
  readonly features: readonly Feature[];
}

/** One of several choices. A value is the index of one, as the only number of an array. */
export interface Discrete {
  readonly kind: 'discrete';
  /** What each choice means; no two alike. */
  readonly choices: readonly string[];
}

/** What actions a policy has. */
export type ActionSpace = Box | Discrete;

/** Which choices of a {@link Discrete} space are open now: one entry a choice, at least one of them true. */
export type Mask = readonly boolean[];

/** Most features of a box, and choices of a discrete space. */
export const SPACE_MAX = 4_096;

/**
 * A space of bounded numbers.
 *
 * @throws HaggleError `bad-space` for a feature whose bounds are not finite or not in order, two of one name, more than 4,096
 */
export function box(features: readonly Feature[]): Box {
  checkNames(
    'features of a box',
    features.map(({ name }) => name),
  );
  for (const { name, min, max } of features) {
    if (Number.isFinite(min) && Number.isFinite(max) && min <= max) continue;
    throw badSpace(`feature ${name} must have finite bounds in order, got ${min} to ${max}`);
  }
  return Object.freeze({ kind: 'box', features });
}

/**
 * A space of choices.
 *
 * @throws HaggleError `bad-space` for no choice, two of one name, more than 4,096
 */
export function discrete(choices: readonly string[]): Discrete {
  checkNames('choices of a discrete space', choices);
  if (choices.length === 0) throw badSpace('a discrete space needs a choice, got none');
  return Object.freeze({ kind: 'discrete', choices });
}

/**
 * A value within a space: numbers beyond their bounds count as the bounds.
 *
 * @param what - names the value in errors: "what policy p observes"
 * @param code - of the error
 * @throws HaggleError of this code where the number of values is not that of the space, one is NaN, or a choice is not there or masked
 */
export function held(space: ActionSpace, values: readonly number[], about: HeldValue): readonly number[] {
  return space.kind === 'box' ? heldInBox(space.features, values, about) : heldChoice(space, values, about);
}

/** What {@link held} says of a value that cannot be held. */
export interface HeldValue {
  readonly code: string;
  readonly what: string;
  readonly mask?: Mask | undefined;
}

function heldInBox(features: readonly Feature[], values: readonly number[], about: HeldValue): readonly number[] {
  const { code, what } = about;
  if (values.length !== features.length) {
    throw new HaggleError(code, `${what} must have ${features.length} features, got ${values.length}`);
  }
  return features.map(({ name, min, max }, k) => {
    const value = values[k] ?? Number.NaN;
    if (Number.isNaN(value)) throw new HaggleError(code, `${what} must have ${name} from ${min} to ${max}, got NaN`);
    // -0 and 0 are one value.
    return Math.min(max, Math.max(min, value)) + 0;
  });
}

function heldChoice(
  { choices }: Discrete,
  values: readonly number[],
  { code, what, mask }: HeldValue,
): readonly number[] {
  const [choice = Number.NaN] = values;
  if (values.length !== 1 || !Number.isInteger(choice) || choice < 0 || choice >= choices.length) {
    const most = choices.length - 1;
    throw new HaggleError(
      code,
      `${what} must be one whole number from 0 to ${most}, got ${values.join(', ') || 'none'}`,
    );
  }
  if (mask?.[choice] === false) {
    throw new HaggleError(
      code,
      `${what} must be a choice that is open, got ${choice} (${choices[choice] ?? ''}), which is masked`,
    );
  }
  return [choice + 0];
}

/**
 * Checks a mask.
 *
 * @throws HaggleError `bad-mask` for one of a box, of another length than there are choices, or with no choice open
 */
export function checkMask(space: ActionSpace, mask: Mask, who: string): void {
  if (space.kind !== 'discrete') throw new HaggleError('bad-mask', `${who} acts in a box, which takes no mask`);
  if (mask.length === space.choices.length && mask.includes(true)) return;
  const open = mask.filter((one) => one).length;
  throw new HaggleError(
    'bad-mask',
    `a mask for ${who} must have ${space.choices.length} entries with at least one open, got ${mask.length} with ${open} open`,
  );
}

function checkNames(what: string, names: readonly string[]): void {
  if (names.length > SPACE_MAX) throw badSpace(`there may be at most ${SPACE_MAX} ${what}, got ${names.length}`);
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw badSpace(`two ${what} have the name ${name}`);
    seen.add(name);
  }
}

function badSpace(problem: string): HaggleError {
  return new HaggleError('bad-space', problem);
}
