import test from 'ava';
import * as fc from 'fast-check';
import { createRandomRoot } from '../../../agent-core/random.ts';
import type { LinkFaults } from '../../../simulator/link.ts';
import { randomFaults } from '../../../simulator/random-faults.ts';
import { bookFaults, firmAt, firmIds, moneyFaults, playDisrupted, smallNetwork } from './disruption-world.ts';

const SEED = 60_601;
const PERIODS = 12;

test('duplicated and overtaken messages change no book: contracts are equal on both sides, and all money is booked', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(100_000), fc.boolean(), async (seed, renegotiate) => {
      const faults: LinkFaults = { duplicate: 0.2 };
      const run = await playDisrupted(
        smallNetwork(seed),
        { renegotiate },
        { seed, faults, latency: ['1 ms', '20 ms'] },
      );
      t.deepEqual(bookFaults(run), []);
      t.deepEqual([...moneyFaults(run)], []);
      t.deepEqual(run.place.ledger.audit().faults, []);
    }),
    { seed: SEED, numRuns: 6 },
  );
});

test('where messages are lost until two thirds of the game, all firms end it, no money is lost, and contracts to come are equal again', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(100_000), fc.double({ min: 0.001, max: 0.1, noNaN: true }), async (seed, loss) => {
      const faults: LinkFaults = { loss, until: '8 h' };
      const run = await playDisrupted(smallNetwork(seed), {}, { seed, faults });
      t.true(firmIds(run).every((id) => firmAt(run, id).isOver));
      t.deepEqual(run.place.ledger.audit().faults, []);
      const later = bookFaults(run).filter((fault) => Number(/period (\d+)/.exec(fault)?.[1]) >= 9);
      t.deepEqual(later, []);
      for (const id of firmIds(run)) t.true(firmAt(run, id).stock.every((units) => units >= -1e-9));
    }),
    { seed: SEED, numRuns: 8 },
  );
});

test('whatever is lost, cut off or crashes, no handler throws and every firm that is there ends the game with the ledger in balance', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(100_000), fc.boolean(), async (seed, renegotiate) => {
      const instance = smallNetwork(seed);
      const agents = instance.network.nodes.map(({ kind, id }) => `${kind}-${id}`);
      const { faults, faultPlan } = randomFaults(createRandomRoot(seed).stream('faults'), { agents, horizon: '8 h' });
      const run = await playDisrupted(instance, { renegotiate }, { seed, faults, faultPlan });
      const ended = new Set(faultPlan.flatMap((one) => (one.type === 'crash' ? [one.agent] : [])));
      for (const one of faultPlan) if (one.type === 'restart') ended.delete(one.agent);
      for (const { id, kind } of instance.network.nodes) {
        if (kind === 'raw' || ended.has(`${kind}-${id}`)) continue;
        t.true(firmAt(run, id).isOver, `${kind} ${id} has ended the ${PERIODS} periods`);
      }
      t.deepEqual(run.place.ledger.audit().faults, []);
    }),
    { seed: SEED, numRuns: 10 },
  );
});
