/**
 * What each part of the demand forecast is worth: `node dist/bench/supply-forecast.js [runs]`, with HAGGLE_DATA set.
 *
 * Two published networks, demand that waits and demand that is lost; the firms plan by quotes without messages
 * (bench/supply-plan.ts). Demands are drawn from ten families, three of which have the published means, by seeds of their
 * own; the six published seeds stand in a table for themselves. Lines are Markdown.
 */
import { poissonDraw } from '../agent-core/draws.ts';
import { createRandomRoot, type RandomStream } from '../agent-core/random.ts';
import { DEMAND_PRIOR, type DemandPrior } from '../agents/supply-chain/demand-curve.ts';
import { parseDemandTraces } from '../scenarios/supply-chain/demand-traces.ts';
import type { SupplyInstance } from '../scenarios/supply-chain/network.ts';
import { supplyOptimum } from '../scenarios/supply-chain/optimum.ts';
import { readData, topologyOf } from './gym-invmgmt.ts';
import { plannedProfit } from './supply-plan.ts';

const RUNS = Number(process.argv[2] ?? 2);
const PERIODS = 30;
const PATHS = 40;

/** Mean demand by period; the stream is for families whose mean is chance too. */
type Mean = (t: number, random: RandomStream) => number;

const wave = (t: number, length: number): number => Math.sin((2 * Math.PI * t) / length);
const FAMILIES: ReadonlyMap<string, Mean> = new Map<string, Mean>([
  ['level', () => 20],
  ['trend and season', (t) => 20 * (1 + 0.05 * t) * (1 + 0.5 * wave(t, 30))],
  ['with a shock', (t) => 20 * (1 + 0.05 * t) * (1 + 0.5 * wave(t, 30)) * (t >= 15 ? 2 : 1)],
  ['step up', (t) => (t < 10 ? 20 : 40)],
  ['step down', (t) => (t < 10 ? 30 : 10)],
  ['weekly', (t) => [20, 14, 14, 16, 24, 32, 20][t % 7] ?? 0],
  ['decline', (t) => 40 * Math.exp(-0.06 * t)],
  ['growth', (t) => 10 * Math.exp(0.05 * t)],
  ['lumps', (_, random) => (random.uniform() < 0.3 ? 60 : 0)],
  ['short season', (t) => 25 * (1 + 0.5 * wave(t + 8, 20))],
]);

const VARIANTS: ReadonlyMap<string, Partial<DemandPrior>> = new Map<string, Partial<DemandPrior>>([
  ['as it is', {}],
  ['no trend', { trendShare: 0 }],
  ['no season', { seasonShare: 0 }],
  ['no break', { breakShare: 0 }],
  ['no batches', { batches: [1] }],
  ['level fixed', { discounts: [1], breakShare: 0 }],
]);

/** A demand in a network, with what a planner could have earned who knew it. */
interface Case {
  readonly instance: SupplyInstance;
  readonly best: number;
  readonly seed: number;
}

const networks = ['divergent', 'serial'].map((name) => {
  return topologyOf(name).network;
});

async function casesOf(demands: readonly (readonly number[])[], firstSeed: number): Promise<readonly Case[][]> {
  const cells: Case[][] = [];
  for (const network of networks) {
    for (const backlog of [true, false]) {
      const cell: Case[] = [];
      for (const [k, units] of demands.entries()) {
        const rest = { periods: units.length, backlog, discount: 1, demand: [units], disruptions: [] };
        const instance = { name: network.name, network, ...rest };
        cell.push({ instance, best: (await supplyOptimum(instance)).profit, seed: firstSeed + k });
      }
      cells.push(cell);
    }
  }
  return cells;
}

/** Share of the best profit that is missed, in %, of the sums over a cell. */
function gapOf(cell: readonly Case[], prior: DemandPrior, mean: Mean | null): number {
  let [best, earned] = [0, 0];
  for (const one of cell) {
    const random = createRandomRoot(one.seed).stream('told');
    const told = mean === null ? {} : { told: (t: number) => poissonDraw(random, mean(t, random)) };
    best += one.best;
    earned += plannedProfit(one.instance, { prior, paths: PATHS, seed: one.seed, ...told });
  }
  return (100 * (best - earned)) / best;
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function drawn(name: string, mean: Mean): readonly (readonly number[])[] {
  return Array.from({ length: RUNS }, (_, k) => {
    const random = createRandomRoot(5000 + k).stream('demand', name);
    return Array.from({ length: PERIODS }, (_unused, t) => poissonDraw(random, mean(t, random)));
  });
}

const file = 'demand_traces.csv';
const SIX = ['42', '123', '456', '789', '1011', '2022'];
const traces = parseDemandTraces(readData(file), file).filter(({ seed }) => SIX.includes(seed));
console.log('| published demand | base BL | base LS | serial BL | serial LS |\n| --- | ---: | ---: | ---: | ---: |');
for (const kind of ['stationary', 'trend+seasonal']) {
  const cells = await casesOf(
    traces.filter(({ demand }) => demand === kind).map(({ units }) => units),
    1,
  );
  console.log(`| ${kind} | ${cells.map((cell) => gapOf(cell, DEMAND_PRIOR, null).toFixed(1)).join(' | ')} |`);
}

const heading = ['demand', ...VARIANTS.keys(), 'mean known'];
console.log(
  `| ${heading.join(' | ')} |\n| --- |${heading
    .slice(1)
    .map(() => ' ---: |')
    .join('')}`,
);
const columns: number[][] = heading.slice(1).map(() => []);
for (const [name, mean] of FAMILIES) {
  const cells = await casesOf(drawn(name, mean), 5000);
  const row = [...VARIANTS.values()].map((change) =>
    average(cells.map((cell) => gapOf(cell, { ...DEMAND_PRIOR, ...change }, null))),
  );
  row.push(average(cells.map((cell) => gapOf(cell, DEMAND_PRIOR, mean))));
  for (const [k, gap] of row.entries()) columns[k]?.push(gap);
  console.log(`| ${name} | ${row.map((gap) => gap.toFixed(1)).join(' | ')} |`);
}
console.log(`| **mean** | ${columns.map((gaps) => `**${average(gaps).toFixed(1)}**`).join(' | ')} |`);
