import { exp, ln } from '../../agent-core/float-math.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { RandomStream } from '../../agent-core/random.ts';

/** How a session cools down. Temperatures are in units of cost. */
export interface Cooling {
  readonly start: number;
  /** Temperature at the last round; positive, not above `start`. */
  readonly end: number;
  readonly rounds: number;
}

/**
 * Temperatures by round, falling by the same factor every round from `start` to `end` (Kirkpatrick, Gelatt and Vecchi, "Optimization
 * by Simulated Annealing", Science 220, 1983).
 *
 * @throws HaggleError `bad-cooling` unless 0 < end <= start < Infinity and rounds is a whole number of at least 1.
 */
export function temperatures({ start, end, rounds }: Cooling): (round: number) => number {
  if (!(end > 0 && end <= start && start < Infinity) || !Number.isSafeInteger(rounds) || rounds < 1) {
    throw new HaggleError('bad-cooling', `cooling from ${start} to ${end} in ${rounds} rounds is not possible`, {
      fields: { start, end, rounds },
    });
  }
  const fall = ln(end / start);
  return (round) => start * exp((fall * Math.min(round, rounds)) / rounds);
}

/** Whether a change of cost is taken at a temperature: every gain, and a loss by chance (Metropolis et al. 1953). Draws once, always. */
export function accepts(loss: number, temperature: number, random: RandomStream): boolean {
  const chance = random.uniform();
  return loss < 0 || loss < -temperature * ln(1 - chance);
}

/**
 * A bid as the chair ranks it: the true one shifted by chance within `noise`, so that close second bids win at times. What is paid
 * and added up stays the true bid. (Ropke and Pisinger, "An Adaptive Large Neighborhood Search Heuristic", Transportation Science
 * 40, 2006, section 3.6: noise in insertion costs.)
 */
export function shaken(bid: number, noise: number, random: RandomStream): number {
  return bid + noise * (2 * random.uniform() - 1);
}
