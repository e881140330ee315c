import { hashPath } from '../../stream-hash.ts';

/**
 * The seed of an episode: even where it is played to learn from, odd where it is played to judge by, so that no policy is
 * ever judged by an episode that it learnt from. Depends on nothing but its arguments; 53 bits.
 */
export function episodeSeed(seed: number | string, purpose: 'learn' | 'judge', index: number): number {
  const [high, low] = hashPath([`${seed}`, purpose, String(index)]);
  return (high * 2 ** 20 + (low >>> 12)) * 2 + (purpose === 'judge' ? 1 : 0);
}
