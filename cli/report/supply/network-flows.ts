import type { Disruption } from '../../../scenarios/supply-chain/network.ts';
import { textWidth } from '../chart.ts';
import { el, rounded, type Markup } from '../markup.ts';
import { counted, decimal } from '../numbers.ts';
import type { Card, Flow } from './groups.ts';
import { CARD } from './network-cards.ts';
import { shippedSeries, totalOf, type SupplyRuns } from './runs.ts';
import { amount, brief, periodSpan, units } from './words.ts';

/** Pixels of the widest lane. */
const LANE_MAX = 13;
const LANE_LEAST = 1.2;
/** Pixels between lanes that meet a card, where there is room, and what they leave free above and below. */
const PORT_GAP = 4;
const PORT_MARGIN = 7;
/** With more lanes than these their numbers would hide them. */
const NAMED_MAX = 40;
/** Where on its way the number of a lane may stand, best place first. */
const NAME_PLACES = [0.5, 0.36, 0.64, 0.24, 0.76];

/** A point of the drawing. */
export interface Placed {
  readonly x: number;
  readonly y: number;
}

/** A lane as it is drawn: how wide, and from where to where. */
interface Ribbon {
  readonly flow: Flow;
  readonly width: number;
  readonly start: Placed;
  readonly end: Placed;
}

/** Ribbons from card to card, as wide as what was shipped, with their numbers where there is room. `places`: upper left corners. */
export function flowMarks(
  runs: SupplyRuns,
  flows: readonly Flow[],
  places: ReadonlyMap<Card, Placed>,
): readonly Markup[] {
  // Thin ribbons over wide ones, so that all can be seen and pointed at.
  const ribbons = ribbonsOf(flows, places).toSorted((a, b) => b.flow.units - a.flow.units);
  const named = namePlaces(
    ribbons.length > NAMED_MAX ? [] : ribbons.filter(({ flow }) => isUsed(flow) || isCut(runs, flow)),
  );
  return [
    el(
      'g',
      { class: 'lanes' },
      ribbons.map((ribbon) => ribbonMark(runs, ribbon)),
    ),
    el(
      'g',
      {},
      [...named].map(([{ flow }, { x, y }]) => {
        const cut = isCut(runs, flow);
        const text = isUsed(flow) ? brief(flow.units) : '0';
        return el(
          'text',
          { class: cut ? 'line-label over-label' : 'line-label', x, y: y + 4 },
          cut ? `✕ ${text}` : text,
        );
      }),
    ),
  ];
}

function isUsed({ units: shipped }: Flow): boolean {
  return shipped > 1e-9;
}

function isCut(runs: SupplyRuns, flow: Flow): boolean {
  return strikesOnFlow(runs, flow).length > 0;
}

function ribbonMark(runs: SupplyRuns, { flow, width, start, end }: Ribbon): Markup {
  const bend = (end.x - start.x) / 2;
  const d = `M${rounded(start.x)} ${rounded(start.y)}C${rounded(start.x + bend)} ${rounded(start.y)} ${rounded(end.x - bend)} ${rounded(end.y)} ${rounded(end.x)} ${rounded(end.y)}`;
  return el(
    'g',
    {},
    el('title', {}, flowWords(runs, flow)),
    el('path', { class: 'hit-line', fill: 'none', d }),
    el('path', {
      class: `lane${isUsed(flow) ? '' : ' unused'}${isCut(runs, flow) ? ' cut' : ''}`,
      'stroke-width': isUsed(flow) ? width : null,
      d,
    }),
  );
}

/** Ribbons leave and reach a card one below the other, in the order of those at their other ends. */
function ribbonsOf(flows: readonly Flow[], places: ReadonlyMap<Card, Placed>): readonly Ribbon[] {
  const most = flows.reduce((top, flow) => Math.max(top, flow.units), 1e-9);
  const widthOf = ({ units: shipped }: Flow): number => LANE_LEAST + (LANE_MAX - LANE_LEAST) * (shipped / most);
  const cornerOf = (card: Card): Placed => places.get(card) ?? { x: 0, y: 0 };
  const starts = new Map<Flow, number>();
  const ends = new Map<Flow, number>();
  for (const card of places.keys()) {
    const middle = cornerOf(card).y + CARD.height / 2;
    const below = (a: Card, b: Card): number => cornerOf(a).y - cornerOf(b).y;
    const out = flows.filter(({ from }) => from === card).toSorted((a, b) => below(a.to, b.to));
    const into = flows.filter(({ to }) => to === card).toSorted((a, b) => below(a.from, b.from));
    for (const [flow, y] of ports(out, widthOf, middle)) starts.set(flow, y);
    for (const [flow, y] of ports(into, widthOf, middle)) ends.set(flow, y);
  }
  return flows.map((flow) => ({
    flow,
    width: widthOf(flow),
    start: { x: cornerOf(flow.from).x + CARD.width, y: starts.get(flow) ?? 0 },
    end: { x: cornerOf(flow.to).x, y: ends.get(flow) ?? 0 },
  }));
}

/** Where ribbons meet the edge of a card, closer together where there are many. */
function ports(flows: readonly Flow[], widthOf: (flow: Flow) => number, middle: number): ReadonlyMap<Flow, number> {
  const wanted = flows.reduce((sum, flow) => sum + widthOf(flow) + PORT_GAP, -PORT_GAP);
  const scale = Math.min(1, (CARD.height - 2 * PORT_MARGIN) / Math.max(1, wanted));
  let y = middle - (wanted * scale) / 2;
  const places = new Map<Flow, number>();
  for (const flow of flows) {
    places.set(flow, y + (widthOf(flow) * scale) / 2);
    y += (widthOf(flow) + PORT_GAP) * scale;
  }
  return places;
}

/** Where numbers stand so that they do not touch; ribbons for whose there is no room have none. */
function namePlaces(ribbons: readonly Ribbon[]): ReadonlyMap<Ribbon, Placed> {
  const places = new Map<Ribbon, Placed>();
  for (const ribbon of ribbons) {
    const wide = textWidth(brief(ribbon.flow.units)) + 18;
    const free = NAME_PLACES.map((share) => pointAt(ribbon, share)).find(({ x, y }) =>
      [...places.values()].every((other) => Math.abs(other.x - x) > wide || Math.abs(other.y - y) > 16),
    );
    if (free !== undefined) places.set(ribbon, free);
  }
  return places;
}

/** The point of a ribbon's curve at a share of its way. */
function pointAt({ start, end }: Ribbon, share: number): Placed {
  const rest = 1 - share;
  const [first, second, third, last] = [rest ** 3, 3 * rest ** 2 * share, 3 * rest * share ** 2, share ** 3];
  const middle = (start.x + end.x) / 2;
  return {
    x: first * start.x + (second + third) * middle + last * end.x,
    y: (first + second) * start.y + (third + last) * end.y,
  };
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

/** Cuts of the lanes of a flow. */
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
