import * as fc from 'fast-check';
import type { Tour } from '../../../agents/ride-sharing/tour.ts';
import { visitsOf, type RoadMap, type Trip, type Visit } from '../../../agents/ride-sharing/trip.ts';

/** A grid of 6 by 6 places; whole numbers, so that no rounding decides what is feasible. Distances are scaled differently. */
export const GRID: RoadMap = {
  places: 36,
  time: (a, b) => Math.abs((a % 6) - (b % 6)) + Math.abs(Math.floor(a / 6) - Math.floor(b / 6)),
  distance: (a, b) => 3 * GRID.time(a, b),
};

const place = fc.nat({ max: 35 });

const tripBody = fc.record({
  load: fc.integer({ min: 1, max: 2 }),
  from: place,
  to: place,
  boarding: fc.nat({ max: 2 }),
  earliest: fc.nat({ max: 40 }),
  width: fc.nat({ max: 30 }),
  spare: fc.nat({ max: 25 }),
  ride: fc.option(fc.nat({ max: 15 }), { nil: Infinity }),
});

/** A trip with windows of its own; often its ride is short of room. */
export const anyTrip = (id: number): fc.Arbitrary<Trip> =>
  tripBody.map(({ load, from, to, boarding, earliest, width, spare, ride }) => {
    const direct = GRID.time(from, to);
    return {
      id,
      load,
      pickup: { place: from, service: boarding, earliest, latest: earliest + width },
      dropoff: {
        place: to,
        service: boarding,
        earliest: earliest + (spare % 3) * 3,
        latest: earliest + boarding + direct + width + spare,
      },
      maxRide: direct + ride,
    };
  });

/** What is left of a vehicle's day: with and without a home, limits of duration, values of time. */
export const anyTour: fc.Arbitrary<Tour> = fc
  .record({
    from: place,
    earliest: fc.nat({ max: 10 }),
    departs: fc.option(fc.nat({ max: 40 }), { nil: Infinity }),
    home: fc.option(place, { nil: null }),
    homeBy: fc.integer({ min: 60, max: 140 }),
    capacity: fc.integer({ min: 1, max: 4 }),
    maxDuration: fc.option(fc.integer({ min: 10, max: 70 }), { nil: Infinity }),
    perRiderTime: fc.constantFrom(0, 0, 0.5),
    perUse: fc.constantFrom(0, 100),
  })
  .map(({ departs, ...rest }) => ({
    ...rest,
    map: GRID,
    latest: rest.earliest + departs,
    onBoard: 0,
    perDistance: 2,
  }));

/** Where each of some trips goes into an order of stops; of some only the drop-off is left. */
export interface Draft {
  readonly tour: Tour;
  readonly visits: readonly Visit[];
  readonly extra: Trip;
}

/** A tour with up to four trips in a random order (pickups first), and one more trip. It need not be feasible. */
export const anyDraft: fc.Arbitrary<Draft> = fc
  .record({
    tour: anyTour,
    trips: fc.tuple(anyTrip(1), anyTrip(2), anyTrip(3), anyTrip(4)),
    count: fc.nat({ max: 4 }),
    aboard: fc.array(fc.nat({ max: 9 }), { minLength: 4, maxLength: 4 }),
    slots: fc.array(fc.nat({ max: 1000 }), { minLength: 8, maxLength: 8 }),
    extra: anyTrip(9),
  })
  .map(({ tour, trips, count, aboard, slots, extra }) => {
    let onBoard = 0;
    const visits: Visit[] = [];
    for (const [index, trip] of trips.slice(0, count).entries()) {
      const { pickup, dropoff } = visitsOf(trip);
      const first = (slots[2 * index] ?? 0) % (visits.length + 1);
      const gone = aboard[index] === 0;
      if (gone) onBoard += trip.load;
      else visits.splice(first, 0, pickup);
      const behind = gone ? first : first + 1;
      visits.splice(behind + ((slots[2 * index + 1] ?? 0) % (visits.length - behind + 1)), 0, dropoff);
    }
    return { tour: { ...tour, onBoard }, visits, extra };
  });

/** One constraint: the time of `to` is at least that of `from` plus `least`. */
interface Constraint {
  readonly from: number;
  readonly to: number;
  readonly least: number;
}

/**
 * The earliest times of an order of stops by plain Bellman-Ford over a list of constraints, or null: written from the definition,
 * with nothing of the code under test. Node 0 is time zero, 1 the departure, 2 to n + 1 the stops, n + 2 the end.
 */
export function earliestTimes(tour: Tour, visits: readonly Visit[]): readonly number[] | null {
  const end = visits.length + 2;
  const constraints: Constraint[] = [
    { from: 0, to: 1, least: tour.earliest },
    { from: 1, to: 0, least: -tour.latest },
    { from: end, to: 0, least: -tour.homeBy },
    { from: end, to: 1, least: -tour.maxDuration },
  ];
  for (const [k, { place: here, earliest, latest, kind, trip }] of visits.entries()) {
    const before = visits[k - 1];
    constraints.push(
      { from: 0, to: k + 2, least: earliest },
      { from: k + 2, to: 0, least: -latest },
      { from: k + 1, to: k + 2, least: (before?.service ?? 0) + tour.map.time(before?.place ?? tour.from, here) },
    );
    const pickup = visits.findIndex((other) => other.trip === trip && other.kind === 'pickup');
    if (kind === 'dropoff' && pickup !== -1) {
      constraints.push({ from: k + 2, to: pickup + 2, least: -trip.maxRide - trip.pickup.service });
    }
  }
  const last = visits.at(-1);
  const homeward = tour.home === null || last === undefined ? 0 : tour.map.time(last.place, tour.home);
  constraints.push({ from: end - 1, to: end, least: (last?.service ?? 0) + homeward });
  const times = Array.from({ length: end + 1 }, (_, node) => (node === 0 ? 0 : -Infinity));
  for (let sweep = 0; sweep <= end; sweep++) {
    for (const { from, to, least } of constraints) times[to] = Math.max(times[to] ?? 0, (times[from] ?? 0) + least);
  }
  const settled = constraints.every(({ from, to, least }) => (times[to] ?? 0) >= (times[from] ?? 0) + least);
  return settled && times[0] === 0 ? times.slice(1) : null;
}

/** Whether nobody stands: seats in use never exceed the capacity. */
export function fits({ onBoard, capacity }: Tour, visits: readonly Visit[]): boolean {
  return visits.every((_, k) => {
    const seats = visits
      .slice(0, k + 1)
      .reduce((sum, { kind, trip }) => sum + (kind === 'pickup' ? 1 : -1) * trip.load, 0);
    return onBoard + seats <= capacity;
  });
}

/** Cost by definition, Infinity where the order cannot be driven. */
export function costByDefinition(tour: Tour, visits: readonly Visit[]): number {
  const times = earliestTimes(tour, visits);
  if (times === null || !fits(tour, visits)) return Infinity;
  if (visits.length === 0) return 0;
  const places = [tour.from, ...visits.map((visit) => visit.place), ...(tour.home === null ? [] : [tour.home])];
  const way = places.slice(1).reduce((sum, to, k) => sum + tour.map.distance(places[k] ?? 0, to), 0);
  const waits = visits.map(({ kind, trip }, k) =>
    kind === 'dropoff' ? (times[k + 1] ?? 0) - trip.pickup.earliest : 0,
  );
  return tour.perUse + tour.perDistance * way + tour.perRiderTime * waits.reduce((sum, wait) => sum + wait, 0);
}
