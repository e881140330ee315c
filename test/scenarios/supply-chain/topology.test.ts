import test from 'ava';
import { parseTopology } from '../../../scenarios/supply-chain/topology.ts';
import { INVMGMT_PRESENT, invmgmtText } from './published.ts';

const run = INVMGMT_PRESENT ? test : test.skip;

const SERIAL = `name: small
nodes:
  - id: 0
  - {id: 1, I0: 100, h: 0.03}
  - {id: 2, I0: 200, h: 0.01, C: 90, o: 0.02, v: 0.5}
  - id: 9
edges:
  - {from: 1, to: 0, p: 2, b: 0.1, demand_dist: poisson, dist_param: {mu: 20}}
  - {from: 2, to: 1, L: 4, p: 1.5, g: 0.01, K: 7}
  - {from: 9, to: 2, L: 0, p: 0.5, g: 0}
`;

test('reads roles from the graph, costs and lead times from nodes and edges', (t) => {
  const { network, demand, periods, backlog, discount } = parseTopology(SERIAL, 'small.yaml');
  t.is(network.name, 'small');
  t.deepEqual(
    network.nodes.map(({ id, kind }) => [id, kind]),
    [
      [1, 'retailer'],
      [2, 'factory'],
      [9, 'raw'],
    ],
  );
  const [retailer, factory] = network.nodes;
  t.deepEqual(retailer?.items, [{ product: 'goods', stock: 100, holding: 0.03, perOutput: 1 }]);
  // Half of what goes in comes out: two for one, and the cost is that of what goes in.
  t.deepEqual(factory?.items, [{ product: 'goods', stock: 200, holding: 0.01, perOutput: 2 }]);
  t.deepEqual([factory?.capacity, factory?.operatingCost], [90, 0.04]);
  t.deepEqual(network.lanes, [
    { supplier: 2, buyer: 1, leadTime: 4, price: 1.5, pipelineCost: 0.01, orderCost: 7 },
    { supplier: 9, buyer: 2, leadTime: 0, price: 0.5, pipelineCost: 0, orderCost: 0 },
  ]);
  t.deepEqual(network.markets, [{ retailer: 1, market: 0, price: 2, penalty: 0.1 }]);
  t.deepEqual(demand, [{ kind: 'poisson', mean: 20 }]);
  t.deepEqual([periods, backlog, discount], [null, null, 1]);
});

const ASSEMBLY = `nodes:
  - id: 0
  - {id: 1, I0: 10, h: 0.03}
  - {id: 2, product: bike, bom: {frame: 1, wheel: 2}, I0: {frame: 30, wheel: 60}, h: {frame: 0.1, wheel: 0.02}, C: 90, o: 0.02, v: 1}
  - {id: 3, product: frame}
  - {id: 4, product: wheel}
edges:
  - {from: 1, to: 0, p: 2, b: 0.1, user_D: [3, 4, 5]}
  - {from: 2, to: 1, L: 4, p: 1.5, g: 0.01}
  - {from: 3, to: 2, L: 0, p: 0.5, g: 0}
  - {from: 4, to: 2, L: 0, p: 0.5, g: 0}
disruptions:
  - {plant: 2, from: 3, to: 5, share: 0.5}
  - {lane: [4, 2], from: 3, to: 5}
  - {market: 0, factor: 3, from: 1, to: 2}
periods: 3
backlog: false
discount: 0.97
`;

