import { definePolicy, type Policy } from '../../../agent-core/policy/policy.ts';
import { box, type Box, type Feature } from '../../../agent-core/policy/space.ts';

/**
 * What an idle vehicle sees of a place where it could wait, from the calls that it has heard itself and from what became of its bids.
 * Times are in mean rides of those calls, so that cities of all sizes look alike.
 */
export const REPOSITION_FEATURES: readonly Feature[] = [
  /**
   * How much sooner it would be with a rider from there than from where it stands, or than whoever else it takes to be nearer, on
   * average over the calls of the last half hour, the latest counting most.
   */
  { name: 'gainRecentRides', min: -1, max: 1 },
  /** The same over the calls of two hours. */
  { name: 'gainLongRides', min: -1, max: 1 },
  /** The mean of both, times the calls that it hears during one mean ride. */
  { name: 'savingRides', min: -16, max: 16 },
  /** Share of recent calls from near there, less that from near where it stands; what is half a ride away counts nothing. */
  { name: 'shareNearer', min: -1, max: 1 },
  { name: 'wayRides', min: 0, max: 8 },
  /** Others whom it takes to be idle and nearer to that place; beyond two it makes no difference. */
  { name: 'othersNearer', min: 0, max: 2 },
  /** Calls that it hears during one mean ride. */
  { name: 'callsPerRide', min: 0, max: 64 },
  /** Calls an hour lately, over those of two hours: above 1 where demand rises. */
  { name: 'trend', min: 0, max: 4 },
  { name: 'idleRides', min: 0, max: 64 },
  /** How long it took lately from where it stood idle to a rider. */
  { name: 'accessRides', min: 0, max: 8 },
  /** Others whom it takes to be idle soon. */
  { name: 'othersIdle', min: 0, max: 32 },
];

/** How good the place is; where the vehicle is counts 0, and it goes to the best that is above. */
export const REPOSITION_ACTIONS: Box = box([{ name: 'score', min: -10, max: 10 }]);

/** How a vehicle weighs places. */
export interface RepositioningWeights {
  /** Rides from now on that a better place pays for. */
  readonly horizonRides: number;
  /** Score that a mean ride of way costs. */
  readonly perWayRide: number;
  /** Others nearer to a place at most. */
  readonly othersNearer: number;
}

/** Goes where it would be nearer to those who call, unless others are there sooner, or that is not worth the way. */
export function followDemand({ horizonRides, perWayRide, othersNearer }: RepositioningWeights): Policy {
  return definePolicy({
    name: 'follow-demand-2',
    observes: REPOSITION_FEATURES,
    acts: REPOSITION_ACTIONS,
    parameters: { horizonRides, perWayRide, othersNearer },
    act([, , saving = 0, , way = 0, nearer = 0]) {
      if (nearer > othersNearer) return [-1];
      return [horizonRides * saving - perWayRide * way];
    },
  });
}
