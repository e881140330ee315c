import { insertable } from './insertable.ts';
import { cheapestInsertion } from './insertion.ts';
import { tripsOf, without, type Route } from './route.ts';
import type { Tour } from './tour.ts';

/** A gain below this is rounding. */
const LEAST_GAIN = 1e-7;

/**
 * A cheaper order of the same stops, found privately: each trip in turn is taken out and put back where it is cheapest, until no
 * trip has a better place. The same object where there is none. Stops of riders on board keep their order among each other.
 */
export function improveOwnRoute(tour: Tour, route: Route): Route {
  let best = route;
  for (let improved = true; improved;) {
    improved = false;
    for (const trip of tripsOf(best)) {
      const rest = insertable(tour, without(tour, best, new Set([trip.id])));
      const next = cheapestInsertion(rest, trip, best.cost - LEAST_GAIN);
      if (next === null) continue;
      best = next;
      improved = true;
    }
  }
  return best;
}
