import { HaggleError } from '../errors.ts';
import type { Outcome, OutcomeSpace } from './outcome-space.ts';
import { utilityTable, type Preferences } from './preferences.ts';

/** An outcome with its utilities at time 0, in the order of the parties. */
export interface BargainingPoint {
  readonly index: number;
  readonly outcome: Outcome;
  readonly utilities: readonly number[];
}

/** Where a fair or efficient agreement would be. All null where no outcome gives every party its reservation value. */
export interface BargainingPoints {
  /** Largest product of gains over the reservation values (Nash, "The Bargaining Problem", 1950). */
  readonly nash: BargainingPoint | null;
  /**
   * Most equal shares of the gains that the parties could hope for (Kalai and Smorodinsky, "Other Solutions to Nash's Bargaining
   * Problem", 1975): where gains are divisible the front meets the line from the reservation values to the ideal point; here it is
   * the front's outcome nearest to that line, in shares of the ideal gains.
   */
  readonly kalaiSmorodinsky: BargainingPoint | null;
  /** Largest least gain (Kalai, "Proportional Solutions to Bargaining Situations", 1977). */
  readonly egalitarian: BargainingPoint | null;
  /** Largest sum of gains. */
  readonly utilitarian: BargainingPoint | null;
}

/** A space seen by all parties. */
export interface BargainingAnalysis extends BargainingPoints {
  /** The outcomes to which no other is preferred by one party and by none disliked; of equal ones the first. Best for the first party first. */
  readonly front: readonly BargainingPoint[];
  /** Euclidean distance, in utilities, from a point to the nearest on the front. */
  distanceToFront(utilities: readonly number[]): number;
  /** Product of the gains over the reservation values, as a share of the largest (Nash's): 1 at best, 0 for no agreement (null). */
  nashShare(utilities: readonly number[] | null): number;
}

/**
 * The Pareto front and the solutions of cooperative bargaining theory, found by looking at every listed outcome.
 *
 * O(n log n) for n outcomes and two parties, O(n log n + n * front) for more. Ties: the larger sum, then the lower index.
 *
 * @throws HaggleError `too-many-outcomes`, `bad-preferences`, `no-parties` for none.
 */
export function analyseBargaining(space: OutcomeSpace, parties: readonly Preferences[]): BargainingAnalysis {
  if (parties.length === 0) throw new HaggleError('no-parties', 'analysing a negotiation needs at least one party');
  const tables = parties.map((preferences) => utilityTable(space, preferences));
  const pointAt = (index: number): BargainingPoint => ({
    index,
    outcome: space.outcomeAt(index),
    utilities: tables.map((table) => table[index] ?? 0),
  });
  const front = frontIndices(tables).map(pointAt);
  const reservations = parties.map(({ reservation }) => reservation);
  const points = pointsOn(front, reservations);
  const best = points.nash === null ? 0 : productOfGains(points.nash.utilities, reservations);
  return {
    front,
    ...points,
    distanceToFront: (utilities) =>
      front.reduce((least, point) => Math.min(least, distance(point.utilities, utilities)), Infinity),
    nashShare: (utilities) => (utilities === null || best <= 0 ? 0 : productOfGains(utilities, reservations) / best),
  };
}

/** Product of what each party gains over its reservation value; 0 if one loses. */
export function productOfGains(utilities: readonly number[], reservations: readonly number[]): number {
  return utilities.reduce((product, u, party) => product * Math.max(0, u - (reservations[party] ?? 0)), 1);
}

/** Indices of outcomes that are not dominated, best for the first party first. */
function frontIndices(tables: readonly Float64Array[]): readonly number[] {
  const order = Uint32Array.from(tables[0] ?? [], (_, index) => index).toSorted((a, b) => {
    for (const table of tables) {
      const difference = (table[b] ?? 0) - (table[a] ?? 0);
      if (difference !== 0) return difference;
    }
    return a - b;
  });
  // Whatever dominates an outcome stands before it.
  return tables.length <= 2 ? sweep(order, tables.at(-1) ?? new Float64Array()) : filter(order, tables);
}

function sweep(order: Uint32Array, last: Float64Array): readonly number[] {
  const front: number[] = [];
  let most = -Infinity;
  for (const index of order) {
    const u = last[index] ?? 0;
    if (u <= most) continue;
    most = u;
    front.push(index);
  }
  return front;
}

function filter(order: Uint32Array, tables: readonly Float64Array[]): readonly number[] {
  const front: number[] = [];
  for (const index of order) {
    const dominated = front.some((other) => tables.every((table) => (table[other] ?? 0) >= (table[index] ?? 0)));
    if (!dominated) front.push(index);
  }
  return front;
}

function pointsOn(front: readonly BargainingPoint[], reservations: readonly number[]): BargainingPoints {
  const gainsOf = (point: BargainingPoint): number[] =>
    point.utilities.map((u, party) => u - (reservations[party] ?? 0));
  const rational = front.filter((point) => gainsOf(point).every((gain) => gain >= 0));
  const ideal = reservations.map((_, party) => Math.max(0, ...rational.map((point) => gainsOf(point)[party] ?? 0)));
  const sum = (gains: readonly number[]): number => gains.reduce((total, gain) => total + gain, 0);
  const least = (gains: readonly number[]): number => Math.min(...gains);
  const share = (gain: number, party: number): number => ((ideal[party] ?? 0) > 0 ? gain / (ideal[party] ?? 1) : 1);
  // The best of each lies on the front: ties go to the larger sum.
  const best = (score: (gains: readonly number[]) => number): BargainingPoint | null =>
    rational.reduce<BargainingPoint | null>((leader, point) => {
      if (leader === null) return point;
      const [gains, leading] = [gainsOf(point), gainsOf(leader)];
      const order = score(gains) - score(leading) || sum(gains) - sum(leading) || leader.index - point.index;
      return order > 0 ? point : leader;
    }, null);
  return {
    nash: best((gains) => gains.reduce((product, gain) => product * gain, 1)),
    kalaiSmorodinsky: best((gains) => -spread(gains.map(share))),
    egalitarian: best(least),
    utilitarian: best(sum),
  };
}

/** Squared distance from a point to the diagonal. */
function spread(shares: readonly number[]): number {
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return shares.reduce((sum, share) => sum + (share - mean) ** 2, 0);
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.sqrt(a.reduce((sum, u, party) => sum + (u - (b[party] ?? 0)) ** 2, 0));
}
