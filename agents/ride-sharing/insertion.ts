import { costOf, type Route } from './route.ts';
import { isFeasible } from './timetable.ts';
import { TIME_TOLERANCE, type Tour } from './tour.ts';
import { visitsOf, type Trip, type TripVisits, type Visit } from './trip.ts';

/** Bounds of every stop's time in any tour that contains the stops of a route in their order. */
interface Bounds {
  /** No earlier than this; by position, 0 is the departure. */
  readonly early: Float64Array;
  /** No later than this. */
  readonly late: Float64Array;
  /** Seats taken after each position. */
  readonly load: Float64Array;
}

/** What can be known of a route before anything is put into it. Made once for many insertions. */
export interface Insertable {
  readonly tour: Tour;
  readonly route: Route;
  readonly bounds: Bounds;
}

/** Prepares a route for insertions. */
export function insertable(tour: Tour, route: Route): Insertable {
  return { tour, route, bounds: boundsOf(tour, route.visits) };
}

/**
 * The cheapest feasible way to put a trip into a route whose order stays, or null where there is none below `limit`.
 *
 * Both positions are tried in O(n^2) with bounds of time; only what would be better than the best so far is checked exactly.
 */
export function cheapestInsertion(into: Insertable, trip: Trip, limit = Infinity): Route | null {
  return new Search(into, trip, limit).run();
}

/** One search for the cheapest place of one trip in one route. */
class Search {
  readonly #tour: Tour;
  readonly #route: Route;
  readonly #bounds: Bounds;
  readonly #trip: TripVisits;
  #best: readonly Visit[] | null = null;
  #cost: number;

  constructor({ tour, route, bounds }: Insertable, trip: Trip, limit: number) {
    this.#tour = tour;
    this.#route = route;
    this.#bounds = bounds;
    this.#trip = visitsOf(trip);
    this.#cost = limit;
  }

  run(): Route | null {
    const { early, load } = this.#bounds;
    const { capacity, map } = this.#tour;
    const { pickup } = this.#trip;
    for (let after = 0; after <= this.#route.visits.length; after++) {
      const place = this.#placeAt(after);
      const arrival = (early[after] ?? 0) + this.#serviceAt(after) + map.time(place, pickup.place);
      // Later places are reached no earlier, by the triangle inequality.
      if (arrival > pickup.latest + TIME_TOLERANCE) break;
      if ((load[after] ?? 0) + pickup.trip.load <= capacity) this.#tryPickup(after, Math.max(arrival, pickup.earliest));
    }
    return this.#best === null ? null : { visits: this.#best, cost: this.#cost };
  }

  /** Tries every place of the drop-off for a pickup behind position `after`, served at `begin` at the earliest. */
  #tryPickup(after: number, begin: number): void {
    const { map, capacity, perDistance } = this.#tour;
    const { visits, cost } = this.#route;
    const { early, late, load } = this.#bounds;
    const { pickup, dropoff } = this.#trip;
    const { maxRide } = pickup.trip;
    let detour = map.distance(this.#placeAt(after), pickup.place);
    let at = pickup.place;
    let free = begin + pickup.service;
    /** Time on the way since the pickup, without waiting: no ride is shorter. */
    let riding = 0;
    const base = visits.length === 0 ? this.#tour.perUse : cost;
    for (let k = after; ; k++) {
      const gap = this.#gapAfter(k);
      const leg = { after, k, free: free + map.time(at, dropoff.place) };
      if (riding + map.time(at, dropoff.place) <= maxRide + TIME_TOLERANCE) {
        this.#tryDropoff(leg, base + perDistance * (detour + map.distance(at, dropoff.place) - gap));
      }
      const next = visits[k];
      if (next === undefined || (load[k + 1] ?? 0) + pickup.trip.load > capacity) return;
      const onward = map.time(at, next.place);
      riding += onward + next.service;
      const start = Math.max(free + onward, early[k + 1] ?? 0);
      if (riding > maxRide || start > (late[k + 1] ?? 0) + TIME_TOLERANCE) return;
      if (k === after) detour += map.distance(at, next.place) - gap;
      at = next.place;
      free = start + next.service;
    }
  }

  /** `cost` is that of the tour up to the drop-off and from its successor on. */
  #tryDropoff({ after, k, free }: { after: number; k: number; free: number }, cost: number): void {
    const tour = this.#tour;
    const { pickup, dropoff } = this.#trip;
    const { visits } = this.#route;
    const begin = Math.max(free, dropoff.earliest);
    if (begin > dropoff.latest + TIME_TOLERANCE) return;
    const next = visits[k]?.place ?? tour.home;
    let total = cost;
    if (next !== null) {
      total += tour.perDistance * tour.map.distance(dropoff.place, next);
      const arrival = begin + dropoff.service + tour.map.time(dropoff.place, next);
      if (arrival > (this.#bounds.late[k + 1] ?? 0) + TIME_TOLERANCE) return;
    }
    // A lower bound where riders' time counts: that of the others can only grow.
    total += tour.perRiderTime === 0 ? 0 : tour.perRiderTime * (begin - pickup.earliest);
    if (total >= this.#cost) return;
    const visited = [...visits.slice(0, after), pickup, ...visits.slice(after, k), dropoff, ...visits.slice(k)];
    if (tour.perRiderTime > 0) {
      total = costOf(tour, visited);
      if (total >= this.#cost) return;
    } else if (!isFeasible(tour, visited)) return;
    this.#best = visited;
    this.#cost = total;
  }

  /** Way from a position to the next one as the route is; 0 where it leads nowhere. */
  #gapAfter(position: number): number {
    const { visits } = this.#route;
    if (visits.length === 0) return 0;
    const next = visits[position]?.place ?? this.#tour.home;
    return next === null ? 0 : this.#tour.map.distance(this.#placeAt(position), next);
  }

  #placeAt(position: number): number {
    return this.#route.visits[position - 1]?.place ?? this.#tour.from;
  }

  #serviceAt(position: number): number {
    return this.#route.visits[position - 1]?.service ?? 0;
  }
}

function boundsOf(tour: Tour, visits: readonly Visit[]): Bounds {
  const size = visits.length;
  const early = new Float64Array(size + 2);
  const late = new Float64Array(size + 2);
  const load = new Float64Array(size + 2);
  load[0] = tour.onBoard;
  early[0] = tour.earliest;
  let at = tour.from;
  for (const [k, visit] of visits.entries()) {
    early[k + 1] = Math.max(
      visit.earliest,
      (early[k] ?? 0) + (visits[k - 1]?.service ?? 0) + tour.map.time(at, visit.place),
    );
    load[k + 1] = (load[k] ?? 0) + (visit.kind === 'pickup' ? visit.trip.load : -visit.trip.load);
    at = visit.place;
  }
  late[size + 1] = tour.homeBy;
  for (let k = size; k >= 0; k--) {
    const visit = visits[k - 1];
    const next = visits[k]?.place ?? tour.home;
    const here = visit?.place ?? tour.from;
    const onward = next === null ? 0 : tour.map.time(here, next);
    const limit = visit?.latest ?? tour.latest;
    late[k] = Math.min(limit, (late[k + 1] ?? 0) - onward - (visit?.service ?? 0));
  }
  return { early, late, load };
}
