import test from 'ava';
import * as fc from 'fast-check';
import { replay, solutionOf, supplyKpis, tiersOf } from '../../../scenarios/supply-chain/score.ts';
import type { SupplySolution } from '../../../scenarios/supply-chain/solution.ts';
import { supplyViolations } from '../../../scenarios/supply-chain/violations.ts';
import { chain, instanceOf } from './networks.ts';
import { randomInstance } from './random-instance.ts';

const network = chain({
  factory: { items: [{ product: 'goods', stock: 100, holding: 0, perOutput: 1 }] },
  retailer: { stock: 10 },
  market: { price: 2, penalty: 1 },
});

const solution = (orders: SupplySolution['orders'], more: Partial<SupplySolution> = {}): SupplySolution => ({
  orders,
  profit: 0,
  firms: {},
  payments: [],
  ...more,
});

test('served, in time, short: what became of demand', (t) => {
  const orders = { '2-1': [20, 0, 0], '9-2': [0, 0, 0] };
  const waits = supplyKpis(replay(instanceOf(network, [14, 10, 9]), { orders }));
  // 10 of 14; then 14 of 10 and the 4 that waited, leaving 6; 6 of 9.
  t.deepEqual(
    [waits['servedShare'], waits['inTimeShare'], waits['serviceLevel'], waits['waitingUnits'], waits['lostUnits']],
    [30 / 33, 26 / 33, 1 - 2 / 3, 3, 0],
  );
  const lost = supplyKpis(replay(instanceOf(network, [14, 10, 9], { backlog: false }), { orders }));
  t.deepEqual(
    [lost['servedShare'], lost['serviceLevel'], lost['waitingUnits'], lost['lostUnits']],
    [29 / 33, 1 - 1 / 3, 0, 4],
  );
});

test('the bullwhip of a tier is the variance of its orders over that of demand', (t) => {
  const orders = { '2-1': [0, 4, 0, 4], '9-2': [0, 20, 0, 20] };
  const kpis = supplyKpis(replay(instanceOf(network, [1, 3, 1, 3]), { orders }));
  t.deepEqual([kpis['bullwhipTier1'], kpis['bullwhipTier2']], [4, 100]);
  t.deepEqual(tiersOf(network), [1, 2, 3]);
  const steady = supplyKpis(replay(instanceOf(network, [2, 2, 2, 2]), { orders }));
  t.false('bullwhipTier1' in steady, 'there is none where demand never changes');
});

test('profit is revenue less all costs, and what was shipped earns the same when it is ordered', (t) => {
  fc.assert(
    fc.property(randomInstance(), ({ instance, orders }) => {
      const played = replay(instance, { orders });
      const kpis = supplyKpis(played);
      const costs = ['purchaseCost', 'holdingCost', 'pipelineCost', 'operatingCost', 'orderCost', 'penaltyCost'];
      const profit = costs.reduce((sum, name) => sum - (kpis[name] ?? Number.NaN), kpis['revenue'] ?? Number.NaN);
      const scale = 1 + Math.abs(profit) + (kpis['revenue'] ?? 0);
      t.true(Math.abs(profit - (kpis['profit'] ?? 0)) < 1e-9 * scale);
      const shipped = solutionOf(played.environment);
      const again = replay(instance, shipped);
      t.true(Math.abs(again.environment.profit - shipped.profit) < 1e-9 * scale);
      const violations = supplyViolations(again, shipped);
      t.deepEqual(
        Object.values(violations).filter((value) => value !== 0),
        [],
      );
    }),
    { numRuns: 100, seed: 5 },
  );
});

test('orders below zero and a profit that was not made are violations; what cannot be served is counted', (t) => {
  const instance = instanceOf(network, [0, 0]);
  const made = solution({ '2-1': [-3, 130], '9-2': [0, 0] }, { profit: 5 });
  const played = replay(instance, made);
  const violations = supplyViolations(played, made);
  t.deepEqual([violations['negativeUnits'], violations['profitTokens']], [3, 5]);
  t.is(supplyKpis(played)['unfilledUnits'], 30);
});

test('books that say something else than the orders earn are a violation, discount or not', (t) => {
  for (const discount of [1, 0.5]) {
    const instance = instanceOf(network, [1, 1], { discount });
    const orders = { '2-1': [1, 1], '9-2': [0, 0] };
    const earned = replay({ ...instance, discount: 1 }, { orders }).environment.profit;
    const unbooked = (profit: number): number | undefined => {
      const firms = { 1: { settlement: 0, alone: null, partners: 1, profit } };
      const made = solution(orders, { firms });
      return supplyViolations(replay(instance, made), made)['unbookedTokens'];
    };
    t.is(unbooked(earned), 0);
    t.is(unbooked(earned + 1), 1);
  }
});

test('money that comes from nowhere is a violation, to the micro-token', (t) => {
  const instance = instanceOf(network, [0]);
  const firm = { settlement: 0, alone: null, partners: 1 };
  const payments = [{ from: '1', to: '2', amount: '1500000', what: 'goods' as const }];
  const fair = solution({}, { firms: { 1: { ...firm, profit: -1.5 }, 2: { ...firm, profit: 1.5 } }, payments });
  const accounts = (given: SupplySolution): readonly (number | undefined)[] => {
    const violations = supplyViolations(replay(instance, given), given);
    return [violations['unequalMicros'], violations['settledMicros'], violations['badPayments']];
  };
  t.deepEqual(accounts(fair), [0, 0, 0]);
  t.deepEqual(accounts({ ...fair, firms: { ...fair.firms, 2: { ...firm, profit: 1.500001 } } }), [1, 0, 0]);
  t.deepEqual(
    accounts({ ...fair, firms: { ...fair.firms, 2: { ...firm, profit: 1.5, settlement: 0.000002 } } }),
    [0, 2, 0],
  );
  t.deepEqual(
    accounts({ ...fair, payments: [...payments, { from: '1', to: '2', amount: '-5', what: 'goods' }] }),
    [0, 0, 1],
  );
});

for (const [what, orders, message] of [
  ['of a lane that is none', { '1-2': [0, 0] }, /1-2 is no lane/],
  ['of too few periods', { '2-1': [0] }, /2-1 has 1 orders, there are 2 periods/],
  ['that are no number', { '2-1': [0, Number.NaN] }, /2-1 orders NaN in period 1/],
] as const) {
  test(`refuses orders ${what}`, (t) => {
    t.throws(() => replay(instanceOf(network, [0, 0]), { orders }), { code: 'bad-orders', message });
  });
}
