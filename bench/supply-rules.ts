/**
 * Local rules of replenishment on the runs of the gym-invmgmt table (arXiv 2605.11355), beside what is published for them:
 * `node dist/bench/supply-rules.js`, with HAGGLE_DATA set.
 *
 * Every firm orders by the same rule, without negotiation. "told": each is told the demand of the market, and the echelon rule the
 * stocks downstream, as in the published runs; "told its share": the same, of which each supplier counts what its customers order of it;
 * "alone": each knows what was asked of it by its customers, and nothing else.
 */
import type { Policy } from '../agent-core/policy/policy.ts';
import { baseStock } from '../agents/supply-chain/policies/base-stock.ts';
import { echelonBaseStock } from '../agents/supply-chain/policies/echelon-base-stock.ts';
import { exponentialSmoothing } from '../agents/supply-chain/policies/exponential-smoothing.ts';
import { newsvendor } from '../agents/supply-chain/policies/newsvendor.ts';
import { reorderPoint } from '../agents/supply-chain/policies/reorder-point.ts';
import { runLocalRule } from '../scenarios/supply-chain/references.ts';
import { mean, publishedScenarios, type PublishedScenario } from './gym-invmgmt.ts';

/** By the name in the published file; the last is in no file. */
const RULES: ReadonlyMap<string, Policy> = new Map([
  ['sS', reorderPoint()],
  ['Newsvendor', newsvendor()],
  ['ExpSmoothing', exponentialSmoothing()],
  ['EchelonApprox', echelonBaseStock()],
  ['base stock', baseStock()],
]);

/** A rule on a scenario: mean profits, and how far the worst seed is from what is published. */
interface Fared {
  readonly published: number | null;
  readonly told: number;
  readonly part: number;
  readonly alone: number;
  readonly off: number | null;
}

function fare({ profits, instances }: PublishedScenario, name: string, rule: Policy): Fared {
  const seeds = [...instances];
  const told = seeds.map(([, instance]) => runLocalRule(instance, rule, { shared: true }).profit);
  const part = seeds.map(([, instance]) => runLocalRule(instance, rule, { shared: true, part: 'share' }).profit);
  const alone = seeds.map(([, instance]) => runLocalRule(instance, rule).profit);
  const known = profits.get(name);
  if (known === undefined)
    return { published: null, told: mean(told), part: mean(part), alone: mean(alone), off: null };
  const published = seeds.map(([seed]) => known.get(seed) ?? Number.NaN);
  const off = Math.max(...published.map((profit, k) => Math.abs(profit - (told[k] ?? Number.NaN))));
  return { published: mean(published), told: mean(told), part: mean(part), alone: mean(alone), off };
}

/** Names of the published rules, best first. */
function ranked(fared: ReadonlyMap<string, Fared>, of: 'published' | 'told'): string {
  const rows = [...fared].filter(([, { published }]) => published !== null);
  return rows
    .toSorted(([, a], [, b]) => (b[of] ?? 0) - (a[of] ?? 0))
    .map(([name]) => name)
    .join(' > ');
}

interface Table {
  readonly title: string;
  readonly of: 'told' | 'part' | 'alone';
  readonly rows: ReadonlyMap<PublishedScenario, ReadonlyMap<string, Fared>>;
}

function print({ title, of, rows }: Table): void {
  const names = [...RULES.keys()];
  console.log(`\n## ${title}\n`);
  console.log(`| scenario | oracle | ${names.join(' | ')} |`);
  console.log(`|---|--:|${names.map(() => '--:|').join('')}`);
  for (const [{ topology, demand, backlog, profits }, fared] of rows) {
    const cells = [...fared.values()].map((one) => {
      const known = of === 'told' && one.published !== null ? ` (${one.published.toFixed(1)})` : '';
      return `${one[of].toFixed(1)}${known}`;
    });
    console.log(
      `| ${topology} ${demand} ${backlog ? 'BL' : 'LS'} | ${oracleOf(profits).toFixed(1)} | ${cells.join(' | ')} |`,
    );
  }
  const gaps = names.map((name) =>
    mean([...rows].map(([{ profits }, fared]) => 100 * (1 - (fared.get(name)?.[of] ?? 0) / oracleOf(profits)))),
  );
  console.log(`| mean gap % | | ${gaps.map((gap) => gap.toFixed(1)).join(' | ')} |`);
}

function oracleOf(profits: PublishedScenario['profits']): number {
  return mean([...(profits.get('Oracle')?.values() ?? [])]);
}

function main(): void {
  const all = new Map(
    publishedScenarios().map((scenario) => [
      scenario,
      new Map([...RULES].map(([name, rule]) => [name, fare(scenario, name, rule)])),
    ]),
  );
  const offs = [...all.values()].flatMap((fared) => [...fared.values()].flatMap(({ off }) => off ?? []));
  const same = [...all.values()].filter((fared) => ranked(fared, 'told') === ranked(fared, 'published')).length;
  const runs = [...all.keys()].reduce((sum, { instances }) => sum + instances.size, 0);
  console.log(
    `${runs} runs. Told, the four published rules are off by at most ${Math.max(...offs).toFixed(4)} in any run, ` +
      `and stand in the published order in ${same} of ${all.size} scenarios.`,
  );
  print({ title: 'Told, and published where it is: mean of the seeds', of: 'told', rows: all });
  print({ title: 'Told its share: mean of the seeds', of: 'part', rows: all });
  print({ title: 'Alone: mean of the seeds', of: 'alone', rows: all });
}

main();
