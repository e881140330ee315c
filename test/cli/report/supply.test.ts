import test from 'ava';
import { supplyReport } from '../../../cli/report/supply.ts';
import type { SupplySolution } from '../../../scenarios/supply-chain/solution.ts';
import { occurrences } from './simulated.ts';
import { chainOf, madeChain, reportOf, type MadeChain } from './supply-days.ts';

const HOSTILE = `<img src=x onerror="alert(1)">'&</title></script><script>alert(2)</script>`;

/** A network with everything in it: three disruptions, several ways from source to market. */
function everything(): MadeChain {
  return madeChain({
    tiers: [2, 3, 3, 2],
    disruptions: [
      { kind: 'plant', node: 3, from: 5, to: 8, share: 0 },
      { kind: 'lane', supplier: 6, buyer: 9, from: 10, to: 14 },
      { kind: 'demand', market: 10_000, from: 20, to: 22, factor: 1.5 },
    ],
  });
}

function chains(): Readonly<Record<string, MadeChain>> {
  return {
    everything: everything(),
    'lost sales': madeChain({ tiers: [1, 2, 2], backlog: false }),
    'no swing': madeChain({ tiers: [1, 1, 1], periods: 6, demand: 20 }),
    'no demand': madeChain({ tiers: [1, 1, 1], periods: 3, demand: 0 }),
    'one period': madeChain({ tiers: [1, 1], periods: 1 }),
    'many firms': madeChain({ tiers: [4, 20, 20, 20], periods: 12 }),
  };
}

/** The page where the agents came to another solution. */
function withSolution({ problem, simulation }: MadeChain, changed: Partial<SupplySolution>): string {
  const { agents } = simulation;
  return supplyReport(problem, {
    ...simulation,
    agents: { ...agents, solution: { ...agents.solution, ...changed } },
  });
}

test('hostile names stay text everywhere', (t) => {
  const { problem, simulation } = everything();
  const { instance } = problem;
  const { network } = instance;
  const items = [{ product: HOSTILE, stock: 10, holding: 0.1, perOutput: 1 }];
  const page = supplyReport(
    {
      options: { ...problem.options, rule: { ...problem.options.rule, name: HOSTILE } },
      instance: {
        ...instance,
        name: HOSTILE,
        network: {
          ...network,
          name: HOSTILE,
          nodes: network.nodes.map((node) => ({ ...node, product: HOSTILE, items: node.kind === 'raw' ? [] : items })),
        },
      },
    },
    {
      ...simulation,
      agents: {
        ...simulation.agents,
        solution: {
          ...simulation.agents.solution,
          payments: [{ from: HOSTILE, to: HOSTILE, amount: '5000000', what: 'goods' }],
        },
      },
      result: {
        ...simulation.result,
        instance: HOSTILE,
        fingerprint: HOSTILE,
        references: { [HOSTILE]: { [HOSTILE]: 1, profit: 3 } },
        violations: { [HOSTILE]: 2 },
        feasible: false,
      },
    },
  );
  t.false(page.includes('<img'));
  t.false(page.includes('<script'));
  t.is(occurrences(page, '</script>'), 0);
  t.true(page.includes('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;&lt;/title&gt;'));
});

