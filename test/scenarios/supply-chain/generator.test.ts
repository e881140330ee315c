import test from 'ava';
import * as fc from 'fast-check';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { generateSupply } from '../../../scenarios/supply-chain/generator.ts';
import { networkFault } from '../../../scenarios/supply-chain/network-check.ts';
import type { SupplyInstance } from '../../../scenarios/supply-chain/network.ts';
import { supplyOptimum } from '../../../scenarios/supply-chain/optimum.ts';
import { replay } from '../../../scenarios/supply-chain/score.ts';

function generated(parameters: Readonly<Record<string, string | number>>, seed = 1): SupplyInstance {
  const entries = Object.entries(parameters).map(([key, value]): [string, string] => [key, `${value}`]);
  return generateSupply(new Map(entries), createRandomRoot(seed).stream('instance'));
}

const wanted = fc.record({
  firms: fc.integer({ min: 40, max: 120 }),
  tiers: fc.integer({ min: 2, max: 6 }),
  products: fc.integer({ min: 1, max: 4 }),
  periods: fc.integer({ min: 5, max: 40 }),
  suppliers: fc.integer({ min: 1, max: 5 }),
  disruptions: fc.integer({ min: 0, max: 9 }),
  demand: fc.constantFrom('stationary', 'trend+seasonal', 'shock'),
  backlog: fc.constantFrom('yes', 'no'),
});

test('what is generated is a network of so many firms in so many tiers, and equal seeds give equal ones', (t) => {
  fc.assert(
    fc.property(wanted, fc.nat({ max: 1e6 }), (parameters, seed) => {
      const instance = generated(parameters, seed);
      const { network, disruptions, demand, periods } = instance;
      t.is(networkFault(network), null);
      t.is(network.nodes.length, parameters.firms);
      t.is(disruptions.length, parameters.disruptions);
      t.true(disruptions.every(({ from, to }) => from >= 0 && from < to && to <= periods));
      t.is(demand.length, network.markets.length);
      t.true(demand.every((units) => units.length === parameters.periods));
      t.deepEqual(generated(parameters, seed), instance);
    }),
    { numRuns: 60, seed: 99 },
  );
});

test('every firm sells a unit for more than what goes into it costs, from whichever supplier', (t) => {
  fc.assert(
    fc.property(wanted, fc.nat({ max: 1e6 }), (parameters, seed) => {
      const { nodes, lanes, markets } = generated(parameters, seed).network;
      const products = new Map(nodes.map(({ id, product }) => [id, product]));
      for (const { id, items, operatingCost } of nodes) {
        const inside = items.map(({ product, perOutput }) => {
          const prices = lanes.flatMap((lane) =>
            lane.buyer === id && products.get(lane.supplier) === product
              ? [lane.price + lane.pipelineCost * lane.leadTime]
              : [],
          );
          return perOutput * Math.max(...prices);
        });
        const sold = [
          ...lanes.filter(({ supplier }) => supplier === id),
          ...markets.filter(({ retailer }) => retailer === id),
        ];
        const cost = inside.reduce((sum, each) => sum + each, operatingCost);
        t.true(
          sold.every(({ price }) => price > cost),
          `node ${id}`,
        );
      }
    }),
    { numRuns: 30, seed: 98 },
  );
});

test('a small network has an optimum with a profit, which its orders earn in spite of disruptions', async (t) => {
  for (const seed of [1, 2, 3]) {
    const instance = generated(
      { firms: 12, periods: 30, disruptions: 3, demand: 'trend+seasonal', backlog: 'no' },
      seed,
    );
    const best = await supplyOptimum(instance);
    t.true(best.profit > 0);
    const earned = replay(instance, best).environment.profit;
    t.true(Math.abs(earned - best.profit) < 1e-6 * best.profit, `${earned} of ${best.profit}`);
  }
});

test('the orders of a large optimum, which an interior point finds, earn it as well', async (t) => {
  const instance = generated({ firms: 60, products: 3, periods: 40, disruptions: 3 });
  const best = await supplyOptimum(instance);
  const earned = replay(instance, best).environment.profit;
  t.true(Math.abs(earned - best.profit) < 1e-6 * best.profit, `${earned} of ${best.profit}`);
});

for (const [parameters, message] of [
  [{ firms: 4 }, /firms must be a whole number from 5 to 1000, got "4"/],
  [{ firms: '1e2' }, /firms must be a whole number from 5 to 1000, got "1e2"/],
  [{ tiers: 7 }, /tiers must be a whole number from 2 to 6, got "7"/],
  [{ products: 0 }, /products must be a whole number from 1 to 50/],
  [{ periods: 4 }, /periods must be a whole number from 5 to 1000/],
  [{ mean: 1_001 }, /mean must be a whole number from 1 to 1000/],
  [{ suppliers: 6 }, /suppliers must be a whole number from 1 to 5/],
  [{ disruptions: 51 }, /disruptions must be a whole number from 0 to 50/],
  [{ demand: 'flat' }, /demand must be stationary or some of/],
  [{ backlog: 1 }, /backlog must be yes or no, got "1"/],
  [{ factories: 3 }, /takes the parameters firms, tiers, .* got "factories"/],
  [{ firms: 20, products: 5 }, /firms must be at least 25 for 5 products in 4 tiers, got 20/],
] as const) {
  test(`refuses the parameters ${JSON.stringify(parameters)}`, (t) => {
    t.throws(() => generated(parameters), { code: 'bad-parameter', message });
  });
}
