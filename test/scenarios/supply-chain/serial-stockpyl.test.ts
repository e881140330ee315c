import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { drawDemand, type SerialDemand } from '../../../scenarios/supply-chain/serial-demand.ts';
import {
  configureSerial,
  type SerialInstance,
  type SerialProblem,
} from '../../../scenarios/supply-chain/serial-instance.ts';
import { assessSerial, baselineSerial, optimumSerial } from '../../../scenarios/supply-chain/serial-score.ts';
import { isStockpyl, parseStockpyl } from '../../../scenarios/supply-chain/serial-stockpyl.ts';
import { SERIAL_SPECS } from './serial-specs.ts';
import { chainOf, playAgents, problemOf, shorter } from './serial-runs.ts';

const FILE = join(process.env['HAGGLE_DATA'] ?? 'data', 'stockpyl', 'stockpyl_instances.json');
const withData = existsSync(FILE) ? test : test.skip;

/** Of the file, with published costs where there are any. */
const SERIAL = ['example_6_1', 'problem_6_2b', 'problem_6_2a_adj', 'problem_6_2b_adj', 'shang_song_1', 'shang_song_9'];

function library(): SerialProblem {
  return parseStockpyl(readFileSync(FILE, 'utf8'), 'stockpyl_instances.json');
}

function named(name: string): SerialInstance {
  return configureSerial(library(), new Map([['name', name]])).instance;
}

/** A chain played in echelon terms, sharing nothing with the games of the library: cost per period of given echelon levels. */
function simulate(
  {
    holding,
    leadTimes,
    stockout,
  }: { readonly holding: readonly number[]; readonly leadTimes: readonly number[]; readonly stockout: number },
  levels: readonly number[],
  { demand, periods }: { readonly demand: SerialDemand; readonly periods: number },
): number {
  const random = createRandomRoot(99).stream('simulation');
  const count = levels.length;
  // Echelon stock, goods under way to it excluded; and what is under way, oldest first.
  const echelon = levels.map(() => 0);
  const pipes = leadTimes.map((length) => Array.from({ length }, () => 0));
  let cost = 0;
  const warmUp = 1_000;
  for (let t = 0; t < periods + warmUp; t++) {
    const wanted = drawDemand(demand, random);
    for (let k = count - 1; k >= 0; k--) {
      echelon[k] = (echelon[k] ?? 0) + (pipes[k]?.shift() ?? 0) - wanted;
    }
    for (let k = 0; k < count; k++) {
      const position = (echelon[k] ?? 0) + (pipes[k] ?? []).reduce((sum, units) => sum + units, 0);
      // What the supplier has: its echelon stock, less what is already the customer's or on its way there.
      const available = k === count - 1 ? Infinity : Math.max(0, (echelon[k + 1] ?? 0) - position);
      pipes[k]?.push(Math.min(Math.max(0, (levels[k] ?? 0) - position), available));
    }
    if (t < warmUp) continue;
    for (let k = 0; k < count; k++) cost += ((holding[k] ?? 0) - (holding[k + 1] ?? 0)) * (echelon[k] ?? 0);
    cost += (stockout + (holding[0] ?? 0)) * Math.max(0, -(echelon[0] ?? 0));
  }
  return cost / periods;
}

for (const [name, { spec, levels, published, tolerance }] of Object.entries(SERIAL_SPECS)) {
  test(`${name}: firms agree on levels that cost the exact optimum, as simulated too`, async (t) => {
    const instance = chainOf(spec);
    const problem = problemOf(shorter(instance, 5));
    const { solution } = await playAgents(problem);
    const cost = assessSerial(problem, solution).kpis['expectedCost'] ?? Number.NaN;
    const best = optimumSerial(problem).kpis['expectedCost'] ?? Number.NaN;
    t.true(Math.abs(cost / best - 1) < 1e-4, `${cost} against a central ${best}`);
    t.true(cost <= published * (1 + tolerance), `${cost} against a published ${published}`);
    const agreed = solution.firms.map(({ echelonLevel }) => echelonLevel ?? 0);
    if (spec.demand.kind === 'poisson') t.deepEqual(agreed, levels);
    if (instance.periodsPerTime !== 1) return;
    const simulated = simulate(spec, agreed, { demand: spec.demand, periods: 150_000 });
    t.true(Math.abs(simulated / cost - 1) < 0.01, `${cost} against a simulated ${simulated}`);
  });
}

