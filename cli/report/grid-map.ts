import type { Grid } from '../../scenarios/energy/grid.ts';
import { drawing, figure, scrolling } from './chart.ts';
import { pairKey, type BusFacts, type DispatchFacts, type LineFacts } from './facts.ts';
import { busPlaces } from './layout.ts';
import { placeBusLabel, placeLineLabel, type Occupied, type Segment } from './map-labels.ts';
import { mapLegend, priceScale, type PriceScale } from './map-legend.ts';
import { fitMap, type Spot } from './map-places.ts';
import { el, rounded, type Child, type Markup } from './markup.ts';
import { counted, decimal, fixed } from './numbers.ts';
import { inkOn, loadingClass, priceColour } from './palette.ts';

/** Pixels between parallel lines. */
const PARALLEL_GAP = 7;
/** A line shorter than this on the map has no arrow. */
const ARROW_ROOM = 26;
/** Bigger maps have labels at congested lines only. */
const LABELLED_BUSES_MAX = 320;
/** A flow smaller than this has no direction. */
const STILL_MW = 1e-3;

/** The grid with its prices, injections and flows. */
export function mapFigure(grid: Grid, facts: DispatchFacts): Markup {
  const { spots, width, height } = fitMap(
    busPlaces(grid),
    facts.buses.map(({ loadMw, generationMw }) => Math.max(Math.abs(loadMw), Math.abs(generationMw))),
  );
  const scale = priceScale(facts.buses);
  const segments = segmentsOf(facts.lines, spots);
  const congested = facts.lines.filter((line) => line.congested);
  const occupied: Occupied = { boxes: [], spots, segments, width, height };
  // Labels of congested lines first: buses take what room is left.
  const lineLabels = congested.map((line) => lineLabel(line, segments[line.row], occupied));
  return figure(
    { heading: 'The grid', caption: caption(grid, facts), wide: true },
    mapLegend(scale, facts),
    scrolling(
      'Map of the grid',
      drawing(
        {
          id: 'map',
          title: 'Map of the grid with prices and line loadings',
          description: `${counted(facts.buses.length, 'bus', 'buses')} and ${counted(facts.lines.length, 'line')}. ${congestedWords(congested)}`,
          width,
          height,
        },
        facts.lines.map((line) => lineMark(line, segments[line.row])),
        facts.buses.map((bus) => busMark(bus, spots[bus.row], scale)),
        lineLabels,
        facts.buses.length <= LABELLED_BUSES_MAX
          ? facts.buses.map((bus) => busLabel(bus, scale, { spot: spots[bus.row], occupied }))
          : null,
      ),
    ),
  );
}

function caption(grid: Grid, { lines }: DispatchFacts): string {
  const drawn = grid.buses.every(({ position }) => position !== undefined)
    ? 'Buses stand at the positions of the instance.'
    : 'The instance has no positions: buses are drawn so that connected ones are near.';
  return `${congestedWords(lines.filter((line) => line.congested))} ${drawn} Point at a bus or line for its numbers.`;
}

