import type { Kpis } from '../../scenarios/scenario.ts';
import type { SimulationResult } from '../../scenarios/simulate.ts';
import type { DispatchFacts } from './facts.ts';
import { el, type Child, type Markup } from './markup.ts';
import { byteSize, counted, decimal, errorSize, fixed } from './numbers.ts';

interface Measure {
  readonly words: string;
  readonly unit: string;
  readonly format: (value: number) => string;
}

const MEASURES: Readonly<Record<string, Measure>> = {
  costPerHour: { words: 'Cost', unit: '$/h', format: (value) => fixed(value, 2) },
  worstOverloadPu: { words: 'Worst line overload', unit: 'p.u.', format: errorSize },
  worstBalanceMismatchPu: { words: 'Worst balance mismatch of a bus', unit: 'p.u.', format: errorSize },
  worstAngleViolationRad: { words: 'Worst angle beyond its limit', unit: 'rad', format: errorSize },
  priceOptimalityErrorPerMwh: { words: 'Prices short of supporting the dispatch', unit: '$/MWh', format: errorSize },
  worstGeneratorViolationPu: { words: 'Worst generator output beyond its limits', unit: 'p.u.', format: errorSize },
  congestedBranches: { words: 'Lines at or beyond their limit', unit: '', format: (value) => decimal(value, 0) },
  meanAbsPriceErrorPerMwh: { words: 'Mean price difference from the optimum', unit: '$/MWh', format: errorSize },
  maxPriceErrorPerMwh: { words: 'Largest price difference from the optimum', unit: '$/MWh', format: errorSize },
};

/** Agents, baseline and optimum side by side. */
export function comparisonTable(result: SimulationResult): Markup {
  const columns = [result.agents, result.baseline, result.optimum];
  const names = [...new Set(columns.flatMap((kpis) => Object.keys(kpis ?? {})))];
  return table({
    caption: 'Agents, merit order and optimum compared',
    head: ['', 'Agents', 'Merit order', 'Optimum'],
    rows: names.map((name) => {
      const measure = MEASURES[name] ?? { words: name, unit: '', format: errorSize };
      return [
        measure.unit === '' ? measure.words : `${measure.words}, ${measure.unit}`,
        ...columns.map((kpis) => cell(kpis, name, measure)),
      ];
    }),
  });
}

function cell(kpis: Kpis | null, name: string, { format }: Measure): string {
  const value = kpis?.[name];
  return value === undefined ? '–' : format(value);
}

/** What the negotiation took. */
export function effortList(result: SimulationResult, agents: number): Markup {
  const each = agents > 0 ? result.messages / agents : 0;
  const entries: readonly (readonly [string, string, string])[] = [
    ['Agents', decimal(agents, 0), 'one at every bus that is not isolated'],
    ['Rounds', decimal(result.rounds, 0), 'steps that all agents took together'],
    ['Messages', decimal(result.messages, 0), `${decimal(each, 0)} an agent`],
    [
      'Traffic',
      byteSize(result.bytes),
      `${byteSize(Math.round(result.bytes / Math.max(1, result.messages)))} a message`,
    ],
    ['Virtual time', `${fixed(result.virtualSeconds, 3)} s`, 'on the simulated network'],
    ['CPU time', `${fixed(result.cpuSeconds, 2)} s`, 'of all agents together, on the machine that ran them'],
  ];
  return el(
    'dl',
    { class: 'effort' },
    entries.map(([name, value, note]) => el('div', {}, el('dt', {}, name), el('dd', {}, value, el('small', {}, note)))),
  );
}

/** Every line, bus and generator in numbers, folded away. */
export function dataTables({ lines, buses, units }: DispatchFacts): Markup {
  return el(
    'section',
    { class: 'card wide' },
    el('h2', {}, 'All numbers'),
    folded(counted(lines.length, 'line'), {
      caption: 'Lines; positive flows run from the first bus to the second',
      head: ['Line', 'Limit, MW', 'Flow, MW', 'Loading, %', 'Merit order flow, MW', 'Merit order loading, %'],
      rows: lines.map(({ name, active, limitMw, flowMw, loading, baselineFlowMw, baselineLoading }) => {
        if (!active) return [name, 'out of service', '–', '–', '–', '–'];
        const limited = limitMw < Infinity;
        const share = (of: number): string => (limited ? fixed(of * 100, 1) : '–');
        return [
          name,
          limited ? fixed(limitMw, 1) : 'none',
          fixed(flowMw, 2),
          share(loading),
          fixed(baselineFlowMw, 2),
          share(baselineLoading),
        ];
      }),
    }),
    folded(counted(buses.length, 'bus', 'buses'), {
      caption: 'Buses',
      head: ['Bus', 'Load, MW', 'Generation, MW', 'Price, $/MWh', 'Optimum price, $/MWh', 'Merit order price, $/MWh'],
      rows: buses.map((bus) => [
        bus.isolated ? `${bus.id} (isolated)` : String(bus.id),
        fixed(bus.loadMw, 2),
        bus.generators > 0 ? fixed(bus.generationMw, 2) : '–',
        ...[bus.price, bus.optimumPrice, bus.baselinePrice].map(orDash(3)),
      ]),
    }),
    folded(counted(units.length, 'generator'), {
      caption: 'Generators',
      head: ['At bus', 'Least, MW', 'Largest, MW', 'Agents, MW', 'Optimum, MW', 'Merit order, MW', 'Next MWh, $'],
      rows: units.map((unit) => [
        unit.active ? String(unit.busId) : `${unit.busId} (out of service)`,
        fixed(unit.minMw, 1),
        fixed(unit.maxMw, 1),
        ...[unit.outputMw, unit.optimumMw, unit.baselineMw].map(orDash(2)),
        unit.active ? fixed(unit.marginalCost, 2) : '–',
      ]),
    }),
  );
}

function orDash(digits: number): (value: number | null) => string {
  return (value) => (value === null ? '–' : fixed(value, digits));
}

interface TableText {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function folded(title: string, text: TableText): Markup {
  return el('details', {}, el('summary', {}, title), table(text));
}

function table({ caption, head, rows }: TableText): Markup {
  const kind = (column: number): string | null => (column === 0 ? 'text' : null);
  const line = (row: readonly string[]): Child =>
    el(
      'tr',
      {},
      row.map((value, column) =>
        column === 0 ? el('th', { scope: 'row', class: 'text' }, value) : el('td', { class: kind(column) }, value),
      ),
    );
  return el(
    'div',
    { class: 'scroll', role: 'group', tabindex: '0', 'aria-label': caption },
    el(
      'table',
      {},
      el('caption', {}, caption),
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          head.map((title, column) =>
            title === '' ? el('td', {}) : el('th', { scope: 'col', class: kind(column) }, title),
          ),
        ),
      ),
      el('tbody', {}, rows.map(line)),
    ),
  );
}
