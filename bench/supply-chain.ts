/**
 * Firms that negotiate on the runs of the gym-invmgmt table (arXiv 2605.11355), beside what is published for them, and on demands that
 * nobody has published: `node dist/bench/supply-chain.js [given|fresh] [--seeds N] [--policy scripted|learned|FILE]`, with HAGGLE_DATA set.
 *
 * Retailers know the demand that they have seen and nothing else. Gap: (oracle − profit) / oracle, of means over the seeds.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { HaggleError } from '../agent-core/errors.ts';
import { createRandomRoot } from '../agent-core/random.ts';
import { learnedPolicies } from '../scenarios/learned-policies.ts';
import { rolePolicies, type PolicySource } from '../scenarios/role-policies.ts';
import { simulate } from '../scenarios/simulate.ts';
import { demandEffects, demandFactor, drawDemand } from '../scenarios/supply-chain/demand.ts';
import type { SupplyInstance } from '../scenarios/supply-chain/network.ts';
import { supplyChain } from '../scenarios/supply-chain/scenario.ts';
import { supplyNetworks } from '../scenarios/supply-chain/network-scenario.ts';
import { mean, publishedScenarios, topologyOf } from './gym-invmgmt.ts';

const PERIODS = 30;
/** As the published runs have it for every demand. */
const MEAN = 20;

/** Published rows by the name of their agents, and what they are. */
const PUBLISHED: readonly (readonly [agent: string, words: string])[] = [
  ['MSSP', 'stochastic program, central, blind'],
  ['Residual', 'residual learning, central'],
  ['EchelonApprox', 'echelon base stock, told the demand'],
  ['sS', '(s, S), told the demand'],
  ['PPO-Transformer', 'learned, central'],
  ['ExpSmoothing', 'smoothing, told the demand'],
  ['Newsvendor', 'newsvendor, told the demand'],
  ['PPO-MLP', 'learned, central'],
  ['DLP', 'linear program on the mean, central, blind'],
  ['MSSP-I', 'stochastic program that knows the demand’s law'],
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '6' },
    sign: { type: 'string', default: 'off' },
    /** `scripted`, `learned`, or a policy file. */
    policy: { type: 'string', default: 'scripted' },
  },
});

const POLICIES = rolePolicies(supplyChain, policySources());

function policySources(): readonly PolicySource[] {
  const { policy } = values;
  if (policy === 'scripted') return [];
  return policy === 'learned'
    ? learnedPolicies('supply-chain')
    : [{ file: policy, text: readFileSync(policy, 'utf8') }];
}

/** Runs of one scenario, and what is published for them by agent, means over the seeds. */
interface Cell {
  readonly name: string;
  readonly instances: readonly SupplyInstance[];
  readonly published: ReadonlyMap<string, number>;
}

/** The eight scenarios and six seeds whose demand and profits are given. */
function given(): readonly Cell[] {
  return publishedScenarios().map(({ topology, demand, backlog, profits, instances }) => {
    const seeds = [...instances.keys()].slice(0, Number(values.seeds));
    const published = new Map(
      PUBLISHED.map(([agent]) => [agent, mean(seeds.map((seed) => profits.get(agent)?.get(seed) ?? Number.NaN))]),
    );
    const name = `${topology} ${demand} ${backlog ? 'backlog' : 'lost sales'}`;
    return { name, instances: seeds.flatMap((seed) => instances.get(seed) ?? []), published };
  });
}

/** Demands of our own draws: other seeds, shocks, and networks with one market that are in no table. */
function fresh(): readonly Cell[] {
  const cells: Cell[] = [];
  for (const net of ['divergent', 'serial', 'diamond']) {
    for (const demand of ['stationary', 'trend', 'seasonal', 'trend+seasonal', 'trend+seasonal+shock', 'shock']) {
      for (const backlog of [true, false]) {
        const { network } = topologyOf(net);
        const name = `${net} ${demand} ${backlog ? 'backlog' : 'lost sales'}`;
        const effects = demandEffects(demand);
        const instances = Array.from({ length: Number(values.seeds) }, (_, k) => {
          const random = createRandomRoot(10_000 + k).stream('fresh', demand);
          const factor = (t: number): number => demandFactor(effects, t);
          const units = drawDemand(random, { kind: 'poisson', mean: MEAN }, { periods: PERIODS, factor });
          return { name, network, periods: PERIODS, backlog, discount: 1, demand: [units], disruptions: [] };
        });
        cells.push({ name, instances, published: new Map() });
      }
    }
  }
  return cells;
}

