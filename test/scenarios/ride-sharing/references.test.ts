import test from 'ava';
import { parseDialARide } from '../../../scenarios/ride-sharing/dial-a-ride.ts';
import { ownTaxi, trivialContractNet } from '../../../scenarios/ride-sharing/references.ts';
import { assessRides } from '../../../scenarios/ride-sharing/score.ts';
import { TWO_RIDES } from '../../fixtures/rides.ts';

const TWO = parseDialARide(TWO_RIDES, 'two.txt');
const [VEHICLE, OTHER] = TWO.vehicles;

test('gives every rider a taxi that comes from the depot and goes back there', (t) => {
  const { distance, vehicles, served, meanRide, meanDetourPercent } = ownTaxi(TWO);
  t.is(distance, 5 + 10 + Math.sqrt(9 + 196) + (5 + 10 + Math.sqrt(125)));
  t.deepEqual([vehicles, served, meanRide, meanDetourPercent], [2, 2, 10, 0]);
});

test('lets taxis come from the nearest start, and stay where they are when they have no home', (t) => {
  if (VEHICLE === undefined || OTHER === undefined) throw new Error('the instance has two vehicles');
  const open = {
    ...TWO,
    vehicles: [
      { ...VEHICLE, start: 1, home: null },
      { ...OTHER, start: 2, home: null },
    ],
  };
  t.is(ownTaxi(open)['distance'], 20);
});

test('gives riders in order of request to the vehicle with the cheapest insertion, the lower number first', (t) => {
  const { routes, vehicles, unserved, begins } = trivialContractNet(TWO);
  t.deepEqual([routes, vehicles, unserved], [[[1, 3, 2, 4]], [0], []]);
  t.deepEqual(begins, [[27, 60, 100, 113]]);
});

test('leaves nobody behind silently: whom no vehicle can take is unserved', (t) => {
  const late = parseDialARide(TWO_RIDES.replace('0 480\n', '0 90\n'), 'late.txt');
  const solution = trivialContractNet(late);
  t.deepEqual(solution.unserved, [2]);
  t.false(assessRides(late, solution, null).feasible);
  t.true(assessRides({ ...late, variant: 'city' }, solution, null).feasible);
});
