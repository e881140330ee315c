import { exp } from '../../../agent-core/float-math.ts';
import { definePolicy, type Policy } from '../../../agent-core/policy/policy.ts';
import { box, type Box, type Feature } from '../../../agent-core/policy/space.ts';

/** What an idle vehicle sees of a place where it could wait, from the calls that it has heard itself. Times are in seconds. */
export const REPOSITION_FEATURES: readonly Feature[] = [
  /** Calls of the last hour from there. */
  { name: 'calls', min: 0, max: 64 },
  { name: 'lastCallAgeSeconds', min: 0, max: 3_600 },
  { name: 'waySeconds', min: 0, max: 3_600 },
  /** Calls that it has heard from anywhere in that hour. */
  { name: 'callsAnywhere', min: 0, max: 64 },
];

/** How good the place is; where the vehicle is counts 0, and it goes to the best that is above. */
export const REPOSITION_ACTIONS: Box = box([{ name: 'score', min: -10, max: 10 }]);

/** How a vehicle weighs places. */
export interface RepositioningWeights {
  /** Share of all calls that a place must have to be worth going to at all. */
  readonly leastShare: number;
  /** Seconds after which a call counts a third. */
  readonly memorySeconds: number;
  /** Score that a second on the way costs. */
  readonly perWaySecond: number;
}

/** Goes where calls came from lately, unless that is far. */
export function followDemand({ leastShare, memorySeconds, perWaySecond }: RepositioningWeights): Policy {
  return definePolicy({
    name: 'follow-demand-1',
    observes: REPOSITION_FEATURES,
    acts: REPOSITION_ACTIONS,
    parameters: { leastShare, memorySeconds, perWaySecond },
    act([calls = 0, age = 0, way = 0, anywhere = 0]) {
      const share = calls / Math.max(1, anywhere);
      return [(share - leastShare) * exp(-age / memorySeconds) - perWaySecond * way];
    },
  });
}
