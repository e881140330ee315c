import test from 'ava';
import type { OrderResult } from '../../../agent-core/protocol/continuous-double-auction.ts';
import { createCancellation } from '../../../agent-core/protocol/cancellation.ts';
import { MarketTicker, type Tick } from '../../../agent-core/protocol/market-ticker.ts';
import { checkBooks, floor, MONEY, WHEAT } from './floor.ts';

/** A result in short: how it ended, units, money. */
function short(result: OrderResult | undefined): readonly unknown[] {
  if (result === undefined) return ['none'];
  return result.type === 'done' ? [result.reason, result.quantity, result.money] : [result.type, result.code];
}

test('a bid trades with an older ask at the price of the ask, and both are paid and delivered', async (t) => {
  const market = floor();
  const seller = market.orders('seller', [0, { side: 'sell', price: 7n, quantity: 3 }]);
  const buyer = market.orders('buyer', [50, { side: 'buy', price: 10n, quantity: 3 }]);
  await market.place.run();
  t.deepEqual(short(market.results.get('seller')), ['filled', 3, 21n]);
  t.deepEqual(short(market.results.get('buyer')), ['filled', 3, 21n]);
  t.is(market.place.ledger.balance(buyer).available, MONEY - 21n, 'the price improvement came back');
  t.is(market.place.ledger.balance(buyer, 'wheat').available, WHEAT + 3n);
  t.is(market.place.ledger.balance(seller).available, MONEY + 21n);
  t.true(market.place.now() < 1_000_000, 'nothing waits for a deadline');
  checkBooks(t, market);
});

test('one order trades with several, best price first and first come first served', async (t) => {
  const market = floor();
  const dear = market.orders('dear', [0, { side: 'sell', price: 9n, quantity: 2 }]);
  const first = market.orders('first', [10, { side: 'sell', price: 8n, quantity: 2 }]);
  market.orders('second', [20, { side: 'sell', price: 8n, quantity: 2, within: '1 s' }]);
  market.orders('buyer', [50, { side: 'buy', price: 8n, quantity: 3, within: '1 s' }]);
  await market.place.run({ until: '900 ms' });
  t.deepEqual(
    market.settled().map(({ seller, quantity }) => [seller, quantity]),
    [
      [first, 2],
      [market.place.didOf('second'), 1],
    ],
  );
  t.is(market.place.ledger.balance(dear, 'wheat').reserved, 2n, 'too dear: still in the book');
  await market.place.run();
  t.deepEqual(short(market.results.get('second')), ['expired', 1, 8n]);
  t.deepEqual(short(market.results.get('dear')), ['expired', 0, 0n]);
  checkBooks(t, market);
});

test('what is cancelled ends with what was traded before, and the rest comes back at once', async (t) => {
  const market = floor();
  const cancellation = createCancellation();
  market.orders('seller', [0, { side: 'sell', price: 5n, quantity: 10, cancellation, within: '1 d' }]);
  market.orders('buyer', [50, { side: 'buy', price: 5n, quantity: 4 }]);
  market.trader('clock', async (ctx) => {
    await ctx.sleep('200 ms');
    cancellation.cancel('changed my mind');
  });
  await market.place.run();
  t.deepEqual(short(market.results.get('seller')), ['cancelled', 4, 20n]);
  t.true(market.place.now() < 1_000_000);
  checkBooks(t, market);
});

test('an order that is cancelled before it is backed is made and taken back, since only the exchange gives back', async (t) => {
  const market = floor();
  const cancellation = createCancellation();
  cancellation.cancel('at once');
  market.orders('seller', [0, { side: 'sell', price: 5n, quantity: 10, cancellation }]);
  await market.place.run();
  t.deepEqual(short(market.results.get('seller')), ['cancelled', 0, 0n]);
  t.true(market.place.now() < 1_000_000);
  checkBooks(t, market);
});

test('an immediate order trades what it can and drops the rest', async (t) => {
  const market = floor();
  market.orders('seller', [0, { side: 'sell', price: 5n, quantity: 2 }]);
  market.orders('buyer', [50, { side: 'buy', price: 5n, quantity: 4, immediate: true }]);
  market.orders('late', [99, { side: 'buy', price: 5n, quantity: 4, immediate: true }]);
  await market.place.run();
  t.deepEqual(short(market.results.get('buyer')), ['dropped', 2, 10n]);
  t.deepEqual(short(market.results.get('late')), ['dropped', 0, 0n]);
  checkBooks(t, market);
});

test('a revised order trades at its new price, as far as was set aside and no further', async (t) => {
  const market = floor();
  const asked: bigint[] = [];
  // 9 each is more than was set aside; the exchange keeps the terms as they were.
  const prices = [9n, 8n];
  const revise = {
    after: () => '100 ms' as const,
    terms: ({ price, quantity }: { price: bigint; quantity: number }) => {
      asked.push(price);
      return { price: prices.shift() ?? price, quantity };
    },
  };
  market.orders('seller', [0, { side: 'sell', price: 7n, quantity: 2 }]);
  market.orders('buyer', [50, { side: 'buy', price: 3n, quantity: 2, setAside: 17n, revise }]);
  await market.place.run();
  t.deepEqual(asked, [3n, 3n]);
  t.deepEqual(short(market.results.get('buyer')), ['filled', 2, 14n]);
  checkBooks(t, market);
});

