import type { RideDay, VehicleDay } from './day.ts';

/** Up to this many vehicles each has its own line on the map, with at most this many stops in all. */
const DRAWN_VEHICLES_MAX = 24;
const DRAWN_STOPS_MAX = 2500;

/** Whether every vehicle's route can be drawn and told from the others. */
export function drawsRoutes({ driven }: RideDay): boolean {
  return driven.length <= DRAWN_VEHICLES_MAX && stopCount(driven) <= DRAWN_STOPS_MAX;
}

/** Those of the fleet that have a row or a picture of their own: all, or as many spread evenly over the numbers. */
export function shownVehicles({ driven }: RideDay): readonly VehicleDay[] {
  if (driven.length <= DRAWN_VEHICLES_MAX) return driven;
  return Array.from(
    { length: DRAWN_VEHICLES_MAX },
    (_, k) => driven[Math.floor((k * driven.length) / DRAWN_VEHICLES_MAX)],
  ).filter((day) => day !== undefined);
}

/** Stops of all vehicles together. */
export function stopCount(driven: readonly VehicleDay[]): number {
  return driven.reduce((sum, { stops }) => sum + stops.length, 0);
}

/** One leg of a route: the way to a stop, or home. */
export interface Leg {
  readonly from: number;
  readonly to: number;
  /** Seats that are taken on the way. */
  readonly load: number;
}

/** The legs of a vehicle's day in order, home included. */
export function legsOf({ given, stops }: VehicleDay): readonly Leg[] {
  const legs = stops.map(({ place, loadBefore }, k) => ({
    from: stops[k - 1]?.place ?? given.start,
    to: place,
    load: loadBefore,
  }));
  const last = stops.at(-1);
  if (last !== undefined && given.home !== null) legs.push({ from: last.place, to: given.home, load: last.load });
  return legs;
}
