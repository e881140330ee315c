import { z } from 'zod';
import type { Stop, Trip } from './trip.ts';

/** Schema of a bound that may be missing, as programs hold it: a number, or Infinity. */
export const boundSchema = z.custom<number>((value) => typeof value === 'number' && value > -Infinity);

/** No time in a message is further from zero, in units of the map: sums of such times are exact enough, and finite. */
const TIME_MAX = 1e12;

/** Schema of a time in a message. */
export const timeSchema = z.number().min(-TIME_MAX).max(TIME_MAX);

/** A bound of time that may be missing: Infinity in programs, null on the wire. */
const bound = z.codec(timeSchema.nullable(), boundSchema, {
  decode: (value) => value ?? Infinity,
  encode: (value) => (value === Infinity ? null : value),
});

const stop = z.object({
  place: z.int().nonnegative(),
  service: timeSchema.nonnegative(),
  earliest: timeSchema,
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

/** Whether two trips are the same in all that a vehicle has to know. */
export function isSameTrip(a: Trip, b: Trip): boolean {
  const isSameStop = (one: Stop, other: Stop): boolean =>
    one.place === other.place &&
    one.service === other.service &&
    one.earliest === other.earliest &&
    one.latest === other.latest;
  return (
    a.id === b.id &&
    a.load === b.load &&
    a.maxRide === b.maxRide &&
    isSameStop(a.pickup, b.pickup) &&
    isSameStop(a.dropoff, b.dropoff)
  );
}
