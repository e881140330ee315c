import type { RoadMap, Trip } from '../../agents/ride-sharing/trip.ts';

/** The day of a vehicle that starts and ends at one depot. */
export interface DepotDay {
  readonly map: RoadMap;
  readonly depot: number;
  readonly earliest: number;
  readonly latest: number;
}

/**
 * Narrows the windows of a trip's stops to what its longest ride, the way between them and the vehicles' day leave of them
 * (Cordeau 2006, section 3.3.1). Every timetable that keeps the other constraints keeps these windows too, so that none is lost.
 * Where no time is left, a window ends before it begins: nobody can serve that trip.
 */
export function tightened<T extends Trip>(trip: T, { map, depot, earliest, latest }: DepotDay): T {
  const { pickup, dropoff, maxRide } = trip;
  const ride = map.time(pickup.place, dropoff.place);
  const pickupEarliest = Math.max(
    pickup.earliest,
    earliest + map.time(depot, pickup.place),
    dropoff.earliest - maxRide - pickup.service,
  );
  const dropoffEarliest = Math.max(dropoff.earliest, pickupEarliest + pickup.service + ride);
  const dropoffLatest = Math.min(
    dropoff.latest,
    latest - map.time(dropoff.place, depot) - dropoff.service,
    pickup.latest + pickup.service + maxRide,
  );
  const pickupLatest = Math.min(pickup.latest, dropoffLatest - ride - pickup.service);
  return {
    ...trip,
    pickup: { ...pickup, earliest: pickupEarliest, latest: pickupLatest },
    dropoff: { ...dropoff, earliest: dropoffEarliest, latest: dropoffLatest },
  };
}
