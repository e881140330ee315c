import test from 'ava';
import type { SupplyInstance } from '../../../scenarios/supply-chain/network.ts';
import { baseStock } from '../../../agents/supply-chain/policies/base-stock.ts';
import { echelonBaseStock } from '../../../agents/supply-chain/policies/echelon-base-stock.ts';
import { reorderPoint } from '../../../agents/supply-chain/policies/reorder-point.ts';
import { replenishmentPolicy, type Replenishment } from '../../../agents/supply-chain/policies/replenishment.ts';
import { SupplyEnvironment } from '../../../scenarios/supply-chain/environment.ts';
import { localRuleOrders, runLocalRule, type LocalRuleOptions } from '../../../scenarios/supply-chain/references.ts';
import { laneName } from '../../../scenarios/supply-chain/solution.ts';
import { SMELTER } from './smelter.ts';

const { network: NETWORK } = SMELTER;

/** What every firm saw in every period, by the period and the mark that tells firms apart: their lead time. */
function sights(instance: SupplyInstance, options: LocalRuleOptions): ReadonlyMap<string, Replenishment> {
  const seen = new Map<string, Replenishment>();
  const spy = replenishmentPolicy({
    name: 'spy',
    parameters: {},
    orderUpTo: (what) => {
      seen.set(`${what.leadTime}/${instance.periods - what.periodsLeft}`, what);
      return what.leadTime + 2;
    },
  });
  runLocalRule(instance, spy, options);
  return seen;
}

/** The same with another opening stock at one node. */
function stocked(id: number, stock: number): SupplyInstance {
  const nodes = NETWORK.nodes.map((node) =>
    node.id === id ? { ...node, items: node.items.map((item) => ({ ...item, stock })) } : node,
  );
  return { ...SMELTER, network: { ...NETWORK, nodes } };
}

test('the orders of the reference earn its profit, and are the same each time', (t) => {
  for (const shared of [false, true]) {
    for (const rule of [baseStock(), reorderPoint(), echelonBaseStock()]) {
      const { orders, profit } = localRuleOrders(SMELTER, rule, { shared });
      const environment = new SupplyEnvironment(SMELTER);
      for (let period = 0; period < SMELTER.periods; period++) {
        environment.step(Float64Array.from(NETWORK.lanes, (one) => orders[laneName(one)]?.[period] ?? 0));
      }
      t.is(environment.profit, profit);
      t.deepEqual(localRuleOrders(SMELTER, rule, { shared }), { orders, profit, firms: {}, payments: [] });
    }
  }
});

test('what the network earns is what its firms earn', (t) => {
  const { profit, profits } = runLocalRule(SMELTER, baseStock());
  const firms = profits.filter((_, place) => NETWORK.nodes[place]?.kind !== 'raw');
  t.true(Math.abs(firms.reduce((sum, one) => sum + one, 0) - profit) < 1e-9);
});

test('no rule sees what a partner has in stock, unless it is told', (t) => {
  const first = (instance: SupplyInstance, shared: boolean): readonly (Replenishment | undefined)[] =>
    [1, 2, 3].map((leadTime) => sights(instance, { shared }).get(`${leadTime}/0`));
  const usual = first(SMELTER, false);
  const [factory, left, right] = first(stocked(1, 500), false);
  t.deepEqual([factory, right], [usual[0], usual[2]]);
  t.notDeepEqual(left, usual[1], 'the shop itself sees its own');
  t.deepEqual(first(stocked(5, 9), false).slice(1), usual.slice(1));
  t.notDeepEqual(first(stocked(1, 500), true)[0], first(SMELTER, true)[0]);
});

test('a firm is asked what its customers order, a retailer what its markets want', (t) => {
  const seen = sights(SMELTER, { shared: false });
  const { orders } = runLocalRule(
    SMELTER,
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
  const seen = sights(SMELTER, { shared: true });
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

test('told its share, a supplier takes for its own what its customers order of it, and of two alike each half', (t) => {
  const { nodes, lanes } = NETWORK;
  const factory = nodes.find(({ id }) => id === 5);
  const twins = {
    ...SMELTER,
    network: {
      ...NETWORK,
      nodes: [...nodes, ...(factory === undefined ? [] : [{ ...factory, id: 6 }])],
      lanes: [
        ...lanes,
        ...lanes.slice(1).map((lane) => ({ ...lane, supplier: 6 })),
        ...lanes.slice(0, 1).map((lane) => ({ ...lane, buyer: 6 })),
      ],
    },
  };
  const [whole, half, one] = [
    sights(twins, { shared: true }).get('1/1'),
    sights(twins, { shared: true, part: 'share' }).get('1/1'),
    sights(SMELTER, { shared: true, part: 'share' }).get('1/1'),
  ];
  const units = (seen: Replenishment | undefined): number => (seen?.asked[0] ?? Number.NaN) / (seen?.unit ?? 1);
  t.true(Math.abs(units(whole) - 28) < 1e-9);
  t.true(Math.abs(units(half) - 14) < 1e-9);
  t.true(Math.abs(units(one) - 28) < 1e-9, 'whoever has no rival has the whole');
});

test('what waits counts as owed where demand waits, and is gone where it is lost', (t) => {
  const scarce = { ...stocked(2, 5), periods: 2 };
  const owing = sights(scarce, { shared: false }).get('3/1');
  t.true(Math.abs((owing?.backlog ?? 0) / (owing?.unit ?? 1) - 15) < 1e-9);
  t.is(sights({ ...scarce, backlog: false }, { shared: false }).get('3/1')?.backlog, 0);
});
