import test from 'ava';
import * as fc from 'fast-check';
import type { Order } from '../../../agent-core/market/order.ts';
import { clearUniformPrice, type Clearing } from '../../../agent-core/market/uniform-price.ts';
import { order } from './fixtures.ts';

/** Orders from `[side, price, quantity]`, of traders of their own. */
function orders(...terms: readonly (readonly ['buy' | 'sell', bigint, number])[]): readonly Order[] {
  return terms.map(([side, price, quantity], at) => order(`${at}`, side, { price, quantity }));
}

function filled(clearing: Clearing | undefined): Record<string, number> {
  return Object.fromEntries((clearing?.fills ?? []).map((fill) => [fill.order.id, fill.quantity]));
}

test('clears at the middle of the supported prices, rounded down', (t) => {
  const clearing = clearUniformPrice(orders(['buy', 10n, 1], ['sell', 3n, 1], ['buy', 4n, 1], ['sell', 9n, 1]));
  t.is(clearing?.low, 4n);
  t.is(clearing?.high, 9n);
  t.is(clearing?.price, 6n);
  t.is(clearing?.quantity, 1);
  t.is(clearing?.surplus, 7n);
  t.deepEqual(clearing?.trades, [
    { price: 6n, quantity: 1, buyer: 't-0', seller: 't-1', buyOrder: '0', sellOrder: '1' },
  ]);
});

test('sets the price at the end of the interval that k names', (t) => {
  const book = orders(['buy', 9n, 1], ['sell', 4n, 1]);
  t.is(clearUniformPrice(book, { kPermille: 0 })?.price, 4n);
  t.is(clearUniformPrice(book, { kPermille: 1_000 })?.price, 9n);
  t.is(clearUniformPrice(book, { kPermille: 399 })?.price, 5n);
});

test('serves the earlier of the marginal orders under time priority', (t) => {
  const book = orders(['sell', 1n, 5], ['buy', 7n, 3], ['buy', 7n, 3], ['buy', 7n, 3]);
  t.deepEqual(filled(clearUniformPrice(book)), { 0: 5, 1: 3, 2: 2 });
});

test('shares the margin pro rata to the last unit, largest fractions first', (t) => {
  const rule = { margin: 'pro-rata' } as const;
  t.deepEqual(
    filled(clearUniformPrice(orders(['sell', 1n, 10], ['buy', 7n, 3], ['buy', 7n, 3], ['buy', 9n, 6]), rule)),
    { 0: 10, 1: 2, 2: 2, 3: 6 },
  );
  const even = orders(['sell', 1n, 2], ['buy', 7n, 1], ['buy', 7n, 1], ['buy', 7n, 1]);
  t.deepEqual(filled(clearUniformPrice(even, rule)), { 0: 2, 1: 1, 2: 1 });
  // Shares 1.25, 1.25 and 2.5 of 5: one unit is left over, for the largest fraction.
  t.deepEqual(
    filled(clearUniformPrice(orders(['sell', 1n, 5], ['buy', 7n, 1], ['buy', 7n, 1], ['buy', 7n, 2]), rule)),
    {
      0: 4,
      1: 1,
      2: 1,
      3: 2,
    },
  );
  t.deepEqual(
    filled(clearUniformPrice(orders(['buy', 7n, 5], ['sell', 1n, 5], ['sell', 1n, 5], ['sell', 1n, 10]), rule)),
    {
      0: 5,
      1: 1,
      2: 1,
      3: 3,
    },
  );
});

test('clears nothing where no bid reaches an ask or a side is missing', (t) => {
  t.is(clearUniformPrice([]), undefined);
  t.is(clearUniformPrice(orders(['buy', 3n, 1], ['sell', 4n, 1])), undefined);
  t.is(clearUniformPrice(orders(['buy', 3n, 1])), undefined);
});

test('pairs fills of the largest orders without losing a unit', (t) => {
  const clearing = clearUniformPrice(orders(['buy', 9n, 1_000_000_000], ['sell', 1n, 999_999_999], ['sell', 2n, 7]));
  t.is(clearing?.quantity, 1_000_000_000);
  t.deepEqual(
    clearing?.trades.map((trade) => trade.quantity),
    [999_999_999, 1],
  );
});

test('refuses a k outside 0 to 1,000 permille, two orders of one id and malformed orders', (t) => {
  const book = orders(['buy', 9n, 1], ['sell', 4n, 1]);
  for (const kPermille of [-1, 1_001, 0.5, NaN]) {
    t.throws(() => clearUniformPrice(book, { kPermille }), { code: 'bad-clearing-rule' });
  }
  t.throws(() => clearUniformPrice([order('a', 'buy'), order('a', 'sell')]), { code: 'order-id-taken' });
  t.throws(() => clearUniformPrice([order('a', 'buy', { quantity: 0 })]), { code: 'bad-order' });
  t.throws(() => clearUniformPrice(Array.from({ length: 1_000_001 }, () => order('a', 'buy'))), {
    code: 'too-many-orders',
  });
});

