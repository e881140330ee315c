import { z } from 'zod';
import type { Trip } from './trip.ts';

/** Schema of a bound that may be missing, as programs hold it: a number, or Infinity. */
export const boundSchema = z.custom<number>((value) => typeof value === 'number' && value > -Infinity);

/** A bound of time that may be missing: Infinity in programs, null on the wire. */
const bound = z.codec(z.number().nullable(), boundSchema, {
  decode: (value) => value ?? Infinity,
  encode: (value) => (value === Infinity ? null : value),
});

const stop = z.object({
  place: z.int().nonnegative(),
  service: z.number().nonnegative(),
  earliest: z.number(),
  latest: bound,
});

/** Schema of a trip in a message. Whoever hears one checks that its places are on the map: {@link isOnMap}. */
export const tripSchema = z.object({
  id: z.int().nonnegative(),
  load: z.int().positive().max(1_000),
  pickup: stop,
  dropoff: stop,
  maxRide: bound,
});

/** Whether both places of a trip are on a map. */
export function isOnMap({ pickup, dropoff }: Trip, places: number): boolean {
  return pickup.place < places && dropoff.place < places;
}
