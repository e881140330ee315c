import test from 'ava';
import * as fc from 'fast-check';
import { rideDay } from '../../../../cli/report/rides/day.ts';
import { ridesInSeats } from '../../../../cli/report/rides/seats.ts';
import type { RideInstance } from '../../../../scenarios/ride-sharing/instance.ts';
import type { RideSolution } from '../../../../scenarios/ride-sharing/solution.ts';
import { madeDay } from '../ride-days.ts';

/** Places 0, 1, 2, 3 on a line; a depot at 0, a rider from 1 to 3 with two seats, one from 2 to 3 who asks for an arrival. */
function lineInstance(): RideInstance {
  const distance = (a: number, b: number): number => Math.abs(a - b);
  const stop = (place: number, earliest: number, latest: number): RideInstance['requests'][number]['pickup'] => ({
    place,
    service: 1,
    earliest,
    latest,
  });
  return {
    name: 'line',
    variant: 'dial-a-ride',
    map: {
      places: 4,
      positions: [0, 1, 2, 3].map((x) => ({ x, y: 0 })),
      streets: [],
      time: distance,
      distance,
    },
    vehicles: [0, 1].map(() => ({
      start: 0,
      home: 0,
      earliest: 0,
      latest: 100,
      capacity: 4,
      maxDuration: Infinity,
      operator: 0,
    })),
    requests: [
      {
        id: 7,
        load: 2,
        pickup: stop(1, 5, 10),
        dropoff: stop(3, 0, 100),
        maxRide: 30,
        requestTime: 0,
        nodes: [11, 12],
      },
      {
        id: 8,
        load: 1,
        pickup: stop(2, 0, 100),
        dropoff: stop(3, 40, 45),
        maxRide: 30,
        requestTime: 0,
        nodes: [13, 14],
      },
    ],
    costs: { perDistance: 2, perRiderTime: 0, perVehicle: 10 },
    secondsPerTime: 60,
    units: { time: 'min', distance: 'km' },
    published: null,
  };
}

const SOLUTION: RideSolution = {
  routes: [[11, 13, 12, 14]],
  vehicles: [1],
  begins: [[6, 9, 40, 42]],
  shifts: [[2, 46]],
  unserved: [],
  trades: [],
  seen: [
    { trips: 0, bids: 0 },
    { trips: 3, bids: 4 },
  ],
};

test('a vehicle’s day has its way, its load, its waiting and what it saw', (t) => {
  const day = rideDay(lineInstance(), SOLUTION);
  const [idle, driven] = day.fleet;
  t.is(idle?.trips, 0);
  t.deepEqual(idle?.stops, []);
  t.is(driven?.distance, 6);
  t.is(driven?.emptyDistance, 4);
  // One unit with two seats, one with three, of four seats over six units.
  t.is(driven?.loadFactor, 5 / 24);
  // 3 at the first pickup, 1 at the second, 29 at the drop-off: 40 − (9 + 1 + 1).
  t.is(driven?.waiting, 3 + 1 + 29 + 1);
  t.is(driven?.most, 3);
  t.deepEqual(driven?.seen, { trips: 3, bids: 4 });
  t.deepEqual([day.from, day.to, day.distance, day.cost], [2, 46, 6, 2 * 6 + 10]);
});

test('waiting counts from the earliest pickup that keeps both windows', (t) => {
  const [departs, arrives] = rideDay(lineInstance(), SOLUTION).trips;
  t.is(departs?.asks, 'departure');
  t.like(departs?.ridden, { vehicle: 1, wait: 1, ride: 33, direct: 2 });
  t.is(arrives?.asks, 'arrival');
  t.is(arrives?.readyAt, 40 - 30 - 1);
  t.like(arrives?.ridden, { wait: 0, ride: 32, direct: 1 });
});

test('a request that is only picked up counts as not served', (t) => {
  const day = rideDay(lineInstance(), { ...SOLUTION, routes: [[11, 13, 14]], begins: [[6, 9, 40]] });
  t.deepEqual(
    day.unserved.map(({ id }) => id),
    [7],
  );
});

test('whatever the day, loads come back to nothing and every served trip rides once', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ max: 1e6 }),
      (vehicles, requests, seed) => {
        const { instance, simulation } = madeDay({ vehicles, requests, seed });
        const day = rideDay(instance, simulation.agents.solution);
        for (const driven of day.driven) t.is(driven.stops.at(-1)?.load, 0);
        t.is(
          day.driven.reduce((sum, { trips }) => sum + trips, 0),
          requests - day.unserved.length,
        );
        t.true(Math.abs(day.distance - (simulation.result.agents['distance'] ?? 0)) < 1e-6);
        t.true(day.driven.every(({ loadFactor }) => loadFactor >= 0 && loadFactor <= 1));
      },
    ),
    { seed: 5, numRuns: 30 },
  );
});

test('no two riders sit in one seat at the same time, and nobody sits beyond the capacity', (t) => {
  fc.assert(
    fc.property(fc.integer({ max: 1e6 }), (seed) => {
      const { instance, simulation } = madeDay({ vehicles: 2, requests: 30, capacity: 4, seed });
      for (const driven of rideDay(instance, simulation.agents.solution).driven) {
        const rides = ridesInSeats(driven).flatMap(({ blocks, ...ride }) =>
          blocks.map((block) => ({ ...ride, ...block })),
        );
        t.is(ridesInSeats(driven).length, driven.trips);
        for (const [k, a] of rides.entries()) {
          t.true(a.seat + a.seats <= 4);
          for (const b of rides.slice(k + 1)) {
            const together = a.from < b.to && b.from < a.to;
            t.false(together && a.seat < b.seat + b.seats && b.seat < a.seat + a.seats);
          }
        }
      }
    }),
    { seed: 6, numRuns: 30 },
  );
});

test('riders who find no seats beside each other are seated in several blocks', (t) => {
  const { instance } = madeDay({ vehicles: 1, requests: 4 });
  const driven = rideDay(instance, { ...SOLUTION, routes: [], begins: [], shifts: [], vehicles: [], seen: [] })
    .fleet[0];
  const [a, b, c, d] = instance.requests;
  if (driven === undefined || a === undefined || b === undefined || c === undefined || d === undefined) {
    t.fail('a vehicle and four requests');
    return;
  }
  const base = { place: 0, arrive: 0, leave: 0, loadBefore: 0, load: 0, distance: 0 };
  const rides = ridesInSeats({
    ...driven,
    stops: [
      { ...base, request: a, kind: 'pickup', begin: 1 },
      { ...base, request: b, kind: 'pickup', begin: 2 },
      { ...base, request: a, kind: 'dropoff', begin: 3 },
      { ...base, request: { ...c, load: 2 }, kind: 'pickup', begin: 4 },
      { ...base, request: b, kind: 'dropoff', begin: 5 },
      { ...base, request: { ...c, load: 2 }, kind: 'dropoff', begin: 6 },
    ],
  });
  t.deepEqual(rides.at(-1)?.blocks, [
    { seat: 0, seats: 1 },
    { seat: 2, seats: 1 },
  ]);
});
