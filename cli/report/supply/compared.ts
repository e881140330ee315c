import type { SimulationResult } from '../../../scenarios/simulate.ts';
import { barChart, type Bar } from '../bars.ts';
import { el, type Markup } from '../markup.ts';
import { decimal, fixed } from '../numbers.ts';
import { comparison, type Compared, type Measure } from '../table.ts';
import { tierTitles } from './groups.ts';
import type { SupplyRuns } from './runs.ts';
import { money, percent, tokens } from './words.ts';

const coins = (words: string): Measure => ({ words, unit: 'tokens', format: money });
const goods = (words: string): Measure => ({ words, unit: 'units', format: (value) => fixed(value, 1) });
const share = (words: string): Measure => ({ words, unit: '', format: percent });

const MEASURES: Readonly<Record<string, Measure>> = {
  profit: coins('Profit of all firms'),
  revenue: coins('Revenue from markets'),
  purchaseCost: coins('Raw material'),
  holdingCost: coins('Holding'),
  pipelineCost: coins('Pipeline'),
  operatingCost: coins('Operation'),
  orderCost: coins('Orders'),
  penaltyCost: coins('Penalty for short supply'),
  servedShare: share('Fill rate: demand that was served'),
  inTimeShare: share('Demand that was served at once'),
  serviceLevel: share('Periods in which nothing was short'),
  lostUnits: goods('Lost sales'),
  waitingUnits: goods('Demand that waits at the end'),
  unfilledUnits: goods('Ordered, but not to be had'),
  averageStock: goods('Average inventory'),
  firmsPoorer: { words: 'Firms poorer than alone', unit: '', format: (value) => decimal(value, 0) },
};

/** How references are called in sentences and columns. */
const REFERENCE_WORDS: Readonly<Record<string, string>> = {
  toldNewsvendor: 'Newsvendor, told',
  toldReorderPoint: '(s, S), told',
  toldSmoothing: 'Smoothing, told',
  toldEchelon: 'Echelon, told',
};

/** Profit as bars, all indicators as a table. */
export function comparisonSection(runs: SupplyRuns, result: SimulationResult, rule: string): Markup {
  const columns = columnsOf(runs, result);
  const told = columns.some(({ title }) => title.endsWith(', told'))
    ? ' Told: published rules, which are told what markets ask for and what is in stock downstream.'
    : '';
  return el(
    'section',
    { class: 'card wide', id: 'comparison' },
    el('h2', {}, 'Agents, local rules and optimum'),
    el(
      'p',
      { class: 'caption' },
      `Local rules: every firm orders by one rule (${rule}), from what it sees itself, without contracts. ${runs.optimum === null ? 'No optimum is known for this instance.' : 'Optimum: one planner who knows all demand beforehand; nobody who knows the past alone can reach it.'}${told}`,
    ),
    bars(columns),
    comparison('Indicators of agents, local rules and optimum compared', columns, measuresOf(runs)),
  );
}

interface Column extends Compared {
  readonly kind: Bar['kind'];
}

function columnsOf({ all }: SupplyRuns, { references }: SimulationResult): readonly Column[] {
  return [
    ...all.map(({ title, role, kpis }): Column => ({
      title,
      kind: role === 'agents' ? 'agents' : role === 'optimum' ? 'best' : 'other',
      kpis: withoutZeros(kpis, all),
    })),
    ...Object.entries(references).map(([name, kpis]): Column => ({
      title: REFERENCE_WORDS[name] ?? name,
      kind: 'other',
      kpis: withoutZeros(kpis, all),
    })),
  ];
}

/** Without what costs nothing and leaves nothing in any run: it does not exist in this game. */
function withoutZeros(kpis: SupplyRuns['agents']['kpis'], all: SupplyRuns['all']): SupplyRuns['agents']['kpis'] {
  const dull = (name: string): boolean =>
    ['orderCost', 'operatingCost', 'pipelineCost', 'purchaseCost', 'lostUnits', 'waitingUnits'].includes(name) &&
    all.every((run) => (run.kpis[name] ?? 0) === 0);
  return Object.fromEntries(Object.entries(kpis).filter(([name]) => !dull(name)));
}

function bars(columns: readonly Column[]): Markup | null {
  const best = columns.find(({ kind }) => kind === 'best')?.kpis?.['profit'];
  const rows = columns.flatMap(({ title, kind, kpis }): Bar[] => {
    const profit = kpis?.['profit'];
    if (profit === undefined) return [];
    const part =
      best !== undefined && best > 0 && profit >= 0 && kind !== 'best'
        ? ` (${percent(profit / best)} of the optimum)`
        : '';
    return [{ title, kind, value: profit, words: `${tokens(profit)}${part}` }];
  });
  return rows.length === 0
    ? null
    : barChart({ id: 'profits', title: 'Profit of agents, local rules and optimum', label: 'Chart of profits' }, rows);
}

function measuresOf(runs: SupplyRuns): Readonly<Record<string, Measure>> {
  const tiers = [...new Set(runs.tiers)];
  const titles = tierTitles(runs, tiers);
  const ratios = tiers.map((tier, k): [string, Measure] => [
    `bullwhipTier${tier}`,
    { words: `Bullwhip ratio of ${(titles[k] ?? '').toLowerCase()}`, unit: '', format: (value) => fixed(value, 2) },
  ]);
  return { ...MEASURES, ...Object.fromEntries(ratios) };
}