/** What one scenario came to, means over its seeds. */
interface Row {
  readonly name: string;
  readonly oracle: number;
  readonly agents: number;
  readonly alone: number;
  readonly poorer: number;
  readonly worst: number;
  readonly messages: number;
  readonly cpuMillis: number;
  readonly published: ReadonlyMap<string, number>;
}

async function play({ name, instances, published }: Cell): Promise<Row> {
  const sign = values.sign === 'batch' ? 'batch' : 'off';
  const runs = [];
  for (const [k, instance] of instances.entries()) {
    const problem = supplyNetworks.withPolicies(supplyNetworks.of(instance), POLICIES);
    const { result } = await simulate(supplyNetworks, problem, { seed: k + 1, sign });
    if (!result.feasible) throw new HaggleError('infeasible', `${name}: ${JSON.stringify(result.violations)}`);
    runs.push({
      oracle: result.optimum?.['profit'] ?? Number.NaN,
      agents: result.agents['profit'] ?? Number.NaN,
      alone: result.baseline['profit'] ?? Number.NaN,
      poorer: result.agents['firmsPoorer'] ?? Number.NaN,
      gap: result.gap ?? Number.NaN,
      messages: result.messages / PERIODS,
      cpuMillis: (1_000 * result.cpuSeconds) / PERIODS,
    });
  }
  return {
    name,
    oracle: mean(runs.map(({ oracle }) => oracle)),
    agents: mean(runs.map(({ agents }) => agents)),
    alone: mean(runs.map(({ alone }) => alone)),
    poorer: runs.reduce((sum, { poorer }) => sum + poorer, 0),
    worst: Math.max(...runs.map(({ gap }) => gap)),
    messages: mean(runs.map(({ messages }) => messages)),
    cpuMillis: mean(runs.map(({ cpuMillis }) => cpuMillis)),
    published,
  };
}

const percent = (share: number): string => (100 * share).toFixed(1);
const gapOf = (oracle: number, profit: number): number => (oracle - profit) / oracle;

function table(rows: readonly Row[], title: string): void {
  console.log(`\n## ${title}\n`);
  console.log(
    '| scenario | oracle | firms | gap % | worst seed % | base stock alone, gap % | capture % | firms poorer | messages a period | CPU ms a period |',
  );
  console.log('|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|');
  for (const { name, oracle, agents, alone, poorer, worst, messages, cpuMillis } of rows) {
    const capture = (agents - alone) / (oracle - alone);
    const cells = [oracle.toFixed(1), agents.toFixed(1), percent(gapOf(oracle, agents)), percent(worst)];
    const rest = [percent(gapOf(oracle, alone)), percent(capture), poorer, messages.toFixed(0), cpuMillis.toFixed(1)];
    console.log(`| ${[name, ...cells, ...rest].join(' | ')} |`);
  }
  const gaps = rows.map(({ oracle, agents }) => gapOf(oracle, agents));
  const alone = rows.map((row) => gapOf(row.oracle, row.alone));
  console.log(`| **mean** | | | **${percent(mean(gaps))}** | | ${percent(mean(alone))} | | | | |`);
}

function beside(rows: readonly Row[]): void {
  console.log('\n## Beside what is published, gap to the oracle in %\n');
  console.log(`| | ${rows.map(({ name }) => name).join(' | ')} | mean |`);
  console.log(`|---|${rows.map(() => '--:').join('|')}|--:|`);
  const line = (words: string, gaps: readonly number[]): void => {
    console.log(`| ${words} | ${gaps.map(percent).join(' | ')} | ${percent(mean(gaps))} |`);
  };
  line(
    `**firms that negotiate, ${values.policy === 'scripted' ? 'history only' : 'trained order policy'}**`,
    rows.map(({ oracle, agents }) => gapOf(oracle, agents)),
  );
  for (const [agent, words] of PUBLISHED) {
    line(
      `${agent} (${words})`,
      rows.map(({ oracle, published }) => gapOf(oracle, published.get(agent) ?? Number.NaN)),
    );
  }
  line(
    'base stock alone, told nothing (ours)',
    rows.map(({ oracle, alone }) => gapOf(oracle, alone)),
  );
}

async function playAll(cells: readonly Cell[]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const cell of cells) {
    rows.push(await play(cell));
    console.error(cell.name);
  }
  return rows;
}

const what = positionals.length === 0 ? ['given', 'fresh'] : positionals;
if (what.includes('given')) {
  const rows = await playAll(given());
  table(rows, 'The eight scenarios given');
  beside(rows);
}
if (what.includes('fresh')) table(await playAll(fresh()), 'Fresh demands, other seeds, shocks');
