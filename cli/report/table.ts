import type { Kpis } from '../../scenarios/scenario.ts';
import type { SimulationResult } from '../../scenarios/simulate.ts';
import { el, type Child, type Markup } from './markup.ts';
import { byteSize, decimal, errorSize, fixed } from './numbers.ts';

/** How a KPI is written: its words, its unit, and its number. */
export interface Measure {
  readonly words: string;
  readonly unit: string;
  readonly format: (value: number) => string;
}

/** One column of a comparison; null where there is no such outcome. */
export interface Compared {
  readonly title: string;
  readonly kpis: Kpis | null;
}

/** KPIs of several outcomes side by side, in the order in which they are first named. A KPI without a measure has its own name. */
export function comparison(
  caption: string,
  columns: readonly Compared[],
  measures: Readonly<Record<string, Measure>>,
): Markup {
  const names = [...new Set(columns.flatMap(({ kpis }) => Object.keys(kpis ?? {})))];
  return table({
    caption,
    head: ['', ...columns.map(({ title }) => title)],
    rows: names.map((name) => {
      const measure = measures[name] ?? { words: name, unit: '', format: errorSize };
      return [
        measure.unit === '' ? measure.words : `${measure.words}, ${measure.unit}`,
        ...columns.map(({ kpis }) => cell(kpis, name, measure)),
      ];
    }),
  });
}

function cell(kpis: Kpis | null, name: string, { format }: Measure): string {
  const value = kpis?.[name];
  return value === undefined ? '–' : format(value);
}

/** Who took part, and what a round is. */
export interface EffortWords {
  readonly agents: number;
  readonly agentWords: string;
  readonly roundWords: string;
}

/** What the negotiation took. */
export function effortList(result: SimulationResult, { agents, agentWords, roundWords }: EffortWords): Markup {
  const each = agents > 0 ? result.messages / agents : 0;
  const entries: readonly (readonly [string, string, string])[] = [
    ['Agents', decimal(agents, 0), agentWords],
    ['Rounds', decimal(result.rounds, 0), roundWords],
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

/** A table in words: the first column names its rows. */
export interface TableText {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A table that is folded away until the reader asks for it. */
export function folded(title: string, text: TableText): Markup {
  return el('details', {}, el('summary', {}, title), table(text));
}

/** A table that scrolls where the page is too narrow; its caption is for those who do not see it. */
export function table({ caption, head, rows }: TableText): Markup {
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
