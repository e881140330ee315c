import { HaggleError } from './errors.ts';
import { exp, ln, lnGamma } from './float-math.ts';

/** A mean with the interval that holds the true one with the given confidence, were the values independent and normal. */
export interface MeanInterval {
  readonly count: number;
  readonly mean: number;
  /** Of the values, with n − 1 in the denominator; NaN for a single one. */
  readonly deviation: number;
  /** Half the interval's width; NaN for a single value. */
  readonly half: number;
}

/** What two treatments differ by on the same cases, and how likely such a difference, or a larger one, is by chance. */
export interface PairedDifference extends MeanInterval {
  /** Of Student's paired test, two-sided: 1 where the difference is always 0, 0 where it is always the same other number. */
  readonly p: number;
  /** Variance that two separate samples of the same size would have, over that of the differences: what pairing saves. */
  readonly varianceRatio: number;
}

/**
 * Mean and confidence interval (Student, 1908).
 *
 * @throws HaggleError `bad-sample` for no value or one that is not finite; `bad-confidence` unless 0 < confidence < 1
 */
export function meanInterval(values: readonly number[], confidence = 0.95): MeanInterval {
  const count = checkSample(values);
  if (!(confidence > 0 && confidence < 1)) {
    throw new HaggleError('bad-confidence', `a confidence lies between 0 and 1, got ${confidence}`);
  }
  const mean = sum(values) / count;
  const deviation = Math.sqrt(variance(values, mean));
  const half =
    count < 2 ? Number.NaN : (studentQuantile(0.5 + confidence / 2, count - 1) * deviation) / Math.sqrt(count);
  return { count, mean, deviation, half };
}

/**
 * `first[k] - second[k]` for all k: mean, interval and Student's paired test.
 *
 * @throws HaggleError `bad-sample` for samples of different length, fewer than two cases, or a value that is not finite
 */
export function pairedDifference(
  first: readonly number[],
  second: readonly number[],
  confidence = 0.95,
): PairedDifference {
  if (first.length !== second.length || first.length < 2) {
    const got = `${first.length} and ${second.length}`;
    throw new HaggleError('bad-sample', `a paired test needs two samples of the same 2 or more cases, got ${got}`);
  }
  const differences = first.map((value, k) => value - (second[k] ?? Number.NaN));
  const interval = meanInterval(differences, confidence);
  const { mean, deviation, count } = interval;
  const separate = variance(first, sum(first) / count) + variance(second, sum(second) / count);
  const t = (Math.abs(mean) * Math.sqrt(count)) / deviation;
  const p = deviation === 0 ? (mean === 0 ? 1 : 0) : 2 * (1 - studentCdf(t, count - 1));
  return { ...interval, p: Math.min(1, Math.max(0, p)), varianceRatio: separate / (deviation * deviation) };
}

/**
 * Adjusts p values of several tests so that the chance of one false discovery or more stays at the level at which each is read
 * (S. Holm, Scandinavian Journal of Statistics 6, 1979). In the order given.
 */
export function holm(ps: readonly number[]): readonly number[] {
  const order = ps.map((p, index) => ({ p, index })).toSorted((a, b) => a.p - b.p);
  const adjusted = Array.from(ps, () => 1);
  let least = 0;
  for (const [rank, { p, index }] of order.entries()) {
    least = Math.min(1, Math.max(least, p * (ps.length - rank)));
    adjusted[index] = least;
  }
  return adjusted;
}

/** Distribution function of Student's t: by the regularised incomplete beta function (DLMF 8.17, 26.7.27 of Abramowitz and Stegun). */
export function studentCdf(t: number, degrees: number): number {
  const tail = incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  return t < 0 ? tail : 1 - tail;
}

/** The t below which a share of Student's distribution lies, by bisection. */
export function studentQuantile(share: number, degrees: number): number {
  if (share === 0.5) return 0;
  if (share < 0.5) return -studentQuantile(1 - share, degrees);
  let high = 1;
  while (studentCdf(high, degrees) < share && high < 1e9) high *= 2;
  let low = 0;
  for (let k = 0; k < 100; k++) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, degrees) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Terms of the continued fraction: it converges in far fewer. */
const TERMS_MAX = 500;
const TINY = 1e-300;

/** Regularised incomplete beta function, by its continued fraction (DLMF 8.17.22) with the method of Lentz. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * ln(x) + b * ln(1 - x)) / a;
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= TERMS_MAX; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return front * fraction;
}

function away(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

function checkSample(values: readonly number[]): number {
  const wrong = values.find((value) => !Number.isFinite(value));
  if (values.length > 0 && wrong === undefined) return values.length;
  throw new HaggleError('bad-sample', `a sample needs finite values, got ${wrong ?? 'none'}`);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function variance(values: readonly number[], mean: number): number {
  return values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - 1);
}
