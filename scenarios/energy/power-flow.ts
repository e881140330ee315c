import { HaggleError } from '../../agent-core/errors.ts';
import type { Grid } from './grid.ts';
import { islands } from './islands.ts';

/** Solves the same network for many injections; the matrix is factored once. */
export interface PowerFlow {
  /**
   * Angles in rad of every bus row for net injections in pu of every bus row, 0 at the reference of each island and at isolated
   * buses. What an island's injections do not balance is taken up by its reference.
   */
  thetaRad(injectionPu: readonly number[]): readonly number[];
}

/** One step of the elimination: θ[row] = (rhs[row] − Σ coefficient · θ[other]) / pivot. */
interface Step {
  readonly row: number;
  readonly pivot: number;
  readonly others: readonly (readonly [row: number, coefficient: number])[];
}

/** Pivots below this part of the largest susceptance are taken for 0. */
const PIVOT_MIN = 1e-11;

/**
 * The DC power flow of `grid`: B·θ = injection over active branches, limits ignored.
 *
 * B without the references is symmetric and sparse; it is factored by Gaussian elimination without row exchange in the order
 * of least degree (Tinney and Walker 1967, scheme 2), which for grids adds few entries.
 *
 * @throws HaggleError `singular-network` where negative susceptances cancel so that the angles are not determined.
 */
export function powerFlow(grid: Grid): PowerFlow {
  const matrix = susceptanceMatrix(grid);
  // From the branches, not from the matrix: where susceptances cancel, nothing large is left in it.
  const scale = grid.branches.reduce((most, branch) => Math.max(most, Math.abs(branch.susceptancePu)), 0);
  const pending = new Set<number>();
  for (const island of islands(grid)) {
    for (const row of island.busRows) {
      if (row === island.referenceRow) for (const other of matrix[row]?.keys() ?? []) matrix[other]?.delete(row);
      else pending.add(row);
    }
  }
  const steps: Step[] = [];
  while (pending.size > 0) {
    const row = leastDegree(matrix, pending);
    pending.delete(row);
    const step = eliminate(matrix, row);
    if (!(Math.abs(step.pivot) > PIVOT_MIN * scale)) {
      const id = grid.buses[row]?.id ?? 0;
      throw new HaggleError('singular-network', `power flow of ${grid.name} is not determined at bus ${id}`, {
        fields: { bus: id, pivot: step.pivot },
      });
    }
    steps.push(step);
  }
  return { thetaRad: (injectionPu) => solve(steps, injectionPu) };
}

function susceptanceMatrix(grid: Grid): Map<number, number>[] {
  const matrix = grid.buses.map(() => new Map<number, number>());
  const add = (row: number, column: number, value: number): void => {
    matrix[row]?.set(column, (matrix[row]?.get(column) ?? 0) + value);
  };
  for (const { active, fromRow, toRow, susceptancePu } of grid.branches) {
    if (!active || susceptancePu === 0) continue;
    add(fromRow, fromRow, susceptancePu);
    add(toRow, toRow, susceptancePu);
    add(fromRow, toRow, -susceptancePu);
    add(toRow, fromRow, -susceptancePu);
  }
  return matrix;
}

function leastDegree(matrix: readonly ReadonlyMap<number, number>[], pending: ReadonlySet<number>): number {
  let best = -1;
  let degree = Infinity;
  for (const row of pending) {
    const size = matrix[row]?.size ?? 0;
    if (size < degree) {
      best = row;
      degree = size;
    }
  }
  return best;
}

/** Removes `row` from the matrix and couples its neighbours instead (Schur complement). */
function eliminate(matrix: readonly Map<number, number>[], row: number): Step {
  const entries = matrix[row] ?? new Map<number, number>();
  const pivot = entries.get(row) ?? 0;
  const others = [...entries].filter(([other]) => other !== row);
  for (const [i, ai] of others) {
    const target = matrix[i];
    target?.delete(row);
    for (const [j, aj] of others) target?.set(j, (target.get(j) ?? 0) - (ai * aj) / pivot);
  }
  return { row, pivot, others };
}

function solve(steps: readonly Step[], injectionPu: readonly number[]): readonly number[] {
  const rest = [...injectionPu];
  for (const { row, pivot, others } of steps) {
    const part = (rest[row] ?? 0) / pivot;
    for (const [other, coefficient] of others) rest[other] = (rest[other] ?? 0) - coefficient * part;
  }
  const theta = injectionPu.map(() => 0);
  for (const { row, pivot, others } of steps.toReversed()) {
    let sum = rest[row] ?? 0;
    for (const [other, coefficient] of others) sum -= coefficient * (theta[other] ?? 0);
    theta[row] = sum / pivot;
  }
  return theta;
}
