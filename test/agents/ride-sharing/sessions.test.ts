import test from 'ava';
import * as fc from 'fast-check';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import type { SigningMode } from '../../../agent-core/message/seal.ts';
import { DEFAULT_OPTIONS } from '../../../scenarios/ride-sharing/options.ts';
import { populateRides } from '../../../scenarios/ride-sharing/population.ts';
import { trivialContractNet } from '../../../scenarios/ride-sharing/references.ts';
import { assessRides } from '../../../scenarios/ride-sharing/score.ts';
import type { RideInstance } from '../../../scenarios/ride-sharing/instance.ts';
import { world } from '../../../simulator/world.ts';
import { claimServed, claimSound, CLOCK, fleet, FUNDS, PLANE, tripOf, type Fleet, type FleetPlan } from './fleet.ts';

/** Back and forth across the plane, with windows and seats that make the first bids poor ones. */
const ENDS = [
  [11, 88],
  [18, 81],
  [12, 78],
  [28, 71],
  [21, 87],
  [17, 82],
  [2, 9],
  [92, 98],
] as const;

const TRIPS = ENDS.map((ends, id) => tripOf(id, ends, [(id * 37) % 90, ((id * 37) % 90) + 60]));

const PLAN: FleetPlan = { trips: TRIPS, depots: [0, 9, 55], capacity: 2 };

/** What deals moved between vehicles, from the journal of the ledger. */
function dealFlows({ place }: Fleet): ReadonlyMap<Did, bigint> {
  const reserved = new Map<string, Did>();
  const flows = new Map<Did, bigint>();
  const add = (did: Did, amount: bigint): void => void flows.set(did, (flows.get(did) ?? 0n) + amount);
  for (const entry of place.ledger.journal) {
    if (entry.type !== 'chain' || entry.from === 'issuer' || entry.outcome.type === 'refused') continue;
    for (const operation of entry.operations) {
      if (operation.type === 'reserve' && operation.to !== 'issuer') reserved.set(operation.id, operation.to);
      if (operation.type !== 'post' || !operation.reservation.includes('/deal/')) continue;
      const to = reserved.get(operation.reservation);
      add(entry.from, -operation.amount);
      if (to !== undefined) add(to, operation.amount);
    }
  }
  return flows;
}

/** Fares of the riders that a vehicle dropped off. */
function faresOf({ riders }: Fleet, stops: readonly { readonly trip: number; readonly kind: string }[]): bigint {
  return stops
    .filter(({ kind }) => kind === 'dropoff')
    .reduce((sum, { trip }) => sum + (riders[trip]?.state.fare ?? 0n), 0n);
}

test('by a session the way of all vehicles falls, and nobody is worse off than by its first contracts', async (t) => {
  const alone = fleet({ ...PLAN, trade: null });
  await alone.place.run();
  claimServed(t, alone);
  claimSound(t, alone);
  const traded = fleet(PLAN);
  await traded.place.run();
  claimServed(t, traded);
  claimSound(t, traded);
  t.true(traded.way() < alone.way(), `${traded.way()} < ${alone.way()}`);
  for (const [k, { did }] of traded.vehicles.entries()) {
    const profit = ({ place, wayOfOne }: Fleet): bigint => place.ledger.balance(did).available - FUNDS - wayOfOne(k);
    // Fares are rounded to the micro-token, and so is each way.
    t.true(profit(traded) >= profit(alone) - 20n, `vehicle ${k}: ${profit(traded)} >= ${profit(alone)}`);
  }
});

test('what a vehicle has at the end is its fares and what deals paid it, to the micro-token', async (t) => {
  const all = fleet({ ...PLAN, world: { money: { record: true } } });
  await all.place.run();
  const flows = dealFlows(all);
  t.true(
    [...flows.values()].some((flow) => flow !== 0n),
    'somebody was paid',
  );
  t.is(
    [...flows.values()].reduce((a, b) => a + b, 0n),
    0n,
  );
  for (const { did, state } of all.vehicles) {
    t.is(all.place.ledger.balance(did).available, FUNDS + faresOf(all, state.driven) + (flows.get(did) ?? 0n));
  }
  const traded = all.riders.filter(({ state }) => state.handovers > 0);
  t.true(traded.length > 0, 'somebody was handed over');
});

