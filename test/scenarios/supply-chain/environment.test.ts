import test from 'ava';
import { SupplyEnvironment } from '../../../scenarios/supply-chain/environment.ts';
import type { SupplyInstance, SupplyNetwork } from '../../../scenarios/supply-chain/network.ts';
import { chain, instanceOf } from './networks.ts';

/** Plays the same orders in every period, by lane. */
function played(instance: SupplyInstance, orders: readonly number[], periods = instance.periods): SupplyEnvironment {
  const environment = new SupplyEnvironment(instance, { history: true });
  for (let t = 0; t < periods; t++) environment.step(Float64Array.from(orders));
  return environment;
}

const stocked = (stock: number) => ({ items: [{ product: 'goods', stock, holding: 0, perOutput: 1 }] });

test('what is ordered arrives after the lead time and can be sold in that period, not shipped on before the next', (t) => {
  const network = chain({ toFactory: { leadTime: 0 }, toRetailer: { leadTime: 2 }, market: { price: 1 } });
  const environment = played(instanceOf(network, [5, 5, 5, 5]), [5, 5], 4);
  // Period 0: the factory gets 5, has shipped nothing. Period 1: ships 5, which arrive in period 3.
  t.deepEqual(
    [0, 1, 2, 3].map((at) => environment.shippedOn(0, at)),
    [0, 5, 5, 5],
  );
  t.deepEqual([...(environment.history?.sold ?? [])], [0, 0, 0, 5]);
  t.is(environment.unservedAt(0), 15);
});

test('lanes are served in their order from what was there at the beginning, within the capacity of a factory', (t) => {
  const base = chain({ factory: { ...stocked(50), capacity: 12 } });
  const [retailer, ...others] = base.nodes;
  t.truthy(retailer);
  const network: SupplyNetwork = {
    ...base,
    nodes: [...base.nodes.slice(0, 1), { ...(retailer as SupplyNetwork['nodes'][number]), id: 3 }, ...others],
    lanes: [...base.lanes, { ...(base.lanes[0] as SupplyNetwork['lanes'][number]), buyer: 3 }],
    markets: [...base.markets, { retailer: 3, market: 4, price: 0, penalty: 0 }],
  };
  const environment = played(
    instanceOf(network, [0, 0], {
      demand: [
        [0, 0],
        [0, 0],
      ],
    }),
    [8, 0, 8],
    1,
  );
  t.deepEqual(
    [0, 1, 2].map((lane) => environment.shippedOn(lane, 0)),
    [8, 0, 4],
  );
  t.is(environment.stockOf(environment.layout.itemFrom[2] ?? 0), 38);
});

test('unserved demand waits with a backlog and is lost without', (t) => {
  const network = chain({ retailer: { stock: 4 }, factory: stocked(100), market: { price: 2, penalty: 0.5 } });
  const waits = played(instanceOf(network, [6, 6, 6]), [9, 0]);
  // 4 sold and 2 wait; 8 asked and 8 sold of 9; 6 sold of 10.
  t.deepEqual([...(waits.history?.sold ?? [])], [4, 8, 6]);
  t.is(waits.profit, 2 * 18 - 0.5 * 2);
  const lost = played(instanceOf(network, [6, 6, 6], { backlog: false }), [9, 0]);
  t.deepEqual([...(lost.history?.sold ?? [])], [4, 6, 6]);
  t.is(lost.profit, 2 * 16 - 0.5 * 2);
});

test('profit is sales less purchases from raw sources, operation, storage, transport, orders and penalties, and adds up over the firms', (t) => {
  const network = chain({
    factory: { items: [{ product: 'goods', stock: 10, holding: 0.1, perOutput: 1 }], operatingCost: 0.25 },
    retailer: { stock: 1, holding: 0.2 },
    toFactory: { price: 0.5, leadTime: 0, orderCost: 3 },
    toRetailer: { price: 1, pipelineCost: 0.3, leadTime: 1 },
    market: { price: 2, penalty: 0.4 },
  });
  const environment = played(instanceOf(network, [3]), [4, 2]);
  // The factory ships 4, gets 2 and keeps 8; the retailer sells 1 of 3.
  const retailer = 2 * 1 - 0.4 * 2 - 1 * 4 - 0.3 * 4;
  const factory = 1 * 4 - 0.25 * 4 - 0.5 * 2 - 3 - 0.1 * 8;
  t.true(Math.abs(environment.profitOf(0) - retailer) < 1e-12);
  t.true(Math.abs(environment.profitOf(1) - factory) < 1e-12);
  t.is(environment.profitOf(2), 1);
  t.true(Math.abs(environment.profit - retailer - factory) < 1e-12);
});

