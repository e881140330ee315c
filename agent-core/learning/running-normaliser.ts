import { assert } from '../errors.ts';

/** Moments of a stream of vectors, as plain data: count, means, and sums of squared deviations. */
export interface Moments {
  readonly count: number;
  readonly means: Float64Array;
  readonly squares: Float64Array;
}

/** Shift and scale by feature: `(x - mean) / deviation`. */
export interface Standard {
  readonly means: Float64Array;
  /** Each above 0. */
  readonly deviations: Float64Array;
}

/** A feature that varies less than this is as good as constant: it is shifted, not blown up. */
export const LEAST_DEVIATION = 1e-6;

/** Moments of nothing. */
export function noMoments(width: number): Moments {
  return { count: 0, means: new Float64Array(width), squares: new Float64Array(width) };
}

/** Moments of the rows of a table. One pass (Welford 1962). */
export function momentsOf(rows: ArrayLike<number>, width: number): Moments {
  const count = width === 0 ? 0 : rows.length / width;
  assert(Number.isInteger(count), 'a table has whole rows');
  const means = new Float64Array(width);
  const squares = new Float64Array(width);
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < width; k++) {
      const value = rows[row * width + k] as number;
      const off = value - (means[k] as number);
      means[k] = (means[k] as number) + off / (row + 1);
      squares[k] = (squares[k] as number) + off * (value - (means[k] as number));
    }
  }
  return { count, means, squares };
}

/** Moments of two streams taken together (Chan, Golub and LeVeque 1983, equations 1.5). */
export function joinMoments(a: Moments, b: Moments): Moments {
  assert(a.means.length === b.means.length, 'moments of one width are joined');
  if (b.count === 0) return a;
  if (a.count === 0) return b;
  const count = a.count + b.count;
  const means = a.means.map((mean, k) => mean + (((b.means[k] as number) - mean) * b.count) / count);
  const squares = a.squares.map((sum, k) => {
    const off = (b.means[k] as number) - (a.means[k] as number);
    return sum + (b.squares[k] as number) + (off * off * a.count * b.count) / count;
  });
  return { count, means, squares };
}

/** The shift and scale that moments stand for; none where fewer than two vectors were seen. */
export function standardOf({ count, means, squares }: Moments): Standard {
  if (count < 2) return noShift(means.length);
  return {
    means: means.slice(),
    deviations: squares.map((sum) => {
      const deviation = Math.sqrt(sum / count);
      return deviation > LEAST_DEVIATION ? deviation : 1;
    }),
  };
}

/** The scale that changes nothing. */
export function noShift(width: number): Standard {
  return { means: new Float64Array(width), deviations: new Float64Array(width).fill(1) };
}
