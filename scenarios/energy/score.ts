import { HaggleError } from '../../agent-core/errors.ts';
import { costPerHour, injectionsPu } from './baseline.ts';
import { flowsMw, type Grid } from './grid.ts';
import type { Dispatch } from './optimum.ts';
import { priceOptimalityError } from './price-optimality.ts';

/** A dispatch to be judged, with the prices that led to it where there are any. */
export interface PricedDispatch extends Dispatch {
  /** By bus row. */
  readonly pricePerMwh?: readonly number[];
  /** By branch row, with the signs of `Optimum`. Where left out, no line has a price. */
  readonly congestionPricePerMwh?: readonly number[];
}

/** How good a dispatch is and by how much it breaks each kind of limit. Worst means the largest over all rows, 0 where none is broken. */
export interface DispatchScore {
  readonly costPerHour: number;
  /** Flow beyond the rate of a branch, in pu. */
  readonly worstOverloadPu: number;
  /** |generation − load − outflow| of a bus, in pu. */
  readonly worstBalanceMismatchPu: number;
  /** Angle difference beyond the limits of a branch, in rad. */
  readonly worstAngleViolationRad: number;
  /** Output beyond the limits of a generator, in pu; any output of an inactive one counts. */
  readonly worstGeneratorViolationPu: number;
  /** Branches at 99.99 % or more of their rate. */
  readonly congestedBranches: number;
  /** By how much the prices fail to support the dispatch, where they are given: see `priceOptimalityError`. Exact whether they are unique or not. */
  readonly priceOptimalityErrorPerMwh?: number;
  /**
   * Distance to the reference prices, where both are given: mean over the buses that are not isolated. Where the optimum is
   * degenerate the reference is one of several right sets, and a distance is no error.
   */
  readonly meanAbsPriceErrorPerMwh?: number;
  /** Likewise, the largest. */
  readonly maxPriceErrorPerMwh?: number;
}

const CONGESTED = 0.9999;

/**
 * Scores `dispatch`. Flows are worked out from the angles; nothing that agents claim about flows is used.
 *
 * @throws HaggleError `bad-dispatch` where an array does not have one finite number a row.
 */
export function scoreDispatch(
  grid: Grid,
  dispatch: PricedDispatch,
  reference?: { readonly pricePerMwh: readonly number[] },
): DispatchScore {
  check('pgMw', dispatch.pgMw, grid.generators.length);
  check('thetaRad', dispatch.thetaRad, grid.buses.length);
  if (dispatch.pricePerMwh !== undefined) check('pricePerMwh', dispatch.pricePerMwh, grid.buses.length);
  if (dispatch.congestionPricePerMwh !== undefined) {
    check('congestionPricePerMwh', dispatch.congestionPricePerMwh, grid.branches.length);
  }
  if (reference !== undefined) check('reference pricePerMwh', reference.pricePerMwh, grid.buses.length);
  const flows = flowsMw(grid, dispatch.thetaRad);
  const limited = grid.branches.filter((branch) => branch.active && branch.limitMw < Infinity);
  return {
    costPerHour: costPerHour(grid, dispatch.pgMw),
    worstOverloadPu: worst(limited.map(({ row, limitMw }) => (Math.abs(flows[row] ?? 0) - limitMw) / grid.baseMva)),
    worstBalanceMismatchPu: worst(mismatchesPu(grid, dispatch.pgMw, flows)),
    worstAngleViolationRad: worst(angleViolationsRad(grid, dispatch.thetaRad)),
    worstGeneratorViolationPu: worst(generatorViolationsPu(grid, dispatch.pgMw)),
    congestedBranches: limited.filter(({ row, limitMw }) => Math.abs(flows[row] ?? 0) >= CONGESTED * limitMw).length,
    ...(dispatch.pricePerMwh === undefined ? {} : { priceOptimalityErrorPerMwh: priceOptimalityError(grid, dispatch) }),
    ...priceErrors(grid, dispatch.pricePerMwh, reference?.pricePerMwh),
  };
}

function check(name: string, values: readonly number[], length: number): void {
  if (values.length !== length) {
    const fields = { name, length: values.length, expected: length };
    throw new HaggleError('bad-dispatch', `${name} must have ${length} values, found ${values.length}`, { fields });
  }
  const row = values.findIndex((value) => !Number.isFinite(value));
  if (row !== -1) {
    const message = `${name} must be finite in every row, found ${values[row]} in row ${row}`;
    throw new HaggleError('bad-dispatch', message, { fields: { name, row } });
  }
}

/** Not Math.max(...values): that fails on very long arrays. */
function worst(excesses: readonly number[]): number {
  return excesses.reduce((most, excess) => Math.max(most, excess), 0);
}

function mismatchesPu(grid: Grid, pgMw: readonly number[], flows: readonly number[]): readonly number[] {
  const rest = [...injectionsPu(grid, pgMw)];
  for (const { row, fromRow, toRow } of grid.branches) {
    const flowPu = (flows[row] ?? 0) / grid.baseMva;
    rest[fromRow] = (rest[fromRow] ?? 0) - flowPu;
    rest[toRow] = (rest[toRow] ?? 0) + flowPu;
  }
  return rest.map((value) => Math.abs(value));
}

function angleViolationsRad(grid: Grid, thetaRad: readonly number[]): readonly number[] {
  return grid.branches.map(({ active, fromRow, toRow, angleMinRad, angleMaxRad }) => {
    if (!active) return 0;
    const difference = (thetaRad[fromRow] ?? 0) - (thetaRad[toRow] ?? 0);
    return Math.max(angleMinRad - difference, difference - angleMaxRad);
  });
}

function generatorViolationsPu(grid: Grid, pgMw: readonly number[]): readonly number[] {
  return grid.generators.map(({ row, active, minMw, maxMw }) => {
    const output = pgMw[row] ?? 0;
    const excess = active ? Math.max(minMw - output, output - maxMw) : Math.abs(output);
    return excess / grid.baseMva;
  });
}

function priceErrors(
  grid: Grid,
  prices: readonly number[] | undefined,
  reference: readonly number[] | undefined,
): Pick<DispatchScore, 'meanAbsPriceErrorPerMwh' | 'maxPriceErrorPerMwh'> {
  const connected = grid.buses.filter((bus) => !bus.isolated);
  if (prices === undefined || reference === undefined || connected.length === 0) return {};
  const errors = connected.map(({ row }) => Math.abs((prices[row] ?? 0) - (reference[row] ?? 0)));
  return {
    meanAbsPriceErrorPerMwh: errors.reduce((sum, error) => sum + error, 0) / errors.length,
    maxPriceErrorPerMwh: worst(errors),
  };
}
