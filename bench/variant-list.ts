/** Which changed grids the campaign of bench/dispatch-variants.ts and its short form in the tests run. */
import { HaggleError } from '../agent-core/errors.ts';
import { createRandomRoot, type RandomStream } from '../agent-core/random.ts';
import type { Grid } from '../scenarios/energy/grid.ts';
import { optimalDispatch, type Optimum } from '../scenarios/energy/optimum.ts';
import * as change from './grid-variants.ts';

/** A grid with its optimum; `optimum` is null where no dispatch meets all its limits. */
export interface Variant {
  readonly grid: Grid;
  readonly optimum: Optimum | null;
}

/** The optimum, or null where there is none. @throws HaggleError other than `program-infeasible` */
export async function optimumOrNull(grid: Grid): Promise<Optimum | null> {
  try {
    return await optimalDispatch(grid);
  } catch (error) {
    if (error instanceof HaggleError && error.code === 'program-infeasible') return null;
    throw error;
  }
}

/** All single changes of one grid. `optimum` is that of `grid`. */
export function changesOf(grid: Grid, optimum: Optimum, chance: RandomStream): readonly Grid[] {
  const { flowMw, pgMw, thetaRad } = optimum;
  const lines = grid.branches.length;
  const twentieth = Math.max(1, Math.floor(lines / 20));
  return [
    change.scaledLoad(grid, 0.8),
    change.scaledLoad(grid, 1.03),
    change.scaledLoad(grid, 1e-3),
    change.scaledCosts(grid, 1e-4),
    change.scaledCosts(grid, 1e3),
    change.scaledLimits(grid, 0.9),
    change.tightened(grid, { flowMw, count: Math.max(2, twentieth), factor: 0.9 }),
    change.tightened(grid, { flowMw, count: 2 * twentieth, factor: 0.97 }),
    change.tightened(grid, { flowMw, count: lines, factor: 1 }),
    ...[2, 5, 10].map((degrees) => change.narrowedAngles(grid, degrees)),
    change.forcedFlows(grid, thetaRad, 4),
    change.lineOutages(grid, twentieth, chance),
    change.generatorOutages(grid, Math.max(1, Math.floor(grid.generators.length / 8)), chance),
    change.withDispatchableLoads(grid, chance),
    change.zeroCosts(grid, 1, chance),
    change.zeroCosts(grid, 0.3, chance),
    change.zeroCosts(grid, 0.7, chance),
    change.quadraticOnly(grid, chance),
    change.fixedGenerators(grid, pgMw),
    change.withParallelLines(grid, 0.2, chance),
    change.scaledReactances(grid, { share: 0.1, factor: 1e-3 }, chance),
    change.scaledReactances(grid, { share: 0.1, factor: 50 }, chance),
    change.scaledReactances(grid, { share: 0.03, factor: -1 }, chance),
    change.isolatedLeaves(grid, 3),
  ];
}

/** Grids put together of several: 250 to 326 buses, tightly or loosely joined, and islands. */
export function gluings(grids: readonly Grid[], count: number, chance: RandomStream): readonly Grid[] {
  return Array.from({ length: count }, (_, index) => {
    const parts: Grid[] = [];
    let buses = 0;
    for (let tries = 0; buses < 250 && tries < 1_000; tries++) {
      const part = chance.pick(grids);
      if (buses + part.buses.length > 326) continue;
      parts.push(part);
      buses += part.buses.length;
    }
    const whole = change.scaledLoad(change.glued(parts, index % 5, chance), 0.8);
    const relaxed = {
      ...whole,
      generators: whole.generators.map((unit) => ({ ...unit, minMw: Math.min(unit.minMw, 0.6 * unit.minMw) })),
    };
    switch (index % 4) {
      case 0:
        return change.quadraticOnly(relaxed, chance);
      case 1:
        return change.zeroCosts(relaxed, 0.3, chance);
      case 2:
        return change.scaledReactances(relaxed, { share: 0.03, factor: 0.05 }, chance);
      default:
        return change.withDispatchableLoads(relaxed, chance);
    }
  });
}

/** The smallest grids, islands of one bus, and buses with nothing on them. */
export function smallest(): readonly Grid[] {
  const chance = createRandomRoot('smallest').stream('ties');
  const [full, idle, empty] = [change.singleBus(80, 100), change.singleBus(0, 100), emptyBus()];
  return [
    full,
    idle,
    empty,
    change.fixedGenerators(full, [60, 20]),
    change.zeroCosts(full, 1, chance),
    change.glued([full, empty], 1, chance),
    change.glued([full, empty, empty], 1, chance),
    change.glued([full, idle, empty], 0, chance),
    change.glued([full, full], 2, chance),
    change.scaledLoad(change.glued([full, full], 1, chance), 1.25),
    change.glued([full, idle], 3, chance),
    change.quadraticOnly(change.glued([full, idle], 1, chance), chance),
    change.withDispatchableLoads(change.glued([full, idle], 1, chance), chance),
  ];
}

function emptyBus(): Grid {
  const { generators: _, ...rest } = change.singleBus(0, 0);
  return { ...rest, name: 'empty bus', generators: [] };
}

/** Grids that nobody can balance: too much load, too little, an island without generators, lines too weak. */
export function infeasible(grid: Grid, chance: RandomStream): readonly Grid[] {
  const cutOff = change.glued(
    [grid, change.scaledLoad(change.fixedGenerators(change.singleBus(50, 0), [0, 0]), 1)],
    0,
    chance,
  );
  const most = grid.generators.map(({ maxMw }) => maxMw);
  return [
    change.scaledLoad(grid, 4),
    change.fixedGenerators(change.scaledLoad(grid, 0.5), most),
    cutOff,
    change.scaledLimits(grid, 0.05),
    change.narrowedAngles(grid, 0.01),
    change.singleBus(200, 100),
    change.glued([change.singleBus(200, 50), change.singleBus(10, 20)], 1, chance),
  ];
}
