import type { Grid, GridBus, GridGenerator } from '../../../scenarios/energy/grid.ts';
import type { PricedDispatch } from '../../../scenarios/energy/score.ts';
import { gridDispatch } from '../../../scenarios/energy/grid-scenario.ts';
import { parseMatpower } from '../../../scenarios/energy/matpower.ts';
import { simulate, type Simulation } from '../../../scenarios/simulate.ts';
import { dispatchReport } from '../../../cli/report/dispatch.ts';

/** A grid with its run, as the command line would report it. */
export async function simulated(grid: Grid): Promise<Simulation<PricedDispatch>> {
  return await simulate(gridDispatch, grid, { seed: 1, sign: 'off' });
}

export async function reportOf(grid: Grid): Promise<string> {
  return dispatchReport(grid, await simulated(grid));
}

/** How often `part` is in `text`. */
export function occurrences(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** Buses from rows `id type load`, generators `bus min max cost`, lines `from to limit` (0: none), as a MATPOWER file has them. */
export function gridOf(tables: {
  readonly buses: readonly (readonly [id: number, type: number, load: number])[];
  readonly generators: readonly (readonly [bus: number, min: number, max: number, cost: number])[];
  readonly lines: readonly (readonly [from: number, to: number, limit: number])[];
}): Grid {
  const rows = (all: readonly string[]): string => `[${all.join('; ')}];`;
  return parseMatpower(
    `function mpc = small
    mpc.baseMVA = 100;
    mpc.bus = ${rows(tables.buses.map(([id, type, load]) => `${id} ${type} ${load} 0 0 0 1 1 0 1 1 1 1`))}
    mpc.gen = ${rows(tables.generators.map(([bus, min, max]) => `${bus} 0 0 0 0 1 1 1 ${max} ${min}`))}
    mpc.gencost = ${rows(tables.generators.map(([, , , cost]) => `2 0 0 2 ${cost} 0`))}
    mpc.branch = ${rows(tables.lines.map(([from, to, limit]) => `${from} ${to} 0 0.1 0 ${limit} 0 0 0 0 1 -30 30`))}`,
  );
}

/** Two buses, one line of 60 MW, dear power where the load is. */
export function twoBuses(): Grid {
  return gridOf({
    buses: [
      [1, 3, 0],
      [2, 1, 100],
    ],
    generators: [
      [1, 0, 200, 10],
      [2, 0, 200, 30],
    ],
    lines: [[1, 2, 60]],
  });
}

/** A grid without a run: for drawings that need only its shape. */
export function bareGrid(count: number, lines: readonly (readonly [number, number])[]): Grid {
  const bus = (row: number): GridBus => ({
    row,
    id: row + 1,
    kind: 'load',
    isolated: false,
    demandMw: 1,
    shuntMw: 0,
  });
  const none: readonly GridGenerator[] = [];
  return {
    name: 'bare',
    baseMva: 100,
    buses: Array.from({ length: count }, (_, row) => bus(row)),
    generators: none,
    branches: lines.map(([fromRow, toRow], row) => ({
      row,
      fromRow,
      toRow,
      resistancePu: 0,
      reactancePu: 0.1,
      susceptancePu: 10,
      limitMw: 100,
      angleMinRad: -1,
      angleMaxRad: 1,
      inService: true,
      active: true,
    })),
  };
}
