import type { OutcomeSpace } from './outcome-space.ts';
import { utilityTable, type Preferences } from './preferences.ts';

/** All listed outcomes of a space from best to worst for one party. */
export interface Ranking {
  /** Utility at time 0 by index of outcome. */
  readonly utilities: Float64Array;
  /** Indices of outcomes, best first; of equal ones the lower index first. */
  readonly order: Uint32Array;
  readonly best: number;
  /** The reservation value, or the worst outcome's utility where that is higher: nothing below is ever agreed to. */
  readonly floor: number;
}

/** Rankings by preferences, so that many negotiations with the same preferences sort once. */
const known = new WeakMap<Preferences, { readonly space: OutcomeSpace; readonly ranking: Ranking }>();

/**
 * The ranking of a space: O(n log n), kept as long as the preferences are.
 *
 * @throws HaggleError `too-many-outcomes`, `bad-preferences`.
 */
export function rankOutcomes(space: OutcomeSpace, preferences: Preferences): Ranking {
  const found = known.get(preferences);
  if (found?.space === space) return found.ranking;
  const utilities = utilityTable(space, preferences);
  const order = Uint32Array.from(utilities, (_, index) => index).toSorted(
    (a, b) => (utilities[b] ?? 0) - (utilities[a] ?? 0) || a - b,
  );
  const worst = utilities[order.at(-1) ?? 0] ?? 0;
  const ranking: Ranking = {
    utilities,
    order,
    best: utilities[order[0] ?? 0] ?? 0,
    floor: Math.max(worst, preferences.reservation),
  };
  known.set(preferences, { space, ranking });
  return ranking;
}

/** How many outcomes are worth `level` or more: those are the first of the order. */
export function countAtLeast({ utilities, order }: Ranking, level: number): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((utilities[order[middle] ?? 0] ?? 0) >= level) low = middle + 1;
    else high = middle;
  }
  return low;
}
