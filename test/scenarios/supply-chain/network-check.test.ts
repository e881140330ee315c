import test from 'ava';
import { networkFault } from '../../../scenarios/supply-chain/network-check.ts';
import type { SupplyNetwork } from '../../../scenarios/supply-chain/network.ts';
import { chain } from './networks.ts';

const good = chain({});
const [retailer, factory, raw] = good.nodes as [
  SupplyNetwork['nodes'][number],
  SupplyNetwork['nodes'][number],
  SupplyNetwork['nodes'][number],
];
const item = { product: 'goods', stock: 0, holding: 0, perOutput: 1 };
const free = { leadTime: 0, price: 0, pipelineCost: 0, orderCost: 0 };

test('a chain from a raw source to a market has no fault', (t) => {
  t.is(networkFault(good), null);
});

for (const [what, network, list, message] of [
  ['no market', { ...good, markets: [] }, 'network', /needs a market/],
  [
    'too many nodes',
    { ...good, nodes: Array.from({ length: 2_001 }, (_, id) => ({ ...raw, id })) },
    'network',
    /at most 2000 nodes, got 2001/,
  ],
  ['an id that is not whole', { ...good, nodes: [{ ...retailer, id: 1.5 }] }, 'nodes', /whole number from 0, got 1.5/],
  ['one id for two nodes', { ...good, nodes: [...good.nodes, raw] }, 'nodes', /two nodes are called 9/],
  ['a capacity of zero', chain({ factory: { capacity: 0 } }), 'nodes', /node 2: the capacity must be above 0, got 0/],
  [
    'a capacity that is no number',
    chain({ factory: { capacity: Number.NaN } }),
    'nodes',
    /capacity must be above 0, got NaN/,
  ],
  ['an operating cost below zero', chain({ factory: { operatingCost: -1 } }), 'nodes', /operating cost must be from 0/],
  [
    'a raw source with a stock',
    { ...good, nodes: [retailer, factory, { ...raw, items: [item] }] },
    'nodes',
    /node 9: a raw source stocks nothing/,
  ],
  [
    'a factory without a stock',
    chain({ factory: { items: [] } }),
    'nodes',
    /node 2 must stock from 1 to 16 things, got 0/,
  ],
  ['the same thing twice', chain({ factory: { items: [item, item] } }), 'nodes', /node 2 stocks the same thing twice/],
  ['a stock below zero', chain({ factory: { items: [{ ...item, stock: -1 }] } }), 'nodes', /item goods: .* got -1/],
  [
    'a need of nothing',
    chain({ factory: { items: [{ ...item, perOutput: 0 }] } }),
    'nodes',
    /must be 0.000001 or more/,
  ],
  [
    'a retailer that assembles',
    { ...good, nodes: [{ ...retailer, items: [item, { ...item, product: 'box' }] }, factory, raw] },
    'nodes',
    /only a factory makes one thing of others/,
  ],
  [
    'a retailer with a bound',
    { ...good, nodes: [{ ...retailer, capacity: 5 }, factory, raw] },
    'nodes',
    /nothing bounds what a retailer sells, got 5/,
  ],
  [
    'a raw source with a bound',
    { ...good, nodes: [retailer, factory, { ...raw, capacity: 5 }] },
    'nodes',
    /node 9: nothing bounds a raw source, got 5/,
  ],
  [
    'a lane to nowhere',
    { ...good, lanes: [...good.lanes, { ...free, supplier: 2, buyer: 77 }] },
    'lanes',
    /lane 2 to 77: there is no such node/,
  ],
  [
    'a lane to a raw source',
    { ...good, lanes: [...good.lanes, { ...free, supplier: 2, buyer: 9 }] },
    'lanes',
    /a raw source buys nothing/,
  ],
  [
    'a retailer that supplies',
    { ...good, lanes: [...good.lanes, { ...free, supplier: 1, buyer: 2 }] },
    'lanes',
    /node 1 sells to a market, so it cannot supply/,
  ],
  [
    'a lead time that is not whole',
    chain({ toFactory: { leadTime: 0.5 } }),
    'lanes',
    /lead time must be a whole number from 0 to 1000, got 0.5/,
  ],
  [
    'a price that is no number',
    chain({ toFactory: { price: Number.NaN } }),
    'lanes',
    /a price or cost must be from 0 to 1000000, got NaN/,
  ],
  ['a market that is called as a node', chain({ market: { market: 2 } }), 'markets', /the market is called as a node/],
  ['a market of a factory', chain({ market: { retailer: 2 } }), 'markets', /node 2 is no retailer/],
  ['a market lane twice', { ...good, markets: [...good.markets, ...good.markets] }, 'markets', /1 to 0 is there twice/],
  [
    'a node without a way from a raw source',
    { ...good, lanes: good.lanes.slice(0, 1) },
    'nodes',
    /node 1 cannot be reached from any raw source/,
  ],
  [
    'a retailer without a market',
    { ...good, nodes: [...good.nodes, { ...retailer, id: 5 }] },
    'nodes',
    /node 5 is a retailer without a market/,
  ],
  [
    'a node whose goods reach no market',
    {
      ...good,
      nodes: [...good.nodes, { ...factory, id: 5 }],
      lanes: [...good.lanes, { ...free, supplier: 9, buyer: 5 }],
    },
    'nodes',
    /what node 5 ships reaches no market/,
  ],
  [
    'a part that nobody supplies',
    chain({ factory: { items: [item, { ...item, product: 'bolts' }] } }),
    'nodes',
    /node 2 needs bolts, which nobody supplies/,
  ],
  [
    'a circle',
    {
      ...good,
      nodes: [...good.nodes, { ...factory, id: 5 }],
      lanes: [...good.lanes, { ...free, supplier: 2, buyer: 5 }, { ...free, supplier: 5, buyer: 2 }],
    },
    'nodes',
    /node 1 is part of a circle or behind one/,
  ],
] as const) {
  test(`a network with ${what} is refused`, (t) => {
    const fault = networkFault(network);
    t.is(fault?.in, list);
    t.regex(fault?.message ?? '', message);
  });
}
