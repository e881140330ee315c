import { gridBus, type GridBusParams, type GridBusState } from '../../agents/energy/grid-bus.ts';
import type { Coordination } from '../../agents/energy/coordination-state.ts';
import { powerOfTen } from '../../agents/energy/magnitude.ts';
import { disagreementOf } from '../../agents/energy/stopping-rule.ts';
import { assert, HaggleError } from '../../agent-core/errors.ts';
import type { PlacedAgent } from '../../simulator/placed-agent.ts';
import type { World } from '../../simulator/world.ts';
import type { Population, RoundProgress } from '../scenario.ts';
import { perUnit, type Grid, type PerUnitBranch } from './grid.ts';
import { islands } from './islands.ts';
import type { PricedDispatch } from './score.ts';

/** One agent per bus that is not isolated. Each gets its own generators, load and lines, and who is at their other ends. */
export function populateGrid(world: World, grid: Grid): Population<PricedDispatch> {
  const placed = new Map<number, PlacedAgent<GridBusState>>();
  for (const [row, params] of busParameters(grid, (bus) => world.didOf(agentName(grid, bus)))) {
    placed.set(row, world.spawn(gridBus(params), { name: agentName(grid, row) }));
  }
  const agents = [...placed.values()];
  const coordinations = (): Coordination[] => agents.map(({ state }) => state.coordination);
  return {
    finished: () => coordinations().every(({ phase }) => phase === 'agreed' || phase === 'failed'),
    rounds: () => coordinations().reduce((most, { round }) => Math.max(most, round.rounds), 0),
    // Before its first verdict a root has no turnover. Only the root of an island knows where the island stands, and its standing belongs to its own round.
    progress: (): RoundProgress => {
      const here = agents.filter((agent) => agent.here).map(({ state }) => state.coordination);
      const roots = here.filter(({ tree }) => tree.parent < 0);
      return {
        round: roots.reduce((most, { round }) => Math.max(most, round.rounds), 0),
        disagreement: roots.reduce(
          (most, { round }) =>
            Math.max(most, round.turnover === 0 ? Infinity : disagreementOf(round.standing, round.turnover)),
          0,
        ),
      };
    },
    agreement: () => agreementOf(grid, placed),
  };
}

/** What each bus is told, by bus row. */
export function busParameters(
  grid: Grid,
  didOf: (busRow: number) => GridBusParams['neighbours'][number]['did'],
): Map<number, GridBusParams> {
  const { loadPu, generators, branches } = perUnit(grid);
  const lines = branches.filter(({ fromRow, toRow, susceptancePu }) => fromRow !== toRow && susceptancePu !== 0);
  const all = new Map<number, GridBusParams>();
  for (const { row: bus, isolated } of grid.buses) {
    if (isolated) continue;
    const mine = lines.filter(({ fromRow, toRow }) => fromRow === bus || toRow === bus);
    const others = [...new Set(mine.map((line) => otherEnd(line, bus)))].toSorted((a, b) => a - b);
    all.set(bus, {
      node: bus,
      loadPu: loadPu[bus] ?? 0,
      generators: generators
        .filter(({ busRow }) => busRow === bus)
        .map(({ row, minPu, maxPu, quadratic, linear }) => ({ row, minPu, maxPu, c2: quadratic, c1: linear })),
      lines: mine.map((line) => ({
        row: line.row,
        neighbour: others.indexOf(otherEnd(line, bus)),
        outward: line.fromRow === bus,
        susceptancePu: line.susceptancePu,
        lowPu: line.lowPu,
        highPu: line.highPu,
      })),
      neighbours: others.map((node) => ({ node, did: didOf(node) })),
    });
  }
  return all;
}

function otherEnd(line: PerUnitBranch, bus: number): number {
  return line.fromRow === bus ? line.toRow : line.fromRow;
}

function agentName(grid: Grid, row: number): string {
  return `bus-${grid.buses[row]?.id ?? row}`;
}

function agreementOf(grid: Grid, placed: ReadonlyMap<number, PlacedAgent<GridBusState>>): PricedDispatch {
  const pgMw = grid.generators.map(() => 0);
  const thetaRad = grid.buses.map(() => 0);
  const pricePerMwh = grid.buses.map(() => 0);
  const congestionPricePerMwh = grid.branches.map(() => 0);
  for (const [row, { state }] of placed) {
    const { phase, problem, knowledge, magnitude } = state.coordination;
    if (phase !== 'agreed') throw noAgreement(grid, placed);
    const perMwh = powerOfTen(magnitude) / grid.baseMva;
    for (const [k, offer] of knowledge.offers.entries()) {
      pgMw[offer.row] = (problem.generators[k]?.outputPu ?? 0) * grid.baseMva;
    }
    for (const { end, lowPrice, highPrice } of problem.lines) {
      if (end.outward) congestionPricePerMwh[end.row] = (lowPrice - highPrice) * perMwh;
    }
    thetaRad[row] = problem.own.angle;
    pricePerMwh[row] = problem.own.price * perMwh;
  }
  return { pgMw, thetaRad: fromReferences(grid, thetaRad), pricePerMwh, congestionPricePerMwh };
}

/** Angles counted from the reference of each island: to negotiate, any one will do. */
function fromReferences(grid: Grid, thetaRad: readonly number[]): readonly number[] {
  const shifted = [...thetaRad];
  for (const { busRows, referenceRow } of islands(grid)) {
    for (const row of busRows) shifted[row] = (thetaRad[row] ?? 0) - (thetaRad[referenceRow] ?? 0);
  }
  return shifted;
}

/** Says where it failed and what the root of that part last knew. */
function noAgreement(grid: Grid, placed: ReadonlyMap<number, PlacedAgent<GridBusState>>): HaggleError {
  const failed = [...placed.values()].filter(({ state }) => state.coordination.phase !== 'agreed');
  const root = failed.find(({ state }) => state.coordination.tree.parent < 0) ?? failed[0];
  assert(root !== undefined, 'somebody has not agreed');
  const { phase, round } = root.state.coordination;
  const { primal, gap } = round.standing;
  const reason =
    phase === 'failed'
      ? `after ${round.rounds} rounds some balance or limit was still broken by ${primal.toPrecision(3)} p.u.`
      : `it is still in phase "${phase}"`;
  const fields = { grid: grid.name, root: root.name, phase, rounds: round.rounds, primalPu: primal, gap };
  const message = `${failed.length} of ${placed.size} buses found no agreement: ${root.name} says that ${reason}`;
  return new HaggleError('no-agreement', message, { fields });
}
