import { exp, ln } from '../../agent-core/float-math.ts';
import type { RandomStream } from '../../agent-core/random.ts';

/** By which factor a session cools from its first round to its last. */
const COOLING = 0.01;

/** Temperature in a round of a session, from `heat` down to 1 % of it. */
export function temperature(heat: number, round: number, rounds: number): number {
  return heat * exp((ln(COOLING) * round) / rounds);
}

/** Whether a change of cost is kept at a temperature (Metropolis et al. 1953). */
export function isKept(change: number, degrees: number, random: RandomStream): boolean {
  return change < 0 || (degrees > 0 && change < -degrees * ln(1 - random.uniform()));
}
