import test from 'ava';
import * as fc from 'fast-check';
import { isFeasible } from '../../../agents/ride-sharing/timetable.ts';
import { visitsOf } from '../../../agents/ride-sharing/trip.ts';
import { parseDialARide } from '../../../scenarios/ride-sharing/dial-a-ride.ts';
import type { RideInstance } from '../../../scenarios/ride-sharing/instance.ts';
import { parsePdptw } from '../../../scenarios/ride-sharing/pdptw.ts';
import { trivialContractNet } from '../../../scenarios/ride-sharing/references.ts';
import { assessRides } from '../../../scenarios/ride-sharing/score.ts';
import type { RideSolution } from '../../../scenarios/ride-sharing/solution.ts';
import { solutionOf, tourOf } from '../../../scenarios/ride-sharing/tours.ts';
import { canDrive, checkRides } from '../../fixtures/ride-checker.ts';
import { TWO_RIDES, hasRides, rideNames, rideText } from '../../fixtures/rides.ts';

const TWO = parseDialARide(TWO_RIDES, 'two.txt');

/** One vehicle serves both riders of {@link TWO_RIDES}: places 1, 3, 2, 4. */
const DRIVEN: RideSolution = {
  routes: [[1, 3, 2, 4]],
  vehicles: [0],
  begins: [[47, 60, 100, 113]],
  shifts: [[42, 127.5]],
  unserved: [],
  trades: [
    { atSeconds: 1, gain: 2.5, trips: 1, parties: 2, kind: 'move' },
    { atSeconds: 2, gain: 1.5, trips: 3, parties: 2, kind: 'swap' },
  ],
  seen: [
    { trips: 1, bids: 0 },
    { trips: 0, bids: 7 },
  ],
};

test('tells way, service, waits and rides from what was driven', (t) => {
  const { kpis, violations, feasible, solution } = assessRides(TWO, DRIVEN, null);
  const back = Math.sqrt(125);
  const distance = 5 + 10 + Math.sqrt(90) + 10 + back;
  t.is(solution, DRIVEN);
  t.true(feasible, JSON.stringify(violations));
  t.true(Math.abs((kpis['distance'] ?? 0) - distance) < 1e-12);
  t.deepEqual(
    { ...kpis, distance: 0, cost: 0 },
    {
      distance: 0,
      cost: 0,
      served: 2,
      unserved: 0,
      vehicles: 1,
      meanWait: 10,
      p90Wait: 20,
      meanRide: 10,
      meanDetourPercent: 0,
      trades: 2,
      tradedTrips: 4,
      tradeGain: 4,
      tripsSeenShareMax: 0.5,
      bidsReadMax: 7,
    },
  );
  t.is(kpis['cost'], kpis['distance']);
});

type Change = (solution: RideSolution) => RideSolution;
const begins =
  (...times: number[]): Change =>
  (solution) => ({ ...solution, begins: [times] });

const BROKEN: readonly (readonly [what: string, violation: string, size: number, change: Change])[] = [
  ['a pickup before its window', 'windowTime', 2, begins(25, 60, 100, 113)],
  ['a pickup after its window', 'windowTime', 3, begins(47, 60, 118, 131)],
  ['a drop-off after its window', 'windowTime', 5, begins(62, 80, 100, 113)],
  ['a ride that is too long', 'rideTime', 3, begins(27, 63, 100, 113)],
  ['a way that is faster than the map', 'wayTime', 2, begins(49, 60, 100, 113)],
  ['a way home that is faster than the map', 'wayTime', 117 + Math.sqrt(125) - 127.5, begins(47, 60, 100, 114)],
  ['a departure before the day', 'shiftTime', 1, (solution) => ({ ...solution, shifts: [[-1, 127.5]] })],
  ['an end after the day', 'shiftTime', 20, (solution) => ({ ...solution, shifts: [[42, 500]] })],
  ['a request on two routes', 'pairingTrips', 1, split([1, 4, 2], [3])],
  ['a drop-off before the pickup', 'precedenceTrips', 1, split([3, 1, 2, 4])],
  ['a request that nobody serves', 'servedOnceTrips', 1, split([1, 3])],
  ['a drop-off alone', 'servedOnceTrips', 1, split([1, 3, 4])],
  ['a request that is served twice', 'servedOnceTrips', 1, split([1, 3, 2, 4], [1, 3])],
  [
    'a served request that is said to be unserved',
    'servedOnceTrips',
    1,
    (solution) => ({ ...solution, unserved: [2] }),
  ],
  ['a stop of no request', 'unknownStops', 1, split([1, 3, 9, 2, 4])],
  ['a vehicle that does not exist', 'fleetRoutes', 1, (solution) => ({ ...solution, vehicles: [2] })],
  [
    'two routes of one vehicle',
    'fleetRoutes',
    1,
    (solution) => ({ ...split([1, 3], [2, 4])(solution), vehicles: [1, 1] }),
  ],
];

/** Other routes, at times that are wrong. */
function split(...routes: number[][]): Change {
  return (solution) => ({
    ...solution,
    routes,
    vehicles: routes.map((_, index) => index),
    begins: routes.map((route) => route.map((_, index) => 47 + 13 * index)),
    shifts: routes.map(() => [42, 127.5]),
  });
}

