/**
 * What paid reports of demand are worth: `node dist/bench/supply-reports.js`, with HAGGLE_DATA set.
 *
 * The runs of the gym-invmgmt table (arXiv 2605.11355) played by agents that follow a local rule and do not negotiate: alone, and with
 * reports that suppliers buy of their customers. What a report is worth to a supplier is what it earns less, fees aside, when it alone buys
 * none and all others go on, by the reports that it then does without.
 */
import type { Policy } from '../agent-core/policy/policy.ts';
import { echelonBaseStock } from '../agents/supply-chain/policies/echelon-base-stock.ts';
import { newsvendor } from '../agents/supply-chain/policies/newsvendor.ts';
import { reorderPoint } from '../agents/supply-chain/policies/reorder-point.ts';
import type { SupplyInstance } from '../scenarios/supply-chain/network.ts';
import { DEFAULT_OPTIONS, type SupplyOptions } from '../scenarios/supply-chain/options.ts';
import { populateSupply } from '../scenarios/supply-chain/population.ts';
import { replay } from '../scenarios/supply-chain/score.ts';
import type { SupplySolution } from '../scenarios/supply-chain/solution.ts';
import { world } from '../simulator/world.ts';
import { mean, publishedScenarios } from './gym-invmgmt.ts';

const FEE = 0.1;

/** Rules, and whether reports say what retailers expect as well. */
const RULES: ReadonlyMap<string, { readonly rule: Policy; readonly forecasts: boolean }> = new Map([
  ['echelon', { rule: echelonBaseStock(), forecasts: false }],
  ['echelon with forecasts', { rule: echelonBaseStock(), forecasts: true }],
  ['s-S', { rule: reorderPoint(), forecasts: false }],
  ['newsvendor', { rule: newsvendor(), forecasts: false }],
]);

interface Published {
  readonly scenario: string;
  readonly instance: SupplyInstance;
  readonly oracle: number;
}

function published(): readonly Published[] {
  return publishedScenarios().flatMap(({ topology, demand, backlog, profits, instances }) => {
    const scenario = `${topology === 'base' ? 'divergent' : topology} ${demand} ${backlog ? 'BL' : 'LS'}`;
    const oracle = profits.get('Oracle');
    return [...instances].map(([seed, instance]) => ({ scenario, instance, oracle: oracle?.get(seed) ?? Number.NaN }));
  });
}

interface Played {
  readonly solution: SupplySolution;
  readonly messages: number;
}

async function play(instance: SupplyInstance, changes: Partial<SupplyOptions>): Promise<Played> {
  const place = world({ seed: 1, sign: 'off' });
  const options = { ...DEFAULT_OPTIONS, negotiate: false, reportFee: FEE, ...changes };
  const profitOf = (orders: SupplySolution['orders']): number => replay(instance, { orders }).environment.profit;
  const population = populateSupply(place, instance, { options, profitOf });
  await place.run();
  return { solution: population.agreement(), messages: place.traffic.messages };
}

/** What a firm has earned, fees aside, in tokens. */
function earned({ firms, payments }: SupplySolution, id: number): number {
  const fees = payments.filter(({ what }) => what === 'forecast');
  const paid = total(fees.filter(({ from }) => from === String(id)).map(({ amount }) => Number(amount) / 1e6));
  const got = total(fees.filter(({ to }) => to === String(id)).map(({ amount }) => Number(amount) / 1e6));
  return (firms[String(id)]?.profit ?? 0) + paid - got;
}

/** What a supplier has of its reports. */
interface Worth {
  readonly role: string;
  readonly reports: number;
  /** Tokens that it earns more by them. */
  readonly gain: number;
}

interface Row {
  readonly scenario: string;
  readonly oracle: number;
  readonly alone: number;
  readonly told: number;
  readonly reports: number;
  readonly fees: number;
  readonly messages: readonly [alone: number, told: number];
  readonly worths: readonly Worth[];
}

