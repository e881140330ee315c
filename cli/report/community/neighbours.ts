import { drawing, figure, legend, scrolling } from '../chart.ts';
import { el, type Markup } from '../markup.ts';
import { counted, fixed } from '../numbers.ts';
import { folded, table, type TableText } from '../table.ts';
import { drawnHomes, leftOut } from './bills.ts';
import type { CommunityFacts, HomeFacts, Hourly } from './facts.ts';
import { clock, dollars, energy, kwh, shortName } from './words.ts';

const WIDTH = 1120;
const ROW = 26;
const PLOT = { left: 150, right: 1108, top: 26 };
const HOURS = 24;
const TABLE_MAX = 24;
const ROWS_MAX = 1_000;
/** Up to which part of the largest hour a shade stands. */
const SHADES = [1 / 3, 2 / 3, Infinity] as const;

/** Who bought and sold when, and the money that it moved. Nobody knows who sold to whom: the market matches sums. */
export function neighbourFigure(facts: CommunityFacts): Markup {
  const { homes, betweenKwh, betweenTokens } = facts;
  const between = betweenKwh.reduce((sum, value) => sum + value, 0);
  const moved = homes.reduce((sum, { shared }) => sum + Math.max(0, shared), 0);
  const heading = 'Trades between neighbours';
  if (homes.length < 2) return figure({ heading, caption: 'There are no neighbours.', wide: true });
  const rows = moneyTable(facts);
  return figure(
    {
      heading,
      caption: `${kwh(between)} went from home to home, for ${dollars(betweenTokens)}${between > 0 ? `, ${fixed(betweenTokens / between, 3)} $/kWh on average` : ''}${moved > 0 ? `; at the end homes passed on ${dollars(moved)} of their gains` : ''}. The market matches sums at one price an hour and discloses no orders, so nobody knows who sold to whom. Each square is what a home bought (or passed on) at that hour of the day, on average, from neighbours or the utility.${leftOut(facts)}`,
      wide: true,
    },
    legend([
      ...[1, 2, 3].map((shade) => ({
        sample: square(`s${shade}`),
        words: ['sold a little', 'sold more', 'sold most'][shade - 1] ?? '',
      })),
      ...[1, 2, 3].map((shade) => ({
        sample: square(`b${shade}`),
        words: ['bought a little', 'bought more', 'bought most'][shade - 1] ?? '',
      })),
    ]),
    scrolling('Chart of trades by home and hour of the day', chart(facts)),
    homes.length <= TABLE_MAX ? table(rows) : folded(`Energy and money of ${counted(homes.length, 'home')}`, rows),
  );
}

function square(name: string): Markup {
  return el('rect', { class: name, x: 1, y: 1, width: 24, height: 12 });
}

function chart(facts: CommunityFacts): Markup {
  const { hourOfDay } = facts.instance.calendar;
  const rows = drawnHomes(facts).map((home) => ({ home, means: meansByHour(hourOfDay, home.tradesKwh) }));
  const most = rows.reduce(
    (top, { means }) => means.reduce<number>((high, value) => Math.max(high, Math.abs(value ?? 0)), top),
    1e-9,
  );
  const cell = (PLOT.right - PLOT.left) / HOURS;
  const bottom = PLOT.top + rows.length * ROW;
  return drawing(
    {
      id: 'neighbours',
      title: 'What homes bought and sold by hour of the day',
      description: rows
        .map(
          ({ home }) =>
            `${home.name}: bought ${kwh(home.boughtKwh)}, sold or gave away ${kwh(home.passedOnKwh)} in all`,
        )
        .join('; '),
      width: WIDTH,
      height: bottom + 24,
    },
    Array.from({ length: HOURS / 3 }, (_, k) =>
      el('text', { x: PLOT.left + 3 * k * cell, y: PLOT.top - 9, 'text-anchor': 'middle' }, clock(3 * k)),
    ),
    rows.map(({ home, means }, row) => [
      el(
        'text',
        { class: 'bar-name', x: PLOT.left - 14, y: PLOT.top + (row + 0.5) * ROW + 4, 'text-anchor': 'end' },
        shortName(home.name),
      ),
      means.map((value, hour) =>
        el(
          'g',
          {},
          el('title', {}, `${home.name}, ${clock(hour)}: ${tradeWords(value)}`),
          el('rect', {
            class: `cell ${shadeOf(value, most)}`,
            x: PLOT.left + hour * cell + 1,
            y: PLOT.top + row * ROW + 1,
            width: cell - 2,
            height: ROW - 2,
          }),
        ),
      ),
    ]),
    el(
      'text',
      { class: 'axis-title', x: (PLOT.left + PLOT.right) / 2, y: bottom + 18, 'text-anchor': 'middle' },
      `Hour of the day; the strongest squares are ${energy(most * (2 / 3))} to ${energy(most)} kWh an hour`,
    ),
  );
}

function tradeWords(value: number | null): string {
  if (value === null) return 'not part of this';
  if (Math.abs(value) < 5e-4) return 'nothing';
  return `${value > 0 ? 'bought' : 'sold or gave away'} ${energy(Math.abs(value))} kWh`;
}

function shadeOf(value: number | null, most: number): string {
  if (value === null || Math.abs(value) < 5e-4) return 'none';
  const shade = SHADES.findIndex((part) => Math.abs(value) <= part * most) + 1;
  return `${value > 0 ? 'b' : 's'}${shade}`;
}

function meansByHour(hourOfDay: readonly number[], series: Hourly): readonly (number | null)[] {
  const sums = Array.from({ length: HOURS }, () => ({ sum: 0, count: 0 }));
  for (const [hour, place] of hourOfDay.entries()) {
    const one = sums[place];
    if (one === undefined) continue;
    one.sum += series[hour] ?? 0;
    one.count += 1;
  }
  return sums.map(({ sum, count }) => (count > 0 ? sum / count : null));
}

function moneyTable({ homes }: CommunityFacts): TableText {
  const sum = (of: (home: HomeFacts) => number): number => homes.reduce((total, home) => total + of(home), 0);
  const row = (name: string, of: (what: (home: HomeFacts) => number) => number): readonly string[] => [
    name,
    fixed(
      of(({ boughtKwh }) => boughtKwh),
      1,
    ),
    fixed(
      of(({ neighboursKwh }) => neighboursKwh),
      1,
    ),
    fixed(
      of(({ passedOnKwh }) => passedOnKwh),
      1,
    ),
    ...[of(({ paid }) => paid), of(({ received }) => received), of(({ shared }) => shared), of(({ bill }) => bill)].map(
      (tokens) => fixed(tokens, 2),
    ),
  ];
  return {
    caption: 'Energy that homes bought and sold, and the money for it',
    head: [
      'Home',
      'Bought, kWh',
      'of neighbours',
      'Sold or given, kWh',
      'Paid, $',
      'Received, $',
      'Passed on, $',
      'Bill, $',
    ],
    rows: [...homes.slice(0, ROWS_MAX).map((home) => row(home.name, (what) => what(home))), row('All homes', sum)],
  };
}
