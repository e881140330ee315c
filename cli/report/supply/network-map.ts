import { drawing, figure, legend, scrolling } from '../chart.ts';
import { el, type Markup } from '../markup.ts';
import { counted, decimal, sentenceStart } from '../numbers.ts';
import { cardMarks, CARD, type CardScale } from './network-cards.ts';
import { networkPlan, strikesOn, type Card, type NetworkPlan } from './groups.ts';
import { flowMarks, type Placed } from './network-flows.ts';
import { mostOf, shippedSeries, totalOf, type SupplyRuns } from './runs.ts';
import { units } from './words.ts';

const PITCH = { x: 236, y: CARD.height + 20 };
const MARGIN = { x: 8, top: 40, bottom: 12 };

/** Who supplies whom, left to right: stocks as discs and over time, flows as ribbons, disruptions in red. */
export function networkFigure(runs: SupplyRuns): Markup {
  const plan = networkPlan(runs);
  return figure(
    { heading: 'The network, its stocks and its flows', caption: caption(runs, plan), wide: true },
    legend([
      {
        sample: el('circle', { class: 'stock-disc', cx: 13, cy: 7, r: 6 }),
        words: 'mean stock of a firm (area; number, and largest)',
      },
      {
        sample: el('path', { class: 'spark-area', d: 'M1 13L1 6L9 2L17 8L25 5L25 13Z' }),
        words: 'stock over time; at markets what was sold',
      },
      { sample: el('path', { class: 'spark-line', d: 'M1 9L9 3L17 9L25 5' }), words: 'demand of a market' },
      { sample: el('path', { class: 'lane', d: 'M1 7H25', 'stroke-width': 6 }), words: 'units shipped (width)' },
      { sample: el('path', { class: 'lane unused', d: 'M1 7H25' }), words: 'nothing was shipped' },
      ...(runs.instance.disruptions.length === 0
        ? []
        : [
            {
              sample: el('rect', { class: 'struck', x: 5, y: 0, width: 16, height: 14 }),
              words: 'struck by a disruption',
            },
          ]),
    ]),
    scrolling('Drawing of the network', chart(runs, plan)),
  );
}

function caption({ instance, agents }: SupplyRuns, { hidden }: NetworkPlan): string {
  const { network, periods } = instance;
  const firms = network.nodes.filter(({ kind }) => kind !== 'raw').length;
  const sources = network.nodes.length - firms;
  const markets = new Set(network.markets.map(({ market }) => market)).size;
  const shipped = shippedSeries(agents, [...network.lanes.keys()]);
  const rest =
    hidden === 0
      ? ''
      : ` Of each tier ${instance.disruptions.length > 0 ? 'some that were struck and ' : ''}those with the largest flows have a card of their own; ${decimal(hidden, 0)} firms, sources and markets are drawn together with others of their tier.`;
  return `${sentenceStart(counted(firms, 'firm'))}, ${counted(sources, 'raw source')} and ${counted(markets, 'market')}, from raw material on the left to markets on the right. In ${counted(periods, 'period')} the agents shipped ${units(totalOf(shipped))} over ${counted(network.lanes.length, 'lane')}; point at a lane or a card for more.${rest}`;
}

function chart(runs: SupplyRuns, plan: NetworkPlan): Markup {
  const { columns, flows } = plan;
  const rows = columns.reduce((most, { cards }) => Math.max(most, cards.length), 1);
  const width = Math.max(1120, 2 * MARGIN.x + (columns.length - 1) * PITCH.x + CARD.width);
  const height = MARGIN.top + rows * PITCH.y + MARGIN.bottom;
  const pitch = columns.length > 1 ? (width - 2 * MARGIN.x - CARD.width) / (columns.length - 1) : 0;
  const places = new Map<Card, Placed>();
  for (const [k, { cards }] of columns.entries()) {
    const gap = (height - MARGIN.top - MARGIN.bottom) / cards.length;
    for (const [j, card] of cards.entries()) {
      places.set(card, { x: MARGIN.x + k * pitch, y: MARGIN.top + (j + 0.5) * gap - CARD.height / 2 });
    }
  }
  const scale: CardScale = { ...cardScale(runs, plan), struck: (card) => strikesOn(runs.instance, card) };
  return drawing(
    {
      id: 'network',
      title: 'The network from raw sources to markets, with stocks and flows',
      description: flows
        .toSorted((a, b) => b.units - a.units)
        .slice(0, 24)
        .map(({ from, to, units: shipped }) => `${from.title} to ${to.title}: ${units(shipped)}`)
        .join('; '),
      width,
      height,
    },
    columns.map(({ title, cards }, k) =>
      cards.length === 0
        ? null
        : el(
            'text',
            { class: 'tier-title', x: MARGIN.x + k * pitch + CARD.width / 2, y: 18, 'text-anchor': 'middle' },
            title,
          ),
    ),
    flowMarks(runs, flows, places),
    columns.flatMap(({ cards }) =>
      cards.map((card) => cardMarks(runs, { card, place: places.get(card) ?? { x: 0, y: 0 }, scale })),
    ),
  );
}

/** The largest discs of firms and of markets. */
function cardScale(runs: SupplyRuns, { columns }: NetworkPlan): Pick<CardScale, 'stockMost' | 'salesMost'> {
  const cards = columns.flatMap((column) => column.cards);
  const most = (kind: Card['kind']): number =>
    mostOf(cards.filter((card) => card.kind === kind).map((card) => CARD.mean(runs, card)));
  return { stockMost: most('firms'), salesMost: most('markets') };
}
