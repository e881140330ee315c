import test, { type ExecutionContext } from 'ava';
import * as fc from 'fast-check';
import type { RiderState } from '../../../agents/ride-sharing/rider.ts';
import { followDemand } from '../../../agents/ride-sharing/policies/repositioning.ts';
import { markupByLoad } from '../../../agents/ride-sharing/policies/shading.ts';
import type { RideInstance } from '../../../scenarios/ride-sharing/instance.ts';
import { DEFAULT_OPTIONS, type RideOptions } from '../../../scenarios/ride-sharing/options.ts';
import { populateRides } from '../../../scenarios/ride-sharing/population.ts';
import { assessRides } from '../../../scenarios/ride-sharing/score.ts';
import type { RideSolution } from '../../../scenarios/ride-sharing/solution.ts';
import { world, type World } from '../../../simulator/world.ts';
import type { WorldOptions } from '../../../simulator/world-options.ts';
import { anyCity } from './online-city.ts';

const ONLINE: RideOptions = { ...DEFAULT_OPTIONS, mode: 'online' };

interface Day {
  readonly place: World;
  readonly solution: RideSolution;
  readonly riders: readonly RiderState[];
}

async function day(
  instance: RideInstance,
  options: RideOptions,
  { seed = 1, sign = 'off' }: { seed?: number; sign?: NonNullable<WorldOptions['sign']> } = {},
): Promise<Day> {
  const place = world({ seed, sign, strict: true });
  const population = populateRides(place, instance, options);
  await place.run();
  const riders = place.agents.filter(({ name }) => name.startsWith('rider')).map(({ state }) => state as RiderState);
  return { place, solution: population.agreement(), riders };
}

const anyOptions: fc.Arbitrary<RideOptions> = fc
  .record({
    renegotiate: fc.boolean(),
    lateness: fc.constantFrom(0, 0, 0.5, 1),
    market: fc.constantFrom('broker' as const, 'user' as const, 'independent' as const),
    moves: fc.boolean(),
    shades: fc.boolean(),
  })
  .map(({ moves, shades, ...rest }) => ({
    ...ONLINE,
    ...rest,
    ...(moves ? { reposition: followDemand({ horizonRides: 2, perWayRide: 0.1, othersNearer: 1 }) } : {}),
    ...(shades ? { shading: markupByLoad({ perTrip: 0.2, perWin: 0.1 }) } : {}),
  }));

function checkDay(t: ExecutionContext, instance: RideInstance, { place, solution, riders }: Day): void {
  const { feasible, violations, kpis } = assessRides(instance, solution, null);
  t.true(feasible, JSON.stringify(violations));
  const requestTimes = new Map(instance.requests.map(({ nodes, requestTime }) => [nodes[0], requestTime]));
  for (const [route, nodes] of solution.routes.entries()) {
    for (const [k, node] of nodes.entries()) {
      t.true(
        (solution.begins[route]?.[k] ?? 0) >= (requestTimes.get(node) ?? 0),
        'nobody is served before it is known',
      );
    }
  }
  t.is(riders.filter(({ served }) => served !== null).length, kpis['served'] ?? -1);
  t.true(
    riders.every(({ served, carrier, callsInVain }) => served !== null || (carrier === null && callsInVain > 0)),
    'nobody is left behind whom nobody refused',
  );
  t.deepEqual(place.ledger.audit().faults, []);
  t.is(place.ledger.audit().openReservations, 0, 'no money is left in between');
  const held = place.agents.reduce((sum, { did }) => sum + place.ledger.balance(did).available, 0n);
  t.is(held, place.ledger.supply(), 'no money was made or lost');
}

test('serves riders in time once they are known, by one vehicle each, and loses neither riders nor money', async (t) => {
  await fc.assert(
    fc.asyncProperty(anyCity, anyOptions, fc.nat(1_000), async (instance, options, seed) => {
      checkDay(t, instance, await day(instance, options, { seed }));
    }),
    { numRuns: 60 },
  );
});

