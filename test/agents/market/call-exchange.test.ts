import test, { type ExecutionContext } from 'ava';
import * as fc from 'fast-check';
import { callExchange, type CallExchangeState } from '../../../agents/market/call-exchange.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import {
  CallMarket,
  checkClearing,
  DISCLOSED_ORDERS,
  type SealedResult,
  type SealedWish,
} from '../../../agent-core/protocol/call-market.ts';
import { createCancellation } from '../../../agent-core/protocol/cancellation.ts';
import { LIMITS } from '../../../agent-core/limits.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import type { PlacedAgent } from '../../../simulator/placed-agent.ts';
import { randomFaults } from '../../../simulator/random-faults.ts';
import type { WorldOptions } from '../../../simulator/world-options.ts';
import { world, type World } from '../../../simulator/world.ts';
import { MONEY, scripted, WHEAT } from './floor.ts';

type Wish = Partial<SealedWish> & Pick<SealedWish, 'side' | 'price' | 'quantity'>;

interface Hall {
  readonly place: World;
  readonly hub: PlacedAgent<CallExchangeState>;
  readonly results: Map<string, SealedResult>;
  /** A trader that gives each order at its time in milliseconds. Results are named `name`, `name 2` … */
  orders(name: string, ...orders: readonly (readonly [number, Wish])[]): Did;
}

/** A call every second. */
function hall(options: Partial<WorldOptions> = {}, market: Partial<Parameters<typeof callExchange>[0]> = {}): Hall {
  const place = world({ seed: 1, strict: true, money: { record: true }, ...options });
  const hub = place.spawn(callExchange({ assets: ['wheat'], every: '1 s', settles: '100 ms', ...market }), {
    name: 'exchange',
  });
  const results = new Map<string, SealedResult>();
  const orders: Hall['orders'] = (name, ...given) => {
    const script = scripted(async (ctx) => {
      await Promise.all(
        given.map(async ([at, wish], index) => {
          await ctx.sleep(`${at} ms`);
          const result = await ctx.run(CallMarket.trader, {
            exchange: hub.did,
            asset: 'wheat',
            within: '2 s',
            ...wish,
          });
          results.set(index === 0 ? name : `${name} ${index + 1}`, result);
        }),
      );
    });
    return place.spawn(script, { name, funds: { token: MONEY, wheat: WHEAT } }).did;
  };
  return { place, hub, results, orders };
}

function checkBooks(t: ExecutionContext, { place, hub }: Hall): void {
  const traders = place.agents.filter(({ did }) => did !== hub.did);
  t.deepEqual(place.ledger.audit().faults, []);
  t.is(place.ledger.audit().openReservations, 0);
  t.is(place.ledger.supply(), MONEY * BigInt(traders.length));
  t.is(place.ledger.supply('wheat'), WHEAT * BigInt(traders.length));
  for (const asset of ['token', 'wheat']) t.is(place.ledger.balance(hub.did, asset).available, 0n);
  for (const { counters, name, lifecycle } of place.agents) {
    if (lifecycle !== 'crashed') t.is(counters.dialoguesOpen, 0, `${name} has no open dialogue`);
  }
  t.deepEqual([hub.state.orders.size, hub.state.ids.size, hub.state.callAt], [0, 0, null]);
}

test('the call trades the most units there are at one price, and everybody can check it', async (t) => {
  const market = hall();
  const [cheap, dear] = [
    { side: 'sell', price: 4n, quantity: 3 },
    { side: 'sell', price: 9n, quantity: 3 },
  ] as const;
  const [high, low] = [
    { side: 'buy', price: 10n, quantity: 4 },
    { side: 'buy', price: 5n, quantity: 2 },
  ] as const;
  const seller = market.orders('cheap', [0, cheap]);
  const buyer = market.orders('high', [10, high]);
  market.orders('dear', [20, dear]);
  market.orders('low', [30, low]);
  await market.place.run();
  // Four units at 9 to 9: the fourth bid unit meets the first dear one, and the next ask is 9 too.
  const prices = [...market.results.values()].map((result) => (result.type === 'cleared' ? result.price : result.type));
  t.deepEqual(prices, [9n, 9n, 9n, 9n]);
  const shares = ['cheap', 'high', 'dear', 'low'].map((name) => {
    const result = market.results.get(name);
    return result?.type === 'cleared' && [result.volume, result.allotted, result.quantity, result.money];
  });
  t.deepEqual(shares, [
    [4, 3, 3, 27n],
    [4, 4, 4, 36n],
    [4, 1, 1, 9n],
    [4, 0, 0, 0n],
  ]);
  for (const [name, sent] of Object.entries({ cheap, high, dear, low })) {
    const result = market.results.get(name);
    t.true(result?.type === 'cleared' && checkClearing(result, sent), name);
  }
  t.is(market.place.ledger.balance(buyer).available, MONEY - 36n);
  t.is(market.place.ledger.balance(buyer, 'wheat').available, WHEAT + 4n);
  t.is(market.place.ledger.balance(seller).available, MONEY + 27n);
  const refused = market.place.ledger.journal.filter(
    (entry) => entry.type === 'chain' && entry.outcome.type === 'refused',
  );
  t.deepEqual(refused, [], 'nothing is given back that is used up');
  t.deepEqual(market.hub.state.calls, [{ asset: 'wheat', time: 1_000_000, price: 9n, volume: 4, orders: 4 }]);
  checkBooks(t, market);
});

