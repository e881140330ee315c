import { HaggleError } from '../errors.ts';
import type { IssueScale, IssueValue } from './issue.ts';
import { checkListable, sumOfParts, type Outcome, type OutcomeSpace } from './outcome-space.ts';
import { power } from './power.ts';

/** What outcomes are worth to one party. Utilities are in no unit: only differences and their ratios mean something. */
export interface Preferences {
  /** Worth of no agreement, before discounting. It is discounted as agreements are. */
  readonly reservation: number;
  /** What remains of a utility at the deadline, 0 < discount <= 1; 1 for a party in no hurry. */
  readonly discount: number;
  /** u(outcome) * discount^time, `time` being relative: 0 (the default) at the start, 1 at the deadline. */
  utility(outcome: Outcome, time?: number): number;
  /** u of every listed outcome at time 0 in order of index, for preferences that know a faster way than one by one. */
  tabulate?(): Float64Array;
}

/** The worth of an issue's values: by name (categorical, or numbers written out) or by a function. */
export type ValueUtilities = Readonly<Record<string, number>> | ((value: IssueValue) => number);

/** A linear additive utility function over a space. */
export interface AdditiveSpec {
  readonly space: OutcomeSpace;
  /** What the values of each issue are worth, by issue name. */
  readonly values: Readonly<Record<string, ValueUtilities>>;
  /** Factor of each issue, 1 unless said. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Worth of no agreement, 0 unless said. */
  readonly reservation?: number;
  /** What remains of a utility at the deadline, 1 unless said. {@link discountOfRounds} makes one out of a factor a round. */
  readonly discount?: number;
}

/**
 * Linear additive preferences: u(x) = sum over issues i of weight_i * value_i(x_i) (Keeney and Raiffa, "Decisions with Multiple
 * Objectives", 1976). Nothing is normalised; see {@link normalised}.
 *
 * @throws HaggleError `bad-preferences` for an issue without values, a value without a finite worth, a name that the space does not
 * have, a weight that is negative or not finite, a reservation that is not finite, a discount outside (0, 1].
 */
export function additivePreferences(spec: AdditiveSpec): Preferences {
  const { space, values, weights = {}, reservation = 0, discount = 1 } = spec;
  checkTerms(reservation, discount);
  const names = new Set(space.issues.map(({ name }) => name));
  for (const name of [...Object.keys(values), ...Object.keys(weights)]) {
    if (!names.has(name)) throw badPreferences(`issue "${name}" is not in the outcome space`);
  }
  const terms = space.scales.map((scale) => termOf(scale, values, weights));
  return {
    reservation,
    discount,
    utility: (outcome, time = 0) =>
      terms.reduce((sum, { name, worth }) => sum + worth(outcome[name]), 0) * discountAt(discount, time),
    tabulate: () => {
      checkListable(space.size);
      return sumOfParts(
        terms.map(({ scale, worth }) => Array.from({ length: scale.count }, (_, k) => worth(scale.valueAt(k)))),
      );
    },
  };
}

interface Term {
  readonly name: string;
  readonly scale: IssueScale;
  readonly worth: (value: IssueValue | undefined) => number;
}

function termOf(scale: IssueScale, values: AdditiveSpec['values'], weights: Readonly<Record<string, number>>): Term {
  const { name } = scale.issue;
  const given = Object.hasOwn(values, name) ? values[name] : undefined;
  if (given === undefined) throw badPreferences(`issue "${name}" has no values`);
  const weight = Object.hasOwn(weights, name) ? (weights[name] ?? 1) : 1;
  if (!(weight >= 0) || weight === Infinity) {
    throw badPreferences(`the weight of issue "${name}" is finite and not negative, got ${weight}`);
  }
  const worth = (value: IssueValue | undefined): number => {
    if (value === undefined) throw badPreferences(`the outcome has no issue "${name}"`);
    const raw = typeof given === 'function' ? given(value) : Object.hasOwn(given, value) ? given[value] : undefined;
    if (raw === undefined || !Number.isFinite(raw)) {
      throw badPreferences(
        `value ${JSON.stringify(value)} of issue "${name}" is worth ${raw}, which is no finite number`,
      );
    }
    return weight * raw;
  };
  if (typeof given === 'function') return { name, scale, worth };
  // A table has to cover what can be asked for, and is small: look at once, and keep the products.
  checkListable(scale.count);
  const known = new Map(
    Array.from({ length: scale.count }, (_, k) => [scale.valueAt(k), worth(scale.valueAt(k))] as const),
  );
  return { name, scale, worth: (value) => (value === undefined ? undefined : known.get(value)) ?? worth(value) };
}

/** Any utility function as preferences; `utility` gives the worth at time 0. @throws HaggleError `bad-preferences` as {@link additivePreferences} does. */
export function preferencesOf(
  utility: (outcome: Outcome) => number,
  { reservation = 0, discount = 1 }: { readonly reservation?: number; readonly discount?: number } = {},
): Preferences {
  checkTerms(reservation, discount);
  return { reservation, discount, utility: (outcome, time = 0) => utility(outcome) * discountAt(discount, time) };
}

/**
 * The same preferences on a scale on which the worst listed outcome is worth 0 and the best 1, the reservation with them. All
 * outcomes are worth 1 where they are worth the same.
 *
 * @throws HaggleError `too-many-outcomes`.
 */
export function normalised(space: OutcomeSpace, preferences: Preferences): Preferences {
  const { discount } = preferences;
  const table = utilityTable(space, preferences);
  const [least, most] = table.reduce(([low, high], u) => [Math.min(low, u), Math.max(high, u)], [Infinity, -Infinity]);
  const scaled = (u: number): number => (most > least ? (u - least) / (most - least) : 1);
  return {
    discount,
    reservation: most > least ? scaled(preferences.reservation) : Number(preferences.reservation > most),
    utility: (outcome, time = 0) => scaled(preferences.utility(outcome)) * discountAt(discount, time),
    tabulate: () => utilityTable(space, preferences).map(scaled),
  };
}

/**
 * u of every listed outcome at time 0, in order of index.
 *
 * @throws HaggleError `too-many-outcomes`, `bad-preferences` for a utility that is not finite or a table of another size.
 */
export function utilityTable(space: OutcomeSpace, preferences: Preferences): Float64Array {
  checkListable(space.size);
  const table =
    preferences.tabulate?.() ?? Float64Array.from(space.enumerate(), (outcome) => preferences.utility(outcome));
  if (table.length !== space.size || !table.every((u) => Number.isFinite(u))) {
    throw badPreferences(`a finite utility is needed for each of ${space.size} outcomes`);
  }
  return table;
}

/** The discount of a whole negotiation of `rounds` rounds of which each costs `factor`: factor^(rounds - 1), the last round being time 1. */
export function discountOfRounds(factor: number, rounds: number): number {
  if (!(factor > 0 && factor <= 1) || !Number.isSafeInteger(rounds) || rounds < 1) {
    throw badPreferences(`a factor in (0, 1] and a number of rounds are needed, got ${factor} and ${rounds}`);
  }
  return power(factor, rounds - 1);
}

/** discount^time. */
export function discountAt(discount: number, time: number): number {
  return power(discount, time);
}

function checkTerms(reservation: number, discount: number): void {
  if (!Number.isFinite(reservation)) throw badPreferences(`a reservation value is finite, got ${reservation}`);
  if (!(discount > 0 && discount <= 1)) throw badPreferences(`a discount is above 0 and at most 1, got ${discount}`);
}

function badPreferences(problem: string): HaggleError {
  return new HaggleError('bad-preferences', problem);
}
