import type { Grid, GridGenerator } from '../../../scenarios/energy/grid.ts';
import { parseMatpower } from '../../../scenarios/energy/matpower.ts';

/** Three equal lines in a triangle; 10 $/MWh at bus 1, 30 at bus 2, where all the load is; line 1-2 carries 40 MW. */
export function threeBuses(): Grid {
  return parseMatpower(
    `function mpc = three
    mpc.baseMVA = 100;
    mpc.bus = [1 3 0 0 0 0 1 1 0 1 1 1 1; 2 2 100 0 0 0 1 1 0 1 1 1 1; 3 1 0 0 0 0 1 1 0 1 1 1 1];
    mpc.gen = [1 0 0 0 0 1 1 1 400 0; 2 0 0 0 0 1 1 1 400 0];
    mpc.gencost = [2 0 0 2 10 0; 2 0 0 2 30 0];
    mpc.branch = [1 2 0 0.1 0 40 0 0 0 0 1 -30 30; 1 3 0 0.1 0 300 0 0 0 0 1 -30 30; 3 2 0 0.1 0 300 0 0 0 0 1 -30 30];`,
  );
}

/** What to change: branch values apply to line 1-2, `branchActive` and `angleRad` to all lines, demand to bus 2. */
export interface Changes {
  readonly demandMw?: number;
  readonly generators?: readonly Partial<GridGenerator>[];
  readonly limitMw?: number;
  readonly angleRad?: number;
  readonly angleMinRad?: number;
  readonly branchActive?: boolean;
}

export function changed(grid: Grid, changes: Changes): Grid {
  const { demandMw, angleRad, limitMw, angleMinRad, branchActive } = changes;
  return {
    ...grid,
    buses: grid.buses.map((bus) => (bus.id === 2 && demandMw !== undefined ? { ...bus, demandMw } : bus)),
    generators: grid.generators
      .map((generator, row) => ({ ...generator, ...changes.generators?.[row] }))
      .map((unit) => (branchActive === false && unit.row === 1 ? { ...unit, active: false } : unit)),
    branches: grid.branches.map((branch) => ({
      ...branch,
      ...(angleRad === undefined ? {} : { angleMinRad: -angleRad, angleMaxRad: angleRad }),
      ...(branch.row === 0 && limitMw !== undefined ? { limitMw } : {}),
      ...(branch.row === 0 && angleMinRad !== undefined ? { angleMinRad } : {}),
      ...(branchActive === undefined ? {} : { active: branchActive }),
    })),
  };
}
