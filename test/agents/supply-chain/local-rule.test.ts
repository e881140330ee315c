import test from 'ava';
import * as fc from 'fast-check';
import { decide, type Policy } from '../../../agent-core/policy/policy.ts';
import { localOrders, type LocalView } from '../../../agents/supply-chain/local-rule.ts';
import { baseStock } from '../../../agents/supply-chain/policies/base-stock.ts';
import { echelonBaseStock } from '../../../agents/supply-chain/policies/echelon-base-stock.ts';
import { exponentialSmoothing } from '../../../agents/supply-chain/policies/exponential-smoothing.ts';
import { newsvendor } from '../../../agents/supply-chain/policies/newsvendor.ts';
import { reorderPoint } from '../../../agents/supply-chain/policies/reorder-point.ts';
import { replenishmentPolicy, type Replenishment } from '../../../agents/supply-chain/policies/replenishment.ts';
import { followDemand } from '../../../agents/ride-sharing/policies/repositioning.ts';
import { ITEM, SUPPLIER, VIEW, anyView, withStock } from './views.ts';

const RULES: readonly Policy[] = [
  baseStock(),
  reorderPoint(),
  newsvendor(),
  exponentialSmoothing(),
  echelonBaseStock(),
];

/** What a policy is shown of the first item of a view. */
function shown(view: LocalView): Replenishment {
  const seen: Replenishment[] = [];
  const spy = replenishmentPolicy({ name: 'spy', parameters: {}, orderUpTo: (what) => seen.push(what) });
  localOrders(spy, view);
  const [first] = seen;
  if (first === undefined) throw new RangeError('the view has no item that can be ordered');
  return first;
}

/** A policy that orders up to so many periods of demand. */
function upTo(orderUpTo: number): Policy {
  return replenishmentPolicy({ name: 'up-to', parameters: { orderUpTo }, orderUpTo: () => orderUpTo });
}

test('whatever a firm finds itself in, every rule orders finite amounts, never below zero, one for each supplier', (t) => {
  fc.assert(
    fc.property(anyView, fc.constantFrom(...RULES), (view, rule) => {
      const orders = localOrders(rule, view);
      t.deepEqual(
        orders.map((amounts) => amounts.length),
        view.items.map(({ suppliers }) => suppliers.length),
      );
      for (const units of orders.flat()) t.true(Number.isFinite(units) && units >= 0, `${rule.name}: ${units}`);
      t.deepEqual(localOrders(rule, view), orders, 'the same view gives the same orders');
    }),
  );
});

test('whatever a policy is shown is within the bounds of its features', (t) => {
  fc.assert(
    fc.property(anyView, (view) => {
      const rule = baseStock();
      const spied: (readonly number[])[] = [];
      const spy = { ...rule, act: (seen: readonly number[]) => [spied.push(seen)] };
      localOrders(spy, view);
      for (const observation of spied) t.deepEqual(decide(rule, observation).observation, observation);
    }),
  );
});

test('orders what is missing up to the position: what is under way counts, what waits is owed', (t) => {
  const mean = 20;
  t.deepEqual(localOrders(upTo(5), withStock(30)), [[5 * mean - 30]]);
  t.deepEqual(localOrders(upTo(5), { ...withStock(30), backlog: 8 }), [[5 * mean - 30 + 8]]);
  const item = { ...ITEM, stock: 30, suppliers: [{ ...SUPPLIER, onOrder: 45 }] };
  t.deepEqual(localOrders(upTo(5), { ...VIEW, items: [item] }), [[5 * mean - 75]]);
  t.deepEqual(localOrders(upTo(5), withStock(101)), [[0]]);
});

test('orders so many of an item as its part in what the firm ships needs', (t) => {
  const view = { ...VIEW, backlog: 1, items: [ITEM, { ...ITEM, perOutput: 3, stock: 30 }, { ...ITEM, suppliers: [] }] };
  t.deepEqual(localOrders(upTo(2), view), [[41], [2 * 20 * 3 - 30 + 3], []]);
});

test('gives the cheaper and faster of two suppliers the larger share', (t) => {
  const near = { ...SUPPLIER, leadTime: 3, price: 1.6 };
  const far = { ...SUPPLIER, leadTime: 5, price: 1.5 };
  const [[ofNear = 0, ofFar = 0] = []] = localOrders(upTo(2), {
    ...VIEW,
    items: [{ ...ITEM, suppliers: [near, far] }],
  });
  t.true(Math.abs(ofNear + ofFar - 40) < 1e-9);
  t.true(Math.abs(ofNear / ofFar - (1 + 1.5 + 0.5) / (1 + 1.6 + 0.3)) < 1e-9);
});

test('before anything was asked, opening stock is taken for the demand of a lead time and one period', (t) => {
  t.deepEqual(localOrders(upTo(7), { ...withStock(100), asked: [] }), [[7 * (100 / 5) - 100]]);
  t.is(shown({ ...withStock(100), asked: [] }).periodsAsked, 0);
});

test('a policy sees the last 32 periods, the latest first, in their mean', (t) => {
  const asked = Array.from({ length: 50 }, (_, period) => period);
  const seen = shown({ ...VIEW, asked });
  const mean = (18 + 49) / 2;
  t.is(seen.asked.length, 32);
  t.deepEqual([seen.asked[0], seen.asked[31]], [49 / mean, 18 / mean]);
  t.is(seen.mean, 1);
  t.deepEqual(
    shown({ ...VIEW, asked: [1, 0, 0, 0] }).asked,
    [0, 0, 0, 1],
    'less than a unit a period is seen in units',
  );
});

test('what those downstream tell takes the place of what was asked of the firm', (t) => {
  const shared = { asked: [10, 10], expected: 99, positionBelow: 30, leadTimeToMarket: 4, holdingBelow: 0.02 };
  const seen = shown({ ...VIEW, shared });
  t.deepEqual(seen.asked, [1, 1]);
  t.is(seen.positionBelow, 3);
  t.is(seen.leadTimeToMarket, 4);
  const before = shown({ ...VIEW, shared: { ...shared, asked: [] } });
  t.deepEqual([before.mean, before.unit], [1, 1 / 99]);
  t.deepEqual([shown(VIEW).positionBelow, shown(VIEW).leadTimeToMarket, shown(VIEW).holdingBelow], [0, 0, 0]);
});

test('a rule means the same at a firm ten times as large', (t) => {
  const rules = [baseStock({ leastDeviation: 0 }), newsvendor({ leastDeviation: 0 })];
  const units = fc.integer({ min: 1, max: 100 });
  fc.assert(
    fc.property(
      fc.array(units, { minLength: 3, maxLength: 40 }),
      units,
      fc.constantFrom(...rules),
      (asked, stock, rule) => {
        const [[small = 0] = []] = localOrders(rule, { ...withStock(stock), asked });
        const large = localOrders(rule, { ...withStock(10 * stock), asked: asked.map((each) => 10 * each) });
        t.true(Math.abs((large[0]?.[0] ?? 0) - 10 * small) <= 1e-9 * (1 + 10 * small));
      },
    ),
  );
});

test('refuses a policy of another trade', (t) => {
  const stranger = followDemand({ horizonRides: 1, perWayRide: 0.75, othersNearer: 0 });
  t.throws(() => localOrders(stranger, VIEW), { message: /must have 11 features, got 52/ });
});
