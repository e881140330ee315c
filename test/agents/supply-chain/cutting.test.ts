import test from 'ava';
import { unkeepable, type CustomerContract } from '../../../agents/supply-chain/cutting.ts';
import { bestRestock, firstShortage, replacement } from '../../../agents/supply-chain/restock.ts';
import { lesser } from '../../../agents/supply-chain/reviewing.ts';
import { outlookOf, type InboundPlan, type StockPlan } from '../../../agents/supply-chain/stock-plan.ts';

const PERIODS = 5;

function flat(units: number): readonly number[] {
  return Array.from({ length: PERIODS }, () => units);
}

function planWith(parts: Partial<StockPlan> & { readonly stock?: number; readonly inbound?: InboundPlan }): StockPlan {
  const { stock = 100, inbound, ...rest } = parts;
  const item = { stock, holding: 0, perOutput: 1, arriving: [], inbound: inbound === undefined ? [] : [inbound] };
  return {
    now: 0,
    periods: PERIODS,
    operatingCost: 0,
    capacity: flat(Infinity),
    shipping: flat(0),
    worth: flat(1),
    items: [item],
    ...rest,
  };
}

function contract(units: readonly number[], price: number, closed: readonly number[] = []): CustomerContract {
  return { units, tokens: units.map((one) => one * price), isClosed: (period) => closed.includes(period) };
}

test('cuts what a capacity does not let through, from the contract that pays least', (t) => {
  const contracts = [contract(flat(6), 1), contract(flat(6), 2)];
  const cuts = unkeepable(planWith({ capacity: [12, 8, 0, 12, 12] }), contracts, 3);
  t.deepEqual(cuts, [
    { customer: 0, period: 1, units: 4, price: 1 },
    { customer: 0, period: 2, units: 6, price: 1 },
    { customer: 1, period: 2, units: 6, price: 2 },
  ]);
});

test('of contracts that pay the same, cuts the one that is served last', (t) => {
  const cuts = unkeepable(planWith({ capacity: flat(6) }), [contract([5], 1), contract([5], 1)], PERIODS);
  t.deepEqual(cuts, [{ customer: 1, period: 0, units: 4, price: 1 }]);
});

test('cuts all on a lane that is closed, and lets others have its stock', (t) => {
  const contracts = [contract([4, 4], 1, [0, 1]), contract([0, 6], 1)];
  const cuts = unkeepable(planWith({ stock: 6 }), contracts, PERIODS);
  t.deepEqual(cuts, [
    { customer: 0, period: 0, units: 4, price: 1 },
    { customer: 0, period: 1, units: 4, price: 1 },
  ]);
});

test('cuts in the period in which stock runs out, not before', (t) => {
  const cuts = unkeepable(planWith({ stock: 7 }), [contract([3, 3, 3], 1)], PERIODS);
  t.deepEqual(cuts, [{ customer: 0, period: 2, units: 2, price: 1 }]);
});

test('a shipment that fails takes nothing from later ones', (t) => {
  const plan = planWith({ stock: 5, shipping: [3, 3, 0, 2, 0] });
  const [item] = plan.items;
  t.deepEqual(item === undefined ? null : outlookOf(plan, item), {
    left: [2, 0, 0, 0, 0],
    missing: [0, 1, 0, 2, 0],
  });
  t.deepEqual(firstShortage(plan), { item: 0, period: 1, units: 1 });
});

const inbound = { leadTime: 1, pipelineCost: 0, planned: flat(0), prices: { more: flat(0.4), fewer: flat(0.4) } };

test('replaces what is short only by what comes in time and costs less than to fail', (t) => {
  const early = planWith({ stock: 0, shipping: [0, 1, 0, 0, 0], inbound });
  t.is(replacement(early, { item: 0, period: 1, units: 1 }), null, 'it would arrive after the shipments of period 1');
  const later = planWith({ stock: 0, shipping: [0, 0, 1, 0, 0], inbound });
  t.deepEqual(replacement(later, { item: 0, period: 2, units: 1 }), { way: { lane: 0, period: 0 }, gain: 0.6 });
  const cheap = { ...later, worth: flat(0.3) };
  t.is(replacement(cheap, { item: 0, period: 2, units: 1 }), null);
});

test('buys nothing over and over for what is too late', (t) => {
  const plan = planWith({ stock: 0, shipping: [3, 0, 0, 0, 0], inbound });
  t.is(bestRestock(plan, 1), null);
});

test('where books differ, both sides keep what both believe in', (t) => {
  t.deepEqual(lesser({ units: 4, tokens: 9 }, { units: 3, tokens: 6 }), { units: 3, tokens: 6 });
  t.deepEqual(lesser({ units: 0, tokens: 0 }, { units: 3, tokens: 6 }), { units: 0, tokens: 0 });
  t.deepEqual(lesser({ units: 3, tokens: 5 }, { units: 3, tokens: 6 }), { units: 3, tokens: 5 });
});
