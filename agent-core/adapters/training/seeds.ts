import { hashPath } from '../../stream-hash.ts';

/** A number with many divisors: 1 to 10, 12, 14, 15, 16, 18, 20, 21, 24, 28, 30 and more. */
const CYCLE = 5_040;

/** Seeds of episodes to judge by are from here on, all others below. */
export const JUDGED_FROM = CYCLE * 2 ** 39;

/**
 * The seed of an episode; no policy is ever judged by an episode that it learnt from. Depends on nothing but its arguments. Seeds
 * of consecutive episodes are consecutive modulo 5,040, so that a task which picks one of n instances by `seed % n` meets each in turn.
 */
export function episodeSeed(seed: number | string, purpose: 'learn' | 'judge', index: number): number {
  const [high, low] = hashPath([`${seed}`, purpose, String(index)]);
  const drawn = high * 2 ** 19 + (low >>> 13);
  return drawn - (drawn % CYCLE) + (index % CYCLE) + (purpose === 'judge' ? JUDGED_FROM : 0);
}
