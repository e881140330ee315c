import test from 'ava';
import type { SupplyInstance, SupplyNetwork, SupplyNode } from '../../../scenarios/supply-chain/network.ts';
import { baseStock } from '../../../agents/supply-chain/policies/base-stock.ts';
import { echelonBaseStock } from '../../../agents/supply-chain/policies/echelon-base-stock.ts';
import { reorderPoint } from '../../../agents/supply-chain/policies/reorder-point.ts';
import { replenishmentPolicy, type Replenishment } from '../../../agents/supply-chain/policies/replenishment.ts';
import { SupplyEnvironment } from '../../../scenarios/supply-chain/environment.ts';
import { localRuleOrders, runLocalRule } from '../../../scenarios/supply-chain/references.ts';
import { laneName } from '../../../scenarios/supply-chain/solution.ts';

const RAW: SupplyNode = { id: 9, kind: 'raw', product: 'ore', items: [], capacity: Infinity, operatingCost: 0 };

const lane = { leadTime: 2, price: 1, pipelineCost: 0.01, orderCost: 0 };

/** Ore, a smelter that takes two of it, and two shops with a market each. */
const NETWORK: SupplyNetwork = {
  name: 'smelter',
  nodes: [
    RAW,
    {
      id: 5,
      kind: 'factory',
      product: 'pan',
      items: [{ product: 'ore', stock: 100, holding: 0.01, perOutput: 2 }],
      capacity: 60,
      operatingCost: 0.01,
    },
    ...[1, 2].map((id): SupplyNode => ({
      id,
      kind: 'retailer',
      product: 'pan',
      items: [{ product: 'pan', stock: 50, holding: 0.03, perOutput: 1 }],
      capacity: Infinity,
      operatingCost: 0,
    })),
  ],
  lanes: [
    { ...lane, supplier: 9, buyer: 5, price: 0.2, leadTime: 1 },
    { ...lane, supplier: 5, buyer: 1 },
    { ...lane, supplier: 5, buyer: 2, leadTime: 3 },
  ],
  markets: [
    { retailer: 1, market: 11, price: 3, penalty: 0.1 },
    { retailer: 2, market: 12, price: 3, penalty: 0.2 },
  ],
};

const INSTANCE: SupplyInstance = {
  name: 'smelter',
  network: NETWORK,
  periods: 12,
  backlog: true,
  discount: 1,
  demand: [
    [8, 12, 10, 9, 11, 13, 7, 10, 14, 6, 10, 10],
    [20, 18, 22, 25, 15, 20, 21, 19, 20, 20, 23, 17],
  ],
  disruptions: [],
};

/** What every firm saw in every period, by the period and the mark that tells firms apart: their lead time. */
function sights(instance: SupplyInstance, shared: boolean): ReadonlyMap<string, Replenishment> {
  const seen = new Map<string, Replenishment>();
  const spy = replenishmentPolicy({
    name: 'spy',
    parameters: {},
    orderUpTo: (what) => {
      seen.set(`${what.leadTime}/${instance.periods - what.periodsLeft}`, what);
      return what.leadTime + 2;
    },
  });
  runLocalRule(instance, spy, { shared });
  return seen;
}

/** The same with another opening stock at one node. */
function stocked(id: number, stock: number): SupplyInstance {
  const nodes = NETWORK.nodes.map((node) =>
    node.id === id ? { ...node, items: node.items.map((item) => ({ ...item, stock })) } : node,
  );
  return { ...INSTANCE, network: { ...NETWORK, nodes } };
}

test('the orders of the reference earn its profit, and are the same each time', (t) => {
  for (const shared of [false, true]) {
    for (const rule of [baseStock(), reorderPoint(), echelonBaseStock()]) {
      const { orders, profit } = localRuleOrders(INSTANCE, rule, { shared });
      const environment = new SupplyEnvironment(INSTANCE);
      for (let period = 0; period < INSTANCE.periods; period++) {
        environment.step(Float64Array.from(NETWORK.lanes, (one) => orders[laneName(one)]?.[period] ?? 0));
      }
      t.is(environment.profit, profit);
      t.deepEqual(localRuleOrders(INSTANCE, rule, { shared }), { orders, profit, firms: {}, payments: [] });
    }
  }
});

test('what the network earns is what its firms earn', (t) => {
  const { profit, profits } = runLocalRule(INSTANCE, baseStock());
  const firms = profits.filter((_, place) => NETWORK.nodes[place]?.kind !== 'raw');
  t.true(Math.abs(firms.reduce((sum, one) => sum + one, 0) - profit) < 1e-9);
});

test('no rule sees what a partner has in stock, unless it is told', (t) => {
  const first = (instance: SupplyInstance, shared: boolean): readonly (Replenishment | undefined)[] =>
    [1, 2, 3].map((leadTime) => sights(instance, shared).get(`${leadTime}/0`));
  const usual = first(INSTANCE, false);
  const [factory, left, right] = first(stocked(1, 500), false);
  t.deepEqual([factory, right], [usual[0], usual[2]]);
  t.notDeepEqual(left, usual[1], 'the shop itself sees its own');
  t.deepEqual(first(stocked(5, 9), false).slice(1), usual.slice(1));
  t.notDeepEqual(first(stocked(1, 500), true)[0], first(INSTANCE, true)[0]);
});

test('a firm is asked what its customers order, a retailer what its markets want', (t) => {
  const seen = sights(INSTANCE, false);
  const { orders } = runLocalRule(
    INSTANCE,
    replenishmentPolicy({ name: 'same', parameters: {}, orderUpTo: ({ leadTime }) => leadTime + 2 }),
  );
  const sum = (orders[1]?.[0] ?? 0) + (orders[2]?.[0] ?? 0);
  const asked = (leadTime: number): number => {
    const { asked: lags, unit } = seen.get(`${leadTime}/1`) ?? { asked: [], unit: 1 };
    return (lags[0] ?? Number.NaN) / unit;
  };
  t.true(sum > 0 && Math.abs(asked(1) - sum) < 1e-9);
  t.true(Math.abs(asked(2) - 8) < 1e-9 && Math.abs(asked(3) - 20) < 1e-9);
});

test('told all, the factory sees both markets, what the shops have, and the way there, in units of what it ships', (t) => {
  const seen = sights(INSTANCE, true);
  const start = seen.get('1/0');
  // Opening stock of both shops over the longest lead time and one.
  t.is((start?.mean ?? 0) / (start?.unit ?? 1), 100 / 4);
  t.is((start?.positionBelow ?? 0) / (start?.unit ?? 1), 100);
  t.is(start?.leadTimeToMarket, 3);
  const later = seen.get('1/1');
  t.true(Math.abs((later?.asked[0] ?? 0) / (later?.unit ?? 1) - 28) < 1e-9);
  const shop = seen.get('3/1');
  t.deepEqual([shop?.positionBelow, shop?.leadTimeToMarket, shop?.holdingBelow], [0, 0, 0]);
});

test('what waits counts as owed where demand waits, and is gone where it is lost', (t) => {
  const scarce = { ...stocked(2, 5), periods: 2 };
  const owing = sights(scarce, false).get('3/1');
  t.true(Math.abs((owing?.backlog ?? 0) / (owing?.unit ?? 1) - 15) < 1e-9);
  t.is(sights({ ...scarce, backlog: false }, false).get('3/1')?.backlog, 0);
});
