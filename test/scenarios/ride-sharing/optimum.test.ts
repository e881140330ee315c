import test from 'ava';
import * as fc from 'fast-check';
import { HaggleError } from '../../../agent-core/errors.ts';
import { parseDialARide } from '../../../scenarios/ride-sharing/dial-a-ride.ts';
import type { RideInstance } from '../../../scenarios/ride-sharing/instance.ts';
import { OPTIMUM_REQUESTS_MAX, optimalRides } from '../../../scenarios/ride-sharing/optimum.ts';
import { trivialContractNet } from '../../../scenarios/ride-sharing/references.ts';
import { assessRides } from '../../../scenarios/ride-sharing/score.ts';
import { canDrive, checkRides } from '../../fixtures/ride-checker.ts';
import { TWO_RIDES, hasRides, rideText } from '../../fixtures/rides.ts';

interface Rides {
  readonly vehicles: number;
  readonly maxRoute: number;
  readonly maxRide: number;
  readonly rides: readonly (readonly [x: number, y: number, toX: number, toY: number, from: number, width: number])[];
}

const RIDES: fc.Arbitrary<Rides> = fc.record({
  vehicles: fc.integer({ min: 1, max: 2 }),
  maxRoute: fc.constantFrom(60, 90, 240),
  maxRide: fc.constantFrom(15, 25, 60),
  rides: fc.array(
    fc.tuple(
      fc.nat(12),
      fc.nat(12),
      fc.nat(12),
      fc.nat(12),
      fc.integer({ min: 15, max: 140 }),
      fc.constantFrom(5, 15, 60),
    ),
    { minLength: 1, maxLength: 4 },
  ),
});

function textOf({ vehicles, maxRoute, maxRide, rides }: Rides): string {
  const pickups = rides.map(([x, y, , , from, width], index) => `${index + 1} ${x} ${y} 2 1 ${from} ${from + width}`);
  const dropoffs = rides.map(([, , x, y], index) => `${index + 1 + rides.length} ${x} ${y} 2 -1 0 240`);
  return [`${vehicles} 0 ${maxRoute} 2 ${maxRide}`, '0 6 6 0 0 0 240', ...pickups, ...dropoffs].join('\n');
}

/** The least distance over all routes there are, by the checker alone; Infinity where not everybody can be served. */
function tryAll(text: string, { vehicles, rides }: Rides): number {
  const best = new Map<number, number>([[0, 0]]);
  const grow = (route: readonly number[], served: number): void => {
    const aboard = route.filter((node) => node <= rides.length && !route.includes(node + rides.length));
    if (aboard.length === 0 && route.length > 0 && canDrive(text, route)) {
      const { distance } = checkRides(text, { routes: [route] });
      best.set(served, Math.min(best.get(served) ?? Infinity, distance));
    }
    for (const node of aboard) grow([...route, node + rides.length], served);
    for (let index = 0; index < rides.length; index++) {
      if ((served >> index) % 2 === 0) grow([...route, index + 1], served | (1 << index));
    }
  };
  grow([], 0);
  const everybody = 2 ** rides.length - 1;
  if (vehicles === 1) return best.get(everybody) ?? Infinity;
  const sums = [...best].map(([served, distance]) => distance + (best.get(everybody ^ served) ?? Infinity));
  return Math.min(...sums);
}

test('finds what trying every route finds', async (t) => {
  let solved = 0;
  await fc.assert(
    fc.asyncProperty(RIDES, async (rides) => {
      const text = textOf(rides);
      const instance = parseDialARide(text, 'tried.txt');
      const least = tryAll(text, rides);
      try {
        const solution = await optimalRides(instance);
        if (solution === null) throw new TypeError('four requests are few');
        const { feasible, kpis } = assessRides(instance, solution, null);
        t.true(feasible);
        t.deepEqual(checkRides(text, solution).faults, []);
        t.true(Math.abs((kpis['distance'] ?? 0) - least) < 1e-6, `${kpis['distance']} for ${least}`);
        solved++;
      } catch (error) {
        t.true(error instanceof HaggleError && error.code === 'program-infeasible', String(error));
        t.is(least, Infinity);
      }
    }),
    { seed: 11, numRuns: 40 },
  );
  t.true(solved > 15, `${solved} can be solved`);
});

test('has no optimum for more requests than it can try', async (t) => {
  const pickups = Array.from({ length: OPTIMUM_REQUESTS_MAX + 1 }, (_, index) => [index, 1, 3, 4, 50, 15] as const);
  const text = textOf({ vehicles: 2, maxRoute: 240, maxRide: 60, rides: pickups });
  t.is(await optimalRides(parseDialARide(text, 'many.txt')), null);
});

test('has no optimum where windows are so wide that the routes are too many', async (t) => {
  const pickups = Array.from({ length: OPTIMUM_REQUESTS_MAX }, (_, index) => [index, 1, 3, 4, 0, 200] as const);
  const text = textOf({ vehicles: 2, maxRoute: 240, maxRide: 240, rides: pickups }).replace('240 2 240', '240 12 240');
  t.is(await optimalRides(parseDialARide(text, 'wide.txt'), { timetablesMax: 20_000 }), null);
});

test('leaves as few requests as possible where some may be left, and prefers fewer vehicles where they cost', async (t) => {
  const two = parseDialARide(TWO_RIDES, 'two.txt');
  const dear: RideInstance = { ...two, variant: 'pickup-and-delivery', costs: { ...two.costs, perVehicle: 1_000 } };
  t.is((await optimalRides(dear))?.routes.length, 1);
  const late = parseDialARide(TWO_RIDES.replace('0 480\n', '0 90\n'), 'late.txt');
  await t.throwsAsync(optimalRides(late), { code: 'program-infeasible' });
  const solution = await optimalRides({ ...late, variant: 'city' });
  t.deepEqual([solution?.routes, solution?.unserved], [[[1, 3]], [2]]);
});

(hasRides('darp') ? test : test.skip)('beats the trivial contract net on parts of benchmarks', async (t) => {
  for (const name of ['a2-16', 'b2-20', 'a3-18']) {
    const whole = parseDialARide(rideText('darp', `${name}.txt`), name);
    const instance: RideInstance = {
      ...whole,
      variant: 'city',
      vehicles: whole.vehicles.slice(0, 2),
      requests: whole.requests.filter(({ id }) => id % 2 === 0).slice(0, 8),
    };
    const best = await optimalRides(instance);
    if (best === null) throw new TypeError('eight requests are few');
    const [ours, trivial] = [best, trivialContractNet(instance)].map((of) => assessRides(instance, of, null));
    t.true(ours?.feasible);
    t.true((ours?.kpis['unserved'] ?? 1) <= (trivial?.kpis['unserved'] ?? 0));
    if (ours?.kpis['unserved'] === trivial?.kpis['unserved']) {
      t.true((ours?.kpis['distance'] ?? Infinity) <= (trivial?.kpis['distance'] ?? 0) + 1e-9);
    }
  }
});
