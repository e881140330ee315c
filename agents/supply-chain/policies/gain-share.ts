import { definePolicy, type Policy } from '../../../agent-core/policy/policy.ts';
import { box, type Box, type Feature } from '../../../agent-core/policy/space.ts';

/** What a firm sees when it offers a supplier a price above what this quotes. */
export const GAIN_SHARE_FEATURES: readonly Feature[] = [
  /** What the contract is worth to it above the quote, tokens a unit. */
  { name: 'gain', min: 0, max: 1_000 },
  /** Periods that are left, as a share of all. */
  { name: 'timeLeft', min: 0, max: 1 },
];

/** What part of the gain goes to the supplier. */
export const GAIN_SHARE_ACTIONS: Box = box([{ name: 'share', min: 0, max: 1 }]);

/** The same part of every gain: one half splits the difference. */
export function fixedShare(share: number): Policy {
  return definePolicy({
    name: 'fixed-share-1',
    observes: GAIN_SHARE_FEATURES,
    acts: GAIN_SHARE_ACTIONS,
    parameters: { share },
    act: () => [share],
  });
}
