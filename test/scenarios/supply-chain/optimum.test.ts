import test from 'ava';
import * as fc from 'fast-check';
import { networkFault } from '../../../scenarios/supply-chain/network-check.ts';
import { supplyOptimum } from '../../../scenarios/supply-chain/optimum.ts';
import { replay } from '../../../scenarios/supply-chain/score.ts';
import { chain, instanceOf } from './networks.ts';
import { randomInstance } from './random-instance.ts';

for (const [what, kind, runs, tolerance] of [
  ['a network', {}, 60, 1e-6],
  ['a network with costs of orders', { orderCosts: true }, 15, 1e-4],
  ['a network with two markets of one retailer', { twoMarkets: true }, 25, 1e-4],
] as const) {
  test(`no orders earn more than the optimum of ${what}, whose own orders earn it`, async (t) => {
    await fc.assert(
      fc.asyncProperty(randomInstance(kind), async ({ instance, orders }) => {
        t.is(networkFault(instance.network), null);
        const best = await supplyOptimum(instance);
        const own = replay(instance, best).environment.profit;
        const others = replay(instance, { orders }).environment.profit;
        t.true(Math.abs(own - best.profit) <= tolerance, `the optimum says ${best.profit}, its orders earn ${own}`);
        t.true(others <= best.profit + tolerance, `the optimum says ${best.profit}, other orders earn ${others}`);
      }),
      { numRuns: runs, seed: 2026 },
    );
  });
}

test('where an order costs more than what it brings, none is made; where it costs less, few are', async (t) => {
  const network = (orderCost: number) =>
    chain({
      toFactory: { orderCost, leadTime: 0 },
      toRetailer: { leadTime: 0 },
      factory: { capacity: 100 },
      market: { price: 1 },
    });
  const demand = [0, 5, 5, 5];
  const none = await supplyOptimum(instanceOf(network(16), demand));
  t.is(none.profit, 0);
  const one = await supplyOptimum(instanceOf(network(6), demand));
  t.true(Math.abs(one.profit - 9) < 1e-6, `${one.profit}`);
  t.is(one.orders['9-2']?.filter((units) => units > 1e-6).length, 1);
});
