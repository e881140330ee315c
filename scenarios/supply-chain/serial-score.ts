import { meanOf, sumOfDraws, type LatticeLaw } from '../../agents/supply-chain/serial/lattice-law.ts';
import type { Assessment } from '../scenario.ts';
import { fastBaseStock, fastSterman, playFast, type FastRule } from './beer-game.ts';
import { bestLevels, chainCosts } from './serial-cost.ts';
import type { SerialInstance, SerialProblem } from './serial-instance.ts';
import type { SerialSolution } from './serial-solution.ts';

/** How an instance is judged: a beer game by what the game cost, a serial chain by what its levels cost in the long run. */
export const SERIAL_OBJECTIVE = { name: 'cost', unit: 'tokens', sense: 'min' } as const;

/** A firm that plans alone covers what its lead time may ask with this chance. */
const ALONE_SERVICE = 0.95;

/**
 * KPIs: `cost` (of the game, or of a unit of time in the long run), `playedCost` (a unit of time, as it was played after the warm-up),
 * `expectedCost` (a unit of time in the long run; where the firms have levels), `profit` (the cost below zero).
 */
export function assessSerial({ instance }: SerialProblem, solution: SerialSolution): Assessment<SerialSolution> {
  const played = instance.demand.length - instance.warmUp;
  const playedCost = played > 0 ? (solution.playedCost / played) * instance.periodsPerTime : 0;
  const expected = expectedCost(instance, solution);
  const cost = instance.variant === 'beer-game' ? solution.playedCost : (expected ?? playedCost);
  const kpis = { cost, profit: -cost, playedCost, ...(expected === null ? {} : { expectedCost: expected }) };
  return { solution, kpis, violations: {}, feasible: true };
}

/** Beer game: all play by Sterman's rule. Serial chain: each covers 95 % of what its own lead time may ask. */
export function baselineSerial(problem: SerialProblem): Assessment<SerialSolution> {
  const { instance } = problem;
  const { law, stages } = instance;
  if (instance.variant === 'beer-game')
    return assessSerial(problem, fastSolution(instance, fastSterman(instance), null));
  const alone = stages.map(({ orderDelay, shipDelay }) => quantile(sumOfDraws(law, orderDelay + shipDelay)));
  return assessSerial(problem, levelled(instance, alone));
}

/** Beer game: base stock at the published levels. Serial chain: the levels that a central search finds. */
export function optimumSerial(problem: SerialProblem): Assessment<SerialSolution> {
  const { instance } = problem;
  const { localLevels } = instance.published;
  const points =
    localLevels === null ? bestLevels(instance) : localLevels.map((one) => Math.round(one / instance.law.step));
  return assessSerial(problem, levelled(instance, points));
}

function levelled(instance: SerialInstance, points: readonly number[]): SerialSolution {
  const levels = points.map((one) => one * instance.law.step);
  return fastSolution(instance, fastBaseStock(levels), levels);
}

function fastSolution(instance: SerialInstance, rule: FastRule, levels: readonly number[] | null): SerialSolution {
  const { costs, cost } = playFast(instance, rule);
  let echelon = 0;
  return {
    firms: costs.map((own, k) => {
      echelon += levels?.[k] ?? 0;
      const known = levels === null ? null : { echelonLevel: echelon, localLevel: levels[k] ?? 0 };
      return { ...(known ?? { echelonLevel: null, localLevel: null }), orders: [], stocks: [], cost: own };
    }),
    playedCost: cost,
    quotedCost: null,
    turns: 0,
    payments: [],
  };
}

function expectedCost(instance: SerialInstance, { firms }: SerialSolution): number | null {
  const points = firms.flatMap(({ localLevel }) =>
    localLevel === null ? [] : [Math.round(localLevel / instance.law.step)],
  );
  return points.length === firms.length ? chainCosts(instance)(points).perTime : null;
}

function quantile(law: LatticeLaw): number {
  let chance = 0;
  for (const [k, mass] of law.masses.entries()) {
    chance += mass;
    if (chance >= ALONE_SERVICE) return law.first + k;
  }
  return Math.ceil(meanOf(law) / law.step);
}