test('reads our extensions: products, bills of material, given demand, disruptions and rules', (t) => {
  const { network, demand, disruptions, ...rules } = parseTopology(ASSEMBLY, 'folder/bike.yaml');
  t.is(network.name, 'bike');
  t.deepEqual(network.nodes[1]?.items, [
    { product: 'frame', stock: 30, holding: 0.1, perOutput: 1 },
    { product: 'wheel', stock: 60, holding: 0.02, perOutput: 2 },
  ]);
  t.is(network.nodes[0]?.items[0]?.product, 'bike');
  t.deepEqual(demand, [{ kind: 'given', units: [3, 4, 5] }]);
  t.deepEqual(disruptions, [
    { kind: 'plant', node: 2, from: 3, to: 5, share: 0.5 },
    { kind: 'lane', supplier: 4, buyer: 2, from: 3, to: 5 },
    { kind: 'demand', market: 0, from: 1, to: 2, factor: 3 },
  ]);
  t.deepEqual(rules, { periods: 3, backlog: false, discount: 0.97 });
});

for (const [kind, text, read] of [
  ['normal', 'demand_dist: normal, dist_param: {loc: 20, scale: 4}', { kind: 'normal', mean: 20, deviation: 4 }],
  ['uniform', 'demand_dist: uniform, dist_param: {loc: 5, scale: 10}', { kind: 'uniform', from: 5, to: 15 }],
  ['gamma', 'demand_dist: gamma, dist_param: {a: 4, scale: 5}', { kind: 'gamma', shape: 4, scale: 5 }],
  ['constant', 'demand_dist: constant, dist_param: {value: 8}', { kind: 'constant', units: 8 }],
] as const) {
  test(`reads a ${kind} demand`, (t) => {
    const { demand } = parseTopology(SERIAL.replace('demand_dist: poisson, dist_param: {mu: 20}', text), 'a.yaml');
    t.deepEqual(demand, [read]);
  });
}

for (const [file, kinds] of [
  ['assembly', '1 retailer, 3 factory, 2 raw'],
  ['diamond', '1 retailer, 2 factory, 1 raw'],
  ['distribution_tree', '3 retailer, 1 distributor, 1 factory, 1 raw'],
  ['divergent', '1 retailer, 2 distributor, 3 factory, 2 raw'],
  ['serial', '1 retailer, 1 distributor, 1 factory, 1 raw'],
  ['w_network', '2 retailer, 1 distributor, 2 factory, 2 raw'],
] as const) {
  run(`reads ${file}.yaml of gym-invmgmt`, (t) => {
    const { network } = parseTopology(invmgmtText(`topologies/${file}.yaml`), `${file}.yaml`);
    const counts = ['retailer', 'distributor', 'factory', 'raw'].flatMap((kind) => {
      const count = network.nodes.filter((node) => node.kind === kind).length;
      return count === 0 ? [] : [`${count} ${kind}`];
    });
    t.is(counts.join(', '), kinds);
    t.true(
      network.nodes.every(({ items }) => items.length <= 1),
      'one pooled stock each',
    );
  });
}

