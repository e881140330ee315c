import type { SupplyPayment } from '../../../scenarios/supply-chain/solution.ts';
import { figure } from '../chart.ts';
import { el, type Child, type Markup } from '../markup.ts';
import { decimal } from '../numbers.ts';
import { table } from '../table.ts';
import { tierTitles } from './groups.ts';
import type { SupplyRuns } from './runs.ts';
import { money, namesOf, tokensOf } from './words.ts';

/** With more parties than these the matrix has rows and columns for tiers. */
const PARTIES_MAX = 14;

const PURPOSES: Readonly<Record<SupplyPayment['what'], readonly [words: string, note: string]>> = {
  sales: ['Sales', 'markets to retailers'],
  goods: ['Goods', 'buyers to suppliers'],
  costs: ['Costs', 'storage, transport, operation and penalties for short supply'],
  forecast: ['Forecasts', 'for signed forecasts and demand'],
  penalty: ['Contract penalties', 'for what was contracted and not delivered'],
  settlement: ['Settlements', 'so that all share the gain over the local rules'],
};

/** Sums of payments between two parties, in tokens, by purpose. */
type Cell = Map<string, number>;

/** Who paid whom: a matrix of payers and payees, and what it was for. */
export function paymentFigure(runs: SupplyRuns): Markup {
  const { payments } = runs.agents.solution;
  return paymentSection(payments, partiesOf(runs));
}

/** A matrix of those who paid and those who were paid, by name, and what it was for. */
export function paymentSection(payments: readonly SupplyPayment[], { order, of, grouped }: Parties): Markup {
  const heading = 'Who paid whom';
  if (payments.length === 0) return figure({ heading, caption: 'No payments were recorded.', wide: true });
  const cells = new Map<string, Map<string, Cell>>();
  for (const { from, to, amount, what } of payments) {
    const row = cells.get(of(from)) ?? new Map<string, Cell>();
    const cell = row.get(of(to)) ?? new Map<string, number>();
    cell.set(what, (cell.get(what) ?? 0) + tokensOf(amount));
    cells.set(of(from), row.set(of(to), cell));
  }
  return figure(
    {
      heading,
      caption: `Rows paid columns, in tokens, over all periods${grouped ? '; firms of a tier are one row and one column, and what they paid each other is where the two meet' : ''}. Point at an amount to see what it was for.`,
      wide: true,
    },
    matrix(order, cells),
    purposes(payments),
  );
}

/** Who is in a matrix of payments. */
export interface Parties {
  /** Names, in the order of the matrix. */
  readonly order: readonly string[];
  readonly of: (id: string) => string;
  /** Whether a name stands for several. */
  readonly grouped: boolean;
}

/** From markets up to raw sources, as money goes; costs last. */
function partiesOf(runs: SupplyRuns): Parties {
  const { network } = runs.instance;
  const nameOf = namesOf(runs.instance);
  const known = new Set(runs.agents.solution.payments.flatMap(({ from, to }) => [from, to]));
  const tiers = [...new Set(runs.tiers)].toSorted((a, b) => a - b);
  const ids = [
    ...new Set(network.markets.map(({ market }) => String(market))),
    ...tiers.flatMap((tier) =>
      network.nodes.flatMap(({ id }, place) => (runs.tiers[place] === tier ? [String(id)] : [])),
    ),
  ].filter((id) => known.has(id));
  const strangers = [...known].filter((id) => !ids.includes(id) && id !== 'costs');
  const all = [...ids, ...strangers, ...(known.has('costs') ? ['costs'] : [])];
  if (all.length <= PARTIES_MAX) return { order: all.map(nameOf), of: nameOf, grouped: false };
  const titles = tierTitles(runs, tiers);
  const groupOf = new Map<string, string>();
  for (const { market } of network.markets) groupOf.set(String(market), 'Markets');
  for (const [place, { id }] of network.nodes.entries()) {
    groupOf.set(String(id), titles[tiers.indexOf(runs.tiers[place] ?? 0)] ?? '');
  }
  const of = (id: string): string => groupOf.get(id) ?? (id === 'costs' ? nameOf(id) : 'Others');
  return { order: [...new Set(all.map(of))], of, grouped: true };
}

function matrix(order: readonly string[], cells: ReadonlyMap<string, ReadonlyMap<string, Cell>>): Markup {
  const sum = (from: string, to: string): number =>
    [...(cells.get(from)?.get(to)?.values() ?? [])].reduce((total, value) => total + value, 0);
  const payers = order.filter((from) => order.some((to) => sum(from, to) > 0));
  const payees = order.filter((to) => order.some((from) => sum(from, to) > 0));
  const most = payers.reduce((top, from) => payees.reduce((high, to) => Math.max(high, sum(from, to)), top), 1e-9);
  const caption = 'Payments in tokens, payers in rows, payees in columns';
  const head: Child = el(
    'tr',
    {},
    el('th', { scope: 'col', class: 'text' }, 'paid by ↓ to →'),
    payees.map((to) => el('th', { scope: 'col' }, to)),
    el('th', { scope: 'col', class: 'sum' }, 'paid in all'),
  );
  return el(
    'div',
    { class: 'scroll matrix', role: 'group', tabindex: '0', 'aria-label': caption },
    el(
      'table',
      {},
      el('caption', {}, caption),
      el('thead', {}, head),
      el(
        'tbody',
        {},
        payers.map((from) =>
          el(
            'tr',
            {},
            el('th', { scope: 'row', class: 'text' }, from),
            payees.map((to) => amountCell(sum(from, to), most, cells.get(from)?.get(to))),
            el('td', { class: 'sum' }, money(payees.reduce((total, to) => total + sum(from, to), 0))),
          ),
        ),
        el(
          'tr',
          { class: 'sum' },
          el('th', { scope: 'row', class: 'text' }, 'received in all'),
          payees.map((to) => el('td', {}, money(payers.reduce((total, from) => total + sum(from, to), 0)))),
          el(
            'td',
            { class: 'sum' },
            money(payers.reduce((all, from) => payees.reduce((total, to) => total + sum(from, to), all), 0)),
          ),
        ),
      ),
    ),
  );
}

function amountCell(value: number, most: number, cell: Cell | undefined): Markup {
  if (cell === undefined || value === 0) return el('td', {}, '');
  const share = value / most;
  const shade = share > 0.5 ? 'p4' : share > 0.2 ? 'p3' : share > 0.05 ? 'p2' : 'p1';
  const parts = [...cell].map(([what, part]) => `${what} ${money(part)}`).join(', ');
  return el('td', { class: shade, title: parts }, money(value));
}

function purposes(payments: readonly SupplyPayment[]): Markup {
  const sums = new Map<SupplyPayment['what'], { total: number; pairs: number }>();
  for (const { what, amount } of payments) {
    const { total, pairs } = sums.get(what) ?? { total: 0, pairs: 0 };
    sums.set(what, { total: total + tokensOf(amount), pairs: pairs + 1 });
  }
  const order: readonly SupplyPayment['what'][] = ['sales', 'goods', 'costs', 'forecast', 'penalty', 'settlement'];
  return table({
    caption: 'Payments by purpose',
    head: ['What for', 'Tokens', 'Pairs of payer and payee'],
    rows: order.flatMap((what) => {
      const sum = sums.get(what);
      const [words, note] = PURPOSES[what];
      return sum === undefined ? [] : [[`${words}: ${note}`, money(sum.total), decimal(sum.pairs, 0)]];
    }),
  });
}