for (const name of SERIAL) {
  withData(`${name} of the file: the negotiated levels are optimal, and the game costs about that`, async (t) => {
    const problem = problemOf(named(name));
    const { solution } = await playAgents(problem);
    const { kpis } = assessSerial(problem, solution);
    const best = optimumSerial(problem).kpis['cost'] ?? Number.NaN;
    const { published } = problem.instance;
    t.true(Math.abs((kpis['cost'] ?? 0) / best - 1) < 1e-3, `${kpis['cost']} against ${best}`);
    if (published.cost !== null) t.true(Math.abs((kpis['cost'] ?? 0) / published.cost - 1) < 1e-3);
    t.true(Math.abs((kpis['playedCost'] ?? 0) / best - 1) < 0.06);
    t.true((baselineSerial(problem).kpis['cost'] ?? 0) > best);
  });
}

withData('the newsvendor of the book costs what the book says', (t) => {
  const problem = problemOf(named('example_4_1'));
  t.true(Math.abs((optimumSerial(problem).kpis['cost'] ?? 0) - 1.9976) < 1e-3);
});

withData('refuses assembly, distribution and guaranteed-service networks by name and reason', (t) => {
  const all = library();
  const reason = (name: string) =>
    t.throws(() => configureSerial(all, new Map([['name', name]])), { code: 'unsupported-instance' });
  t.regex(reason('rosling_figure_1').message, /"rosling_figure_1".*assembly/);
  t.regex(reason('rong_atan_snyder_figure_1a').message, /distribution/);
  t.regex(reason('example_6_3').message, /guaranteed-service/);
  t.regex(reason('example_4_7').message, /another kind \(it has "fixed_cost"\)/);
  t.regex(reason('problem_4_8b').message, /another kind/);
});

function network(...nodes: readonly object[]): string {
  return JSON.stringify({ _id: 'x', instances: [{ name: 'made', type: 'network', data: { _nodes: nodes } }] });
}

const RETAILER = {
  _index: 1,
  _predecessor_indices: [2],
  _successor_indices: [],
  local_holding_cost: 2,
  stockout_cost: 5,
  shipment_lead_time: 1,
  demand_source: { type: 'P', mean: 4 },
};
const SOURCE = {
  _index: 2,
  _predecessor_indices: [],
  _successor_indices: [1],
  local_holding_cost: 1,
  stockout_cost: 0,
  shipment_lead_time: 2,
};

test('reads a chain, the retailer first', (t) => {
  const text = network(SOURCE, RETAILER);
  t.true(isStockpyl(text));
  t.false(isStockpyl('nodes:\n  - id: 1'));
  const { instance } = parseStockpyl(text, 'made.json');
  t.deepEqual(
    instance.stages.map(({ holding, shipDelay, backlog, underWay }) => ({ holding, shipDelay, backlog, underWay })),
    [
      { holding: 2, shipDelay: 1, backlog: 5, underWay: 0 },
      { holding: 1, shipDelay: 2, backlog: 0, underWay: 1 },
    ],
  );
});

test('refuses what is no serial chain, with the reason', (t) => {
  const refuse = (reason: RegExp, ...nodes: readonly object[]): void => {
    t.throws(() => parseStockpyl(network(...nodes), 'made.json'), { code: 'unsupported-instance', message: reason });
  };
  refuse(/not connected/, RETAILER, SOURCE, { ...SOURCE, _index: 3, _successor_indices: [7] });
  refuse(/holding cost/, { ...RETAILER, local_holding_cost: null }, SOURCE);
  refuse(/no stock-out cost/, { ...RETAILER, stockout_cost: 0 }, SOURCE);
  refuse(/not the retailer has a stock-out cost/, RETAILER, { ...SOURCE, stockout_cost: 1 });
  refuse(/type UC/, { ...RETAILER, demand_source: { type: 'UC', lo: 1, hi: 2 } }, SOURCE);
  refuse(/lead times/, { ...RETAILER, shipment_lead_time: 0 }, SOURCE);
  refuse(/lead times/, { ...RETAILER, shipment_lead_time: Math.PI }, SOURCE);
  refuse(
    /cannot be divided/,
    { ...RETAILER, shipment_lead_time: 0.5, demand_source: { type: 'UD', lo: 1, hi: 3 } },
    SOURCE,
  );
});

test('refuses files that are broken, naming file and path', (t) => {
  const bad = (text: string, message: RegExp) =>
    t.throws(() => parseStockpyl(text, 'f.json'), { code: 'bad-serial-file', message });
  bad('{', /f\.json is not JSON/);
  bad('{}', /f\.json: instances/);
  bad(network({ ...RETAILER, _index: 'one' }), /f\.json: made: data\._nodes\.0\._index/);
  const twice = { name: 'a', type: 'dict', data: {} };
  bad(JSON.stringify({ instances: [twice, twice] }), /instances\.a: the name is taken/);
});

test('base stock by published levels needs some', (t) => {
  const problem = parseStockpyl(network(SOURCE, RETAILER), 'made.json');
  t.throws(() => configureSerial(problem, new Map([['rule', 'base-stock']])), {
    code: 'bad-parameter',
    message: /made/,
  });
});
