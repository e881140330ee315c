import { riderTime } from './timetable.ts';
import { tourDistance, type Tour } from './tour.ts';
import type { Trip, Visit } from './trip.ts';

/** A feasible order of stops and what it costs. */
export interface Route {
  readonly visits: readonly Visit[];
  readonly cost: number;
}

/** What a feasible order of stops costs: way, riders' time, and the use of the vehicle. */
export function routeOf(tour: Tour, visits: readonly Visit[]): Route {
  return { visits, cost: costOf(tour, visits) };
}

/** Cost of an order of stops; Infinity where riders' time counts and there is no timetable. */
export function costOf(tour: Tour, visits: readonly Visit[]): number {
  if (visits.length === 0) return 0;
  const way = tour.perUse + tour.perDistance * tourDistance(tour, visits);
  return tour.perRiderTime === 0 ? way : way + tour.perRiderTime * (riderTime(tour, visits) ?? Infinity);
}

/** The trips of a route in the order of their pickups; of those on board only the drop-off is left, and they are not among them. */
export function tripsOf({ visits }: Route): readonly Trip[] {
  return visits.filter(({ kind }) => kind === 'pickup').map(({ trip }) => trip);
}

/** A route without some of its trips. By the triangle inequality it is feasible. */
export function without(tour: Tour, route: Route, trips: ReadonlySet<number>): Route {
  return routeOf(
    tour,
    route.visits.filter(({ trip }) => !trips.has(trip.id)),
  );
}
