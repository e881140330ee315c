import { insertable } from './insertable.ts';
import { timetable, type Timetable } from './timetable.ts';
import type { Tour } from './tour.ts';
import type { Visit } from './trip.ts';
import { tourOf, type VehicleContext } from './vehicle-state.ts';

/** When the vehicle leaves for its next stop, in units of the map. */
export function departureOf(ctx: VehicleContext): number {
  const { state, params } = ctx;
  const tour = tourOf(ctx);
  const [next] = state.visits;
  const way = next === undefined ? 0 : tour.map.time(tour.from, next.place);
  const strict = timetable(tour, state.visits);
  const { leave, begin } = strict ?? timesOf(tour, state.visits);
  if (strict === null) state.lateDepartures++;
  const early = Math.max(leave, (begin[0] ?? 0) - way);
  if (params.lateness === 0 || strict === null) return early;
  const late = Math.min(latestBegin(tour, state.visits) - way, early + LONGEST_WAIT);
  return early + params.lateness * Math.max(0, late - early);
}

/** Nobody waits longer than this for nothing, in units of the map: where no window ends, no departure is the latest. */
const LONGEST_WAIT = 1e6;

/** The latest time of the first stop with which all others are still in time. */
function latestBegin(tour: Tour, visits: readonly Visit[]): number {
  return insertable(tour, { visits, cost: 0 }).late[1] ?? 0;
}

/**
 * The earliest timetable of a plan. Where a plan has none, which happens when a stop is taken out on a map without the triangle
 * inequality, riders are served late rather than never: that of the same stops without any latest times.
 */
export function timesOf(tour: Tour, visits: readonly Visit[]): Timetable {
  const times = timetable(tour, visits);
  if (times !== null) return times;
  const whenever = visits.map((visit) => ({ ...visit, latest: Infinity, trip: { ...visit.trip, maxRide: Infinity } }));
  const late = timetable({ ...tour, latest: Infinity, homeBy: Infinity, maxDuration: Infinity }, whenever);
  return late ?? { leave: tour.earliest, begin: [], end: tour.earliest };
}