test('goes the same way for the same seed, signed or not', async (t) => {
  await fc.assert(
    fc.asyncProperty(anyCity, anyOptions, async (instance, options) => {
      const first = await day(instance, options);
      for (const sign of ['off', 'batch'] as const) {
        const again = await day(instance, options, { sign });
        t.is(again.place.fingerprint(), first.place.fingerprint());
        t.deepEqual(again.solution, first.solution);
      }
    }),
    { numRuns: 6 },
  );
});

test('drives a way to its end where the map names no place to turn off, and has no need to elsewhere', async (t) => {
  let turned = 0;
  await fc.assert(
    fc.asyncProperty(anyCity, async (instance) => {
      const { solution } = await day(instance, ONLINE);
      const passed = (solution.passed ?? []).flat();
      if (instance.map.turn === undefined) t.deepEqual(passed, []);
      else turned += passed.length;
    }),
    { numRuns: 40, seed: 1 },
  );
  t.true(turned > 0);
});

test('trades trips among the vehicles of one operator only', async (t) => {
  let trades = 0;
  await fc.assert(
    fc.asyncProperty(anyCity, async (instance) => {
      const alone = { ...instance, vehicles: instance.vehicles.map((own, operator) => ({ ...own, operator })) };
      t.deepEqual((await day(alone, ONLINE)).solution.trades, []);
      const together = { ...instance, vehicles: instance.vehicles.map((own) => ({ ...own, operator: 0 })) };
      trades += (await day(together, ONLINE)).solution.trades.length;
    }),
    { numRuns: 25, seed: 1 },
  );
  t.true(trades > 0);
});

/** One rider; the vehicle of operator 0 has the shorter way to it, that of operator 1 the faster one. */
const DUEL: RideInstance = {
  name: 'duel',
  variant: 'ride-pooling',
  map: {
    places: 4,
    positions: [],
    streets: [],
    time: (from, to) => (from === to ? 0 : from === 0 ? 200 : 100),
    distance: (from, to) => (from === to ? 0 : from === 0 ? 1 : 2),
  },
  vehicles: [0, 1].map((operator) => ({
    start: operator,
    home: null,
    earliest: 0,
    latest: Infinity,
    capacity: 3,
    maxDuration: Infinity,
    operator,
  })),
  requests: [
    {
      id: 1,
      load: 1,
      maxRide: 200,
      requestTime: 10,
      nodes: [1, 2],
      pickup: { place: 2, service: 30, earliest: 10, latest: 310 },
      dropoff: { place: 3, service: 30, earliest: 10, latest: 600 },
    },
  ],
  costs: { perDistance: 1, perRiderTime: 0, perVehicle: 0 },
  secondsPerTime: 1,
  units: { time: 's', distance: 'm' },
  published: null,
};

test('a broker takes the offer that costs least, a user the one that arrives first, and who is faithful either', async (t) => {
  const winner = async (market: NonNullable<RideOptions['market']>, seed = 1): Promise<readonly number[]> =>
    (await day(DUEL, { ...ONLINE, market }, { seed })).solution.vehicles;
  t.deepEqual(await winner('broker'), [0]);
  t.deepEqual(await winner('user'), [1]);
  const faithful = await Promise.all(Array.from({ length: 12 }, async (_, seed) => await winner('independent', seed)));
  t.deepEqual(new Set(faithful.flat()), new Set([0, 1]));
});

test('an idle vehicle goes where riders called from, and the way there counts', async (t) => {
  const [only] = DUEL.requests;
  t.truthy(only);
  const requests = [0, 1, 2].flatMap((k) =>
    only === undefined ? [] : [{ ...only, id: k + 1, nodes: [2 * k + 1, 2 * k + 2] as const, requestTime: 10 + k }],
  );
  const reposition = followDemand({ horizonRides: 1, perWayRide: 0, othersNearer: 3 });
  const instance = { ...DUEL, requests };
  const stays = await day(instance, ONLINE);
  const moves = await day(instance, { ...ONLINE, reposition });
  checkDay(t, instance, moves);
  t.true((moves.solution.passed ?? []).flat().some(({ place }) => place === 2));
  const distance = ({ solution }: Day): number => assessRides(instance, solution, null).kpis['distance'] ?? 0;
  t.true(distance(moves) > distance(stays));
});
