import { fixedLoadMw, flowsMw, generatorCostPerHour, type Grid } from './grid.ts';
import { meritOrder } from './merit-order.ts';
import type { Dispatch } from './optimum.ts';
import { powerFlow } from './power-flow.ts';

/** A dispatch that balances but was made without looking at the network. */
export interface Baseline extends Dispatch {
  readonly costPerHour: number;
  /** One price an island, in $/MWh, by bus row. */
  readonly pricePerMwh: readonly number[];
  readonly flowMw: readonly number[];
  /** By how much the flow of every branch row exceeds its rate, in MW, 0 where it does not. */
  readonly overloadMw: readonly number[];
}

/**
 * The simple rule to compare with: merit order over each island (`meritOrder`), then the power flow that follows. Its
 * cost is a lower bound of the optimum, reached exactly where no limit of the network binds; where one does, overloads
 * tell what the rule ignored.
 *
 * @throws HaggleError `program-infeasible` where an island's generators cannot run at its load, `singular-network`.
 */
export function meritOrderDispatch(grid: Grid): Baseline {
  const { pgMw, pricePerMwh } = meritOrder(grid);
  const thetaRad = powerFlow(grid).thetaRad(injectionsPu(grid, pgMw));
  const flowMw = flowsMw(grid, thetaRad);
  return {
    costPerHour: costPerHour(grid, pgMw),
    pgMw,
    thetaRad,
    pricePerMwh,
    flowMw,
    overloadMw: grid.branches.map((branch) => Math.max(0, Math.abs(flowMw[branch.row] ?? 0) - branch.limitMw)),
  };
}

/** Generation minus load of every bus row in pu, active rows only. */
export function injectionsPu(grid: Grid, pgMw: readonly number[]): readonly number[] {
  const injections = grid.buses.map((bus) => -fixedLoadMw(bus) / grid.baseMva);
  for (const { row, busRow, active } of grid.generators) {
    if (active) injections[busRow] = (injections[busRow] ?? 0) + (pgMw[row] ?? 0) / grid.baseMva;
  }
  return injections;
}

/** What running the active generators at `pgMw` costs, in $/h. */
export function costPerHour(grid: Grid, pgMw: readonly number[]): number {
  return grid.generators.reduce(
    (sum, unit) => (unit.active ? sum + generatorCostPerHour(unit, pgMw[unit.row] ?? 0) : sum),
    0,
  );
}
