import test from 'ava';
import * as fc from 'fast-check';
import { bestRestock, type Restock } from '../../../agents/supply-chain/restock.ts';
import { buysFor, costOf, drawnPlans, optimal, planWith, type Buys, type DrawnPlan } from './plans.ts';

const SEED = 20_261_124;

/** Buys after a change. */
function changed(buys: Buys, { item, add, drop }: Restock): Buys {
  return buys.map((lanes, k) =>
    lanes.map((list, lane) =>
      list.map((count, period) => {
        const is = (way: Restock['add']): number => (k === item && way?.lane === lane && way.period === period ? 1 : 0);
        return count + is(add) - is(drop);
      }),
    ),
  );
}

/** A plan that works and wastes: everything as early as it can be, and some lots too many. */
function wasteful(drawn: DrawnPlan, spare: readonly number[]): Buys | null {
  const best = optimal(drawn);
  if (best === null) return null;
  const early = best.arrivals.map((list) => {
    const total = list.reduce((sum, one) => sum + one, 0);
    const first = list.findIndex((one) => one > 0);
    return list.map((_, t) => (t === first ? total : 0) + (first >= 0 && t >= first ? (spare[t] ?? 0) : 0));
  });
  return buysFor(drawn, early);
}

test('change by change, each as good as it says, a wasteful plan becomes the optimal one', (t) => {
  let changes = 0;
  const spares = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(drawnPlans, spares, (drawn, spare) => {
      let buys = wasteful(drawn, spare);
      fc.pre(buys !== null);
      for (let k = 0; k < 200; k += 1) {
        const cost = costOf(drawn, buys) ?? Number.NaN;
        const change = bestRestock(planWith(drawn, buys), drawn.lot);
        if (change === null) {
          t.true(Math.abs(cost - (optimal(drawn)?.cost ?? Number.NaN)) < 1e-6);
          return;
        }
        changes += 1;
        buys = changed(buys, change);
        const saved = change.gain * drawn.lot * (drawn.items[change.item]?.perOutput ?? 1);
        t.true(Math.abs(cost - (costOf(drawn, buys) ?? Number.NaN) - saved) < 1e-6);
      }
      t.fail('it does not come to an end');
    }),
    { seed: SEED, numRuns: 300 },
  );
  t.true(changes > 100, `${changes} changes`);
});

const LANE = { leadTime: 0, pipelineCost: 0, planned: [0, 0, 0] };
const SHORT = {
  now: 0,
  periods: 3,
  operatingCost: 0,
  capacity: [9, 9, 9],
  shipping: [0, 4, 0],
  worth: [Infinity, 3, Infinity],
  items: [
    {
      stock: 1,
      holding: 0.1,
      perOutput: 1,
      arriving: [0, 0, 0],
      inbound: [{ ...LANE, prices: { more: [2, 1, 1], fewer: [null, null, null] } }],
    },
  ],
};

test('what is short is bought where it comes in time, also at a price above that of later', (t) => {
  t.like(bestRestock(SHORT, 1), { item: 0, add: { lane: 0, period: 0 }, drop: null });
});

test('what costs more than to fail is not bought', (t) => {
  t.is(bestRestock({ ...SHORT, worth: [Infinity, 2, Infinity] }, 1), null);
});