/** A text with one thing changed, where it is wrong, and what is said. */
const WRONG: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ['an unknown key', SERIAL.replace('h: 0.03', 'hold: 0.03'), /^s\.yaml:4:22: .*hold is unknown here; known are id/],
  ['a key that comes twice', SERIAL.replace('id: 9', 'id: 9\n    id: 8'), /^s\.yaml:7:5: .*id is there twice/],
  ['two nodes of one id', SERIAL.replace('id: 9', 'id: 1'), /^s\.yaml:6:5: node 1 is there twice/],
  ['an unknown node', SERIAL.replace('from: 9', 'from: 77'), /^s\.yaml:10:12: .*from must be the id of a node, got 77/],
  [
    'a negative cost',
    SERIAL.replace('h: 0.03', 'h: -1'),
    /^s\.yaml:4:25: node 1: h must be a number from 0 to 1000000, got -1/,
  ],
  ['a number that is none', SERIAL.replace('h: 0.03', 'h: .nan'), /4:25: .*h must be a number .* got NaN/],
  ['a number without end', SERIAL.replace('p: 2,', 'p: .inf,'), /8:25: .*p must be a number .* got Infinity/],
  ['a text for a number', SERIAL.replace('p: 2,', 'p: "2",'), /8:25: .*p must be a number .* got "2"/],
  [
    'a lead time that is not whole',
    SERIAL.replace('L: 4', 'L: 4.5'),
    /9:25: edge 2 to 1: L must be a whole number from 0 to 1000, got 4.5/,
  ],
  ['a lead time below zero', SERIAL.replace('L: 4', 'L: -1'), /L must be a whole number from 0 to 1000, got -1/],
  ['a capacity of zero', SERIAL.replace('C: 90', 'C: 0'), /C must be a number from 0.000001 .* got 0/],
  ['a yield above one', SERIAL.replace('v: 0.5', 'v: 2'), /v must be a number from 0.000001 to 1, got 2/],
  ['a factory without yield', SERIAL.replace(', v: 0.5', ''), /node 2 needs v/],
  ['a store without a stock', SERIAL.replace('I0: 100, ', ''), /node 1 needs I0/],
  ['an edge without a price', SERIAL.replace('p: 0.5, ', ''), /edge 9 to 2 needs p/],
  ['a market with a stock', SERIAL.replace('- id: 0', '- {id: 0, I0: 4}'), /I0 is not for a market/],
  ['a raw source with a stock', SERIAL.replace('- id: 9', '- {id: 9, I0: 4}'), /I0 is not for a raw source/],
  ['a store with an operating cost', SERIAL.replace('h: 0.03', 'h: 0.03, o: 1'), /o is not for a retailer/],
  ['a lead time to a market', SERIAL.replace('b: 0.1', 'b: 0.1, L: 3'), /L is not for an edge to a market/],
  ['a penalty between firms', SERIAL.replace('L: 4', 'L: 4, b: 1'), /b is not for an edge between firms/],
  [
    'an unknown demand',
    SERIAL.replace('demand_dist: poisson', 'demand_dist: weibull'),
    /demand_dist must be poisson, normal, uniform, gamma, constant, got "weibull"/,
  ],
  ['a demand without its mean', SERIAL.replace('{mu: 20}', '{}'), /dist_param needs mu/],
  ['a parameter of another demand', SERIAL.replace('{mu: 20}', '{loc: 20}'), /loc is unknown here; known are mu/],
  ['a market without demand', SERIAL.replace(', demand_dist: poisson, dist_param: {mu: 20}', ''), /needs demand_dist/],
  [
    'a node that sells to a market and supplies nodes',
    SERIAL.replace('{from: 2, to: 1,', '{from: 2, to: 0, p: 1, b: 1, user_D: [1]}\n  - {from: 2, to: 1,'),
    /node 2 both sells to a market and supplies nodes/,
  ],
  [
    'a raw source that sells to a market',
    SERIAL.replace('{from: 2, to: 1,', '{from: 7, to: 0, p: 1, b: 1, user_D: [1]}\n  - {from: 2, to: 1,').replace(
      '- id: 9',
      '- id: 9\n  - id: 7',
    ),
    /node 7 sells to a market and has no supplier/,
  ],
  [
    'a retailer with a capacity',
    SERIAL.replace('h: 0.03', 'h: 0.03, C: 8, o: 1, v: 1'),
    /node 1 has a capacity C, .* needs a retailer/,
  ],
  ['a node on no edge', SERIAL.replace('- id: 9', '- id: 9\n  - id: 7'), /node 7 is on no edge/],
  [
    'a circle',
    SERIAL.replace('edges:', 'edges:\n  - {from: 1, to: 2, L: 1, p: 1, g: 0}'),
    /is part of a circle or behind one/,
  ],
  [
    'an edge that comes twice',
    `${SERIAL}  - {from: 9, to: 2, L: 0, p: 0.5, g: 0}\n`,
    /^s\.yaml:11:5: lane 9 to 2 is there twice/,
  ],
  ['a part that nobody supplies', ASSEMBLY.replace('product: wheel', 'product: tyre'), /node 2 has no use for tyre/],
  [
    'parts without a bill',
    ASSEMBLY.replace(
      'bom: {frame: 1, wheel: 2}, I0: {frame: 30, wheel: 60}, h: {frame: 0.1, wheel: 0.02}',
      'I0: 3, h: 1',
    ),
    /node 2 is supplied with frame and wheel, so it needs a bom/,
  ],
  [
    'a bill without a stock of a part',
    ASSEMBLY.replace('I0: {frame: 30, wheel: 60}', 'I0: {frame: 30}'),
    /I0 needs wheel/,
  ],
  [
    'a bill of nothing',
    ASSEMBLY.replace('bom: {frame: 1, wheel: 2}', 'bom: {}'),
    /bom has from 1 to 16 products, got 0/,
  ],
  ['a disruption of nothing', ASSEMBLY.replace('{plant: 2, ', '{'), /needs exactly one of plant, lane, market/],
  [
    'a disruption of an unknown plant',
    ASSEMBLY.replace('plant: 2', 'plant: 0'),
    /plant must be the id of a firm, got 0/,
  ],
  ['a disruption of an unknown lane', ASSEMBLY.replace('lane: [4, 2]', 'lane: [4, 1]'), /there is none from 4 to 1/],
  [
    'a disruption that ends before it begins',
    ASSEMBLY.replace('from: 3, to: 5, share', 'from: 3, to: 3, share'),
    /must end after period 3, got 3/,
  ],
  ['a share above one', ASSEMBLY.replace('share: 0.5', 'share: 1.5'), /share must be a number from 0 to 1, got 1.5/],
  [
    'a discount above one',
    ASSEMBLY.replace('discount: 0.97', 'discount: 1.1'),
    /discount must be a number from 0.000001 to 1, got 1.1/,
  ],
  ['no periods', ASSEMBLY.replace('periods: 3', 'periods: 0'), /periods must be a whole number from 1 to 1000, got 0/],
  [
    'a backlog of neither kind',
    ASSEMBLY.replace('backlog: false', 'backlog: maybe'),
    /backlog must be true or false, got "maybe"/,
  ],
];

