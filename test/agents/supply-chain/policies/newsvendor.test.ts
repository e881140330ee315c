import test from 'ava';
import * as fc from 'fast-check';
import type { Policy } from '../../../../agent-core/policy/policy.ts';
import { localOrders, type LocalView } from '../../../../agents/supply-chain/local-rule.ts';
import { newsvendor } from '../../../../agents/supply-chain/policies/newsvendor.ts';
import { normalQuantile } from '../../../../agents/supply-chain/policies/normal-quantile.ts';
import { ITEM, SUPPLIER, VIEW } from '../views.ts';

function ordered(view: LocalView, rule: Policy = newsvendor()): number {
  return localOrders(rule, view)[0]?.[0] ?? Number.NaN;
}

/** Expected penalties and holding costs of having `stock` against a normal demand, by the trapezoid rule. */
function expectedCost(stock: number, { mean, deviation, penalty, holding }: NewsDay): number {
  const steps = 4_000;
  let cost = 0;
  for (let k = 0; k <= steps; k++) {
    const z = -8 + (16 * k) / steps;
    const left = stock - (mean + z * deviation);
    cost += Math.exp(-z * z * 0.5) * (left > 0 ? holding * left : -penalty * left);
  }
  return (cost * 16) / steps / Math.sqrt(2 * Math.PI);
}

interface NewsDay {
  readonly mean: number;
  readonly deviation: number;
  readonly penalty: number;
  readonly holding: number;
}

test('orders the critical fractile of the demand of lead time and one period', (t) => {
  const cost = fc.double({ min: 0.01, max: 5, noNaN: true });
  const asked = fc.array(fc.integer({ min: 10, max: 60 }), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(asked, fc.tuple(cost, cost), fc.nat(12), (units, [penalty, holding], leadTime) => {
      const mean = units.reduce((sum, each) => sum + each, 0) / 5;
      const deviation = Math.max(1, Math.sqrt(units.reduce((sum, each) => sum + (each - mean) ** 2, 0) / 4));
      const fractile =
        mean * (leadTime + 1) + normalQuantile(penalty / (penalty + holding)) * deviation * Math.sqrt(leadTime + 1);
      const item = { ...ITEM, holding, suppliers: [{ ...SUPPLIER, leadTime }] };
      const level = Math.max(0, fractile);
      t.true(Math.abs(ordered({ ...VIEW, penalty, asked: units, items: [item] }) - level) < 1e-9 * (1 + level));
    }),
  );
});

test('no other quantity costs less', (t) => {
  const item = { ...ITEM, suppliers: [{ ...SUPPLIER, leadTime: 0 }] };
  const chosen = ordered({ ...VIEW, items: [item] });
  const day = { mean: 20, deviation: Math.sqrt(10), penalty: 0.1, holding: 0.03 };
  const cost = expectedCost(chosen, day);
  for (const other of [-4, -1, -0.2, 0.2, 1, 4]) t.true(expectedCost(chosen + other, day) > cost, `${chosen + other}`);
});

test('a firm that pays no penalty weighs its margin, and one without a margin half a token', (t) => {
  const firm = { ...VIEW, penalty: 0 };
  const level = (underage: number): number =>
    20 * 5 + normalQuantile(underage / (underage + 0.03)) * Math.sqrt(10) * Math.sqrt(5);
  t.true(Math.abs(ordered({ ...firm, price: 2.3 }) - level(0.8)) < 1e-9);
  t.true(Math.abs(ordered({ ...firm, price: 1.4 }) - level(0.5)) < 1e-9);
});

test('what costs nothing to hold is not ordered without end', (t) => {
  const level = ordered({ ...VIEW, items: [{ ...ITEM, holding: 0 }] });
  t.true(level > 100 && level < 100 + 4 * Math.sqrt(50));
});

test('orders nothing where nothing was asked for', (t) => {
  t.is(ordered({ ...VIEW, asked: [0, 0, 0, 0, 0] }), 0);
});