test('profit of period t counts the discount to the power of t', (t) => {
  const network = chain({ retailer: { stock: 100 }, market: { price: 1 } });
  t.is(played(instanceOf(network, [8, 8, 8], { discount: 0.5 }), [0, 0]).profit, 8 + 4 + 2);
});

test('a factory ships no more than its scarcest part allows, and takes of each part what goes into a unit', (t) => {
  const base = chain({
    factory: {
      items: [
        { product: 'goods', stock: 10, holding: 0, perOutput: 2 },
        { product: 'bolts', stock: 30, holding: 0, perOutput: 3 },
      ],
    },
  });
  const network = {
    ...base,
    nodes: [
      ...base.nodes,
      { id: 8, kind: 'raw' as const, product: 'bolts', items: [], capacity: Infinity, operatingCost: 0 },
    ],
    lanes: [...base.lanes, { supplier: 8, buyer: 2, leadTime: 0, price: 0, pipelineCost: 0, orderCost: 0 }],
  };
  const environment = played(instanceOf(network, [0]), [7, 0, 1]);
  t.is(environment.shippedOn(0, 0), 5);
  t.deepEqual([environment.stockOf(1), environment.stockOf(2)], [0, 16]);
});

test('a yield below one takes more in than it gives out', (t) => {
  const network = chain({ factory: { items: [{ product: 'goods', stock: 10, holding: 0, perOutput: 2 }] } });
  const environment = played(instanceOf(network, [0]), [100, 0]);
  t.is(environment.shippedOn(0, 0), 5);
});

test('a retailer serves its markets in their order', (t) => {
  const base = chain({ retailer: { stock: 5 }, market: { price: 1 } });
  const network = { ...base, markets: [...base.markets, { retailer: 1, market: 7, price: 10, penalty: 1 }] };
  const environment = played(instanceOf(network, [4], { demand: [[4], [4]] }), [0, 0]);
  t.deepEqual([...(environment.history?.sold ?? [])], [4, 1]);
  t.is(environment.profit, 4 + 10 - 3);
});

test('a plant that is down ships its share, a lane that is cut nothing; what is under way arrives', (t) => {
  const network = chain({ factory: { ...stocked(1_000), capacity: 10 } });
  const disruptions = [
    { kind: 'plant' as const, node: 2, from: 1, to: 2, share: 0.5 },
    { kind: 'lane' as const, supplier: 2, buyer: 1, from: 3, to: 4 },
    { kind: 'plant' as const, node: 2, from: 4, to: 5, share: 0 },
    { kind: 'plant' as const, node: 9, from: 2, to: 3, share: 0 },
  ];
  const environment = played(instanceOf(network, [0, 0, 0, 0, 0, 0], { disruptions }), [20, 7]);
  t.deepEqual(
    [0, 1, 2, 3, 4, 5].map((at) => environment.shippedOn(0, at)),
    [10, 5, 10, 0, 0, 10],
  );
  t.deepEqual(
    [0, 1, 2, 3, 4, 5].map((at) => environment.shippedOn(1, at)),
    [7, 7, 0, 7, 7, 7],
  );
  t.is(environment.stockOf(0), 25);
});

test('orders below zero and those that are no number count as none', (t) => {
  const environment = played(instanceOf(chain({ factory: stocked(10) }), [0]), [-3, Number.NaN]);
  t.deepEqual([environment.shippedOn(0, 0), environment.shippedOn(1, 0)], [0, 0]);
});

test('refuses an order without end of a source without bounds, and a period after the last', (t) => {
  const environment = new SupplyEnvironment(instanceOf(chain({}), [0]));
  t.throws(() => environment.step(Float64Array.of(0, Infinity)), {
    code: 'unbounded-order',
    message: /node 2 .* node 9/,
  });
  const over = played(instanceOf(chain({}), [0]), [0, 0]);
  t.true(over.finished);
  t.throws(() => over.step(Float64Array.of(0, 0)), { name: 'AssertionError', message: /1 periods/ });
});

test('after a reset the same orders give the same again', (t) => {
  const instance = instanceOf(
    chain({ factory: stocked(100), retailer: { stock: 5, holding: 0.1 }, market: { price: 2 } }),
    [5, 6, 7],
  );
  const environment = played(instance, [6, 6]);
  const before = environment.profit;
  environment.reset();
  t.deepEqual([environment.period, environment.profit, environment.stockOf(0)], [0, 0, 5]);
  for (let period = 0; period < 3; period++) environment.step(Float64Array.of(6, 6));
  t.is(environment.profit, before);
});