test('the page loads nothing and runs nothing', (t) => {
  const page = reportOf(everything());
  t.true(page.includes(`content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"`));
  t.notRegex(page, /<(?:script|link|iframe|img|object|base|form)|https?:|url\(|@import|\bon\w+="|javascript:/);
});

for (const [name, chain] of Object.entries(chains())) {
  test(`no number of the page is broken: ${name}`, (t) => {
    t.notRegex(reportOf(chain), /NaN|Infinity|undefined|\[object|null[,\]]|∞/);
  });

  test(`elements close in the order in which they open: ${name}`, (t) => {
    const open: string[] = [];
    const page = reportOf(chain)
      .replace(/<style>.*<\/style>/s, '')
      .replace('<!doctype html>', '');
    for (const [, end, element = ''] of page.matchAll(/<(\/?)([\w-]+)[^>]*>/g)) {
      if (element === 'meta') continue;
      if (end === '') open.push(element);
      else t.is(open.pop(), element);
    }
    t.deepEqual(open, []);
  });

  test(`ids are unique and every drawing has a title and a description: ${name}`, (t) => {
    const page = reportOf(chain);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    t.is(new Set(ids).size, ids.length);
    for (const [, names = ''] of page.matchAll(/aria-labelledby="([^"]+)"/g)) {
      for (const id of names.split(' ')) t.true(ids.includes(id), id);
    }
    for (const [drawing] of page.matchAll(/<svg [^>]*>/g)) t.regex(drawing, /aria-labelledby=|aria-hidden="true"/);
  });
}

test('the same run has the same page', (t) => {
  t.is(reportOf(everything()), reportOf(everything()));
});

test('the verdict says what was earned beside the optimum and the local rules', (t) => {
  const { problem, simulation } = everything();
  const [agents, baseline] = [
    { ...simulation.agents, kpis: { ...simulation.agents.kpis, profit: 910 } },
    { ...simulation.baseline, kpis: { ...simulation.baseline.kpis, profit: 800 } },
  ];
  const optimum = { ...baseline, kpis: { ...baseline.kpis, profit: 1000 } };
  const page = supplyReport(problem, { ...simulation, agents, baseline, optimum });
  t.regex(
    page,
    /8 firms earned 910\.00 tokens with contracts, 91 % of what a planner who knows all demand beforehand could earn \(1,000\.00 tokens\); with local rules they earn 800\.00 tokens, 80 % of it\./,
  );
  const losing = { ...baseline, kpis: { ...baseline.kpis, profit: -5 } };
  t.regex(
    supplyReport(problem, { ...simulation, agents, baseline: losing, optimum }),
    /with local rules they lose 5\.00 tokens\./,
  );
  const better = { ...baseline, kpis: { ...baseline.kpis, profit: 950 } };
  t.regex(
    supplyReport(problem, { ...simulation, agents, baseline: better, optimum }),
    /local rules would earn more, 950\.00 tokens/,
  );
});

test('without an optimum the page says so, and compares with the local rules alone', (t) => {
  const { problem, simulation } = everything();
  const page = supplyReport(problem, { ...simulation, optimum: null });
  t.regex(page, /No optimum is known for this instance\./);
  t.regex(page, /tokens with contracts; (?:with local rules|local rules would)/);
  t.notRegex(page, /<th scope="col">Optimum<\/th>/);
});

test('an outcome that breaks rules is called so, with every rule that it breaks', (t) => {
  const { problem, simulation } = everything();
  const page = supplyReport(problem, {
    ...simulation,
    result: {
      ...simulation.result,
      feasible: false,
      violations: { unbookedTokens: 12.5, settledMicros: 3, badPayments: 2, negativeUnits: 0, oddity: 4 },
    },
  });
  t.regex(page, /✗ Agreed, but not feasible/);
  t.regex(
    page,
    /they break a rule: the orders earn 12\.50 tokens more or less than the books of all firms say, and settlements make or lose 3 micro-tokens, and 2 payments are no amount of money, and oddity 4\./,
  );
});

test('a firm that ends poorer than alone is named in the verdict', (t) => {
  const chain = everything();
  const { firms } = chain.simulation.agents.solution;
  t.regex(
    reportOf(chain),
    /Every firm is richer than with its local rule, by 0\.25 tokens at least and 3\.75 tokens at most\./,
  );
  const [id = '', account] = Object.entries(firms)[2] ?? [];
  t.truthy(account);
  if (account === undefined) return;
  const poorer = withSolution(chain, { firms: { ...firms, [id]: { ...account, alone: account.profit + 1.5 } } });
  t.regex(poorer, /1 of 8 firms is poorer than with the local rule, Factory 5 by 1\.50 tokens\./);
  t.true(poorer.includes('class="loss-bar"'));
  const even = withSolution(chain, { firms: { ...firms, [id]: { ...account, alone: account.profit } } });
  t.regex(even, /No firm is poorer than with its local rule; the gain is 0\.00 tokens at least/);
});

test('firms that played their local rules have nothing to share', (t) => {
  const chain = everything();
  const firms = Object.fromEntries(
    Object.entries(chain.simulation.agents.solution.firms).map(([id, firm]) => [id, { ...firm, alone: null }]),
  );
  t.regex(withSolution(chain, { firms }), /Firms ordered by their local rules, so there is nothing to share\./);
});

test('without agents there are neither payments nor firms, and the page says so', (t) => {
  const page = withSolution(everything(), { firms: {}, payments: [] });
  t.regex(page, /No payments were recorded\./);
  t.regex(page, /No agents were at work\./);
});

test('numbers of the comparison are those of the result', (t) => {
  const chain = everything();
  const { agents, baseline, optimum } = chain.simulation;
  const page = reportOf(chain);
  const row = (words: string): readonly (string | undefined)[] => {
    const [, cells = ''] = new RegExp(`<th scope="row" class="text">${words}</th>(.*?)</tr>`).exec(page) ?? [];
    return [...cells.matchAll(/<td>(.*?)<\/td>/g)].map(([, cell]) => cell?.replaceAll(',', ''));
  };
  const of = (name: string, digits: number): readonly string[] =>
    [agents, baseline, optimum].map((run) => (run?.kpis[name] ?? NaN).toFixed(digits).replace('-', '−'));
  t.deepEqual(row('Profit of all firms, tokens'), of('profit', 2));
  t.deepEqual(row('Holding, tokens'), of('holdingCost', 2));
  t.deepEqual(row('Average inventory, units'), of('averageStock', 1));
  t.deepEqual(row('Bullwhip ratio of retailers'), of('bullwhipTier1', 2));
});

test('the matrix of payments adds up to all that was paid', (t) => {
  const chain = everything();
  const { payments } = chain.simulation.agents.solution;
  const total = payments.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  const page = reportOf(chain);
  const [, cells = ''] = /received in all<\/th>(.*?)<\/tr>/.exec(page) ?? [];
  const sums = [...cells.matchAll(/>([\d,.]+)<\/td>/g)].map(([, cell = '']) => Number(cell.replaceAll(',', '')));
  t.true(Math.abs((sums.at(-1) ?? 0) - Number(total) / 1e6) < 0.006);
  t.true(Math.abs(sums.slice(0, -1).reduce((sum, value) => sum + value, 0) - (sums.at(-1) ?? 0)) < 0.01 * sums.length);
});

test('a payment that is no amount of money counts as nothing', (t) => {
  const chain = everything();
  const page = withSolution(chain, {
    payments: [
      { from: '9', to: '6', amount: 'lots', what: 'goods' },
      { from: '9', to: '6', amount: '2500000', what: 'goods' },
    ],
  });
  t.regex(page, /received in all<\/th><td>2\.50<\/td><td class="sum">2\.50<\/td>/);
});

test('every firm, market and lane of a small network is drawn once', (t) => {
  const chain = everything();
  const { network } = chain.problem.instance;
  const page = reportOf(chain);
  const map = page.slice(page.indexOf('id="network-title"'), page.indexOf('class="tiers"'));
  t.is(occurrences(map, 'class="firm-name"'), network.nodes.length + network.markets.length);
  t.is(occurrences(map, 'class="hit-line"'), network.lanes.length + network.markets.length);
  for (const { id, kind } of network.nodes) {
    const [first = ''] = kind;
    const name = kind === 'raw' ? `Raw source ${id}` : `${first.toUpperCase()}${kind.slice(1)} ${id}`;
    t.is(occurrences(map, `>${name}</text>`), 1, name);
  }
  t.is(occurrences(map, '>✕</text>'), 2);
  t.is(occurrences(map, 'cut in periods 11 to 14'), 1);
  t.regex(map, /Ships 0 % of its capacity in periods 6 to 8/);
  t.regex(map, /Demand 1\.5 times the usual in periods 21 to 22/);
});

test('disruptions are listed with the time to recover of agents, rules and optimum', (t) => {
  const page = reportOf(everything());
  t.regex(page, /Disruptions and recovery/);
  t.regex(page, /Plant down<\/th><td>Factory 3<\/td><td>periods 6 to 8<\/td>/);
  t.regex(page, /Lane cut<\/th><td>Distributor 6 → Retailer 9<\/td><td>periods 11 to 14<\/td>/);
  t.notRegex(reportOf(madeChain({ tiers: [1, 1, 1] })), /Disruptions and recovery/);
});

test('a market that gets nothing while its plant is down recovers in the period in which it gets enough', (t) => {
  const periods = 20;
  const instance = {
    name: 'line',
    network: {
      name: 'line',
      nodes: [
        { id: 1, kind: 'raw' as const, product: 'goods', items: [], capacity: Infinity, operatingCost: 0 },
        {
          id: 2,
          kind: 'retailer' as const,
          product: 'goods',
          items: [{ product: 'goods', stock: 10, holding: 0.1, perOutput: 1 }],
          capacity: Infinity,
          operatingCost: 0,
        },
      ],
      lanes: [{ supplier: 1, buyer: 2, leadTime: 1, price: 1, pipelineCost: 0, orderCost: 0 }],
      markets: [{ retailer: 2, market: 3, price: 2, penalty: 0.5 }],
    },
    periods,
    backlog: false,
    discount: 1,
    demand: [Array.from({ length: periods }, () => 10)],
    disruptions: [{ kind: 'lane' as const, supplier: 1, buyer: 2, from: 6, to: 9 }],
  };
  const chain = chainOf(instance);
  const orders = { '1-2': Array.from({ length: periods }, (_, at) => (at >= 6 && at < 9 ? 0 : 10)) };
  // What is shipped in period 5 serves period 6; 7, 8 and 9 get nothing; period 10 is served again.
  t.regex(withSolution(chain, { orders }), /periods 7 to 9<\/td><td>1<\/td><td>4 periods \(30\)<\/td>/);
  const hungry = { '1-2': Array.from({ length: periods }, (_, at) => (at < 6 ? 10 : 0)) };
  t.regex(withSolution(chain, { orders: hungry }), /<td>not in 14 periods \(130\)<\/td>/);
  const stocked = { '1-2': Array.from({ length: periods }, (_, at) => (at < 6 ? 40 : 0)) };
  t.regex(withSolution(chain, { orders: stocked }), /periods 7 to 9<\/td><td>1<\/td><td>not felt<\/td>/);
});

test('where demand never swings there is no bullwhip to show', (t) => {
  t.regex(reportOf(madeChain({ tiers: [1, 1, 1], demand: 20 })), /Demand is the same in every period/);
});

test('three hundred firms fit into 2 MB; struck ones are among those drawn, and what is left out is said', (t) => {
  const page = reportOf(
    madeChain({
      tiers: [30, 60, 80, 60, 100],
      periods: 60,
      disruptions: [{ kind: 'plant', node: 75, from: 8, to: 12, share: 0.3 }],
    }),
  );
  t.log(`${Buffer.byteLength(page)} bytes`);
  t.true(Buffer.byteLength(page) < 2_000_000);
  t.true(page.includes('>Factory 75</text>'));
  t.regex(page, /\d+ firms, sources and markets are drawn together with others of their tier\./);
  t.regex(page, /The 24 of 300 firms that gained most are drawn; the table has all\./);
  t.regex(page, /firms of a tier are one row and one column/);
  const drawn = occurrences(page, 'class="firm-name"');
  t.true(drawn <= 42, `${drawn} cards`);
});

test('what was ordered in vain is part of the verdict', (t) => {
  const { problem, simulation } = everything();
  const kpis = { ...simulation.agents.kpis, unfilledUnits: 12 };
  const page = supplyReport(problem, { ...simulation, agents: { ...simulation.agents, kpis } });
  t.regex(page, /12 units were ordered that could not be shipped, with 2 plants or lanes struck;/);
});

test('a local rule that runs far beyond all others leaves its chart, which says how far it went', (t) => {
  const chain = everything();
  const { baseline } = chain.simulation;
  const orders = Object.fromEntries(
    Object.entries(baseline.solution.orders).map(([lane, units]) => [
      lane,
      units.map(() => (lane === '1-3' ? 9000 : 0)),
    ]),
  );
  const page = supplyReport(chain.problem, {
    ...chain.simulation,
    baseline: { ...baseline, solution: { ...baseline.solution, orders } },
  });
  t.regex(page, /Stock, units \(local rules to [\d,]+\)/);
});

test('orders that never swing stand at 0 of the bullwhip chart, not at 1', (t) => {
  const { problem, simulation } = everything();
  const withRatios = (ratios: Readonly<Record<string, number>>): string => {
    const agents = { ...simulation.agents, kpis: { ...simulation.agents.kpis, ...ratios } };
    const page = supplyReport(problem, { ...simulation, agents });
    return page.slice(page.indexOf('id="bullwhip-title"'), page.indexOf('Who paid whom'));
  };
  const chart = withRatios({ bullwhipTier1: 1000, bullwhipTier2: 0, bullwhipTier3: 1 });
  const [, even = ''] = /class="even" x1="([\d.]+)"/.exec(chart) ?? [];
  const places = [...chart.matchAll(/<title>Agents: [\d,.]+<\/title><circle class="agents-dot" cx="([\d.]+)"/g)].map(
    ([, x]) => Number(x),
  );
  t.is(places.length, 3);
  const [still = 0, same = 0, wild = 0] = places.toSorted((a, b) => a - b);
  t.true(still < Number(even));
  t.is(same, Number(even));
  t.true(wild > Number(even));
  t.regex(chart, /text-anchor="middle">0<\/text>/);
});