for (const [what, violation, size, change] of BROKEN) {
  test(`finds ${what}`, (t) => {
    const { violations, feasible } = assessRides(TWO, change(DRIVEN), null);
    t.false(feasible);
    t.true(Math.abs((violations[violation] ?? 0) - size) < 1e-9, JSON.stringify(violations));
  });
}

test('finds too many on board and a route that takes too long', (t) => {
  const [vehicle] = TWO.vehicles;
  if (vehicle === undefined) throw new Error('the instance has vehicles');
  const narrow: RideInstance = { ...TWO, vehicles: [{ ...vehicle, capacity: 1, maxDuration: 80 }] };
  const { violations } = assessRides(narrow, { ...DRIVEN, routes: [[1, 2, 3, 4]] }, null);
  t.is(violations['capacitySeats'], 1);
  t.is(violations['durationTime'], 5.5);
});

test('lets a request be left where the kind of instance allows it and the solution says so', (t) => {
  const city: RideInstance = { ...TWO, variant: 'city' };
  const one = { ...split([2, 4])(DRIVEN), begins: [[100, 113]] };
  t.false(assessRides(city, one, null).feasible, 'not said');
  const said = assessRides(city, { ...one, unserved: [1] }, null);
  t.deepEqual([said.feasible, said.kpis['served'], said.kpis['unserved']], [true, 1, 1]);
  t.false(assessRides(TWO, { ...one, unserved: [1] }, null).feasible, 'benchmarks serve all');
});

for (const [what, wrong, message] of [
  ['a vehicle too many', { vehicles: [0, 1] }, /vehicles must have one entry for each of 1 routes, got 2/],
  ['no shifts', { shifts: [] }, /shifts must have one entry for each of 1 routes, got 0/],
  ['a begin too few', { begins: [[1, 2, 3]] }, /route 0 of 4 stops must have as many begins, got 3/],
  ['a begin that is no number', { begins: [[1, 2, 3, Number.NaN]] }, /times of route 0 must be finite, got NaN/],
] as const) {
  test(`refuses a solution with ${what}`, (t) => {
    t.throws(() => assessRides(TWO, { ...DRIVEN, ...wrong }, null), { code: 'bad-solution', message });
  });
}

const run = hasRides('darp') ? test : test.skip;

run('agrees with a checker that knows the file alone, and tightening loses no route', (t) => {
  const names = rideNames('darp').filter((name) => /^[ab]\d-(16|18|20|24)$/.test(name));
  let driven = 0;
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.infiniteStream(fc.nat(1_000)), (name, chance) => {
      const draw = (below: number): number => (chance.next().value ?? 0) % below;
      const text = rideText('darp', `${name}.txt`);
      const instance = parseDialARide(text, name);
      const [vehicle] = instance.vehicles;
      if (vehicle === undefined) throw new Error('a benchmark has vehicles');
      // Riders whose windows are near each other, in an order that is nearly that of time: many are feasible, many just not.
      const near = instance.requests.toSorted((a, b) => a.pickup.earliest - b.pickup.earliest);
      const first = draw(near.length - 3);
      const visits = near.slice(first, first + 2 + draw(3)).flatMap((trip) => {
        const { pickup, dropoff } = visitsOf(trip);
        return [pickup, dropoff];
      });
      visits.sort((a, b) => a.earliest - b.earliest);
      for (let swaps = draw(3); swaps > 0; swaps--) {
        const at = draw(visits.length - 1);
        visits.splice(at, 2, ...visits.slice(at, at + 2).toReversed());
      }
      const order = new Map<unknown, number>();
      const valid = visits.every(({ trip, kind }, index) => {
        if (kind === 'pickup') order.set(trip, index);
        return order.has(trip);
      });
      if (!valid) return;
      const nodes = visits.map(({ place }) => place);
      const can = isFeasible(tourOf(instance, vehicle), visits);
      t.is(can, canDrive(text, nodes), `${name}: ${nodes.join(' ')}`);
      if (!can) return;
      driven++;
      const { violations, kpis } = assessRides(instance, solutionOf(instance, [visits]), null);
      t.true(Object.entries(violations).every(([of, size]) => of === 'servedOnceTrips' || size <= 1e-9));
      t.is(violations['servedOnceTrips'], instance.requests.length - visits.length / 2);
      t.true(Math.abs((kpis['distance'] ?? 0) - checkRides(text, { routes: [nodes] }).distance) < 1e-9);
    }),
    { seed: 7, numRuns: 2_000 },
  );
  t.true(driven > 200, `${driven} of the routes can be driven`);
});

for (const folder of ['darp', 'pdptw'] as const) {
  const some = hasRides(folder) ? test : test.skip;
  some(`finds the trivial contract net of ${folder} as feasible as the checker does`, (t) => {
    for (const name of rideNames(folder).slice(0, 12)) {
      const text = rideText(folder, `${name}.txt`);
      const instance = (folder === 'darp' ? parseDialARide : parsePdptw)(text, name);
      const solution = trivialContractNet(instance);
      const { feasible, kpis } = assessRides(instance, solution, null);
      const { faults, distance, vehicles } = checkRides(text, solution);
      t.is(feasible, faults.length === 0, `${name}: ${faults.join('; ')}`);
      t.true(Math.abs((kpis['distance'] ?? 0) - distance) < 1e-9);
      t.is(kpis['vehicles'], vehicles);
      t.is(kpis['unserved'], solution.unserved.length);
      if (feasible) t.true(distance >= (instance.published?.distance ?? 0) - 0.01 || folder === 'pdptw');
    }
  });
}
