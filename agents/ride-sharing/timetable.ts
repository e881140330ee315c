import { TIME_TOLERANCE, type Tour } from './tour.ts';
import type { Visit } from './trip.ts';

/** When a tour's stops are served at the earliest. */
export interface Timetable {
  /** When the vehicle leaves where it is. */
  readonly leave: number;
  /** Begin of service by position. */
  readonly begin: readonly number[];
  /** When it is home, or through with its last stop where it has no home. */
  readonly end: number;
}

/** Grows with the longest tour that was ever asked about. */
let begin = new Float64Array(64);

/**
 * The earliest timetable of a fixed order of stops, or null where there is none.
 *
 * Time windows, waiting, longest rides and the longest duration are difference constraints `B[a] >= B[b] + w`; the pointwise least
 * solution above the earliest times exists exactly if any solution does. Sweeps of Bellman and Ford find it: forward along the
 * tour, backward over rides. More sweeps than stops mean a cycle that no timetable satisfies. (Cormen et al., "Introduction to
 * Algorithms", section 24.4; a single forward pass would miss feasible tours, see Firat and Woeginger 2011.)
 */
export function timetable(tour: Tour, visits: readonly Visit[]): Timetable | null {
  if (!solve(tour, visits)) return null;
  const size = visits.length;
  return {
    leave: begin[0] ?? 0,
    begin: Array.from({ length: size }, (_, k) => begin[k + 1] ?? 0),
    end: begin[size + 1] ?? 0,
  };
}

/** Whether a tour can be driven: capacity, pickup before drop-off, and a timetable. */
export function isFeasible(tour: Tour, visits: readonly Visit[]): boolean {
  return keepsCapacity(tour, visits) && solve(tour, visits);
}

/** Sum over riders of the time from the pickup's earliest time to the drop-off in the earliest timetable; null where there is none. */
export function riderTime(tour: Tour, visits: readonly Visit[]): number | null {
  if (!solve(tour, visits)) return null;
  let total = 0;
  for (const [k, { kind, trip }] of visits.entries()) {
    if (kind === 'dropoff') total += (begin[k + 1] ?? 0) - trip.pickup.earliest;
  }
  return total;
}

function keepsCapacity({ capacity, onBoard }: Tour, visits: readonly Visit[]): boolean {
  let load = onBoard;
  for (const { kind, trip } of visits) {
    load += kind === 'pickup' ? trip.load : -trip.load;
    if (load > capacity) return false;
  }
  return true;
}

/** Leaves the least solution in `begin`: position 0 is the departure, `size + 1` the end. */
function solve(tour: Tour, visits: readonly Visit[]): boolean {
  const size = visits.length;
  if (begin.length < size + 2) begin = new Float64Array(2 * size + 2);
  begin[0] = tour.earliest;
  for (const [k, { earliest }] of visits.entries()) begin[k + 1] = earliest;
  begin[size + 1] = 0;
  for (let sweep = 0; sweep <= size + 1; sweep++) {
    if (!driveForward(tour, visits)) return false;
    const raised = holdRidesShort(tour, visits);
    if (raised === null) return false;
    if (!raised) return true;
  }
  return false;
}

function driveForward(tour: Tour, visits: readonly Visit[]): boolean {
  const { map, home } = tour;
  let at = tour.from;
  let free = begin[0] ?? 0;
  let k = 1;
  for (const { place, service, latest } of visits) {
    let start = free + map.time(at, place);
    const least = begin[k] ?? 0;
    if (start < least) start = least;
    if (start > latest + TIME_TOLERANCE) return false;
    begin[k++] = start;
    at = place;
    free = start + service;
  }
  if (home !== null && visits.length > 0) free += map.time(at, home);
  begin[k] = free;
  return free <= tour.homeBy + TIME_TOLERANCE;
}

/** Puts pickups off whose ride is too long, and the departure where the tour is. True where any was; null where that is too late. */
function holdRidesShort(tour: Tour, visits: readonly Visit[]): boolean | null {
  let raised = false;
  for (let k = visits.length - 1; k >= 0; k--) {
    const visit = visits[k];
    if (visit?.kind !== 'dropoff' || visit.trip.maxRide === Infinity) continue;
    const from = pickupBefore(visits, k);
    if (from < 0) continue;
    const { pickup, maxRide } = visit.trip;
    const least = (begin[k + 1] ?? 0) - maxRide - pickup.service;
    if (least <= (begin[from + 1] ?? 0) + TIME_TOLERANCE) continue;
    if (least > pickup.latest + TIME_TOLERANCE) return null;
    begin[from + 1] = least;
    raised = true;
  }
  const least = (begin[visits.length + 1] ?? 0) - tour.maxDuration;
  if (least > (begin[0] ?? 0) + TIME_TOLERANCE) {
    if (least > tour.latest + TIME_TOLERANCE) return null;
    begin[0] = least;
    raised = true;
  }
  return raised;
}

function pickupBefore(visits: readonly Visit[], dropoff: number): number {
  const trip = visits[dropoff]?.trip;
  for (let k = dropoff - 1; k >= 0; k--) if (visits[k]?.trip === trip) return k;
  return -1;
}
