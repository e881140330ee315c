import { HaggleError } from '../../agent-core/errors.ts';
import { fixedLoadMw, type Grid, type GridGenerator } from './grid.ts';
import { islands, type Island } from './islands.ts';

/** Outputs by merit order and the price of each island. */
export interface MeritOrder {
  /** Output of every generator row in MW, 0 where inactive. */
  readonly pgMw: readonly number[];
  /** Incremental cost of the island of every bus row in $/MWh, 0 at isolated buses. */
  readonly pricePerMwh: readonly number[];
}

/**
 * The cheapest outputs that cover the load of each island while the network inside it is ignored: every generator between
 * its limits runs at the same incremental cost 2·c2·P + c1 (Kirchmayer 1958). Among generators with the same
 * constant incremental cost, lower rows run first.
 *
 * @throws HaggleError `program-infeasible` where the generators of an island cannot run at exactly its load.
 */
export function meritOrder(grid: Grid): MeritOrder {
  const pgMw = grid.generators.map(() => 0);
  const pricePerMwh = grid.buses.map(() => 0);
  for (const island of islands(grid)) {
    const here = new Set(island.busRows);
    const units = grid.generators.filter((unit) => unit.active && here.has(unit.busRow));
    const price = dispatchIsland(units, loadOf(grid, island, units), pgMw);
    for (const row of island.busRows) pricePerMwh[row] = price;
  }
  return { pgMw, pricePerMwh };
}

/** Sums of floating point loads may miss the limits by rounding; this part of the load is let pass. */
const ROUNDING = 1e-9;

function loadOf(grid: Grid, island: Island, units: readonly GridGenerator[]): number {
  const loadMw = island.busRows.reduce((sum, row) => sum + busLoad(grid, row), 0);
  const minMw = units.reduce((sum, unit) => sum + unit.minMw, 0);
  const maxMw = units.reduce((sum, unit) => sum + unit.maxMw, 0);
  const slack = ROUNDING * Math.max(1, Math.abs(loadMw));
  if (loadMw < minMw - slack || loadMw > maxMw + slack) {
    const bus = grid.buses[island.referenceRow]?.id ?? 0;
    throw new HaggleError(
      'program-infeasible',
      `load of the island of bus ${bus} is ${loadMw} MW, its generators can run from ${minMw} to ${maxMw} MW`,
      { fields: { bus, loadMw, minMw, maxMw } },
    );
  }
  return loadMw;
}

function busLoad(grid: Grid, row: number): number {
  const bus = grid.buses[row];
  return bus === undefined ? 0 : fixedLoadMw(bus);
}

/** Fills in the outputs of `units` and gives their common incremental cost. */
function dispatchIsland(units: readonly GridGenerator[], loadMw: number, pgMw: number[]): number {
  if (units.length === 0) return 0;
  const prices = units.flatMap((unit) => [unit.c1 + 2 * unit.c2 * unit.minMw, unit.c1 + 2 * unit.c2 * unit.maxMw]);
  const steps = [...new Set(prices)].toSorted((a, b) => a - b);
  const index = firstCovering(steps, units, loadMw);
  const price = steps[index] ?? 0;
  const below = steps[index - 1] ?? price;
  const [lowMw, highMw] = [supplyMw(units, below, 'most'), supplyMw(units, price, 'least')];
  if (index > 0 && loadMw < highMw) {
    // Between two steps only quadratic units move, and their sum moves linearly with the price.
    const between = below + ((price - below) * (loadMw - lowMw)) / (highMw - lowMw);
    for (const unit of units) pgMw[unit.row] = outputMw(unit, between, 'least');
    return between;
  }
  let restMw = loadMw - highMw;
  for (const unit of units) {
    const least = outputMw(unit, price, 'least');
    const extra = Math.max(0, Math.min(restMw, outputMw(unit, price, 'most') - least));
    pgMw[unit.row] = least + extra;
    restMw -= extra;
  }
  return price;
}

/** Index of the lowest price at which the units could supply the load. */
function firstCovering(steps: readonly number[], units: readonly GridGenerator[], loadMw: number): number {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (supplyMw(units, steps[middle] ?? 0, 'most') >= loadMw) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** At its own price a unit of constant incremental cost may supply anything between its limits. */
type Side = 'least' | 'most';

function supplyMw(units: readonly GridGenerator[], price: number, side: Side): number {
  return units.reduce((sum, unit) => sum + outputMw(unit, price, side), 0);
}

function outputMw(unit: GridGenerator, price: number, side: Side): number {
  if (unit.c2 === 0) {
    if (price === unit.c1) return side === 'least' ? unit.minMw : unit.maxMw;
    return price < unit.c1 ? unit.minMw : unit.maxMw;
  }
  return Math.min(unit.maxMw, Math.max(unit.minMw, (price - unit.c1) / (2 * unit.c2)));
}
