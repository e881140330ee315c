import { insertable, type Insertable } from '../../agents/ride-sharing/insertable.ts';
import { cheapestInsertion } from '../../agents/ride-sharing/insertion.ts';
import type { Route } from '../../agents/ride-sharing/route.ts';
import type { Kpis } from '../scenario.ts';
import type { RideInstance, RideRequest } from './instance.ts';
import type { RideSolution } from './solution.ts';
import { solutionOf, tourOf } from './tours.ts';

/**
 * The trivial contract net: riders come one by one in the order of their request times (ties: of the file), each goes to the
 * vehicle that can put it into its route at the least extra cost (ties: the lower number), and nobody is moved afterwards. Whom no
 * vehicle can take stays behind.
 */
export function trivialContractNet(instance: RideInstance): RideSolution {
  const fleet: Insertable[] = instance.vehicles.map((vehicle) =>
    insertable(tourOf(instance, vehicle), { visits: [], cost: 0 }),
  );
  const order = [...instance.requests.entries()].toSorted(
    ([rowA, a], [rowB, b]) => a.requestTime - b.requestTime || rowA - rowB,
  );
  for (const [, request] of order) {
    const winner = cheapest(fleet, request);
    if (winner === null) continue;
    const { tour } = fleet[winner.vehicle] ?? {};
    if (tour !== undefined) fleet[winner.vehicle] = insertable(tour, winner.route);
  }
  return solutionOf(
    instance,
    fleet.map(({ route }) => route.visits),
  );
}

interface Bid {
  readonly vehicle: number;
  readonly route: Route;
}

function cheapest(fleet: readonly Insertable[], request: RideRequest): Bid | null {
  let best: Bid | null = null;
  let least = Infinity;
  const unused = new Set<string>();
  for (const [vehicle, into] of fleet.entries()) {
    const { route, tour } = into;
    if (route.visits.length === 0) {
      // Vehicles that have nothing to do are alike where they start and end alike: the first speaks for all.
      const kind = [tour.from, tour.home, tour.earliest, tour.homeBy, tour.capacity, tour.maxDuration].join(' ');
      if (unused.has(kind)) continue;
      unused.add(kind);
    }
    const inserted = cheapestInsertion(into, request, least + route.cost);
    if (inserted === null || inserted.cost - route.cost >= least) continue;
    least = inserted.cost - route.cost;
    best = { vehicle, route: inserted };
  }
  return best;
}

/**
 * No sharing: every rider has a taxi of its own, which comes from the start of that vehicle of the fleet with the shortest way and
 * goes back to its home, where it has one. Same names and units as `assessRides`.
 */
export function ownTaxi(instance: RideInstance): Kpis {
  const { map, vehicles, requests, costs } = instance;
  const bases = [...new Map(vehicles.map(({ start, home }) => [`${start} ${home}`, { start, home }])).values()];
  let distance = 0;
  let riding = 0;
  for (const { pickup, dropoff } of requests) {
    const ways = bases.map(
      ({ start, home }) => map.distance(start, pickup.place) + (home === null ? 0 : map.distance(dropoff.place, home)),
    );
    distance += map.distance(pickup.place, dropoff.place) + ways.reduce((least, way) => Math.min(least, way), Infinity);
    riding += map.time(pickup.place, dropoff.place);
  }
  const journeys = riding + requests.reduce((sum, { pickup }) => sum + pickup.service, 0);
  return {
    distance,
    cost: costs.perDistance * distance + costs.perRiderTime * journeys + costs.perVehicle * requests.length,
    served: requests.length,
    unserved: 0,
    vehicles: requests.length,
    meanWait: 0,
    p90Wait: 0,
    meanRide: riding / Math.max(1, requests.length),
    meanDetourPercent: 0,
  };
}