test('a deal waits to be paid only while a rider that came by it has not called', async (t) => {
  let waited = 0;
  const watch = (): void => {
    for (const { state } of all.vehicles) {
      waited += state.unsettled.size;
      const isDue = ({ takes }: { readonly takes: readonly { readonly trip: number }[] }): boolean =>
        takes.every(({ trip }) => !state.expected.has(trip));
      t.false([...state.unsettled.values()].some(isDue));
    }
  };
  const all: Fleet = fleet({ ...PLAN, world: { record: watch } });
  await all.place.run();
  t.true(waited > 0);
  t.true(all.vehicles.every(({ state }) => state.unsettled.size === 0));
});

test('a rider that is handed over pays its new carrier what it had agreed with the old one, which gets nothing', async (t) => {
  const alone = fleet({ ...PLAN, trade: null });
  await alone.place.run();
  const all = fleet({ ...PLAN, world: { money: { record: true } } });
  await all.place.run();
  for (const [k, { did, state }] of all.riders.entries()) {
    t.is(state.fare, alone.riders[k]?.state.fare ?? null);
    t.is(all.place.ledger.balance(did).available, FUNDS - (state.fare ?? 0n));
    const escrows = all.place.ledger.journal.flatMap((entry) =>
      entry.type === 'chain' && entry.from === did ? entry.operations.filter(({ type }) => type === 'reserve') : [],
    );
    t.is(escrows.length, 1 + state.handovers, 'one escrow a carrier');
  }
});

/** Trips in all corners with windows of their own, and when they are called. */
const anyPlan = fc.record({
  seed: fc.nat({ max: 10_000 }),
  ends: fc.array(fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: 99 }), fc.nat({ max: 120 })), {
    minLength: 1,
    maxLength: 9,
  }),
  depots: fc.array(fc.nat({ max: 99 }), { minLength: 1, maxLength: 4 }),
  capacity: fc.integer({ min: 1, max: 3 }),
  rounds: fc.integer({ min: 1, max: 12 }),
  late: fc.boolean(),
});

test('at no time has a trip two contracts, or is nobody responsible for it', async (t) => {
  await fc.assert(
    fc.asyncProperty(anyPlan, async ({ seed, ends, depots, capacity, rounds, late }) => {
      const trips = ends.map(([from, to, earliest], id) => tripOf(id, [from, to], [earliest, earliest + 60]));
      const watch = (): void => {
        for (const { id } of trips) {
          const holders = all.vehicles.filter(({ state }) => state.contracts.has(id));
          if (holders.length > 1) throw new Error(`trip ${id} has ${holders.length} contracts at ${all.place.now()}`);
          for (const { name, state } of holders) {
            const isPlanned = state.visits.some(({ trip }) => trip.id === id) || state.underWay?.visit.trip.id === id;
            const { handovers = 0 } = all.riders[id]?.state ?? {};
            if (!isPlanned && handovers === handedOver.get(id)) given.set(id, (given.get(id) ?? 0) + 1);
            if (isPlanned) handedOver.set(id, handovers);
            if ((given.get(id) ?? 0) > 10_000) throw new Error(`${name} has forgotten trip ${id}`);
          }
        }
      };
      const handedOver = new Map<number, number>();
      const given = new Map<number, number>();
      const callAt = (k: number): number => (late ? CLOCK.dayStart : 0) + k * 3_000_000;
      const trade = late ? { rounds, startAt: null, within: '10 s' as const } : { rounds };
      const all: Fleet = fleet({ trips, depots, capacity, trade, callAt, world: { seed, record: watch } });
      await all.place.run();
      claimSound(t, all);
      for (const { name, state } of all.vehicles) {
        t.is(state.session, null, `${name} sits in no session`);
        t.is(state.visits.length + state.contracts.size, 0, `${name} is through`);
      }
      for (const { state, name } of all.riders) {
        const id = Number(name.slice(6));
        const stops = all.vehicles.flatMap((one) => one.state.driven.filter(({ trip }) => trip === id));
        t.is(stops.length, state.served === null ? 0 : 2, `${name} is driven exactly where it is served`);
      }
    }),
    { seed: 31, numRuns: 12 },
  );
});

