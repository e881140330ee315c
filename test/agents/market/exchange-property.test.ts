import test from 'ava';
import * as fc from 'fast-check';
import { createCancellation } from '../../../agent-core/protocol/cancellation.ts';
import { ContinuousDoubleAuction, type OrderResult } from '../../../agent-core/protocol/continuous-double-auction.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { randomFaults } from '../../../simulator/random-faults.ts';
import { checkBooks, floor, type Floor } from './floor.ts';

/** A random order: when it comes, its terms, when it is taken back and to what price it is revised. */
const anOrder = fc.record({
  at: fc.integer({ min: 0, max: 200_000 }),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  price: fc.bigInt({ min: 1n, max: 12n }),
  quantity: fc.integer({ min: 1, max: 6 }),
  within: fc.integer({ min: 1, max: 300_000 }),
  grace: fc.constantFrom<number[]>(0, 500, 100_000),
  immediate: fc.constantFrom(false, false, false, true),
  cancelAt: fc.option(fc.integer({ min: 0, max: 250_000 })),
  revised: fc.option(fc.bigInt({ min: 1n, max: 12n })),
});
type RandomOrder = typeof anOrder extends fc.Arbitrary<infer T> ? T : never;

interface Outcome {
  readonly trader: string;
  readonly side: 'buy' | 'sell';
  readonly result: OrderResult;
}

const names = ['anna', 'bela', 'cora', 'dora'];

function play(market: Floor, plans: readonly (readonly RandomOrder[])[]): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  for (const [index, plan] of plans.entries()) {
    const name = names[index] ?? '';
    market.trader(name, async (ctx) => {
      await Promise.all(
        plan.map(async ({ at, cancelAt, revised, ...order }) => {
          await ctx.sleep(at);
          const cancellation = createCancellation();
          const running = ctx.run(ContinuousDoubleAuction.trader, {
            ...order,
            exchange: market.hub.did,
            asset: 'wheat',
            cancellation,
            setAside: order.side === 'buy' ? 12n * BigInt(order.quantity) : BigInt(order.quantity),
            ...(revised === null
              ? {}
              : { revise: { after: () => 7_000, terms: ({ quantity }) => ({ price: revised, quantity }) } }),
          });
          if (cancelAt !== null) {
            await ctx.sleep(cancelAt);
            cancellation.cancel('by plan');
          }
          outcomes.push({ trader: name, side: order.side, result: await running });
        }),
      );
    });
  }
  return outcomes;
}

test('no goods and no money are made or lost, whatever is ordered, cancelled, revised, lost, doubled or crashed', async (t) => {
  const ends = new Map<string, number>();
  let trades = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(anOrder, { maxLength: 5 }), { minLength: 4, maxLength: 4 }),
      fc.integer({ min: 0, max: 1_000_000 }),
      async (plans, seed) => {
        const random = createRandomRoot(seed).stream('faults');
        const faults = randomFaults(random, { agents: [...names, 'exchange'], horizon: '250 ms' });
        const market = floor({ seed, strict: false, latency: ['100 us', '3 ms'], ...faults });
        const outcomes = play(market, plans);
        await market.place.run();
        // What nobody voided has run out by now; a trader that comes back begins anew.
        await market.place.run({ until: '10 s' });
        if (market.hub.lifecycle === 'crashed') market.hub.restart();
        await market.place.run();
        for (const { counters, name } of market.place.agents) t.is(counters.handlerErrors, 0, `${name} has thrown`);
        checkBooks(t, market);
        const settled = market.settled();
        trades += settled.length;
        for (const { trader, side, result } of outcomes) {
          const did = market.place.didOf(trader);
          ends.set(result.type, (ends.get(result.type) ?? 0) + 1);
          const fills = result.type === 'done' || result.type === 'unknown' ? result.fills : [];
          for (const fill of fills) {
            const found = settled.find((trade) => trade.trade === fill.trade);
            t.deepEqual(found && [found[side === 'buy' ? 'buyer' : 'seller'], found.price, found.quantity], [
              did,
              fill.price,
              fill.quantity,
            ]);
          }
          if (result.type !== 'done') continue;
          // The last word counts what a lost message had said.
          t.true(result.quantity >= fills.reduce((sum, { quantity }) => sum + quantity, 0));
        }
      },
    ),
    { seed: 20, numRuns: 150 },
  );
  t.log(`${trades} trades; orders by end: ${JSON.stringify(Object.fromEntries(ends))}`);
  for (const end of ['done', 'unknown', 'refused']) t.true((ends.get(end) ?? 0) > 0, `some order ended ${end}`);
  t.true(trades > 100);
});

test('without faults every order has a last word, and the words add up to the trades', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(anOrder, { maxLength: 6 }), { minLength: 4, maxLength: 4 }),
      fc.integer({ min: 0, max: 1_000_000 }),
      async (plans, seed) => {
        const market = floor({ seed, latency: ['100 us', '3 ms'] });
        const sound = plans.map((plan) => plan.map((order) => ({ ...order, grace: 100_000 })));
        const outcomes = play(market, sound);
        await market.place.run();
        checkBooks(t, market);
        t.is(market.hub.state.refusedSettlements, 0);
        const { journal } = market.place.ledger;
        const refused = journal.filter((entry) => entry.type === 'chain' && entry.outcome.type === 'refused');
        t.deepEqual(refused, [], 'nothing is asked of the ledger that it refuses');
        const said = { buy: 0, sell: 0 };
        for (const { side, result } of outcomes) {
          t.not(result.type, 'unknown');
          if (result.type === 'done') said[side] += result.quantity;
        }
        const units = market.settled().reduce((sum, { quantity }) => sum + quantity, 0);
        t.deepEqual(said, { buy: units, sell: units });
        t.is(outcomes.length, plans.flat().length);
      },
    ),
    { seed: 21, numRuns: 60 },
  );
});
