import type { Disruption } from '../../../scenarios/supply-chain/network.ts';
import { el, type Child, type Markup } from '../markup.ts';
import { decimal } from '../numbers.ts';
import type { Card } from './groups.ts';
import {
  demandSeries,
  meanOf,
  mostOf,
  shippedSeries,
  soldSeries,
  stockSeries,
  totalOf,
  type Series,
  type SupplyRun,
  type SupplyRuns,
} from './runs.ts';
import { sparkline } from './sparkline.ts';
import { amount, brief, periodSpan, units } from './words.ts';

/** How large cards are, and what the area of their disc is. */
export const CARD = {
  width: 152,
  height: 68,
  mean: (runs: SupplyRuns, card: Card): number => meanOf(seriesOf(runs.agents, card)),
} as const;

const DISC = { x: 24, y: 43, least: 2.5, most: 17 };
const SPARK = { x: 50, y: 38, width: 94, height: 22 };

/** What all cards of a drawing share. */
export interface CardScale {
  readonly stockMost: number;
  readonly salesMost: number;
  readonly struck: (card: Card) => readonly Disruption[];
}

/** One card: its name, its numbers, its disc and its small chart. */
export function cardMarks(
  runs: SupplyRuns,
  {
    card,
    place: { x, y },
    scale,
  }: { readonly card: Card; readonly place: { readonly x: number; readonly y: number }; readonly scale: CardScale },
): Markup {
  const struck = scale.struck(card);
  return el(
    'g',
    { transform: `translate(${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10})` },
    el('title', {}, cardWords(runs, card, struck)),
    el('rect', {
      class: `firm${struck.length > 0 ? ' hurt' : ''}${card.count > 1 ? ' many' : ''}`,
      width: CARD.width,
      height: CARD.height,
      rx: 7,
    }),
    el('text', { class: 'firm-name', x: 10, y: 17 }, card.title),
    struck.length > 0 ? el('text', { class: 'over-label', x: CARD.width - 9, y: 17, 'text-anchor': 'end' }, '✕') : null,
    card.kind === 'sources' ? sourceMarks(runs, card) : stockMarks(runs, card, scale),
  );
}

function sourceMarks(runs: SupplyRuns, card: Card): Child {
  return [
    el('rect', { class: 'source', x: DISC.x - 8, y: DISC.y - 8, width: 16, height: 16, rx: 2 }),
    el('text', { class: 'firm-note', x: SPARK.x, y: 34 }, 'ships on demand'),
    sparkline({ area: shippedFrom(runs, runs.agents, card), marked: [] }, SPARK),
  ];
}

function stockMarks(runs: SupplyRuns, card: Card, { stockMost, salesMost, struck }: CardScale): Child {
  const series = seriesOf(runs.agents, card);
  const most = card.kind === 'markets' ? salesMost : stockMost;
  const radius = Math.max(DISC.least, DISC.most * Math.sqrt(meanOf(series) / Math.max(most, 1e-9)));
  const line = card.kind === 'markets' ? { line: demandSeries(runs.instance, card.members) } : {};
  const note =
    card.kind === 'markets'
      ? `sold ${brief(totalOf(series))}`
      : `${brief(meanOf(series))}, max ${brief(mostOf(series))}`;
  return [
    el('circle', { class: card.kind === 'markets' ? 'sales-disc' : 'stock-disc', cx: DISC.x, cy: DISC.y, r: radius }),
    el('text', { class: 'firm-note', x: SPARK.x, y: 32 }, note),
    sparkline({ area: series, ...line, marked: struck(card) }, SPARK),
  ];
}

/** What the disc and the chart of a card show: stock, or sales of a market. */
function seriesOf(run: SupplyRun, { kind, members }: Card): Series {
  return kind === 'markets' ? soldSeries(run, members) : stockSeries(run, members);
}

function shippedFrom(runs: SupplyRuns, run: SupplyRun, { members }: Card): Series {
  const { supplier } = runs.agents.replay.environment.layout;
  const places = new Set(members);
  return shippedSeries(
    run,
    [...supplier.keys()].filter((lane) => places.has(supplier[lane] ?? -1)),
  );
}

function cardWords(runs: SupplyRuns, card: Card, struck: readonly Disruption[]): string {
  const each = (of: (run: SupplyRun) => string): string =>
    runs.all.map((run) => `${run.title.toLowerCase()} ${of(run)}`).join(', ');
  const strikes = struck.map((one) => `. ${strikeWords(one)} in ${periodSpan(one.from, one.to)}`).join('');
  if (card.kind === 'markets') {
    const asked = totalOf(demandSeries(runs.instance, card.members));
    return `${card.title}: asked for ${units(asked)}; sold: ${each((run) => amount(totalOf(seriesOf(run, card))))}${strikes}`;
  }
  if (card.kind === 'sources') {
    return `${card.title}: shipped by ${each((run) => amount(totalOf(shippedFrom(runs, run, card))))}${strikes}`;
  }
  return `${card.title}${productWords(runs, card)}: mean stock of ${each((run) => amount(meanOf(seriesOf(run, card))))}${strikes}`;
}

function productWords({ instance }: SupplyRuns, { members, count }: Card): string {
  const node = instance.network.nodes[members[0] ?? -1];
  if (node === undefined || count > 1) return '';
  const made = node.items.map(({ product, perOutput }) => `${decimal(perOutput, 3)} ${product}`);
  return ` (${node.product}${made.length > 1 ? ` of ${made.join(' + ')}` : ''})`;
}

function strikeWords(one: Disruption): string {
  if (one.kind === 'demand') return `Demand ${decimal(one.factor, 2)} times the usual`;
  return one.kind === 'plant' ? `Ships ${decimal(one.share * 100, 0)} % of its capacity` : 'Cut';
}
