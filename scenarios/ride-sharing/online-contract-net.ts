import { world } from '../../simulator/world.ts';
import type { RideInstance } from './instance.ts';
import type { RideOptions } from './options.ts';
import { populateRides } from './population.ts';
import type { RideSolution } from './solution.ts';

/**
 * The contract net of online mode without trade: the same agents with the same options and seed, in a world of their own. A rule that
 * inserts riders into routes nobody has begun to drive would be another problem: its vehicles set out before anybody calls.
 */
export async function onlineContractNet(
  instance: RideInstance,
  { options, seed }: { readonly options: RideOptions; readonly seed: number },
): Promise<RideSolution> {
  const place = world({ seed, sign: 'off', strict: true });
  const { agreement } = populateRides(place, instance, { ...options, renegotiate: false });
  await place.run();
  return agreement();
}
