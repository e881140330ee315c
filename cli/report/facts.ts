import { fixedLoadMw, flowsMw, type Grid, type GridBranch } from '../../scenarios/energy/grid.ts';
import type { PricedDispatch } from '../../scenarios/energy/score.ts';
import type { Simulation } from '../../scenarios/simulate.ts';

/** One line as the report shows it. Loadings are shares of the limit, 0 where there is none. */
export interface LineFacts {
  readonly row: number;
  readonly fromRow: number;
  readonly toRow: number;
  readonly name: string;
  readonly active: boolean;
  /** `Infinity` where unlimited. */
  readonly limitMw: number;
  readonly flowMw: number;
  readonly loading: number;
  readonly baselineFlowMw: number;
  readonly baselineLoading: number;
  /** At 99.99 % of its limit or more. */
  readonly congested: boolean;
}

/** One bus as the report shows it. Prices in $/MWh, null where nobody named one. */
export interface BusFacts {
  readonly row: number;
  readonly id: number;
  readonly isolated: boolean;
  readonly loadMw: number;
  readonly generationMw: number;
  readonly generators: number;
  readonly price: number | null;
  readonly optimumPrice: number | null;
  readonly baselinePrice: number | null;
}

/** One generator as the report shows it. */
export interface UnitFacts {
  readonly row: number;
  readonly busId: number;
  readonly active: boolean;
  readonly minMw: number;
  readonly maxMw: number;
  readonly outputMw: number;
  readonly baselineMw: number;
  readonly optimumMw: number | null;
  /** Cost of the next MWh at the agents' output, $/MWh. */
  readonly marginalCost: number;
}

/** Everything that charts and tables draw, row by row of the grid. */
export interface DispatchFacts {
  readonly lines: readonly LineFacts[];
  readonly buses: readonly BusFacts[];
  readonly units: readonly UnitFacts[];
}

/** From this share of its limit on a line counts as congested, as in the score. */
export const CONGESTED = 0.9999;

/** Works out flows, loadings and marginal costs of a simulation. */
export function dispatchFacts(grid: Grid, simulation: Simulation<PricedDispatch>): DispatchFacts {
  const agents = simulation.agents.solution;
  const baseline = simulation.baseline.solution;
  const optimum = simulation.optimum?.solution ?? null;
  return {
    lines: lineFacts(grid, flowsMw(grid, agents.thetaRad), flowsMw(grid, baseline.thetaRad)),
    buses: grid.buses.map((bus) => {
      const units = grid.generators.filter(({ busRow, active }) => active && busRow === bus.row);
      const price = (of: PricedDispatch | null): number | null =>
        bus.isolated ? null : (of?.pricePerMwh?.[bus.row] ?? null);
      return {
        row: bus.row,
        id: bus.id,
        isolated: bus.isolated,
        loadMw: fixedLoadMw(bus),
        generationMw: units.reduce((sum, { row }) => sum + (agents.pgMw[row] ?? 0), 0),
        generators: units.length,
        price: price(agents),
        optimumPrice: price(optimum),
        baselinePrice: price(baseline),
      };
    }),
    units: grid.generators.map(({ row, busRow, active, minMw, maxMw, c1, c2 }) => {
      const outputMw = agents.pgMw[row] ?? 0;
      return {
        row,
        busId: grid.buses[busRow]?.id ?? busRow,
        active,
        minMw,
        maxMw,
        outputMw,
        baselineMw: baseline.pgMw[row] ?? 0,
        optimumMw: optimum?.pgMw[row] ?? null,
        marginalCost: c1 + 2 * c2 * outputMw,
      };
    }),
  };
}

function lineFacts(grid: Grid, flows: readonly number[], baseline: readonly number[]): readonly LineFacts[] {
  const names = lineNames(grid);
  return grid.branches.map(({ row, fromRow, toRow, active, limitMw }) => {
    const loadingOf = (flowMw: number): number =>
      active && limitMw > 0 && limitMw < Infinity ? Math.abs(flowMw) / limitMw : 0;
    const flowMw = flows[row] ?? 0;
    const baselineFlowMw = baseline[row] ?? 0;
    return {
      row,
      fromRow,
      toRow,
      name: names[row] ?? '',
      active,
      limitMw,
      flowMw,
      loading: loadingOf(flowMw),
      baselineFlowMw,
      baselineLoading: loadingOf(baselineFlowMw),
      congested: loadingOf(flowMw) >= CONGESTED,
    };
  });
}

/** `12–14` by bus ids; parallel lines are numbered. */
function lineNames(grid: Grid): readonly string[] {
  const seen = new Map<string, number>();
  const id = (row: number): number => grid.buses[row]?.id ?? row;
  return grid.branches.map((branch) => {
    const pair = pairKey(branch);
    const before = seen.get(pair) ?? 0;
    seen.set(pair, before + 1);
    const name = `${id(branch.fromRow)}–${id(branch.toRow)}`;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}

/** Parallel lines have the same key, whichever end comes first. */
export function pairKey({ fromRow, toRow }: Pick<GridBranch, 'fromRow' | 'toRow'>): string {
  return `${Math.min(fromRow, toRow)} ${Math.max(fromRow, toRow)}`;
}

/** Limited active lines, the most loaded first (by the worse of agents and baseline, then by row). */
export function limitedLines(lines: readonly LineFacts[]): readonly LineFacts[] {
  const worst = (line: LineFacts): number => Math.max(line.loading, line.baselineLoading);
  return lines
    .filter(({ active, limitMw }) => active && limitMw < Infinity)
    .toSorted((a, b) => worst(b) - worst(a) || a.row - b.row);
}
