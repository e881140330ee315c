import { HaggleError } from '../../../agent-core/errors.ts';
import { exp } from '../../../agent-core/float-math.ts';

/** A distribution on a lattice: `masses[k]` is the chance of `(first + k) * step` units. */
export interface LatticeLaw {
  /** Units between two points. */
  readonly step: number;
  /** Number of the first point. */
  readonly first: number;
  /** They sum to 1. */
  readonly masses: readonly number[];
}

/** Points of one law at most. */
export const LAW_POINTS_MAX = 16_384;
/** Chances below this are left out at both ends: what they could cost is far below the accuracy of any figure. */
const NEGLIGIBLE = 1e-15;
/** How far from 1 the chances of a law may sum. */
const SUM_TOLERANCE = 1e-9;
/** A normal law is cut this many standard deviations from its mean. */
const NORMAL_REACH = 8;

/** Chances proportional to `weights`, those that are negligible left out. @throws HaggleError `bad-law` */
export function latticeLaw(step: number, first: number, weights: readonly number[]): LatticeLaw {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const isFine = weights.every((weight) => weight >= 0) && total > 0 && Number.isFinite(total);
  if (!(step > 0) || !Number.isInteger(first) || !isFine) {
    throw badLaw(`needs a step above 0, a whole first point and chances of some sum, got step ${step}, sum ${total}`);
  }
  const masses = weights.map((weight) => weight / total);
  let from = 0;
  let to = masses.length;
  while (from < to - 1 && (masses[from] ?? 0) < NEGLIGIBLE) from++;
  while (to > from + 1 && (masses[to - 1] ?? 0) < NEGLIGIBLE) to--;
  if (to - from > LAW_POINTS_MAX) throw badLaw(`has at most ${LAW_POINTS_MAX} points, got ${to - from}`);
  return { step, first: first + from, masses: masses.slice(from, to) };
}

/** The law as another firm told it. @throws HaggleError `bad-law` where its chances are negative or do not sum to 1 */
export function checkLaw({ step, first, masses }: LatticeLaw): LatticeLaw {
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  if (masses.length > LAW_POINTS_MAX || masses.some((mass) => !(mass >= 0)) || Math.abs(total - 1) > SUM_TOLERANCE) {
    throw badLaw(`has 1 to ${LAW_POINTS_MAX} chances that sum to 1, got ${masses.length} that sum to ${total}`);
  }
  return latticeLaw(step, first, masses);
}

/** The normal law, by its density at the points of the lattice. */
export function normalLaw({
  mean,
  deviation,
  step,
}: {
  readonly mean: number;
  readonly deviation: number;
  readonly step: number;
}): LatticeLaw {
  if (!(deviation > 0)) throw badLaw(`needs a deviation above 0, got ${deviation}`);
  const first = Math.ceil((mean - NORMAL_REACH * deviation) / step);
  const last = Math.floor((mean + NORMAL_REACH * deviation) / step);
  if (last - first >= LAW_POINTS_MAX) throw badLaw(`has at most ${LAW_POINTS_MAX} points, got ${last - first + 1}`);
  const weights = Array.from({ length: last - first + 1 }, (_, k) => {
    const z = ((first + k) * step - mean) / deviation;
    return exp((-z * z) / 2);
  });
  return latticeLaw(step, first, weights);
}

/** A normal demand that is rounded to whole units and not below 0. */
export function roundedNormalLaw(mean: number, deviation: number): LatticeLaw {
  const parts = 64;
  const fine = normalLaw({ mean, deviation, step: 1 / (2 * parts) });
  const weights: number[] = [];
  for (const [k, mass] of fine.masses.entries()) {
    // A point on the border of two units counts half for each.
    const position = (fine.first + k) / (2 * parts) + 0.5;
    const unit = Math.floor(position);
    const shared = position === unit ? [unit - 1, unit] : [unit];
    for (const at of shared) {
      const held = Math.max(0, at);
      while (weights.length <= held) weights.push(0);
      weights[held] = (weights[held] ?? 0) + mass / shared.length;
    }
  }
  return latticeLaw(1, 0, weights);
}

/** The Poisson law, from its mode outwards. */
export function poissonLaw(mean: number): LatticeLaw {
  if (!(mean > 0) || mean > 4_096) throw badLaw(`needs a mean from 0 to 4,096, got ${mean}`);
  const mode = Math.floor(mean);
  const up: number[] = [1];
  for (let k = mode + 1, weight = 1; weight > NEGLIGIBLE / 8; k++) up.push((weight *= mean / k));
  const down: number[] = [];
  for (let k = mode, weight = 1; k > 0 && weight > NEGLIGIBLE / 8; k--) down.push((weight *= k / mean));
  return latticeLaw(1, mode - down.length, [...down.toReversed(), ...up]);
}

/** Each whole number from `low` to `high` with the same chance. */
export function uniformLaw(low: number, high: number): LatticeLaw {
  return latticeLaw(
    1,
    low,
    Array.from({ length: high - low + 1 }, () => 1),
  );
}

/** The law of the sum of so many independent draws. */
export function sumOfDraws(law: LatticeLaw, draws: number): LatticeLaw {
  let sum: LatticeLaw = { step: law.step, first: 0, masses: [1] };
  for (let draw = 0; draw < draws; draw++) sum = added(sum, law);
  return sum;
}

/** The law of the sum of two independent draws. */
export function added(a: LatticeLaw, b: LatticeLaw): LatticeLaw {
  const masses = new Float64Array(a.masses.length + b.masses.length - 1);
  for (const [i, p] of a.masses.entries()) {
    for (let j = 0; j < b.masses.length; j++) masses[i + j] = (masses[i + j] ?? 0) + p * (b.masses[j] ?? 0);
  }
  return latticeLaw(a.step, a.first + b.first, Array.from(masses));
}

/** Units. */
export function meanOf({ step, first, masses }: LatticeLaw): number {
  return step * masses.reduce((sum, mass, k) => sum + mass * (first + k), 0);
}

function badLaw(problem: string): HaggleError {
  return new HaggleError('bad-law', `a law of demand ${problem}`);
}
