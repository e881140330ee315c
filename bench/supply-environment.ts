/**
 * Periods per CPU-second of the supply environment, with built-in rules and no messages: `npm run bench:supply-environment`.
 *
 * Networks are those of gym-invmgmt where HAGGLE_DATA names the folder of benchmark data; years of 30 periods follow one another. The rule
 * orders up to a base stock on every lane; the other line orders at random, from numbers that were drawn beforehand. The best of the
 * repeats counts, after it has been checked that all of them earned the same. With `--save` the table is written to bench/results.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { poissonDraw } from '../agent-core/draws.ts';
import { assert } from '../agent-core/errors.ts';
import { createRandomRoot } from '../agent-core/random.ts';
import { SupplyEnvironment } from '../scenarios/supply-chain/environment.ts';
import type { SupplyInstance } from '../scenarios/supply-chain/network.ts';
import { topologyOf } from './gym-invmgmt.ts';

const REPEATS = 5;
const PERIODS = 30;
const MEAN = 20;
const RANDOM_ORDERS = 4_096;

/** What somebody orders in each period, written into `orders`. */
type Rule = (environment: SupplyEnvironment, orders: Float64Array) => void;

function instanceOf(network: string): SupplyInstance {
  const topology = topologyOf(network);
  const random = createRandomRoot(42).stream('demand');
  return {
    name: network,
    network: topology.network,
    periods: PERIODS,
    backlog: true,
    discount: 1,
    demand: topology.network.markets.map(() => Array.from({ length: PERIODS }, () => poissonDraw(random, MEAN))),
    disruptions: [],
  };
}

/** Up to what demand takes in the lead time and a period, shared by the lanes of an item, less what is there, under way or owed. */
function baseStock({ instance, layout }: SupplyEnvironment): Rule {
  const { lanes } = instance.network;
  const shares = lanes.map(
    (_, lane) => 1 / lanes.filter((__, other) => layout.item[other] === layout.item[lane]).length,
  );
  const levels = Float64Array.from(lanes, ({ leadTime }, lane) => MEAN * (leadTime + 2) * (shares[lane] ?? 1));
  const share = Float64Array.from(shares);
  const { item } = layout;
  return (environment, orders) => {
    for (let lane = 0; lane < levels.length; lane++) {
      const there = (share[lane] as number) * environment.stockOf(item[lane] as number) + environment.underWayOn(lane);
      orders[lane] = Math.max(0, (levels[lane] as number) - there);
    }
  };
}

function randomOrders(): Rule {
  const random = createRandomRoot(42).stream('orders');
  const drawn = Float64Array.from({ length: RANDOM_ORDERS }, () => random.between(0, 2 * MEAN));
  let at = 0;
  return (_, orders) => {
    for (let lane = 0; lane < orders.length; lane++) orders[lane] = drawn[(at = (at + 1) % RANDOM_ORDERS)] as number;
  };
}

interface Measured {
  readonly perSecond: number;
  readonly profit: number;
}

function measure(instance: SupplyInstance, ruleOf: (environment: SupplyEnvironment) => Rule, years: number): Measured {
  const environment = new SupplyEnvironment(instance);
  const rule = ruleOf(environment);
  const orders = new Float64Array(environment.lanes);
  let profit = 0;
  const start = process.cpuUsage();
  for (let year = 0; year < years; year++) {
    environment.reset();
    for (let period = 0; period < PERIODS; period++) {
      rule(environment, orders);
      environment.step(orders);
    }
    profit += environment.profit;
  }
  const { user, system } = process.cpuUsage(start);
  return { perSecond: (years * PERIODS * 1_000_000) / (user + system), profit };
}

/** The best of some repeats, and the worst. */
function rates(network: string, ruleOf: (environment: SupplyEnvironment) => Rule, years: number): string {
  const instance = instanceOf(network);
  measure(instance, ruleOf, years / 10);
  const all = Array.from({ length: REPEATS }, () => measure(instance, ruleOf, years));
  assert(
    all.every(({ profit }) => profit === all[0]?.profit),
    'the same orders earn the same',
  );
  const sorted = all.map(({ perSecond }) => perSecond).toSorted((a, b) => b - a);
  return `${thousands(sorted[0])} (from ${thousands(sorted.at(-1))})`;
}

function thousands(perSecond: number | undefined): string {
  return Math.round((perSecond ?? 0) / 1_000).toLocaleString('en-US');
}

const rows = [
  ['serial chain (3 lanes)', 'serial', 40_000, '8.4'],
  ['divergent network (11 lanes)', 'divergent', 15_000, '0.1'],
] as const;
const table = [
  '| network | base-stock rule | random orders | OR-Gym |',
  '| --- | --- | --- | --- |',
  ...rows.map(([label, network, years, orGym]) =>
    [`| ${label}`, rates(network, baseStock, years), rates(network, randomOrders, years), `${orGym} |`].join(' | '),
  ),
];
console.log(`Node ${process.version}; thousand periods per CPU-second, best of ${REPEATS} (and worst)\n`);
console.log(table.join('\n'));
if (process.argv.includes('--save')) {
  const text = [
    '# Supply environment',
    '',
    '`npm run bench:supply-environment -- --save` on 2 cores, with HAGGLE_DATA set. The networks of gym-invmgmt, years of 30 periods, one process, no messages.',
    '',
    `Node ${process.version}; thousand periods per CPU-second, best of ${REPEATS} (and worst)`,
    '',
    ...table,
    '',
    'OR-Gym: its own Python environments InvManagementBacklogEnv and NetInvMgmtBacklogEnv at random actions, measured by us on the same kind of machine.',
    '',
  ];
  writeFileSync(join('bench', 'results', 'supply-environment.md'), text.join('\n'));
}
