import test from 'ava';
import { claimServed, claimSound, fleet, FUNDS, tripOf, type Fleet, type FleetPlan } from './fleet.ts';

const TRIPS = [
  tripOf(0, [11, 88]),
  tripOf(1, [18, 81]),
  tripOf(2, [12, 78]),
  tripOf(3, [28, 71]),
  tripOf(4, [21, 87]),
  tripOf(5, [17, 82]),
  tripOf(6, [2, 9]),
  tripOf(7, [92, 98]),
];

const PLAN: FleetPlan = { trips: TRIPS, depots: [0, 9, 55] };

/** What a vehicle has at the end: its fares, what deals paid it, and nothing else. */
function fareSum({ riders }: Fleet): bigint {
  return riders.reduce((sum, { state }) => sum + (state.fare ?? 0n), 0n);
}

test('the way of all vehicles falls by a session, and every micro-token is accounted for', async (t) => {
  const alone = fleet({ ...PLAN, trade: null });
  await alone.place.run();
  claimServed(t, alone);
  claimSound(t, alone);
  const traded = fleet(PLAN);
  await traded.place.run();
  claimServed(t, traded);
  claimSound(t, traded);
  t.true(traded.way() < alone.way(), `${traded.way()} < ${alone.way()}`);
  t.true(traded.vehicles.some(({ state }) => state.trades.length > 0));
  t.log(
    traded.vehicles.map(({ state }) => [
      state.sessionsAttended,
      state.sessionsInVain,
      state.timesAlone,
      state.rounds,
      state.trades.length,
    ]),
  );
  t.log(alone.way(), traded.way(), traded.place.now(), traded.place.traffic.messages);
  const earned = traded.vehicles.reduce((sum, { did }) => sum + traded.place.ledger.balance(did).available - FUNDS, 0n);
  t.is(earned, fareSum(traded));
});
