import { flowInterval, flowsMw, type Grid } from './grid.ts';

/** A limit counts as reached within this distance, in p.u.: the tolerance of feasibility. */
const AT_LIMIT_PU = 1e-4;

/** A dispatch with its prices: those of buses, and of lines where there are any, by row, with the signs of `Optimum`. */
interface Priced {
  readonly pgMw: readonly number[];
  readonly thetaRad: readonly number[];
  readonly pricePerMwh?: readonly number[];
  readonly congestionPricePerMwh?: readonly number[];
}

/**
 * By how much prices fail to support a dispatch, in $/MWh: the largest violation of the conditions of Karush, Kuhn and
 * Tucker (Boyd and Vandenberghe, "Convex Optimization", section 5.5.3) other than feasibility. It is 0 for every right set of
 * prices. That matters where there are several, as with a station at its maximum behind a line at its limit: then the
 * distance to one solver's prices says nothing.
 *
 * - a generator: profit per MWh that it forgoes below its maximum, loss per MWh that it bears above its minimum;
 * - a line: a congestion price although its limit is not reached, or one of the wrong sign;
 * - a bus: what moving its angle would gain, per MW so moved.
 *
 * Congestion prices that are not given count as 0.
 */
export function priceOptimalityError(
  grid: Grid,
  { pgMw, thetaRad, pricePerMwh = [], congestionPricePerMwh = [] }: Priced,
): number {
  return Math.max(
    generatorError(grid, pgMw, pricePerMwh),
    lineError(grid, thetaRad, congestionPricePerMwh),
    angleError(grid, pricePerMwh, congestionPricePerMwh),
  );
}

function generatorError(grid: Grid, pgMw: readonly number[], pricePerMwh: readonly number[]): number {
  const nearMw = AT_LIMIT_PU * grid.baseMva;
  let worst = 0;
  for (const { row, busRow, active, minMw, maxMw, c1, c2 } of grid.generators) {
    if (!active) continue;
    const output = pgMw[row] ?? 0;
    const profit = (pricePerMwh[busRow] ?? 0) - (c1 + 2 * c2 * output);
    if (output < maxMw - nearMw) worst = Math.max(worst, profit);
    if (output > minMw + nearMw) worst = Math.max(worst, -profit);
  }
  return worst;
}

function lineError(grid: Grid, thetaRad: readonly number[], congestionPricePerMwh: readonly number[]): number {
  const flows = flowsMw(grid, thetaRad);
  let worst = 0;
  for (const branch of grid.branches) {
    if (!branch.active || branch.susceptancePu === 0) continue;
    const flowPu = (flows[branch.row] ?? 0) / grid.baseMva;
    const price = congestionPricePerMwh[branch.row] ?? 0;
    const { lowPu, highPu } = flowInterval(grid, branch);
    if (flowPu < highPu - AT_LIMIT_PU) worst = Math.max(worst, -price);
    if (flowPu > lowPu + AT_LIMIT_PU) worst = Math.max(worst, price);
  }
  return worst;
}

function angleError(grid: Grid, pricePerMwh: readonly number[], congestionPricePerMwh: readonly number[]): number {
  const gain = grid.buses.map(() => 0);
  const moved = grid.buses.map(() => 0);
  for (const { row, active, fromRow, toRow, susceptancePu } of grid.branches) {
    if (!active) continue;
    const spread = (pricePerMwh[fromRow] ?? 0) - (pricePerMwh[toRow] ?? 0);
    const pull = susceptancePu * (spread - (congestionPricePerMwh[row] ?? 0));
    for (const [bus, sign] of [
      [fromRow, 1],
      [toRow, -1],
    ] as const) {
      gain[bus] = (gain[bus] ?? 0) + sign * pull;
      moved[bus] = (moved[bus] ?? 0) + Math.abs(susceptancePu);
    }
  }
  return gain.reduce((worst, value, bus) => Math.max(worst, Math.abs(value) / (moved[bus] || 1)), 0);
}