function congestedWords(congested: readonly LineFacts[]): string {
  if (congested.length === 0) return 'No line is at its limit.';
  const names = congested.slice(0, 8).map(({ name }) => name);
  const more = congested.length - names.length;
  const list = `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return congested.length === 1 ? `Line ${list} is at its limit.` : `Lines ${list} are at their limits.`;
}

/** From rim to rim of the buses; parallel lines side by side. */
function segmentsOf(lines: readonly LineFacts[], spots: readonly Spot[]): readonly Segment[] {
  const sizes = new Map<string, number>();
  const ranks = lines.map((line) => {
    const rank = sizes.get(pairKey(line)) ?? 0;
    sizes.set(pairKey(line), rank + 1);
    return rank;
  });
  return lines.map((line) => {
    const [a, b] = [spots[line.fromRow], spots[line.toRow]];
    if (a === undefined || b === undefined) return { x1: 0, y1: 0, x2: 0, y2: 0 };
    const length = Math.max(1e-9, Math.hypot(b.x - a.x, b.y - a.y));
    const [ux, uy] = [(b.x - a.x) / length, (b.y - a.y) / length];
    const middle = ((sizes.get(pairKey(line)) ?? 1) - 1) / 2;
    // The side must not depend on which end a parallel line names first.
    const side = ((ranks[line.row] ?? 0) - middle) * PARALLEL_GAP * (line.fromRow < line.toRow ? 1 : -1);
    const inset = (radius: number): number => Math.min(radius, length / 2);
    return {
      x1: a.x + ux * inset(a.radius) - uy * side,
      y1: a.y + uy * inset(a.radius) + ux * side,
      x2: b.x - ux * inset(b.radius) - uy * side,
      y2: b.y - uy * inset(b.radius) + ux * side,
    };
  });
}

function lineMark(line: LineFacts, segment: Segment | undefined): Markup | null {
  if (segment === undefined || line.fromRow === line.toRow) return null;
  const { x1, y1, x2, y2 } = segment;
  const { name, width } = loadingClass(line.loading);
  const kind = line.active ? (line.limitMw === Infinity ? 'unlimited' : name) : 'off';
  return el(
    'g',
    {},
    el('title', {}, lineTitle(line)),
    line.congested ? el('line', { class: 'casing', x1, y1, x2, y2 }) : null,
    el('line', { class: `line ${kind}`, x1, y1, x2, y2, 'stroke-width': line.active ? width : 1 }),
    el('line', { class: 'hit-line', x1, y1, x2, y2 }),
    arrow(line, segment, width),
  );
}

function lineTitle({ name, active, limitMw, flowMw, loading, baselineFlowMw, baselineLoading }: LineFacts): string {
  if (!active) return `Line ${name}: out of service`;
  const limited = limitMw < Infinity;
  const share = (of: number): string => (limited ? ` (${decimal(of * 100, 1)} %)` : '');
  return `Line ${name}: ${fixed(flowMw, 2)} MW${share(loading)}, ${limited ? `limit ${decimal(limitMw, 1)} MW` : 'no limit'}; merit order ${fixed(baselineFlowMw, 2)} MW${share(baselineLoading)}`;
}

/** Points where the power goes. */
function arrow({ active, flowMw }: LineFacts, { x1, y1, x2, y2 }: Segment, width: number): Markup | null {
  const length = Math.hypot(x2 - x1, y2 - y1);
  if (!active || length < ARROW_ROOM || Math.abs(flowMw) < STILL_MW) return null;
  const size = 3.5 + width;
  const way = Math.sign(flowMw);
  const [ux, uy] = [((x2 - x1) / length) * way, ((y2 - y1) / length) * way];
  const [mx, my] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const corner = (along: number, across: number): string =>
    `${rounded(mx + ux * along - uy * across)} ${rounded(my + uy * along + ux * across)}`;
  return el('path', {
    class: 'arrow',
    d: `M${corner(size, 0)}L${corner(-size * 0.7, size * 0.8)}L${corner(-size * 0.7, -size * 0.8)}Z`,
  });
}

function busMark(bus: BusFacts, spot: Spot | undefined, scale: PriceScale): Markup | null {
  if (spot === undefined) return null;
  const { x, y, radius } = spot;
  const look = {
    class: bus.isolated ? 'bus off-bus' : 'bus',
    fill: bus.price === null ? 'none' : priceColour(scale.share(bus.price)),
  };
  // A square of the same area.
  const half = radius * 0.886;
  return el(
    'g',
    {},
    el('title', {}, busTitle(bus)),
    bus.generators > 0
      ? el('rect', { ...look, x: x - half, y: y - half, width: 2 * half, height: 2 * half, rx: 1.5 })
      : el('circle', { ...look, cx: x, cy: y, r: radius }),
  );
}

function busTitle({ id, isolated, loadMw, generationMw, generators, price }: BusFacts): string {
  if (isolated) return `Bus ${id}: isolated`;
  const parts = [
    ...(price === null ? [] : [`price ${fixed(price, 2)} $/MWh`]),
    `load ${decimal(loadMw, 1)} MW`,
    ...(generators > 0 ? [`${counted(generators, 'generator')}, ${decimal(generationMw, 1)} MW`] : []),
  ];
  return `Bus ${id}: ${parts.join(', ')}`;
}

function lineLabel(line: LineFacts, segment: Segment | undefined, occupied: Occupied): Child {
  if (segment === undefined) return null;
  const text = `${line.name} · ${decimal(Math.abs(line.flowMw), 0)} MW`;
  const label = placeLineLabel(text, segment, occupied);
  if (label === null) return null;
  return el('text', { class: 'line-label', x: label.x, y: label.y + 4 }, text);
}

function busLabel(
  bus: BusFacts,
  scale: PriceScale,
  { spot, occupied }: { readonly spot: Spot | undefined; readonly occupied: Occupied },
): Child {
  if (spot === undefined) return null;
  const label = placeBusLabel(String(bus.id), spot, occupied);
  if (label === null) return null;
  const { x, y, size, inside } = label;
  const ink = bus.price === null ? '' : ` ${inkOn(scale.share(bus.price))}`;
  return el('text', { class: inside ? `bus-label inside${ink}` : 'bus-label', x, y: y + size * 0.36 }, bus.id);
}
