import { HaggleError } from '../../agent-core/errors.ts';
import { injectionsPu } from './baseline.ts';
import { generatedNetwork, type Draws, type Line, type Point } from './generator-network.ts';
import { angleLimitsRad, flowsMw, seriesSusceptancePu } from './grid.ts';
import type { Grid, GridBranch, GridBus, GridGenerator } from './grid.ts';
import { meritOrder } from './merit-order.ts';
import { powerFlow } from './power-flow.ts';

/** Fewest and most buses of a generated grid. */
export const GENERATED_BUSES = { min: 2, max: 2_000 } as const;

/** What to generate. */
export interface GridParameters {
  readonly buses: number;
  readonly random: Pick<Draws, 'between' | 'integer'>;
  /** Default `generated_<buses>`. */
  readonly name?: string;
}

/** How one kind of power station costs: cheap ones are big and inflexible. $/MWh, shares of the largest output. */
interface Technology {
  readonly price: readonly [number, number];
  /** Rise of the incremental cost from 0 to full output, in $/MWh; 0 means a linear cost. */
  readonly rise: readonly [number, number];
  readonly size: readonly [number, number];
  readonly minShare: number;
}

const TECHNOLOGIES: readonly Technology[] = [
  { price: [30, 42], rise: [4, 12], size: [0.8, 1.6], minShare: 0.1 }, // gas, combined cycle
  { price: [18, 26], rise: [3, 8], size: [1.2, 2], minShare: 0.2 }, // coal
  { price: [2, 6], rise: [0, 0], size: [0.5, 1.5], minShare: 0 }, // hydro
  { price: [65, 95], rise: [0, 0], size: [0.4, 0.8], minShare: 0 }, // gas turbine
  { price: [7, 11], rise: [0, 0], size: [1.8, 2.6], minShare: 0.3 }, // nuclear
];

const BASE_MVA = 100;
const LOAD_SHARE = 0.7;
const CAPACITY_PER_LOAD = 1.6;
/** Part of the merit order in the dispatch that fixes the line limits; the rest runs every station at the same share. */
const MERIT_SHARE = 0.7;
const TIGHT_LINES = 0.3;
const LIMIT_MIN_MW = 10;
/** At its rate no line may come near its angle limit of 30° (0.52 rad). */
const ANGLE_AT_LIMIT_MAX_RAD = 0.45;

/**
 * A random grid: points in a square joined by a least spanning tree and short further lines (2.6 to 3 line ends a bus), loads on
 * 70 % of the buses, stations of five technologies on 15 to 25 % with 1.6 times the load as capacity.
 *
 * It is feasible by construction: every line carries the flow of one reference dispatch, made from merit order and equal shares.
 * Most lines are generous, some leave little beyond that flow, so that merit order alone overloads them and the optimum is congested.
 * The same parameters and draws give the same grid.
 *
 * @throws HaggleError `bad-parameter` unless `buses` is an integer from 2 to 2000.
 */
export function generateGrid({ buses, random, name }: GridParameters): Grid {
  const { min, max } = GENERATED_BUSES;
  if (!Number.isInteger(buses) || buses < min || buses > max) {
    throw new HaggleError('bad-parameter', `buses must be an integer from ${min} to ${max}, found ${buses}`, {
      fields: { buses, min, max },
    });
  }
  const { points, lines } = generatedNetwork(buses, random);
  const demands = drawDemands(buses, random);
  const generators = drawGenerators(demands, random);
  const unlimited: Grid = {
    name: name ?? `generated_${buses}`,
    baseMva: BASE_MVA,
    buses: busesOf(points, demands, generators),
    generators,
    branches: lines.map((line, row) => branchOf(row, line)),
  };
  return withLimits(unlimited, random);
}

function drawDemands(buses: number, random: GridParameters['random']): readonly number[] {
  const demands = Array.from({ length: buses }, () => 0);
  const loads = Math.max(1, Math.round(LOAD_SHARE * buses));
  for (const row of choose(buses, loads, random)) {
    // Squared, so that a few towns are much larger than the many villages.
    demands[row] = Math.round(random.between(10, 50) + 120 * random.between(0, 1) ** 2);
  }
  return demands;
}

function drawGenerators(demands: readonly number[], random: GridParameters['random']): readonly GridGenerator[] {
  const buses = demands.length;
  const count = Math.min(buses, Math.max(2, Math.round(random.between(0.15, 0.25) * buses)));
  const first = random.integer(0, TECHNOLOGIES.length - 1);
  const drafts = choose(buses, count, random).map((busRow, index) => {
    // In turn, not at random: every grid of five stations has all five kinds.
    const technology = TECHNOLOGIES[(first + index) % TECHNOLOGIES.length] ?? TECHNOLOGIES[0];
    return { busRow, technology, size: random.between(...(technology?.size ?? [1, 1])) };
  });
  const loadMw = demands.reduce((sum, demand) => sum + demand, 0);
  const sizes = drafts.reduce((sum, draft) => sum + draft.size, 0);
  return drafts.flatMap(({ busRow, technology, size }, row) => {
    if (technology === undefined) return [];
    const maxMw = Math.ceil((CAPACITY_PER_LOAD * loadMw * size) / sizes);
    const c1 = rounded(random.between(...technology.price), 2);
    const c2 = rounded(random.between(...technology.rise) / (2 * maxMw), 6);
    const minMw = Math.floor(technology.minShare * maxMw);
    const c0 = c2 === 0 ? 0 : rounded(0.02 * c1 * maxMw, 2);
    return [{ row, busRow, minMw, maxMw, c2, c1, c0, inService: true, active: true }];
  });
}