test('what was traded backs no later terms', async (t) => {
  const market = floor();
  market.orders(
    'seller',
    [0, { side: 'sell', price: 5n, quantity: 1 }],
    [200, { side: 'sell', price: 6n, quantity: 1 }],
  );
  // 10 was set aside and 5 was paid: what is left does not reach for 6.
  const revise = { after: () => '50 ms' as const, terms: () => ({ price: 6n, quantity: 1 }) };
  market.orders('buyer', [20, { side: 'buy', price: 5n, quantity: 2, within: '1 s', revise }]);
  await market.place.run();
  t.is(market.hub.state.refusedSettlements, 0);
  t.deepEqual(short(market.results.get('buyer')), ['expired', 1, 5n]);
  checkBooks(t, market);
});

test('nobody trades with itself: the older order ends', async (t) => {
  const market = floor();
  market.orders(
    'both',
    [0, { side: 'sell', price: 5n, quantity: 2 }],
    [50, { side: 'buy', price: 6n, quantity: 2, within: '1 s' }],
  );
  await market.place.run();
  t.deepEqual(short(market.results.get('both')), ['self-trade', 0, 0n]);
  t.deepEqual(short(market.results.get('both 2')), ['expired', 0, 0n]);
  checkBooks(t, market);
});

test('an exchange that stops ends every order and gives everything back at once', async (t) => {
  const market = floor();
  market.orders('seller', [0, { side: 'sell', price: 5n, quantity: 2 }]);
  market.orders('buyer', [0, { side: 'buy', price: 4n, quantity: 2 }]);
  await market.place.run({ until: '100 ms' });
  market.hub.stop();
  await market.place.run();
  t.deepEqual(short(market.results.get('seller')), ['closed', 0, 0n]);
  t.deepEqual(short(market.results.get('buyer')), ['closed', 0, 0n]);
  t.true(market.place.now() < 1_000_000);
  checkBooks(t, market);
});

test('who cannot pay sends no order', async (t) => {
  const market = floor();
  market.orders('buyer', [0, { side: 'buy', price: MONEY, quantity: 2 }]);
  await market.place.run();
  t.deepEqual(short(market.results.get('buyer')), ['not-backed', 'insufficient-funds']);
  t.is(market.place.traffic.messages, 0);
  checkBooks(t, market);
});

test('where there is no exchange the order says so, and what was set aside comes back at the deadline', async (t) => {
  const market = floor();
  market.orders('buyer', [0, { side: 'buy', price: 1n, quantity: 2, exchange: market.place.didOf('nobody') }]);
  await market.place.run();
  t.deepEqual(short(market.results.get('buyer')), ['unknown', 'no-such-agent']);
  await market.place.run({ until: '71 s' });
  checkBooks(t, market);
});

test('an exchange that settles by words says fills and moves nothing', async (t) => {
  const market = floor({}, { settlement: 'words' });
  market.orders('seller', [0, { side: 'sell', price: 5n, quantity: 2, setAside: null }]);
  market.orders('buyer', [0, { side: 'buy', price: 6n, quantity: 2, setAside: null }]);
  await market.place.run();
  t.deepEqual(short(market.results.get('seller')), ['filled', 2, 10n]);
  t.deepEqual(short(market.results.get('buyer')), ['filled', 2, 10n]);
  checkBooks(t, market);
});

test('the ticker tells quotes and settled trades, and no names', async (t) => {
  const market = floor();
  const heard: unknown[] = [];
  market.trader('watcher', async (ctx) => {
    const watch = async (asset: string): Promise<void> => {
      const onInform = ({ notice }: { readonly notice: Tick }): void => void heard.push(notice);
      const subscription = { to: market.hub.did, topic: { asset }, within: '1 s' as const, onInform };
      const result = await ctx.run(MarketTicker.initiator, subscription);
      heard.push([asset, result.type, 'reason' in result ? result.reason : '']);
    };
    await Promise.all(['wheat', 'steel'].map(watch));
  });
  market.orders('seller', [10, { side: 'sell', price: 5n, quantity: 2 }]);
  market.orders('buyer', [50, { side: 'buy', price: 6n, quantity: 3, within: '1 s' }]);
  await market.place.run();
  t.deepEqual(heard, [
    ['steel', 'refused', 'unknown-asset'],
    { side: 'sell', price: 5n, quantity: 2, accepted: false },
    { side: 'buy', price: 6n, quantity: 1, accepted: false },
    { side: 'buy', price: 5n, quantity: 2, accepted: true },
    ['wheat', 'ended', ''],
  ]);
  t.is(market.hub.counters.dialoguesOpen, 0);
});

const refusals: Readonly<Record<string, readonly [string, object, object?]>> = {
  'an asset that is not traded here': ['unknown-asset', { asset: 'steel', side: 'buy' }],
  'a price beyond all bounds': ['bad-order', { price: 10n ** 19n, setAside: 1n }],
  'an order that is over before it comes': ['bad-expiry', { within: 1 }],
  'an order beyond the size of the book': ['book-full', {}, { maxOrders: 1 }],
  'an order beyond what one trader may have': ['trader-book-full', {}, { maxOrdersPerTrader: 1 }],
};

for (const [what, [code, wish, bounds]] of Object.entries(refusals)) {
  test(`refuses ${what}, and gives back at once what was set aside for it`, async (t) => {
    const market = floor({}, bounds ?? {});
    const order = { side: 'sell' as const, price: 5n, quantity: 2, within: '1 s' as const };
    if (bounds === undefined) market.orders('trader', [50, { ...order, ...wish }]);
    else market.orders('trader', [50, { ...order, ...wish }], [0, order]);
    await market.place.run({ until: '500 ms' });
    t.deepEqual(short(market.results.get('trader')), ['refused', code]);
    const resting = bounds === undefined ? 0n : 2n;
    t.is(market.place.ledger.balance(market.place.didOf('trader'), 'wheat').reserved, resting);
    await market.place.run();
    checkBooks(t, market);
  });
}