test('a call that was cleared otherwise than it says does not stand the check', async (t) => {
  const market = hall();
  const sent = { side: 'buy', price: 10n, quantity: 4 } as const;
  market.orders('seller', [0, { side: 'sell', price: 4n, quantity: 3 }]);
  market.orders('buyer', [10, sent]);
  await market.place.run();
  const result = market.results.get('buyer');
  if (result?.type !== 'cleared') {
    t.fail();
    return;
  }
  t.true(checkClearing(result, sent));
  t.false(checkClearing({ ...result, price: 9n }, sent));
  t.false(checkClearing({ ...result, volume: 2 }, sent));
  t.false(checkClearing({ ...result, allotted: 2 }, sent));
  t.false(checkClearing({ ...result, own: 0 }, sent), 'not the order that was sent');
  t.false(checkClearing({ ...result, own: 7 }, sent));
  t.false(checkClearing({ ...result, orders: result.orders?.slice(1) ?? null, own: 0 }, sent), 'an order left out');
  t.false(checkClearing({ ...result, orders: null }, sent));
});

test('where no bid reaches an ask there is no price, and everything comes back', async (t) => {
  const market = hall({}, { discloses: false });
  market.orders('seller', [0, { side: 'sell', price: 6n, quantity: 3 }]);
  market.orders('buyer', [10, { side: 'buy', price: 5n, quantity: 3 }]);
  await market.place.run();
  const result = market.results.get('buyer');
  t.like(result, { type: 'cleared', price: null, volume: 0, quantity: 0, orders: null, own: null });
  checkBooks(t, market);
});

test('an order takes part in the next call after it was accepted, and calls are only held where somebody ordered', async (t) => {
  const market = hall();
  market.orders(
    'seller',
    [0, { side: 'sell', price: 4n, quantity: 3 }],
    [3_500, { side: 'sell', price: 4n, quantity: 1 }],
  );
  market.orders('buyer', [3_600, { side: 'buy', price: 5n, quantity: 3 }]);
  await market.place.run();
  t.deepEqual(
    market.hub.state.calls.map(({ time, volume }) => [time, volume]),
    [
      [1_000_000, 0],
      [4_000_000, 1],
    ],
  );
  checkBooks(t, market);
});

test('an order can be taken back until the call, and not after', async (t) => {
  const market = hall();
  const [early, late] = [createCancellation(), createCancellation()];
  market.orders('early', [0, { side: 'sell', price: 4n, quantity: 3, cancellation: early }]);
  market.orders('late', [0, { side: 'sell', price: 4n, quantity: 3, cancellation: late }]);
  market.orders('buyer', [0, { side: 'buy', price: 4n, quantity: 3 }]);
  const clock = scripted(async (ctx) => {
    await ctx.sleep('500 ms');
    early.cancel('');
    await ctx.sleep('500500 us');
    late.cancel('');
  });
  market.place.spawn(clock, { name: 'clock', funds: { token: MONEY, wheat: WHEAT } });
  await market.place.run();
  t.deepEqual(market.results.get('early'), { type: 'withdrawn', reason: 'cancelled' });
  t.like(market.results.get('late'), { type: 'cleared', quantity: 3 });
  checkBooks(t, market);
});

test('an exchange that stops before the call gives everything back', async (t) => {
  const market = hall();
  market.orders('seller', [0, { side: 'sell', price: 4n, quantity: 3 }]);
  await market.place.run({ until: '500 ms' });
  market.hub.stop();
  await market.place.run();
  t.deepEqual(market.results.get('seller'), { type: 'withdrawn', reason: 'closed' });
  t.true(market.place.now() < 1_000_000);
  t.is(market.place.ledger.audit().openReservations, 0);
});

