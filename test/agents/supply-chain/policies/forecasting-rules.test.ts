import test from 'ava';
import type { Policy } from '../../../../agent-core/policy/policy.ts';
import { localOrders, type LocalView } from '../../../../agents/supply-chain/local-rule.ts';
import { baseStock } from '../../../../agents/supply-chain/policies/base-stock.ts';
import { echelonBaseStock } from '../../../../agents/supply-chain/policies/echelon-base-stock.ts';
import { exponentialSmoothing } from '../../../../agents/supply-chain/policies/exponential-smoothing.ts';
import { newsvendor } from '../../../../agents/supply-chain/policies/newsvendor.ts';
import { normalQuantile } from '../../../../agents/supply-chain/policies/normal-quantile.ts';
import { ITEM, SUPPLIER, VIEW, withStock } from '../views.ts';

function ordered(rule: Policy, view: LocalView): number {
  return localOrders(rule, view)[0]?.[0] ?? Number.NaN;
}

const SHARED = { asked: VIEW.asked, expected: 20, positionBelow: 0, leadTimeToMarket: 0, holdingBelow: 0 };

test('under a demand that never changes a base stock passes on what was asked, whatever its safety stock', (t) => {
  for (const safety of [-1, 0, 0.5, 2]) {
    const rule = baseStock({ safety });
    const asked = Array.from({ length: 40 }, () => 20);
    const level = ordered(rule, { ...VIEW, asked });
    t.true(Math.abs(level - (100 + safety * Math.sqrt(5))) < 1e-9);
    t.true(Math.abs(ordered(rule, { ...withStock(level - 20), asked }) - 20) < 1e-9);
  }
});

test('the longer the window, the less an order swings with the latest demand', (t) => {
  const asked = [...Array.from({ length: 20 }, () => 20), 40];
  const swing = (window: number): number => ordered(baseStock({ window, safety: 0 }), { ...VIEW, asked }) - 100;
  t.true(swing(1) > swing(5) && swing(5) > swing(32) && swing(32) > 0);
});

test('smoothing follows a steady trend, where the mean of the latest periods lags behind', (t) => {
  const asked = Array.from({ length: 32 }, (_, period) => 20 + 2 * period);
  const item = { ...ITEM, holding: 0.1, suppliers: [{ ...SUPPLIER, leadTime: 0 }] };
  const view = { ...VIEW, asked, items: [item] };
  const next = 20 + 2 * 32;
  const smoothed = ordered(exponentialSmoothing({ level: 0.5, trend: 0.5, leastDeviation: 0 }), view);
  t.true(Math.abs(smoothed - next) < 0.1, `penalty and holding are equal, so no safety stock: ${smoothed}`);
  t.true(ordered(newsvendor(), view) < next - 4);
});

test('smoothing sizes the safety stock by the errors of its own forecast', (t) => {
  const wild = Array.from({ length: 32 }, (_, period) => 20 + (period % 2 === 0 ? 10 : -10));
  const level = (asked: readonly number[]): number =>
    ordered(exponentialSmoothing({ level: 0, trend: 0 }), { ...VIEW, asked });
  t.true(level([20, ...wild]) > level([20, ...wild.map(() => 20)]) + 10);
});

test('a smoothed demand is never below zero', (t) => {
  const asked = [100, 50, 0];
  t.is(ordered(exponentialSmoothing({ level: 0.9, trend: 0.9 }), { ...VIEW, asked }), 0);
});

test('an echelon orders until what is below it and its own cover the whole way to the market', (t) => {
  const shared = { ...SHARED, positionBelow: 130, leadTimeToMarket: 9, holdingBelow: 0.01 };
  const firm = { ...withStock(15), penalty: 0, shared };
  const ratio = 0.5 / (0.5 + 0.03 - 0.01);
  const level = 20 * 14 + normalQuantile(ratio) * Math.sqrt(10) * Math.sqrt(14);
  t.true(Math.abs(ordered(echelonBaseStock(), firm) - (level - 130 - 15)) < 1e-9);
  t.is(ordered(echelonBaseStock(), { ...firm, shared: { ...shared, positionBelow: 400 } }), 0);
});

test('a stage that adds nothing to the cost of holding counts a hundredth of a token', (t) => {
  const shared = { ...SHARED, holdingBelow: 0.03 };
  const level = 100 + normalQuantile(0.1 / 0.11) * Math.sqrt(10) * Math.sqrt(5);
  t.true(Math.abs(ordered(echelonBaseStock(), { ...VIEW, shared }) - level) < 1e-9);
});

test('an echelon that is told what retailers expect covers that, until the order after this one could be sold', (t) => {
  const forecast = { mean: [10, 20, 30, 40, 50, 60, 70], deviation: [3, 4, 0, 0, 0, 12, 84] };
  const shared = { ...SHARED, positionBelow: 25, leadTimeToMarket: 1, holdingBelow: 0.01, forecast };
  const firm = { ...withStock(15), penalty: 0, shared };
  // Four periods to arrive, one to the market, and this one.
  const level = 210 + normalQuantile(0.5 / (0.5 + 0.03 - 0.01)) * 13;
  t.true(Math.abs(ordered(echelonBaseStock(), firm) - (level - 25 - 15)) < 1e-9);
});

test('an echelon that is told nothing orders as a newsvendor', (t) => {
  t.is(ordered(echelonBaseStock(), withStock(40)), ordered(newsvendor(), withStock(40)));
});
