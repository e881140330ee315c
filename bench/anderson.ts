/**
 * Anderson acceleration of a fixed-point iteration v → f(v), type II with a short memory (Walker and Ni 2011): the next point
 * is the combination of past ones whose residuals f(v) − v cancel best in the weighted norm.
 */

const MEMORY = 10;
/** Points are remembered this many calls apart: neighbours are too alike to tell anything. */
const EVERY = 5;
const RIDGE = 1e-10;

/** Accelerates one iteration. */
export interface Acceleration {
  /** Given a point and its image: a point to try instead of the image, or null. */
  propose(point: Float64Array, image: Float64Array): Float64Array | null;
  /** Drops all memory: the map has changed. */
  forget(): void;
}

interface Change {
  readonly point: Float64Array;
  readonly residual: Float64Array;
}

/** An acceleration without memory yet. */
export function createAcceleration(weights: Float64Array): Acceleration {
  let calls = 0;
  let last: Change | null = null;
  let changes: Change[] = [];
  return {
    propose(point, image) {
      if (++calls % EVERY !== 0) return null;
      const residual = minus(image, point);
      if (last !== null) {
        changes.push({ point: minus(point, last.point), residual: minus(residual, last.residual) });
        if (changes.length > MEMORY) changes.shift();
      }
      last = { point: point.slice(), residual };
      if (changes.length < 2) return null;
      const shares = solve(normalEquations(weights, changes, residual));
      return shares === null ? null : combine(image, changes, shares);
    },
    forget() {
      last = null;
      changes = [];
    },
  };
}

function combine(image: Float64Array, changes: readonly Change[], shares: readonly number[]): Float64Array {
  const candidate = image.slice();
  for (const [k, { point, residual }] of changes.entries()) {
    const share = shares[k] as number;
    for (let i = 0; i < candidate.length; i++) {
      candidate[i] = (candidate[i] as number) - share * ((point[i] as number) + (residual[i] as number));
    }
  }
  return candidate;
}

/** Rows of the regularised least-squares problem, scaled to a diagonal of 1, right-hand side last; then the scales. */
function normalEquations(
  weights: Float64Array,
  changes: readonly Change[],
  residual: Float64Array,
): { readonly rows: number[][]; readonly scales: readonly number[] } {
  const inner = (a: Float64Array, b: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += (weights[i] as number) * (a[i] as number) * (b[i] as number);
    return sum;
  };
  const scales = changes.map((change) => 1 / Math.sqrt(inner(change.residual, change.residual) || 1));
  const rows = changes.map((a, i) => {
    const scale = scales[i] as number;
    const row = changes.map((b, j) => scale * (scales[j] as number) * inner(a.residual, b.residual));
    row[i] = (row[i] as number) + RIDGE;
    return [...row, scale * inner(a.residual, residual)];
  });
  return { rows, scales };
}

/** Gaussian elimination with partial pivoting. Null where the rows depend on each other. */
function solve({ rows, scales }: ReturnType<typeof normalEquations>): readonly number[] | null {
  const size = rows.length;
  const at = (row: number, column: number): number => rows[row]?.[column] as number;
  for (let pivot = 0; pivot < size; pivot++) {
    let best = pivot;
    for (let row = pivot + 1; row < size; row++) if (Math.abs(at(row, pivot)) > Math.abs(at(best, pivot))) best = row;
    [rows[pivot], rows[best]] = [rows[best] as number[], rows[pivot] as number[]];
    if (Math.abs(at(pivot, pivot)) < 1e-14) return null;
    for (const row of rows.slice(pivot + 1)) {
      const factor = (row[pivot] as number) / at(pivot, pivot);
      for (let column = pivot; column <= size; column++)
        row[column] = (row[column] as number) - factor * at(pivot, column);
    }
  }
  const solution = Array.from({ length: size }, () => 0);
  for (let row = size - 1; row >= 0; row--) {
    let rest = at(row, size);
    for (let column = row + 1; column < size; column++) rest -= at(row, column) * (solution[column] as number);
    solution[row] = rest / at(row, row);
  }
  return solution.map((value, k) => value * (scales[k] as number));
}

function minus(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - (b[i] as number));
}