function busesOf(
  points: readonly Point[],
  demands: readonly number[],
  generators: readonly GridGenerator[],
): readonly GridBus[] {
  const hosts = new Set(generators.map((generator) => generator.busRow));
  const largest = generators.reduce((a, b) => (b.maxMw > a.maxMw ? b : a), generators[0] ?? { busRow: 0, maxMw: 0 });
  return points.map((position, row) => ({
    row,
    id: row + 1,
    kind: row === largest.busRow ? 'reference' : hosts.has(row) ? 'generator' : 'load',
    isolated: false,
    demandMw: demands[row] ?? 0,
    shuntMw: 0,
    position,
  }));
}

function branchOf(row: number, { fromRow, toRow, resistancePu, reactancePu }: Line): GridBranch {
  return {
    row,
    fromRow,
    toRow,
    resistancePu,
    reactancePu,
    susceptancePu: seriesSusceptancePu(resistancePu, reactancePu),
    limitMw: Infinity,
    ...angleLimitsRad({ minDegrees: -30, maxDegrees: 30 }),
    inService: true,
    active: true,
  };
}

function withLimits(grid: Grid, random: GridParameters['random']): Grid {
  const merit = meritOrder(grid).pgMw;
  const shared = equalShares(grid);
  const reference = merit.map((output, row) => MERIT_SHARE * output + (1 - MERIT_SHARE) * (shared[row] ?? 0));
  const flow = powerFlow(grid);
  const flowsAt = (pgMw: readonly number[]): readonly number[] =>
    flowsMw(grid, flow.thetaRad(injectionsPu(grid, pgMw))).map((value) => Math.abs(value));
  const needed = flowsAt(reference);
  const wished = flowsAt(merit);
  const limits = grid.branches.map(({ row }) => {
    const need = needed[row] ?? 0;
    const tight = random.between(0, 1) < TIGHT_LINES;
    const margin = random.between(1.03, 1.15);
    const mw = tight ? need * margin : 1.2 * margin * Math.max(need, wished[row] ?? 0);
    return Math.max(LIMIT_MIN_MW, Math.ceil(mw));
  });
  congestOne(limits, needed, wished);
  const branches = grid.branches.map((branch, row) => ({ ...branch, limitMw: limits[row] ?? Infinity }));
  return { ...grid, branches: stiffened(branches) };
}

/** Every station at the same share between its limits, so that the load is covered. */
function equalShares(grid: Grid): readonly number[] {
  const loadMw = grid.buses.reduce((sum, bus) => sum + bus.demandMw, 0);
  const minMw = grid.generators.reduce((sum, unit) => sum + unit.minMw, 0);
  const maxMw = grid.generators.reduce((sum, unit) => sum + unit.maxMw, 0);
  const share = (loadMw - minMw) / (maxMw - minMw);
  return grid.generators.map((unit) => unit.minMw + share * (unit.maxMw - unit.minMw));
}

/** Where merit order breaks no limit yet, tightens the line on which it differs most from the reference dispatch. */
function congestOne(limits: number[], needed: readonly number[], wished: readonly number[]): void {
  if (limits.some((limit, row) => (wished[row] ?? 0) > limit)) return;
  const gaps = limits.map((_, row) => (wished[row] ?? 0) - (needed[row] ?? 0));
  const row = gaps.indexOf(gaps.reduce((most, gap) => Math.max(most, gap), 0));
  const tight = Math.max(LIMIT_MIN_MW, Math.ceil((needed[row] ?? 0) * 1.03));
  if (row !== -1 && tight < (wished[row] ?? 0)) limits[row] = tight;
}

/** All impedances halved until no line at its rate comes near its angle limit. Flows stay as they are. */
function stiffened(branches: readonly GridBranch[]): readonly GridBranch[] {
  const widest = branches.reduce((most, line) => Math.max(most, line.limitMw / BASE_MVA / line.susceptancePu), 0);
  let factor = 1;
  while (widest * factor > ANGLE_AT_LIMIT_MAX_RAD) factor /= 2;
  return branches.map((branch) => {
    const resistancePu = branch.resistancePu * factor;
    const reactancePu = branch.reactancePu * factor;
    return { ...branch, resistancePu, reactancePu, susceptancePu: seriesSusceptancePu(resistancePu, reactancePu) };
  });
}

/** `count` different numbers below `size`, in random order (the first steps of a Fisher-Yates shuffle). */
function choose(size: number, count: number, random: GridParameters['random']): readonly number[] {
  const rows = Array.from({ length: size }, (_, row) => row);
  for (let at = 0; at < count; at += 1) {
    const from = random.integer(at, size - 1);
    const picked = rows[from] ?? 0;
    rows[from] = rows[at] ?? 0;
    rows[at] = picked;
  }
  return rows.slice(0, count);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
