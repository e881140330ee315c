import type { SimulationResult } from '../../../scenarios/simulate.ts';
import { barChart, signedShare, type Bar } from '../bars.ts';
import { el, type Markup } from '../markup.ts';
import { decimal, fixed } from '../numbers.ts';
import { comparison, type Compared, type Measure } from '../table.ts';
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
  averageStock: goods('Average inventory'),
};

/** How references are called in sentences and columns. */
const REFERENCE_WORDS: Readonly<Record<string, string>> = { shared: 'Rules, told all demand' };

/** What an indicator is called that is one for each tier. */
const BULLWHIP = /^bullwhipTier(\d+)$/;

/** Profit as bars, all indicators as a table. */
export function comparisonSection(runs: SupplyRuns, result: SimulationResult, rule: string): Markup {
  const columns = columnsOf(runs, result);
  return el(
    'section',
    { class: 'card wide', id: 'comparison' },
    el('h2', {}, 'Agents, local rules and optimum'),
    el(
      'p',
      { class: 'caption' },
      `Local rules: every firm orders by ${rule}, from what it sees itself, without contracts. ${runs.optimum === null ? 'No optimum is known for this instance.' : 'Optimum: one planner who knows all demand beforehand; nobody who knows the past alone can reach it.'}`,
    ),
    bars(columns),
    comparison('Indicators of agents, local rules and optimum compared', columns, measuresOf(columns)),
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
    const part = best !== undefined && best > 0 && kind !== 'best' ? ` (${signedShare(profit / best - 1)})` : '';
    return [{ title, kind, value: profit, words: `${tokens(profit)}${part}` }];
  });
  return rows.length === 0
    ? null
    : barChart({ id: 'profits', title: 'Profit of agents, local rules and optimum', label: 'Chart of profits' }, rows);
}

function measuresOf(columns: readonly Column[]): Readonly<Record<string, Measure>> {
  const tiers = columns
    .flatMap(({ kpis }) => Object.keys(kpis ?? {}))
    .flatMap((name) => {
      const [, tier] = BULLWHIP.exec(name) ?? [];
      return tier === undefined ? [] : [[name, bullwhipMeasure(Number(tier))] as const];
    });
  return { ...MEASURES, ...Object.fromEntries(tiers) };
}

function bullwhipMeasure(tier: number): Measure {
  return {
    words: `Bullwhip ratio, tier ${tier}${tier === 1 ? ' (retailers)' : ''}`,
    unit: '',
    format: (value) => decimal(value, 2),
  };
}
