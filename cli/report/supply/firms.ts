import type { FirmAccount } from '../../../scenarios/supply-chain/solution.ts';
import { diamond, drawing, figure, horizontalAxis, legend, scrolling } from '../chart.ts';
import { el, type Markup } from '../markup.ts';
import { counted, decimal } from '../numbers.ts';
import { linearAxis, type Axis } from '../scale.ts';
import { folded, table, type TableText } from '../table.ts';
import type { SupplyRuns } from './runs.ts';
import { gained, money, nodeName, tokensOf } from './words.ts';

const WIDTH = 1120;
const ROW = 30;
const PLOT = { left: 128, right: 1000, top: 12 };
/** More firms than these are not drawn one by one. */
const SHOWN_MAX = 24;
const ROWS_MAX = 1000;

interface Firm extends FirmAccount {
  readonly name: string;
}

/** What each firm earned by its rule alone, with contracts, and after the gains were shared. */
export function firmFigure(runs: SupplyRuns): Markup {
  const firms = firmsOf(runs);
  const heading = 'What each firm earned';
  if (firms.length === 0) return figure({ heading, caption: 'No agents were at work.', wide: true });
  const shown = firms.length <= SHOWN_MAX ? firms : firms.toSorted((a, b) => gainOf(b) - gainOf(a)).slice(0, SHOWN_MAX);
  const compared = firms.some(({ alone }) => alone !== null);
  const settled = runs.agents.solution.payments.reduce(
    (sum, { what, amount }) => (what === 'settlement' ? sum + tokensOf(amount) : sum),
    0,
  );
  const rest =
    shown.length < firms.length
      ? ` The ${SHOWN_MAX} of ${decimal(firms.length, 0)} firms that gained most are drawn; the table has ${firms.length > ROWS_MAX ? `the first ${decimal(ROWS_MAX, 0)}` : 'all'}.`
      : '';
  const caption = compared
    ? `Alone: what the firm’s local rule would have earned in the same periods, all others keeping to theirs, as the firm itself keeps count. At the end firms paid each other ${money(settled)} tokens, so that the gain over the local rules is shared.${rest}`
    : `Firms ordered by their local rules, so there is nothing to share.${rest}`;
  return figure(
    { heading, caption, wide: true },
    compared ? marksLegend() : null,
    scrolling('Chart of what firms earned', chart(shown)),
    firms.length <= SHOWN_MAX ? table(firmTable(firms)) : folded(counted(firms.length, 'firm'), firmTable(firms)),
  );
}

function firmsOf({ instance, agents, tiers }: SupplyRuns): readonly Firm[] {
  const { nodes } = instance.network;
  return [...nodes.entries()]
    .toSorted(([a], [b]) => (tiers[b] ?? 0) - (tiers[a] ?? 0) || a - b)
    .flatMap(([, node]) => {
      const account = agents.solution.firms[String(node.id)];
      return account === undefined ? [] : [{ ...account, name: nodeName(node) }];
    });
}

function gainOf({ profit, alone }: FirmAccount): number {
  return alone === null ? profit : profit - alone;
}

function marksLegend(): Markup {
  return legend([
    { sample: diamond({ x: 13, y: 7 }, 6, 'baseline-mark'), words: 'alone, by its local rule' },
    { sample: el('circle', { class: 'before-ring', cx: 13, cy: 7, r: 5 }), words: 'with contracts, before settlement' },
    { sample: el('circle', { class: 'agents-dot', cx: 13, cy: 7, r: 5 }), words: 'in the end' },
    { sample: el('rect', { class: 'gain-bar', x: 1, y: 3, width: 24, height: 8 }), words: 'gain' },
    { sample: el('rect', { class: 'loss-bar', x: 1, y: 3, width: 24, height: 8 }), words: 'loss' },
  ]);
}

function chart(firms: readonly Firm[]): Markup {
  const values = firms.flatMap(({ profit, settlement, alone }) => [profit, profit - settlement, alone ?? profit]);
  const x = linearAxis({
    low: Math.min(0, ...values),
    high: Math.max(1e-6, ...values),
    range: [PLOT.left, PLOT.right],
    count: 8,
  });
  const bottom = PLOT.top + firms.length * ROW;
  return drawing(
    {
      id: 'firms',
      title: 'What each firm earned alone, with contracts and in the end',
      description: firms
        .map(
          ({ name, profit, alone }) =>
            `${name}: ${money(profit)} tokens${alone === null ? '' : `, alone ${money(alone)}`}`,
        )
        .join('; '),
      width: WIDTH,
      height: bottom + 46,
    },
    horizontalAxis({ axis: x, title: 'Earned, tokens', at: bottom, to: PLOT.top }),
    x.domain[0] < 0 ? el('line', { class: 'base', x1: x.at(0), x2: x.at(0), y1: PLOT.top, y2: bottom }) : null,
    firms.map((firm, k) => firmMarks(firm, PLOT.top + (k + 0.5) * ROW, x)),
  );
}

function firmMarks(firm: Firm, y: number, x: Axis): Markup {
  const { name, profit, settlement, alone } = firm;
  const from = alone ?? 0;
  const [left, right] = [Math.min(x.at(from), x.at(profit)), Math.max(x.at(from), x.at(profit))];
  return el(
    'g',
    {},
    el(
      'title',
      {},
      `${name}: ${rowOf(firm).slice(1).join(' / ')} (alone / with contracts / settlement / in the end / net gain / partners)`,
    ),
    el('rect', { class: 'hit', x: 0, y: y - ROW / 2, width: WIDTH, height: ROW }),
    el('text', { class: 'bar-name', x: PLOT.left - 14, y: y + 4, 'text-anchor': 'end' }, name),
    el('rect', { class: profit >= from ? 'gain-bar' : 'loss-bar', x: left, y: y - 4, width: right - left, height: 8 }),
    alone === null ? null : diamond({ x: x.at(alone), y }, 6, 'baseline-mark'),
    alone === null ? null : el('circle', { class: 'before-ring', cx: x.at(profit - settlement), cy: y, r: 5 }),
    el('circle', { class: 'agents-dot', cx: x.at(profit), cy: y, r: 5 }),
    el(
      'text',
      { class: 'bar-value', x: WIDTH - 8, y: y + 4, 'text-anchor': 'end' },
      alone === null ? money(profit) : gained(profit - alone),
    ),
  );
}

function rowOf({ name, profit, settlement, alone, partners }: Firm): readonly string[] {
  return [
    name,
    alone === null ? '–' : money(alone),
    money(profit - settlement),
    gained(settlement),
    money(profit),
    alone === null ? '–' : gained(profit - alone),
    decimal(partners, 0),
  ];
}

function firmTable(firms: readonly Firm[]): TableText {
  const sum = (of: (firm: Firm) => number): number => firms.reduce((total, firm) => total + of(firm), 0);
  const compared = firms.every(({ alone }) => alone !== null);
  const total: Firm = {
    name: 'All firms',
    profit: sum(({ profit }) => profit),
    settlement: sum(({ settlement }) => settlement),
    alone: compared ? sum(({ alone }) => alone ?? 0) : null,
    partners: 0,
  };
  return {
    caption: 'Firms: earned alone, with contracts, settlement, in the end, net gain',
    head: ['Firm', 'Alone, tokens', 'With contracts', 'Settlement', 'In the end', 'Net gain', 'Partners'],
    rows: [...firms.slice(0, ROWS_MAX).map(rowOf), [...rowOf(total).slice(0, -1), '']],
  };
}
