import { createChain, loadVisits, settle, settleLate, type Chain } from './chain.ts';
import type { Route } from './route.ts';
import type { Tour } from './tour.ts';

/**
 * What can be known of a route before anything is put into it. Made once for many insertions.
 *
 * Positions: 0 is where the vehicle is, 1 to `size` are the stops, `size + 1` is the end.
 */
export interface Insertable {
  readonly tour: Tour;
  readonly route: Route;
  readonly size: number;
  /** No stop's time in any tour that contains the route in its order is earlier than `begin` or later than `late`. */
  readonly chain: Chain;
  readonly late: Float64Array;
  /** Number of the place by position; -1 where the tour may end anywhere. */
  readonly place: Int32Array;
  readonly service: Float64Array;
  /** Distance to the next position. */
  readonly gap: Float64Array;
  /** Seats taken behind each position. */
  readonly load: Float64Array;
  /** Sum of the riders' earliest pickup times. */
  readonly wished: number;
  /** Whether the route as it is can be driven in time. */
  readonly feasible: boolean;
}

/** Prepares a route for insertions. */
export function insertable(tour: Tour, route: Route): Insertable {
  const { visits } = route;
  const size = visits.length;
  const room = size + 2;
  const chain = createChain(room);
  loadVisits(chain, tour, visits);
  const buffer = new ArrayBuffer(room * 36);
  const late = new Float64Array(buffer, 0, room);
  const service = new Float64Array(buffer, room * 8, room);
  const load = new Float64Array(buffer, room * 16, room);
  const gap = new Float64Array(buffer, room * 24, room);
  const place = new Int32Array(buffer, room * 32, room);
  late.set(chain.latest);
  const feasible = settle(chain, tour.maxDuration);
  if (feasible) settleLate(chain, tour.maxDuration, late);
  let wished = 0;
  let k = 0;
  place[0] = tour.from;
  load[0] = tour.onBoard;
  for (const visit of visits) {
    k++;
    place[k] = visit.place;
    service[k] = visit.service;
    load[k] = (load[k - 1] ?? 0) + (visit.kind === 'pickup' ? visit.trip.load : -visit.trip.load);
    if (visit.kind === 'dropoff') wished += visit.trip.pickup.earliest;
  }
  place[size + 1] = tour.home ?? -1;
  measureGaps(tour, place, gap);
  return { tour, route, size, chain, late, place, service, gap, load, wished, feasible };
}

/** An empty tour leads nowhere, whatever its home is. */
function measureGaps({ map, home }: Tour, place: Int32Array, gap: Float64Array): void {
  const legs = home === null || place.length === 2 ? place.length - 2 : place.length - 1;
  for (let k = 0; k < legs; k++) gap[k] = map.distance(place[k] ?? 0, place[k + 1] ?? 0);
}
