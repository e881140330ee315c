import test from 'ava';
import * as fc from 'fast-check';
import {
  allocativeEfficiency,
  convergenceCoefficient,
  equilibrium,
  realisedSurplus,
  type PrivateValue,
} from '../../../agent-core/market/efficiency.ts';
import type { Trade } from '../../../agent-core/market/order.ts';
import { clearUniformPrice } from '../../../agent-core/market/uniform-price.ts';

function value(
  trader: string,
  side: 'buy' | 'sell',
  terms: { readonly price: bigint; readonly quantity?: number },
): PrivateValue {
  return { trader, side, quantity: 1, ...terms };
}

function trade(
  buyer: string,
  seller: string,
  terms: { readonly price?: bigint; readonly quantity?: number } = {},
): Trade {
  return { price: 5n, quantity: 1, ...terms, buyer, seller, buyOrder: buyer, sellOrder: seller };
}

const VALUES = [
  value('a', 'buy', { price: 10n }),
  value('a', 'buy', { price: 6n }),
  value('b', 'buy', { price: 8n }),
  value('x', 'sell', { price: 2n, quantity: 2 }),
  value('y', 'sell', { price: 7n, quantity: 1 }),
];

test('finds quantity, price interval and surplus of an equilibrium', (t) => {
  t.deepEqual(equilibrium(VALUES), { quantity: 2, low: 6n, high: 7n, surplus: 14n });
  t.is(equilibrium([value('a', 'buy', { price: 1n }), value('x', 'sell', { price: 2n })]), undefined);
});

test('counts the best units of a trader first, whatever the price', (t) => {
  t.is(realisedSurplus([trade('a', 'x', { price: 99n })], VALUES), 8n);
  t.is(realisedSurplus([trade('a', 'x', { quantity: 2 })], VALUES), 12n);
  t.is(realisedSurplus([], VALUES), 0n);
});

test('is 1 for an efficient allocation and less for any other', (t) => {
  t.is(allocativeEfficiency([trade('a', 'x'), trade('b', 'x')], VALUES), 1);
  t.is(allocativeEfficiency([trade('a', 'x', { quantity: 2 })], VALUES), 12 / 14);
  t.is(allocativeEfficiency([trade('b', 'y')], VALUES), 1 / 14);
});

test('is negative where trades did harm, and tells a market without gains apart', (t) => {
  const poor = [value('a', 'buy', { price: 3n }), value('x', 'sell', { price: 2n }), value('y', 'sell', { price: 9n })];
  t.is(allocativeEfficiency([trade('a', 'y')], poor), -6);
  const none = [value('a', 'buy', { price: 3n }), value('x', 'sell', { price: 3n }), value('y', 'sell', { price: 4n })];
  t.is(allocativeEfficiency([], none), 1);
  t.is(allocativeEfficiency([trade('a', 'x')], none), 1);
  t.is(allocativeEfficiency([trade('a', 'y')], none), -Infinity);
});

test('refuses trades of units that have no value', (t) => {
  t.throws(() => realisedSurplus([trade('a', 'x', { quantity: 3 })], VALUES), { code: 'traded-beyond-values' });
  t.throws(() => realisedSurplus([trade('stranger', 'x')], VALUES), { code: 'traded-beyond-values' });
  t.throws(() => realisedSurplus([trade('x', 'a')], VALUES), { code: 'traded-beyond-values' });
});

test('measures the distance of prices from equilibrium by units', (t) => {
  const trades = [trade('a', 'x', { price: 12n, quantity: 3 }), trade('b', 'x', { price: 10n })];
  t.is(convergenceCoefficient(trades, 10n), Math.sqrt(3) / 10);
  t.is(convergenceCoefficient([], 10n), NaN);
});

test('truthful orders in the call market reach the equilibrium surplus exactly', (t) => {
  const unit = fc.record({
    trader: fc.constantFrom('a', 'b', 'c'),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    price: fc.bigInt({ min: 0n, max: 1_000_000n }),
    quantity: fc.integer({ min: 1, max: 20 }),
  });
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 40 }), (values) => {
      const trades = clearUniformPrice(values.map((each, at) => ({ id: `${at}`, ...each })))?.trades ?? [];
      t.is(allocativeEfficiency(trades, values), 1);
    }),
    { seed: 5, numRuns: 200 },
  );
});
