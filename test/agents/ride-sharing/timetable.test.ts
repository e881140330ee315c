import test from 'ava';
import * as fc from 'fast-check';
import { isFeasible, riderTime, timetable } from '../../../agents/ride-sharing/timetable.ts';
import { visitsOf, type Trip, type Visit } from '../../../agents/ride-sharing/trip.ts';
import type { Tour } from '../../../agents/ride-sharing/tour.ts';
import { anyDraft, earliestTimes, fits, GRID } from './tours.ts';

const RUNS = { seed: 51, numRuns: 3000 };

const tour: Tour = {
  map: GRID,
  from: 0,
  earliest: 0,
  latest: Infinity,
  home: 0,
  homeBy: 100,
  capacity: 2,
  onBoard: 0,
  maxDuration: Infinity,
  perDistance: 1,
  perRiderTime: 0,
  perUse: 0,
};

/** From place 0 to place 5 (5 apart), where nobody gets off before 30. */
const late: Trip = {
  id: 1,
  load: 1,
  pickup: { place: 0, service: 1, earliest: 0, latest: 50 },
  dropoff: { place: 5, service: 1, earliest: 30, latest: 60 },
  maxRide: 8,
};

const alone = (trip: Trip): readonly Visit[] => {
  const { pickup, dropoff } = visitsOf(trip);
  return [pickup, dropoff];
};

test('finds the earliest times of any order of stops, or none, as constraint by constraint relaxation does', (t) => {
  let feasible = 0;
  fc.assert(
    fc.property(anyDraft, ({ tour: any, visits }) => {
      const table = timetable(any, visits);
      t.deepEqual(table === null ? null : [table.leave, ...table.begin, table.end], earliestTimes(any, visits));
      t.is(isFeasible(any, visits), table !== null && fits(any, visits));
      if (table !== null && visits.length > 2) feasible++;
    }),
    RUNS,
  );
  t.true(feasible > RUNS.numRuns / 20, `only ${feasible} feasible tours were drawn`);
});

test('picks a rider up later where the ride would else be too long', (t) => {
  // 30 - 8 - 1: eight on the way after one of boarding.
  t.deepEqual(timetable(tour, alone(late)), { leave: 0, begin: [21, 30], end: 36 });
});

test('leaves later where the day would else be too long', (t) => {
  t.deepEqual(timetable({ ...tour, maxDuration: 16 }, alone(late)), { leave: 20, begin: [21, 30], end: 36 });
  t.is(timetable({ ...tour, maxDuration: 16, latest: 19 }, alone(late)), null);
  t.is(timetable({ ...tour, maxDuration: 11 }, alone(late)), null);
});

test('refuses a ride that cannot be short enough', (t) => {
  t.is(timetable(tour, alone({ ...late, maxRide: 4 })), null);
  t.is(timetable(tour, alone({ ...late, pickup: { ...late.pickup, latest: 20 } })), null);
});

test('counts the day as over with the last stop where there is no home', (t) => {
  t.is(timetable({ ...tour, home: null, homeBy: 31 }, alone(late))?.end, 31);
  t.is(timetable({ ...tour, homeBy: 31 }, alone(late)), null);
});

test('leaves who is on board to the window of the drop-off', (t) => {
  const { dropoff } = visitsOf({ ...late, maxRide: 0 });
  t.deepEqual(timetable({ ...tour, onBoard: 1 }, [dropoff])?.begin, [30]);
});

test('refuses more passengers than seats, those on board included', (t) => {
  const heavy = alone({ ...late, load: 2 });
  t.true(isFeasible(tour, heavy));
  t.false(isFeasible({ ...tour, onBoard: 1 }, heavy));
});

test("sums riders' times from the earliest pickup to the drop-off", (t) => {
  t.is(riderTime(tour, alone(late)), 30);
  t.is(riderTime(tour, []), 0);
  t.is(riderTime(tour, alone({ ...late, maxRide: 4 })), null);
});

test('serves a tour with far more stops than any before', (t) => {
  const many = Array.from({ length: 300 }, (_, id) =>
    alone({ ...late, id, dropoff: { ...late.dropoff, place: 0 } }),
  ).flat();
  const free: readonly Visit[] = many.map((visit) => ({ ...visit, latest: 1000 }));
  t.is(timetable({ ...tour, homeBy: 1000 }, free)?.begin.length, 600);
});