test('two runs, and runs in all signing modes, are the same', async (t) => {
  const prints = new Set<string>();
  for (const sign of ['off', 'off', 'batch', 'each'] as const satisfies readonly SigningMode[]) {
    const all = fleet({ ...PLAN, trips: TRIPS.slice(0, 5), trade: { rounds: 6, sessions: 2 }, world: { sign } });
    await all.place.run();
    claimServed(t, all);
    prints.add(all.place.fingerprint());
  }
  t.is(prints.size, 1);
});

test('without renegotiation vehicles drive what the trivial contract net says', async (t) => {
  const vehicles = [0, 9, 55].map((start) => ({
    start,
    home: start,
    earliest: 0,
    latest: 480,
    capacity: 2,
    maxDuration: 480,
    operator: 0,
  }));
  const instance: RideInstance = {
    name: 'plane',
    variant: 'dial-a-ride',
    map: PLANE,
    vehicles,
    secondsPerTime: 60,
    published: null,
    requests: TRIPS.map((trip) => ({ ...trip, requestTime: 0, nodes: [2 * trip.id, 2 * trip.id + 1] })),
    costs: { perDistance: 1, perRiderTime: 0, perVehicle: 0 },
    units: { time: 'min', distance: 'km' },
  };
  const place = world({ seed: 1, sign: 'off', strict: true });
  const population = populateRides(place, instance, { ...DEFAULT_OPTIONS, renegotiate: false });
  await place.run();
  const driven = population.agreement();
  const trivial = trivialContractNet(instance);
  t.deepEqual(driven.routes, trivial.routes);
  t.deepEqual(driven.vehicles, trivial.vehicles);
  t.deepEqual(driven.unserved, trivial.unserved);
  t.deepEqual(driven.trades, []);
  t.is(assessRides(instance, driven, null).kpis['distance'], assessRides(instance, trivial, null).kpis['distance']);
});

test('a vehicle calls no more sessions once so many in a row were in vain, or so many were held', async (t) => {
  for (const [patience, sessions] of [
    [1, 6],
    [3, 6],
    [100, 2],
  ] as const) {
    const all = fleet({ ...PLAN, trade: { patience, sessions, rounds: 4 } });
    await all.place.run();
    claimServed(t, all);
    for (const { state } of all.vehicles) {
      t.true(state.sessionsInVain >= patience || state.sessionsAttended >= sessions, 'it went on until then');
      // Others may call those who call no more.
      t.true(state.sessionsAttended <= 3 * (sessions + patience));
    }
  }
});

test('where less than the quorum can come there is no session, and contracts stay', async (t) => {
  const contracts = ({ vehicles }: Fleet): number => vehicles.reduce((sum, { state }) => sum + state.contracts.size, 0);
  const all = fleet({ ...PLAN, guests: ['nobody'], trade: { quorum: 1, rounds: 4 } });
  await all.place.run({ until: '2 min' });
  for (const { state } of all.vehicles) {
    t.is(state.sessionsAttended, 0);
    t.true(state.timesAlone > 0);
  }
  t.is(contracts(all), TRIPS.length);
  const half = fleet({ ...PLAN, guests: ['nobody'], trade: { quorum: 0.6, rounds: 4 } });
  await half.place.run({ until: '2 min' });
  t.is(contracts(half), TRIPS.length);
  t.true(half.vehicles.some(({ state }) => state.sessionsAttended > 0));
});