for (const [what, text, message] of WRONG) {
  test(`refuses ${what}, naming the place`, (t) => {
    const error = t.throws(() => parseTopology(text, 's.yaml'), { code: 'bad-topology', message });
    t.regex(error?.message ?? '', /^s\.yaml:\d+:\d+: /);
  });
}

const HOSTILE: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  [
    'references, by which a short text stands for a long one',
    'nodes: &a [{id: 1}]\nedges: *a\n',
    /edges must be a list, got a reference/,
  ],
  ['more than a million characters', ' '.repeat(1_000_001), /at most 1000000 characters/],
  ['brackets that are nested deep', '['.repeat(100_000), /nested more than 32 deep/],
  ['lists that are nested deep', '- '.repeat(100_000), /^s\.yaml:\d+:\d+: /],
  ['a hundred thousand keys', 'a: 1\n'.repeat(100_000), /a is unknown here/],
  ['an empty text', '', /must be a map, got nothing/],
  ['bytes that are no text', '\u0000\u0001\uffff', /must be a map, got "\?\?\?"/],
  ['a program', 'nodes: !!js/function "x"\n', /Unresolved tag/],
  ['two documents', '---\na: 1\n---\nb: 2\n', /multiple documents/],
  ['nodes that are no list', 'nodes: {}\nedges: []\n', /nodes must be a list, got a map/],
  ['no nodes', 'edges: []\n', /the topology needs nodes/],
  ['too many nodes', `nodes: [${'{},'.repeat(2_001)}]\nedges: []\n`, /nodes has at most 2000 entries, got 2001/],
  ['nothing at all in its lists', 'nodes: []\nedges: []\n', /needs a market/],
];

for (const [what, text, message] of HOSTILE) {
  test(`refuses ${what}`, (t) => {
    t.throws(() => parseTopology(text, 's.yaml'), { code: 'bad-topology', message });
  });
}
