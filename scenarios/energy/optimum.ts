import { assert } from '../../agent-core/errors.ts';
import { fixedLoadMw, flowInterval, flowsMw, generatorCostPerHour, type Grid } from './grid.ts';
import { islands } from './islands.ts';
import { solveProgram } from './linear-program.ts';
import type { Program, ProgramEntry } from './program.ts';

/** What runs where: the answer of a solver, a rule, or agents. Rows as in the grid. */
export interface Dispatch {
  /** Output of every generator row in MW, 0 where inactive. */
  readonly pgMw: readonly number[];
  /** Voltage angle of every bus row in rad, 0 at the reference of each island and at isolated buses. */
  readonly thetaRad: readonly number[];
}

/** The cheapest dispatch that the network can carry. */
export interface Optimum extends Dispatch {
  readonly costPerHour: number;
  /** Locational marginal price of every bus row in $/MWh: cost of one more MW of load there. 0 at isolated buses. */
  readonly pricePerMwh: readonly number[];
  /** Flow of every branch row in MW. */
  readonly flowMw: readonly number[];
  /**
   * Shadow price of every branch row's limit in $/MWh: negative at the upper bound of its flow, positive at the lower, 0 where the
   * limit does not bind.
   */
  readonly congestionPricePerMwh: readonly number[];
}

interface Layout {
  readonly generators: Grid['generators'];
  readonly branches: Grid['branches'];
  /** Bus rows that balance, and the program row of each. */
  readonly busRows: readonly number[];
  readonly columnOfBus: ReadonlyMap<number, number>;
}

/**
 * The centralised DC optimal power flow, as PowerModels.jl's `DCPPowerModel` states it: minimise generation cost subject to the
 * balance of every bus, the limits of {@link Grid} and θ = 0 at one reference a connected part.
 *
 * Prices are unique unless the optimum is degenerate; then they are one of several sets that support it.
 *
 * @throws HaggleError `program-infeasible` where no dispatch meets all limits, `program-unbounded`, `solver-failed`.
 */
export async function optimalDispatch(grid: Grid): Promise<Optimum> {
  const layout = layoutOf(grid);
  const { values, rowDuals } = await solveProgram(programOf(grid, layout));
  const { generators, branches, busRows, columnOfBus } = layout;

  const pgMw = grid.generators.map(() => 0);
  for (const [column, { row, minMw, maxMw }] of generators.entries()) {
    // The solver is right to about 1e-7 pu; bounds are met exactly.
    pgMw[row] = Math.min(maxMw, Math.max(minMw, (values[column] ?? 0) * grid.baseMva));
  }
  const thetaRad = grid.buses.map(({ row }) => values[columnOfBus.get(row) ?? -1] ?? 0);
  const pricePerMwh = grid.buses.map(() => 0);
  for (const [index, row] of busRows.entries()) pricePerMwh[row] = (rowDuals[index] ?? 0) / grid.baseMva;
  const congestionPricePerMwh = grid.branches.map(() => 0);
  for (const [index, { row, susceptancePu }] of branches.entries()) {
    if (susceptancePu !== 0) congestionPricePerMwh[row] = (rowDuals[busRows.length + index] ?? 0) / grid.baseMva;
  }
  return {
    costPerHour: generators.reduce((sum, unit) => sum + generatorCostPerHour(unit, pgMw[unit.row] ?? 0), 0),
    pgMw,
    thetaRad,
    pricePerMwh,
    flowMw: flowsMw(grid, thetaRad),
    congestionPricePerMwh,
  };
}

function layoutOf(grid: Grid): Layout {
  const generators = grid.generators.filter((generator) => generator.active);
  const busRows = grid.buses.filter((bus) => !bus.isolated).map((bus) => bus.row);
  return {
    generators,
    branches: grid.branches.filter((branch) => branch.active),
    busRows,
    columnOfBus: new Map(busRows.map((row, index) => [row, generators.length + index])),
  };
}

/** Columns: outputs in pu, then angles in rad. Rows: one balance a bus, then one flow (or, without susceptance, angle) a branch. */
function programOf(grid: Grid, layout: Layout): Program {
  const { generators, busRows } = layout;
  const base = grid.baseMva;
  const references = new Set(islands(grid, 'any').map((island) => island.referenceRow));
  const angleBounds = busRows.map((row) => (references.has(row) ? 0 : Infinity));
  const zeros = busRows.map(() => 0);
  const balance = balanceRows(grid, layout);
  const limits = limitRows(grid, layout);
  return {
    sense: 'minimise',
    columns: {
      lower: [...generators.map((unit) => unit.minMw / base), ...angleBounds.map((bound) => -bound)],
      upper: [...generators.map((unit) => unit.maxMw / base), ...angleBounds],
      cost: [...generators.map((unit) => unit.c1 * base), ...zeros],
      quadraticCost: [...generators.map((unit) => unit.c2 * base * base), ...zeros],
    },
    rows: {
      lower: [...balance.loads, ...limits.map((limit) => limit.lower)],
      upper: [...balance.loads, ...limits.map((limit) => limit.upper)],
      entries: [...balance.entries, ...limits.map((limit) => limit.entries)],
    },
  };
}

/** Generation − outflow = load, a bus a row: the dual is then the price of load. */
function balanceRows(
  grid: Grid,
  { generators, branches, busRows, columnOfBus }: Layout,
): { readonly loads: readonly number[]; readonly entries: readonly (readonly ProgramEntry[])[] } {
  const coefficients = new Map(busRows.map((row) => [row, new Map<number, number>()]));
  const add = (busRow: number, column: number | undefined, value: number): void => {
    const row = coefficients.get(busRow);
    assert(row !== undefined && column !== undefined, 'active rows hang on buses that are not isolated');
    row.set(column, (row.get(column) ?? 0) + value);
  };
  for (const [column, unit] of generators.entries()) add(unit.busRow, column, 1);
  for (const { fromRow, toRow, susceptancePu } of branches) {
    for (const [here, there] of [
      [fromRow, toRow],
      [toRow, fromRow],
    ] as const) {
      add(here, columnOfBus.get(here), -susceptancePu);
      add(here, columnOfBus.get(there), susceptancePu);
    }
  }
  return {
    loads: grid.buses.filter((bus) => !bus.isolated).map((bus) => fixedLoadMw(bus) / grid.baseMva),
    entries: [...coefficients.values()].map((row) =>
      [...row].map(([column, coefficient]) => ({ column, coefficient })),
    ),
  };
}

function limitRows(
  grid: Grid,
  { branches, columnOfBus }: Layout,
): readonly { readonly lower: number; readonly upper: number; readonly entries: readonly ProgramEntry[] }[] {
  return branches.map((branch) => {
    const factor = branch.susceptancePu === 0 ? 1 : branch.susceptancePu;
    const flow = flowInterval(grid, branch);
    const carries = branch.susceptancePu !== 0;
    return {
      lower: carries ? flow.lowPu : branch.angleMinRad,
      upper: carries ? flow.highPu : branch.angleMaxRad,
      entries: [
        { column: columnOfBus.get(branch.fromRow) ?? 0, coefficient: factor },
        { column: columnOfBus.get(branch.toRow) ?? 0, coefficient: -factor },
      ],
    };
  });
}
