import type { RoadMap, Visit } from './trip.ts';

/** The part of a vehicle's day that can still be planned: where it is free next, and what binds it. */
export interface Tour {
  readonly map: RoadMap;
  /** Place and time from which on it can drive. */
  readonly from: number;
  readonly earliest: number;
  /** Latest time to leave that place with its first passengers ahead; Infinity without limit. */
  readonly latest: number;
  /** Where it has to end; null where it may end anywhere. */
  readonly home: number | null;
  readonly homeBy: number;
  readonly capacity: number;
  /** Seats that are taken at `from`. */
  readonly onBoard: number;
  /** Longest time between leaving `from` and coming home; Infinity without limit. */
  readonly maxDuration: number;
  /** What a unit of distance costs. */
  readonly perDistance: number;
  /** What a unit of time from a pickup's earliest time to the drop-off costs, per rider; 0 where time is free. */
  readonly perRiderTime: number;
  /** What it costs to leave at all. */
  readonly perUse: number;
}

/** Tolerance of every comparison of times: instances are given in three decimals. */
export const TIME_TOLERANCE = 1e-9;

/** Way from home or `from` through all stops and home again, in units of distance. */
export function tourDistance(tour: Tour, visits: readonly Visit[]): number {
  const { map, from, home } = tour;
  let at = from;
  let total = 0;
  for (const { place } of visits) {
    total += map.distance(at, place);
    at = place;
  }
  return home === null || visits.length === 0 ? total : total + map.distance(at, home);
}
