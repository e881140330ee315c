import test from 'ava';
import * as fc from 'fast-check';
import { bid, drawnAlone, followTrades, type HourWish } from '../../../../agents/energy/community/bidding.ts';

const wishes: fc.Arbitrary<HourWish> = fc.record({
  netWh: fc.integer({ min: -20, max: 20 }),
  givesWh: fc.integer({ min: 0, max: 15 }),
  givesAt: fc.integer({ min: 1, max: 12 }),
  takesWh: fc.integer({ min: 0, max: 15 }),
  takesAt: fc.integer({ min: 0, max: 12 }),
  tariff: fc.integer({ min: 0, max: 10 }),
  surplusAt: fc.constant(0),
});

interface Offer {
  readonly side: 'buy' | 'sell';
  readonly price: number;
  readonly quantity: number;
}

function offersOf(wish: HourWish): Offer[] {
  const offers: Offer[] = [];
  bid(wish, (side, price, quantity) => offers.push({ side, price, quantity }));
  return offers;
}

/** Bought less sold where everybody who would trade at a price does. */
function tradedAt(offers: readonly Offer[], price: number): number {
  return offers.reduce((sum, { side, price: limit, quantity }) => {
    if (side === 'buy') return sum + (limit >= price ? quantity : 0);
    return sum - (limit <= price ? quantity : 0);
  }, 0);
}

test('orders are whole, never meet each other, and ask for no more than the tariff', (t) => {
  fc.assert(
    fc.property(wishes, (wish) => {
      const offers = offersOf(wish);
      for (const { side, price, quantity } of offers) {
        t.true(quantity > 0 && Number.isInteger(price) && (side === 'sell' ? price >= 0 : price <= wish.tariff));
      }
      const bids = offers.filter(({ side }) => side === 'buy').map(({ price }) => price);
      const asks = offers.filter(({ side }) => side === 'sell').map(({ price }) => price);
      t.true(Math.max(-1, ...bids) < Math.min(Infinity, ...asks));
    }),
    { seed: 11, numRuns: 1_000 },
  );
});

test('whatever the price, the battery can do what was traded and nothing is left to the meter but what nobody bought', (t) => {
  fc.assert(
    fc.property(wishes, fc.integer({ min: 0, max: 10 }), (wish, price) => {
      fc.pre(price <= wish.tariff && wish.tariff > 0);
      const { flowWh, restWh } = followTrades(wish, tradedAt(offersOf(wish), price));
      t.is(restWh, 0);
      if (price < Math.min(wish.takesAt, wish.tariff)) t.is(flowWh, wish.takesWh);
      if (price > Math.max(wish.givesAt, wish.takesAt + 1) && price < wish.tariff) t.is(flowWh, -wish.givesWh + 0);
    }),
    { seed: 12, numRuns: 1_000 },
  );
});

test('what no trade covers goes over the meter', (t) => {
  t.deepEqual(followTrades({ netWh: 5, givesWh: 2, takesWh: 0 }, 0), { flowWh: -2, restWh: 3 });
  t.deepEqual(followTrades({ netWh: -5, givesWh: 0, takesWh: 2 }, 0), { flowWh: 2, restWh: -3 });
});

test('alone, a home serves itself first, and buys for the battery only where that is worth the tariff', (t) => {
  const wish = { netWh: 10, givesWh: 4, givesAt: 3, takesWh: 6, takesAt: 2, tariff: 5, surplusAt: 0 };
  t.is(drawnAlone(wish), 6);
  t.is(drawnAlone({ ...wish, givesAt: 5 }), 10);
  t.is(drawnAlone({ ...wish, takesAt: 5, givesAt: 9 }), 16);
  t.is(drawnAlone({ ...wish, netWh: -10 }), -4);
  t.is(drawnAlone({ ...wish, netWh: -3 }), 0);
});