const MAX_PRICE = 5;
const market = fc
  .array(
    fc.record({
      side: fc.constantFrom('buy' as const, 'sell' as const),
      price: fc.bigInt({ min: 0n, max: BigInt(MAX_PRICE) }),
      quantity: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 5 },
  )
  .map((terms) => terms.map((each, at) => order(`${at}`, each.side, each)));

/** Every way to fill the orders at all: one quantity an order, as much bought as sold. */
function allocations(book: readonly Order[]): readonly (readonly number[])[] {
  let found: readonly (readonly number[])[] = [[]];
  for (const { quantity } of book) {
    found = found.flatMap((fills) => Array.from({ length: quantity + 1 }, (_, units) => [...fills, units]));
  }
  return found.filter(
    (fills) => fills.reduce((sum, units, at) => sum + (book[at]?.side === 'buy' ? units : -units), 0) === 0,
  );
}

function bruteForce(book: readonly Order[]) {
  let [quantity, surplus] = [0, 0n];
  let largestSurplus = 0n;
  const clearing: bigint[] = [];
  const prices = Array.from({ length: MAX_PRICE + 1 }, (_, price) => BigInt(price));
  const all = allocations(book).map((fills) => ({
    fills,
    units: fills.reduce((sum, units, at) => sum + (book[at]?.side === 'buy' ? units : 0), 0),
    surplus: book.reduce(
      (sum, each, at) => sum + (each.side === 'buy' ? 1n : -1n) * each.price * BigInt(fills[at] ?? 0),
      0n,
    ),
  }));
  const gain = (each: Order, price: bigint): bigint => (each.side === 'buy' ? each.price - price : price - each.price);
  const fair = prices.flatMap((price) =>
    all
      .filter(({ fills }) => book.every((each, at) => fills[at] === 0 || gain(each, price) >= 0n))
      .map((allocation) => ({ ...allocation, price })),
  );
  for (const one of all) if (one.surplus > largestSurplus) largestSurplus = one.surplus;
  for (const one of fair) {
    if (one.units < quantity || (one.units === quantity && one.surplus <= surplus)) continue;
    [quantity, surplus] = [one.units, one.surplus];
  }
  for (const { price, fills, units } of fair) {
    const nobodyLeftOut = book.every((each, at) => fills[at] === each.quantity || gain(each, price) <= 0n);
    if (units === quantity && nobodyLeftOut && !clearing.includes(price)) clearing.push(price);
  }
  return { quantity, surplus, largestSurplus, clearing };
}

test('finds the largest quantity, then the largest surplus, and every clearing price, as brute force does', (t) => {
  fc.assert(
    fc.property(market, (book) => {
      const clearing = clearUniformPrice(book);
      const best = bruteForce(book);
      t.is(clearing?.quantity ?? 0, best.quantity);
      t.is(clearing?.surplus ?? 0n, best.surplus);
      t.is(clearing?.surplus ?? 0n, best.largestSurplus);
      if (clearing === undefined) return;
      const { low, high } = clearing;
      t.deepEqual(
        best.clearing,
        Array.from({ length: Number(high - low) + 1 }, (_, step) => low + BigInt(step)),
      );
    }),
    { seed: 3, numRuns: 400 },
  );
});

const bigMarket = fc
  .array(
    fc.record({
      side: fc.constantFrom('buy' as const, 'sell' as const),
      price: fc.bigInt({ min: 0n, max: 12n }),
      quantity: fc.integer({ min: 1, max: 1_000_000_000 }),
    }),
    { maxLength: 30 },
  )
  .map((terms) => terms.map((each, at) => order(`${at}`, each.side, each)));

test('lets nobody lose, balances to the micro-token and fills better prices first, under every rule', (t) => {
  const rule = fc.record({
    kPermille: fc.integer({ min: 0, max: 1_000 }),
    margin: fc.constantFrom('time' as const, 'pro-rata' as const),
  });
  fc.assert(
    fc.property(bigMarket, rule, (book, how) => {
      const clearing = clearUniformPrice(book, how);
      if (clearing === undefined) return;
      const { price, low, high, quantity, surplus, fills, trades } = clearing;
      t.true(low <= price && price <= high);
      const sold = filled(clearing);
      const units = { buy: 0, sell: 0 };
      let gains = 0n;
      for (const { order: own, quantity: got } of fills) {
        t.true(Number.isSafeInteger(got) && got >= 1 && got <= own.quantity);
        const gain = own.side === 'buy' ? own.price - price : price - own.price;
        t.true(gain >= 0n);
        units[own.side] += got;
        gains += gain * BigInt(got);
      }
      t.deepEqual(units, { buy: quantity, sell: quantity });
      t.is(gains, surplus);
      for (const each of book) {
        const missed = each.quantity - (sold[each.id] ?? 0);
        t.true(missed === 0 || (each.side === 'buy' ? each.price <= price : each.price >= price));
      }
      const perOrder: Record<string, number> = {};
      for (const trade of trades) {
        t.is(trade.price, price);
        for (const id of [trade.buyOrder, trade.sellOrder]) perOrder[id] = (perOrder[id] ?? 0) + trade.quantity;
      }
      t.deepEqual(perOrder, sold);
      t.true(trades.length < fills.length);
    }),
    { seed: 4, numRuns: 300 },
  );
});