async function compare(
  { scenario, instance, oracle }: Published,
  { rule, forecasts }: Pick<SupplyOptions, 'rule' | 'forecasts'>,
): Promise<Row> {
  const alone = await play(instance, { rule, reports: false });
  const told = await play(instance, { rule, forecasts, reports: true });
  const worths: Worth[] = [];
  for (const { id, kind } of instance.network.nodes) {
    const customers = instance.network.lanes.filter(({ supplier }) => supplier === id).length;
    if (kind === 'raw' || customers === 0) continue;
    const reportTerms = new Map([[id, { fee: FEE, feeMost: null, forecasts }]]);
    const deaf = await play(instance, { rule, forecasts, reports: true, reportTerms });
    const gain = earned(told.solution, id) - earned(deaf.solution, id);
    worths.push({ role: kind, reports: customers * instance.periods, gain });
  }
  const fees = told.solution.payments.filter(({ what }) => what === 'forecast');
  return {
    scenario,
    oracle,
    alone: alone.solution.profit,
    told: told.solution.profit,
    reports: total(worths.map(({ reports }) => reports)),
    fees: total(fees.map(({ amount }) => Number(amount) / 1e6)),
    messages: [alone.messages, told.messages],
    worths,
  };
}

function print(name: string, rows: readonly Row[]): void {
  console.log(`\n## ${name}\n`);
  console.log('| scenario | oracle | alone | told | reports a run | fees | messages alone | told |');
  console.log('|---|--:|--:|--:|--:|--:|--:|--:|');
  const scenarios = [...new Set(rows.map(({ scenario }) => scenario))];
  const gaps = { alone: [] as number[], told: [] as number[] };
  for (const scenario of scenarios) {
    const own = rows.filter((row) => row.scenario === scenario);
    const [oracle, alone, told] = (['oracle', 'alone', 'told'] as const).map((key) => mean(own.map((row) => row[key])));
    gaps.alone.push(100 * (1 - (alone ?? 0) / (oracle ?? 1)));
    gaps.told.push(100 * (1 - (told ?? 0) / (oracle ?? 1)));
    const counts = [mean(own.map(({ reports }) => reports)).toFixed(0), mean(own.map(({ fees }) => fees)).toFixed(1)];
    const messages = [0, 1].map((k) => mean(own.map((row) => row.messages[k] ?? 0)).toFixed(0));
    const figures = [oracle, alone, told].map((figure) => (figure ?? 0).toFixed(1));
    console.log(`| ${[scenario, ...figures, ...counts, ...messages].join(' | ')} |`);
  }
  console.log(`| mean gap % | | ${mean(gaps.alone).toFixed(1)} | ${mean(gaps.told).toFixed(1)} | | | | |`);
}

/** Who could pay how much: by rule and tier. */
function printWorth(all: ReadonlyMap<string, readonly Row[]>): void {
  console.log('\n## What a report is worth to who buys it, tokens\n');
  console.log('| rule | supplier | firms and runs | mean | median | worse off by them % |');
  console.log('|---|---|--:|--:|--:|--:|');
  for (const [name, rows] of all) {
    for (const role of ['distributor', 'factory']) {
      for (const shape of ['divergent', 'serial']) {
        const own = rows.filter(({ scenario }) => scenario.startsWith(shape)).flatMap(({ worths }) => worths);
        const each = own.filter((one) => one.role === role).map(({ gain, reports }) => gain / reports);
        if (each.length === 0) continue;
        const middle = each.toSorted((a, b) => a - b)[Math.floor(each.length / 2)] ?? 0;
        const worse = (100 * each.filter((one) => one < 0).length) / each.length;
        const cells = [mean(each).toFixed(3), middle.toFixed(3), worse.toFixed(0)];
        console.log(`| ${name} | ${role}, ${shape} | ${each.length} | ${cells.join(' | ')} |`);
      }
    }
  }
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

async function main(): Promise<void> {
  const only = process.argv[2];
  const runs = published();
  const all = new Map<string, Row[]>();
  for (const [name, kind] of RULES) {
    if (only !== undefined && only !== name) continue;
    const rows: Row[] = [];
    for (const run of runs) rows.push(await compare(run, kind));
    all.set(name, rows);
    print(name, rows);
  }
  printWorth(all);
}

await main();
