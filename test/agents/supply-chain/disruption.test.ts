import test from 'ava';
import * as fc from 'fast-check';
import {
  bookFaults,
  firmAt,
  firmIds,
  moneyFaults,
  playDisrupted,
  smallNetwork,
  stockFaults,
} from './disruption-world.ts';

const SEED = 60_600;

/** How firms may meet a disruption. */
const modes = fc.constantFrom(
  { renegotiate: true },
  { renegotiate: true, notices: false },
  { renegotiate: false },
  { renegotiate: false, notices: true },
);

test('whatever breaks down, both sides have the same contracts, money is conserved, and the orders replayed give what firms earned', async (t) => {
  let cut = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(100_000), fc.boolean(), modes, async (seed, backlog, mode) => {
      const run = await playDisrupted(smallNetwork(seed, { backlog, disruptions: 6 }), mode, { seed });
      cut += firmIds(run).reduce((sum, id) => sum + firmAt(run, id).cutUnits, 0);
      t.deepEqual(bookFaults(run), []);
      t.deepEqual(stockFaults(run), []);
      t.deepEqual([...moneyFaults(run)], []);
      t.deepEqual(run.place.ledger.audit().faults, []);
      const earned = Object.values(run.solution.firms).reduce((sum, { profit }) => sum + profit, 0);
      t.true(Math.abs(earned - run.solution.profit) < 1e-3, `firms earned ${earned}, replayed ${run.solution.profit}`);
    }),
    { seed: SEED, numRuns: 16 },
  );
  t.true(cut > 0, 'some contracts were cut by notice');
});

test('with a seed, a run with notices is the same again', async (t) => {
  const runs = [1, 2].map(() => playDisrupted(smallNetwork(7), {}, { seed: 7 }));
  const [first, second] = await Promise.all(runs);
  t.is(first?.place.fingerprint(), second?.place.fingerprint());
  t.deepEqual(first?.solution, second?.solution);
});