const refusals: Readonly<Record<string, readonly [string, Partial<SealedWish>, object?]>> = {
  'an order that does not last until its call is settled': ['ends-before-call', { within: '1094 ms' }],
  'an asset that is not traded here': ['unknown-asset', { asset: 'steel', side: 'buy' }],
  'a quantity beyond all bounds': ['bad-order', { quantity: 1_000_000_001, price: 0n, unbacked: true }],
  'an order beyond the size of the call': ['book-full', {}, { maxOrders: 1 }],
  'an order beyond what one trader may have': ['trader-book-full', {}, { maxOrdersPerTrader: 1 }],
  'an order that nothing backs': ['no-reservation', { unbacked: true }],
  'a second order of one name': ['order-id-taken', { unbacked: true, id: 'taken' }, {}],
};

for (const [what, [code, wish, bounds]] of Object.entries(refusals)) {
  test(`a call refuses ${what}`, async (t) => {
    const market = hall({}, bounds ?? {});
    const order = { side: 'sell' as const, price: 5n, quantity: 2 };
    const first = bounds === undefined ? [] : ([[0, { ...order, id: 'taken' }]] as const);
    market.orders('trader', [5, { ...order, ...wish }], ...first);
    await market.place.run();
    t.deepEqual(market.results.get('trader'), { type: 'refused', code });
    if (bounds !== undefined) t.is(market.results.get('trader 2')?.type, 'cleared');
    checkBooks(t, market);
  });
}

test('the most orders that a call may disclose fit one message', (t) => {
  const longest: ['sell', bigint, number] = ['sell', 10n ** 18n, 1_000_000_000];
  const encoded = CallMarket.bodies.get('cleared')?.encode({
    price: 10n ** 18n,
    volume: 10 ** 12,
    allotted: 10 ** 9,
    quantity: 10 ** 9,
    money: 10n ** 27n,
    orders: Array.from({ length: DISCLOSED_ORDERS }, () => longest),
    own: DISCLOSED_ORDERS - 1,
    rule: { kPermille: 1_000, margin: 'pro-rata' },
  });
  t.true(encoded?.success);
  // The envelope around it has less than 2,000 characters.
  t.true(JSON.stringify(encoded?.data).length < LIMITS.payloadBytes - 2_000);
});

const anOrder = fc.record({
  at: fc.integer({ min: 0, max: 2_500 }),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  price: fc.bigInt({ min: 1n, max: 12n }),
  quantity: fc.integer({ min: 1, max: 6 }),
  within: fc.constantFrom<number[]>(500_000, 1_100_000, 2_000_000),
  cancelled: fc.boolean(),
});

test('calls make and lose nothing, whatever is ordered, cancelled, lost or crashed', async (t) => {
  const names = ['anna', 'bela', 'cora', 'dora'];
  const ends = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(anOrder, { maxLength: 5 }), { minLength: 4, maxLength: 4 }),
      fc.integer({ min: 0, max: 1_000_000 }),
      async (plans, seed) => {
        const random = createRandomRoot(seed).stream('faults');
        const faults = randomFaults(random, { agents: [...names, 'exchange'], horizon: '3 s', restarts: false });
        const market = hall({ seed, strict: false, latency: ['100 us', '3 ms'], ...faults });
        for (const [index, plan] of plans.entries()) {
          const cancellation = createCancellation();
          cancellation.cancel('at once');
          market.orders(
            names[index] ?? '',
            ...plan.map(({ at, cancelled, ...order }) => [at, cancelled ? { ...order, cancellation } : order] as const),
          );
        }
        await market.place.run();
        await market.place.run({ until: '20 s' });
        if (market.hub.lifecycle === 'crashed') market.hub.restart();
        await market.place.run();
        for (const { counters } of market.place.agents) t.is(counters.handlerErrors, 0);
        checkBooks(t, market);
        for (const [name, result] of market.results) {
          const [trader = '', number = '1'] = name.split(' ');
          const sent = plans[names.indexOf(trader)]?.[Number(number) - 1];
          if (result.type === 'cleared' && sent !== undefined) t.true(checkClearing(result, sent));
          ends.set(result.type, (ends.get(result.type) ?? 0) + 1);
          if (result.type === 'cleared') t.is(result.quantity, result.allotted, 'what is backed is settled');
        }
      },
    ),
    { seed: 22, numRuns: 80 },
  );
  t.log(`orders by end: ${JSON.stringify(Object.fromEntries(ends))}`);
  for (const end of ['cleared', 'withdrawn', 'unknown', 'refused']) t.true((ends.get(end) ?? 0) > 0, end);
});
