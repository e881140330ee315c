import type { Disruption } from '../../../scenarios/supply-chain/network.ts';
import { drawing, figure, legend, scrolling, textWidth } from '../chart.ts';
import { el, rounded, type Markup } from '../markup.ts';
import { counted, decimal, sentenceStart } from '../numbers.ts';
import { cardMarks, CARD, type CardScale } from './network-cards.ts';
import { networkPlan, type Card, type Flow, type NetworkPlan } from './groups.ts';
import { mostOf, shippedSeries, totalOf, type SupplyRuns } from './runs.ts';
import { amount, periodSpan, units } from './words.ts';

const PITCH = { x: 236, y: CARD.height + 20 };
const MARGIN = { x: 8, top: 40, bottom: 12 };
/** Pixels of the widest lane. */
const LANE_MAX = 13;
/** With more lanes than these their numbers would hide them. */
const NAMED_MAX = 40;
/** Where on its way the number of a lane may stand, best place first. */
const NAME_PLACES = [0.5, 0.36, 0.64, 0.26, 0.74];

/** Who supplies whom, left to right: stocks as discs and over time, flows as ribbons, disruptions in red. */
export function networkFigure(runs: SupplyRuns): Markup {
  const plan = networkPlan(runs);
  return figure(
    { heading: 'The network, its stocks and its flows', caption: caption(runs, plan), wide: true },
    legend([
      { sample: el('circle', { class: 'stock-disc', cx: 13, cy: 7, r: 6 }), words: 'mean stock of a firm (area)' },
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
      : ` Of each tier those with the largest flows have a card of their own; ${decimal(hidden, 0)} firms and markets are drawn together with others of their tier.`;
  return `${sentenceStart(counted(firms, 'firm'))}, ${counted(sources, 'raw source')} and ${counted(markets, 'market')}, from raw material on the left to markets on the right. In ${counted(periods, 'period')} the agents shipped ${units(totalOf(shipped))} over ${counted(network.lanes.length, 'lane')}; point at a lane or a card for more.${rest}`;
}

/** A card and where its upper left corner is. */
interface Placed {
  readonly x: number;
  readonly y: number;
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
  const scale: CardScale = { ...cardScale(runs, plan), struck: (card) => strikesOn(runs, card) };
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

function flowMarks(runs: SupplyRuns, flows: readonly Flow[], places: ReadonlyMap<Card, Placed>): readonly Markup[] {
  const most = flows.reduce((top, flow) => Math.max(top, flow.units), 1e-9);
  // Thin ribbons over wide ones, so that all can be seen and pointed at.
  const drawn = flows.toSorted((a, b) => b.units - a.units).map((flow) => ({ flow, curve: curveOf(flow, places) }));
  const named = namePlaces(drawn.length > NAMED_MAX ? [] : drawn);
  return [
    el(
      'g',
      { class: 'lanes' },
      drawn.map(({ flow, curve }) => {
        const struck = strikesOnFlow(runs, flow).length > 0;
        const used = flow.units > 1e-9;
        return el(
          'g',
          {},
          el('title', {}, flowWords(runs, flow)),
          el('path', { class: 'hit-line', fill: 'none', d: curve.path }),
          el('path', {
            class: `lane${used ? '' : ' unused'}${struck ? ' cut' : ''}`,
            'stroke-width': used ? 1.2 + (LANE_MAX - 1.2) * (flow.units / most) : null,
            d: curve.path,
          }),
        );
      }),
    ),
    el(
      'g',
      {},
      drawn.map(({ flow, curve }) => {
        const place = named.get(flow);
        const strikes = strikesOnFlow(runs, flow);
        if (place === undefined) return null;
        const { x, y } = curve.at(place);
        const text = flow.units > 1e-9 ? amount(flow.units) : '0';
        return el(
          'text',
          { class: strikes.length > 0 ? 'line-label over-label' : 'line-label', x, y: y + 4 },
          strikes.length > 0 ? `✕ ${text}` : text,
        );
      }),
    ),
  ];
}

interface Curve {
  readonly path: string;
  /** The point at a share of the way. */
  readonly at: (share: number) => Placed;
}

function curveOf({ from, to }: Flow, places: ReadonlyMap<Card, Placed>): Curve {
  const [start, end] = [places.get(from) ?? { x: 0, y: 0 }, places.get(to) ?? { x: 0, y: 0 }];
  const [ax, ay] = [start.x + CARD.width, start.y + CARD.height / 2];
  const [bx, by] = [end.x, end.y + CARD.height / 2];
  const bend = (bx - ax) / 2;
  return {
    path: `M${rounded(ax)} ${rounded(ay)}C${rounded(ax + bend)} ${rounded(ay)} ${rounded(bx - bend)} ${rounded(by)} ${rounded(bx)} ${rounded(by)}`,
    at: (t) => {
      const mix = (a: number, b: number, c: number, d: number): number =>
        (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t ** 2 * c + t ** 3 * d;
      return { x: mix(ax, ax + bend, bx - bend, bx), y: mix(ay, ay, by, by) };
    },
  };
}

/** Where numbers of lanes stand so that they do not touch; those for which there is no room have none. */
function namePlaces(drawn: readonly { readonly flow: Flow; readonly curve: Curve }[]): ReadonlyMap<Flow, number> {
  const taken: Placed[] = [];
  const places = new Map<Flow, number>();
  for (const { flow, curve } of drawn) {
    const wide = textWidth(amount(flow.units)) + 18;
    const free = NAME_PLACES.find((share) => {
      const { x, y } = curve.at(share);
      return taken.every((other) => Math.abs(other.x - x) > wide || Math.abs(other.y - y) > 16);
    });
    if (free === undefined) continue;
    taken.push(curve.at(free));
    places.set(flow, free);
  }
  return places;
}

function flowWords(runs: SupplyRuns, flow: Flow): string {
  const { network, periods } = runs.instance;
  const [first] = flow.lanes;
  const head = `${flow.from.title} → ${flow.to.title}: ${units(flow.units)} in ${counted(periods, 'period')}`;
  if (first === undefined) return head;
  if (flow.lanes.length > 1) return `${head}, over ${counted(flow.lanes.length, 'lane')}`;
  if (flow.to.kind === 'markets')
    return `${head} sold, at ${decimal(network.markets[first]?.price ?? 0, 4)} tokens a unit`;
  const lane = network.lanes[first];
  const others = runs.all
    .filter(({ role }) => role !== 'agents')
    .map((run) => `${run.title.toLowerCase()} ${amount(totalOf(shippedSeries(run, flow.lanes)))}`);
  const strikes = strikesOnFlow(runs, flow).map(({ from, to }) => `; cut in ${periodSpan(from, to)}`);
  return `${head} (${others.join(', ')}), ${counted(lane?.leadTime ?? 0, 'period')} on the way, list price ${decimal(lane?.price ?? 0, 4)} tokens${strikes.join('')}`;
}

function strikesOnFlow({ instance }: SupplyRuns, { lanes, to }: Flow): readonly Disruption[] {
  if (to.kind === 'markets') return [];
  const places = new Set(lanes);
  return instance.disruptions.filter(
    (one) =>
      one.kind === 'lane' &&
      instance.network.lanes.some(
        (lane, k) => places.has(k) && lane.supplier === one.supplier && lane.buyer === one.buyer,
      ),
  );
}

function strikesOn({ instance }: SupplyRuns, { kind, members }: Card): readonly Disruption[] {
  const { nodes, markets } = instance.network;
  return instance.disruptions.filter((one) =>
    kind === 'markets'
      ? one.kind === 'demand' && members.some((lane) => markets[lane]?.market === one.market)
      : one.kind === 'plant' && members.some((place) => nodes[place]?.id === one.node),
  );
}
