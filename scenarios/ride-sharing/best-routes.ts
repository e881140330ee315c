import { timetable } from '../../agents/ride-sharing/timetable.ts';
import type { Tour } from '../../agents/ride-sharing/tour.ts';
import { visitsOf, type TripVisits, type Visit } from '../../agents/ride-sharing/trip.ts';
import type { RideRequest } from './instance.ts';

/** The best way to serve some requests with one vehicle. */
export interface BestRoute {
  readonly visits: readonly Visit[];
  readonly cost: number;
}

/** Where a vehicle stands when nobody is on board: all that matters for what comes next. */
interface Stand {
  readonly visits: readonly Visit[];
  /** Free to leave the place of the last visit. */
  readonly free: number;
  /** Way and riders' time so far. */
  readonly cost: number;
}

/** A route under way from a stand, until nobody is on board. */
interface Leg {
  readonly served: number;
  readonly aboard: number;
  readonly load: number;
  readonly visits: readonly Visit[];
}

/** How many timetables may still be made. */
export interface Budget {
  left: number;
}

/**
 * The cheapest feasible route for every set of requests that one vehicle can serve, by the set as bits; null where that takes more
 * timetables than the budget has.
 *
 * Routes are built from stand to stand, a stand being where nobody is on board. Of the stands at one place with one set served,
 * those are enough that no other beats in both time and cost: earlier is never worse for what follows. (Where the longest duration
 * binds, that does not hold, and all are kept.) Between stands every order is tried whose beginning can be driven at all.
 */
export function bestRoutes(
  tour: Tour,
  requests: readonly RideRequest[],
  budget: Budget,
): ReadonlyMap<number, BestRoute> | null {
  return new Enumeration(tour, requests, budget).run();
}

class Enumeration {
  readonly #tour: Tour;
  readonly #trips: readonly TripVisits[];
  readonly #budget: Budget;
  /** By set of requests served, then by place. */
  readonly #stands: Map<number, Stand[]>[];
  readonly #bindsDuration: boolean;

  constructor(tour: Tour, requests: readonly RideRequest[], budget: Budget) {
    this.#tour = tour;
    this.#trips = requests.map(visitsOf);
    this.#budget = budget;
    this.#stands = Array.from({ length: 2 ** requests.length }, () => new Map<number, Stand[]>());
    this.#bindsDuration = tour.maxDuration < tour.homeBy - tour.earliest;
  }

  run(): ReadonlyMap<number, BestRoute> | null {
    this.#stands[0]?.set(this.#tour.from, [{ visits: [], free: this.#tour.earliest, cost: 0 }]);
    const best = new Map<number, BestRoute>();
    for (const [served, byPlace] of this.#stands.entries()) {
      for (const stands of byPlace.values()) {
        for (const stand of stands) {
          if (served > 0) this.#finish(best, served, stand);
          this.#extend(stand, { served, aboard: 0, load: 0, visits: [] });
          if (this.#budget.left < 0) return null;
        }
      }
    }
    return best;
  }

  #finish(best: Map<number, BestRoute>, served: number, { visits, cost }: Stand): void {
    const { home, map, perDistance, perUse } = this.#tour;
    const last = visits.at(-1);
    const back = home === null || last === undefined ? 0 : map.distance(last.place, home);
    const total = cost + perDistance * back + perUse;
    const known = best.get(served);
    if (known === undefined || total < known.cost) best.set(served, { visits, cost: total });
  }

  #extend(stand: Stand, leg: Leg): void {
    for (const [index, { pickup, dropoff }] of this.#trips.entries()) {
      const bit = 1 << index;
      if ((leg.aboard & bit) !== 0) {
        const { load } = dropoff.trip;
        this.#visit(stand, {
          ...leg,
          aboard: leg.aboard & ~bit,
          load: leg.load - load,
          visits: [...leg.visits, dropoff],
        });
      } else if ((leg.served & bit) === 0 && leg.load + pickup.trip.load <= this.#tour.capacity) {
        this.#visit(stand, {
          served: leg.served | bit,
          aboard: leg.aboard | bit,
          load: leg.load + pickup.trip.load,
          visits: [...leg.visits, pickup],
        });
      }
      if (this.#budget.left < 0) return;
    }
  }

  /** What cannot be driven now cannot be driven with more stops either: that branch ends. */
  #visit(stand: Stand, leg: Leg): void {
    this.#budget.left--;
    const whole = this.#bindsDuration || stand.visits.length === 0;
    const visits = whole ? [...stand.visits, ...leg.visits] : leg.visits;
    const from = whole ? this.#tour : this.#tourFrom(stand);
    const times = timetable(from, visits);
    if (times === null) return;
    if (leg.aboard > 0) this.#extend(stand, leg);
    else this.#arrive(stand, leg, times.begin.slice(-leg.visits.length));
  }

  #tourFrom(stand: Stand): Tour {
    const last = stand.visits.at(-1);
    return {
      ...this.#tour,
      from: last?.place ?? this.#tour.from,
      earliest: stand.free,
      latest: Infinity,
      maxDuration: Infinity,
    };
  }

  #arrive(stand: Stand, leg: Leg, begins: readonly number[]): void {
    const { map, perDistance, perRiderTime, from } = this.#tour;
    let at = stand.visits.at(-1)?.place ?? from;
    let { cost } = stand;
    for (const [index, { place, kind, trip }] of leg.visits.entries()) {
      cost += perDistance * map.distance(at, place);
      if (kind === 'dropoff') cost += perRiderTime * ((begins[index] ?? 0) - trip.pickup.earliest);
      at = place;
    }
    const free = (begins.at(-1) ?? 0) + (leg.visits.at(-1)?.service ?? 0);
    this.#keep(leg.served, at, { visits: [...stand.visits, ...leg.visits], free, cost });
  }

  #keep(served: number, place: number, stand: Stand): void {
    const byPlace = this.#stands[served];
    const known = byPlace?.get(place) ?? [];
    if (this.#bindsDuration) {
      byPlace?.set(place, [...known, stand]);
      return;
    }
    if (known.some(({ free, cost }) => free <= stand.free && cost <= stand.cost)) return;
    byPlace?.set(place, [...known.filter(({ free, cost }) => free < stand.free || cost < stand.cost), stand]);
  }
}
