import test from 'ava';
import * as fc from 'fast-check';
import { clearUniformPrice } from '../../../../agent-core/market/uniform-price.ts';
import { HourBook } from '../../../../scenarios/energy/community/hour-book.ts';

const orders = fc.array(
  fc.record({
    owner: fc.integer({ min: 0, max: 4 }),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    price: fc.integer({ min: 0, max: 8 }),
    quantity: fc.integer({ min: 1, max: 9 }),
  }),
  { maxLength: 14 },
);

test('clears as the library does, to the unit and the micro-token', (t) => {
  const book = new HourBook();
  fc.assert(
    fc.property(orders, (list) => {
      book.clear();
      for (const order of list) book.add(order.owner, order.side, order);
      const traded = new Float64Array(5);
      const price = book.settle(traded);
      const wanted = clearUniformPrice(
        list.map(({ owner, side, price: limit, quantity }, at) => ({
          id: `${at}`,
          trader: `${owner}`,
          side,
          price: BigInt(limit),
          quantity,
        })),
        { kPermille: 500, margin: 'pro-rata' },
      );
      t.is(price, wanted === undefined ? null : Number(wanted.price));
      const expected = new Float64Array(5);
      for (const { order, quantity } of wanted?.fills ?? []) {
        const owner = Number(order.trader);
        expected[owner] = (expected[owner] ?? 0) + (order.side === 'buy' ? quantity : -quantity);
      }
      t.deepEqual(traded, expected);
    }),
    { seed: 5, numRuns: 1_000 },
  );
});
