import { definePolicy, type Policy } from '../../../agent-core/policy/policy.ts';
import { box, type Box, type Feature } from '../../../agent-core/policy/space.ts';

/** What a vehicle sees when it bids: itself, and how its last bids fared. */
export const SHADING_FEATURES: readonly Feature[] = [
  /** Trips that it has to drive, by seat. */
  { name: 'tripsPerSeat', min: 0, max: 8 },
  /** Share of its last bids that won, the latest counting most. */
  { name: 'wonShare', min: 0, max: 1 },
];

/** What it asks above what the trip costs it, as a share of that. */
export const SHADING_ACTIONS: Box = box([{ name: 'markup', min: 0, max: 1 }]);

/** Asks the more the busier it is and the more it wins. Both weights are markups at one trip a seat, and where every bid wins. */
export function markupByLoad({ perTrip, perWin }: { readonly perTrip: number; readonly perWin: number }): Policy {
  return definePolicy({
    name: 'markup-by-load-1',
    observes: SHADING_FEATURES,
    acts: SHADING_ACTIONS,
    parameters: { perTrip, perWin },
    act: ([trips = 0, won = 0]) => [perTrip * trips + perWin * won],
  });
}
