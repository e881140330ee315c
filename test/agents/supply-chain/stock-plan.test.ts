import test from 'ava';
import * as fc from 'fast-check';
import { stockQuotes } from '../../../agents/supply-chain/stock-plan.ts';
import { buysFor, drawnPlans, optimal, planWith, type DrawnPlan } from './plans.ts';

const SEED = 20_261_123;

/** The plan with one lot more or fewer shipped in a period. */
function shipped(drawn: DrawnPlan, period: number, by: number): DrawnPlan {
  return { ...drawn, shipping: drawn.shipping.map((one, t) => (t === period ? one + by : one)) };
}

test('one lot more costs, and one lot fewer saves, what two optimal plans differ by', (t) => {
  let [quoted, refused] = [0, 0];
  fc.assert(
    fc.property(drawnPlans, (drawn) => {
      const best = optimal(drawn);
      fc.pre(best !== null);
      const { more, fewer } = stockQuotes(planWith(drawn, buysFor(drawn, best.arrivals)), drawn.lot);
      for (let period = drawn.now; period < drawn.periods; period += 1) {
        const larger = optimal(shipped(drawn, period, 1));
        const unit = more[period]?.unit ?? null;
        if (larger === null || unit === null) t.is(unit, larger === null ? null : Number.NaN);
        else t.true(Math.abs(unit * drawn.lot - (larger.cost - best.cost)) < 1e-6, `more in ${period}`);
        if (larger === null) refused += 1;
        else quoted += 1;
        if ((drawn.shipping[period] ?? 0) === 0) {
          t.is(fewer[period], null);
          continue;
        }
        const smaller = optimal(shipped(drawn, period, -1));
        const saved = (fewer[period]?.unit ?? Number.NaN) * drawn.lot;
        t.true(Math.abs(saved - (best.cost - (smaller?.cost ?? Number.NaN))) < 1e-6, `fewer in ${period}`);
      }
    }),
    { seed: SEED, numRuns: 400 },
  );
  t.true(quoted > 200 && refused > 20, `${quoted} quoted, ${refused} refused`);
});

const ITEM = { stock: 10, holding: 0.5, perOutput: 1, arriving: [0, 0, 0], inbound: [] };
const PLAN = {
  now: 1,
  periods: 3,
  operatingCost: 1,
  capacity: [9, 9, 9],
  shipping: [0, 5, 0],
  worth: [0, 0, 0],
  items: [ITEM],
};

test('what nobody needs costs less than nothing: it leaves the store', (t) => {
  const { more } = stockQuotes(PLAN, 2);
  t.deepEqual(
    more.map((one) => one?.unit ?? null),
    [null, 1 - 0.5 * 2, 1 - 0.5],
  );
});

test('nothing is quoted for periods that are over, beyond capacity, or beyond stock where nobody supplies', (t) => {
  const quotesOf = (lot: number): readonly boolean[] => stockQuotes(PLAN, lot).more.map((one) => one !== null);
  t.deepEqual(quotesOf(4), [false, true, true]);
  t.deepEqual(quotesOf(4.5), [false, false, true]);
  t.deepEqual(quotesOf(5.5), [false, false, false]);
});

test('no more is called off than is contracted', (t) => {
  const { fewer } = stockQuotes(PLAN, 5);
  t.deepEqual(
    fewer.map((one) => one?.unit ?? null),
    [null, 1 - 0.5 * 2, null],
  );
  t.is(stockQuotes(PLAN, 5.1).fewer[1], null);
});

test('a supplier that does not quote is passed over, and an assembly with one such item is not quoted at all', (t) => {
  const silent = { leadTime: 0, pipelineCost: 0, planned: [0, 0, 0], prices: null };
  const bare = { ...ITEM, stock: 0, inbound: [silent] };
  t.deepEqual(stockQuotes({ ...PLAN, shipping: [0, 0, 0], items: [ITEM, bare] }, 1).more, [null, null, null]);
  const cheap = { ...silent, prices: { more: [3, 3, 3], fewer: [3, 3, 3] } };
  const { more } = stockQuotes({ ...PLAN, shipping: [0, 0, 0], items: [{ ...bare, inbound: [silent, cheap] }] }, 1);
  t.deepEqual(more[2]?.ways, [{ lane: 1, period: 1 }]);
});
