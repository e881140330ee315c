import { createChain, loadVisits, settle } from './chain.ts';
import type { Tour } from './tour.ts';
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
const scratch = createChain();

/**
 * The earliest timetable of a fixed order of stops, or null where there is none.
 *
 * Time windows, waiting, longest rides and the longest duration are difference constraints `B[a] >= B[b] + w`; the pointwise least
 * solution above the earliest times exists exactly if any solution does.
 */
export function timetable(tour: Tour, visits: readonly Visit[]): Timetable | null {
  loadVisits(scratch, tour, visits);
  if (!settle(scratch, tour.maxDuration)) return null;
  const { begin, end } = scratch;
  return { leave: begin[0] ?? 0, begin: Array.from(begin.subarray(1, end)), end: begin[end] ?? 0 };
}

/** Whether a tour can be driven: capacity, and a timetable. Every drop-off has to be behind its pickup. */
export function isFeasible(tour: Tour, visits: readonly Visit[]): boolean {
  if (!keepsCapacity(tour, visits)) return false;
  loadVisits(scratch, tour, visits);
  return settle(scratch, tour.maxDuration);
}

/** Sum over riders of the time from the pickup's earliest time to the drop-off in the earliest timetable; null where there is none. */
export function riderTime(tour: Tour, visits: readonly Visit[]): number | null {
  loadVisits(scratch, tour, visits);
  if (!settle(scratch, tour.maxDuration)) return null;
  let total = 0;
  for (const [k, { kind, trip }] of visits.entries()) {
    if (kind === 'dropoff') total += (scratch.begin[k + 1] ?? 0) - trip.pickup.earliest;
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
