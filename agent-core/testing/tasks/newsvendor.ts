import type { DecisionEnv } from '../../learning/decision-env.ts';
import { box } from '../../policy/space.ts';
import { soloEnv } from './solo-task.ts';

const PRICE = 10;
const COST = 4;
const SALVAGE = 1;
/** Demand is uniform from this share of its mean to 2 less this share. */
const LEAST_SHARE = 0.4;
const MEAN_MIN = 20;
const MEAN_MAX = 80;
const ORDER_MAX = 150;
const DAYS = 16;

/**
 * Newspapers for one day after another: how many to buy at 4, to sell at 10 as long as demand lasts, the rest going for 1. The mean of the day's
 * demand is known when they are bought, demand itself is not.
 */
export function newsvendor(): DecisionEnv {
  let day = 0;
  let mean = 0;
  let draw = (): number => 0;
  return soloEnv({
    name: 'newsvendor',
    agent: 'vendor',
    observes: box([{ name: 'mean demand', min: MEAN_MIN, max: MEAN_MAX }]),
    acts: box([{ name: 'order', min: 0, max: ORDER_MAX }]),
    begin: (random) => {
      draw = () => random.uniform();
      day = 0;
      mean = MEAN_MIN + (MEAN_MAX - MEAN_MIN) * draw();
      return { observation: [mean], reward: 0, elapsed: 0, terminated: false, truncated: false, info: {} };
    },
    act: ([order = 0]) => {
      const demand = mean * (LEAST_SHARE + (2 - 2 * LEAST_SHARE) * draw());
      const sold = Math.min(order, demand);
      const reward = PRICE * sold + SALVAGE * (order - sold) - COST * order;
      day++;
      mean = MEAN_MIN + (MEAN_MAX - MEAN_MIN) * draw();
      return { observation: [mean], reward, elapsed: 1, terminated: day >= DAYS, truncated: false, info: {} };
    },
  });
}

/** {@link newsvendor} under the name by which training asks a module for its environment. */
export const createEnv = newsvendor;

/**
 * The best order: demand stays below it with probability `(price - cost) / (price - salvage)`, the critical fractile (Arrow, Harris and
 * Marschak 1951).
 */
export function bestOrder(mean: number): number {
  const fractile = (PRICE - COST) / (PRICE - SALVAGE);
  return mean * (LEAST_SHARE + (2 - 2 * LEAST_SHARE) * fractile);
}

/** The mean profit of one day with that mean demand and that order, exactly. */
export function meanProfit(mean: number, order: number): number {
  const [least, most] = [mean * LEAST_SHARE, mean * (2 - LEAST_SHARE)];
  const within = Math.min(most, Math.max(least, order));
  // Of what was ordered, what is sold: all below the least demand; then demand up to the order, and the order where demand is above it.
  const sold =
    order <= least ? order : ((within * within - least * least) / 2 + within * (most - within)) / (most - least);
  return (PRICE - SALVAGE) * sold - (COST - SALVAGE) * order;
}

/** The means of demand at which orders are judged: 20 to 80, evenly. */
export const newsvendorMeans: readonly number[] = Array.from({ length: 61 }, (_, k) => MEAN_MIN + k);
