import test, { type ExecutionContext } from 'ava';
import * as fc from 'fast-check';
import { fleet, tripOf, type Fleet, type FleetPlan } from './fleet.ts';

const ENDS = [
  [11, 88],
  [18, 81],
  [12, 78],
  [28, 71],
  [21, 87],
] as const;

const TRIPS = ENDS.map((ends, id) => tripOf(id, ends, [(id * 37) % 90, ((id * 37) % 90) + 60]));

/** Sessions begin in the tenth second and are over in the twelfth or so. */
const PLAN: FleetPlan = { trips: TRIPS, depots: [0, 9, 55], capacity: 2, trade: { rounds: 6, within: '20 s' } };

/** Two stops for each rider that was served, and money that adds up. */
function claimPromises(t: ExecutionContext, all: Fleet): void {
  t.deepEqual(all.place.ledger.audit().faults, []);
  for (const { name, counters, state } of all.vehicles) {
    t.is(counters.handlerErrors, 0, name);
    t.is(state.session, null, `${name} sits in no session`);
    t.is(state.visits.length + state.contracts.size, 0, `${name} is through`);
  }
}

test('where a vehicle crashes in the middle of a session the others go on, and drive what they have', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 10_000_000, max: 11_500_000 }), fc.nat({ max: 2 }), async (at, k) => {
      const crash = { type: 'crash', agent: `vehicle-${k}`, at } as const;
      const all = fleet({ ...PLAN, world: { faultPlan: [crash] } });
      await all.place.run({ until: '9 h' });
      const others: Fleet = { ...all, vehicles: all.vehicles.filter((_, other) => other !== k) };
      claimPromises(t, others);
      // Whoever has a contract with the crashed vehicle waits for it to the end of the day: nobody tells it more.
      for (const { name, state } of all.riders) {
        if (state.served === null) t.is(state.carrier, all.vehicles[k]?.did ?? null, `${name} is not served`);
      }
      const driven = others.vehicles.flatMap(({ state }) => state.driven);
      t.is(new Set(driven.map(({ trip, kind }) => `${trip} ${kind}`)).size, driven.length, 'no stop twice');
    }),
    { seed: 41, numRuns: 10 },
  );
});

test('a vehicle that comes back has forgotten its contracts, and joins sessions and bids again', async (t) => {
  const faults = [
    { type: 'crash', agent: 'vehicle-1', at: '10500 ms' },
    { type: 'restart', agent: 'vehicle-1', at: '40 s' },
  ] as const;
  const late = [...TRIPS, tripOf(5, [9, 19], [100, 140])];
  const callAt = (k: number): number => (k === 5 ? 60_000_000 : k * 50_000);
  const all = fleet({ ...PLAN, trips: late, callAt, world: { faultPlan: [...faults] } });
  await all.place.run();
  claimPromises(t, all);
  t.not(all.riders[5]?.state.served, null);
});

test('a rider that comes back calls again: its vehicle drops the old contract for a new one, and drives it once', async (t) => {
  for (const at of ['5 s', '10500 ms', '20 s'] as const) {
    const faults = [
      { type: 'crash', agent: 'rider-1', at },
      { type: 'restart', agent: 'rider-1', at: '100 s' },
    ] as const;
    const all = fleet({ ...PLAN, world: { faultPlan: [...faults] } });
    await all.place.run();
    claimPromises(t, all);
    for (const { name, state } of all.riders) t.not(state.served, null, `${name} after ${at}`);
    const stops = all.vehicles.flatMap(({ state }) => state.driven.filter(({ trip }) => trip === 1));
    t.true(stops.length >= 2, `${stops.length} stops after ${at}`);
  }
});

test('a rider that never comes back is driven to nobody: its vehicle makes its stops and goes on', async (t) => {
  const all = fleet({ ...PLAN, world: { faultPlan: [{ type: 'crash', agent: 'rider-1', at: '10500 ms' }] } });
  await all.place.run();
  claimPromises(t, all);
  for (const [k, { name, state }] of all.riders.entries()) if (k !== 1) t.not(state.served, null, name);
});
