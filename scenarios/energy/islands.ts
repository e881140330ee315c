import type { Grid } from './grid.ts';

/** What connects two buses: any active branch, or only one that can carry power (susceptance not 0). */
export type Connection = 'any' | 'carrying';

/** Buses joined by active branches. Isolated buses belong to no island. */
export interface Island {
  /** Ascending. */
  readonly busRows: readonly number[];
  /** Where the angle is 0: the first bus of type 3, else the first bus. */
  readonly referenceRow: number;
}

/** The islands of a grid, ordered by their lowest bus row. Each balances by itself and has its own reference. */
export function islands(grid: Grid, connection: Connection = 'carrying'): readonly Island[] {
  const neighbours = adjacency(grid, connection);
  const seen = new Set<number>();
  const found: Island[] = [];
  for (const bus of grid.buses) {
    if (bus.isolated || seen.has(bus.row)) continue;
    const busRows = reach(neighbours, bus.row).toSorted((a, b) => a - b);
    for (const row of busRows) seen.add(row);
    const reference = busRows.find((row) => grid.buses[row]?.kind === 'reference');
    found.push({ busRows, referenceRow: reference ?? bus.row });
  }
  return found;
}

function adjacency(grid: Grid, connection: Connection): readonly (readonly number[])[] {
  const neighbours: number[][] = grid.buses.map(() => []);
  for (const branch of grid.branches) {
    if (!branch.active || (connection === 'carrying' && branch.susceptancePu === 0)) continue;
    neighbours[branch.fromRow]?.push(branch.toRow);
    neighbours[branch.toRow]?.push(branch.fromRow);
  }
  return neighbours;
}

function reach(neighbours: readonly (readonly number[])[], start: number): number[] {
  const reached = new Set([start]);
  // A Set grows while it is iterated, so it is the work list too.
  for (const row of reached) for (const next of neighbours[row] ?? []) reached.add(next);
  return [...reached];
}
