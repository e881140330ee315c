import {
  added,
  latticeLaw,
  meanOf,
  sumOfDraws,
  type LatticeLaw,
} from '../../agents/supply-chain/serial/lattice-law.ts';
import type { SerialInstance } from './serial-instance.ts';

/** What a chain costs in a period, in the long run, where each firm orders up to a level of its own. */
export interface ChainCost {
  /** Tokens for a period, by stage: of stock, backlog, and goods under way to its customer. */
  readonly stages: readonly number[];
  /** Tokens for a unit of the instance's own time. */
  readonly perTime: number;
}

/** Prepares {@link ChainCost} for local levels, in points of the lattice of the instance's law. */
export function chainCosts(instance: SerialInstance): (levels: readonly number[]) => ChainCost {
  const { stages, law, periodsPerTime } = instance;
  const leadTimes = stages.map(({ orderDelay, shipDelay }) => sumOfDraws(law, orderDelay + shipDelay));
  const mean = meanOf(law);
  return (levels) => {
    const costs = Array.from({ length: stages.length }, () => 0);
    // What the supplier owes: nothing, at the source.
    let owed: LatticeLaw = { step: law.step, first: 0, masses: [1] };
    for (let k = stages.length - 1; k >= 0; k--) {
      const stage = stages[k];
      const leadTime = leadTimes[k];
      if (stage === undefined || leadTime === undefined) continue;
      const missing = added(leadTime, owed);
      const level = levels[k] ?? 0;
      const sent = k === 0 ? 0 : stage.underWay * mean * (stages[k - 1]?.shipDelay ?? 0);
      costs[k] = stage.holding * meanAbove(missing, level, -1) + stage.backlog * meanAbove(missing, level, 1) + sent;
      owed = owedLaw(missing, level);
    }
    return { stages: costs, perTime: periodsPerTime * costs.reduce((sum, cost) => sum + cost, 0) };
  };
}

/** E[(X - level)+] for sign 1, E[(level - X)+] for sign -1; units. */
function meanAbove({ step, first, masses }: LatticeLaw, level: number, sign: 1 | -1): number {
  return step * masses.reduce((sum, mass, k) => sum + mass * Math.max(0, sign * (first + k - level)), 0);
}

function owedLaw({ step, first, masses }: LatticeLaw, level: number): LatticeLaw {
  const size = Math.max(1, first + masses.length - level);
  const owed = Array.from({ length: size }, () => 0);
  for (const [k, mass] of masses.entries()) {
    const short = Math.max(0, first + k - level);
    owed[short] = (owed[short] ?? 0) + mass;
  }
  return latticeLaw(step, 0, owed);
}

/**
 * The best local base-stock levels, points, found centrally: a pattern search on {@link chainCosts} that moves one level, or stock from
 * one firm to the next. It knows nothing of schedules and shares no code with the agents' recursion.
 */
export function bestLevels(instance: SerialInstance): readonly number[] {
  const { stages, law } = instance;
  const costs = chainCosts(instance);
  const mean = meanOf(law) / law.step;
  let levels = stages.map(({ orderDelay, shipDelay }) => Math.ceil(mean * (orderDelay + shipDelay)));
  let best = costs(levels).perTime;
  for (let size = widest(law); size >= 1; size = Math.floor(size / 2)) {
    for (let moved = true; moved;) {
      moved = false;
      for (const next of movesFrom(levels, size)) {
        const cost = costs(next).perTime;
        if (cost >= best * (1 - 1e-12)) continue;
        levels = [...next];
        best = cost;
        moved = true;
        break;
      }
    }
  }
  return levels;
}

function widest({ masses }: LatticeLaw): number {
  return 2 ** Math.ceil(Math.log2(Math.max(2, masses.length / 4)));
}

function movesFrom(levels: readonly number[], size: number): readonly (readonly number[])[] {
  const moves: (readonly number[])[] = [];
  for (const k of levels.keys()) {
    for (const sign of [1, -1]) {
      const change = (other: number, by: number): readonly number[] =>
        levels.map((level, at) => level + (at === k ? sign * size : at === other ? by : 0));
      moves.push(change(-1, 0));
      for (let other = 0; other < levels.length; other++) if (other !== k) moves.push(change(other, -sign * size));
    }
  }
  return moves.filter((next) => next.every((level) => level >= 0));
}
