import { drawing, figure, legend, scrolling, verticalAxis } from './chart.ts';
import type { BusFacts } from './facts.ts';
import { extent } from './layout.ts';
import { el, rounded, type Markup } from './markup.ts';
import { counted, decimal, errorSize, fixed } from './numbers.ts';
import { linearAxis, type Axis } from './scale.ts';

const WIDTH = 560;
const HEIGHT = 330;
const PLOT = { left: 52, right: 546, top: 34, bottom: 290 };
/** Buses this far apart have room for their numbers. */
const NAMED_STEP = 40;

interface Priced extends BusFacts {
  readonly price: number;
}

/** The price of every bus, dearest first: what the agents agreed, the optimum's, and the one price of merit order. */
export function priceFigure(buses: readonly BusFacts[]): Markup {
  const priced = buses
    .flatMap((bus) => (bus.price === null ? [] : [{ ...bus, price: bus.price }]))
    .toSorted((a, b) => (b.optimumPrice ?? b.price) - (a.optimumPrice ?? a.price) || a.row - b.row);
  const heading = 'Nodal prices';
  if (priced.length === 0) return figure({ heading, caption: 'The agents named no prices.' });
  return figure(
    { heading, caption: words(priced) },
    legend([
      { sample: el('circle', { class: 'agents-dot', cx: 13, cy: 7, r: 3.5 }), words: 'agents' },
      { sample: el('circle', { class: 'optimum-ring', cx: 13, cy: 7, r: 5.5 }), words: 'optimum' },
      { sample: el('path', { class: 'baseline-line', d: 'M1 7H25' }), words: 'merit order' },
    ]),
    scrolling('Nodal price chart', chart(priced)),
  );
}

function words(priced: readonly Priced[]): string {
  const [least, largest] = extent(priced.map(({ price }) => price));
  const range =
    largest - least < 0.005
      ? `The same at every bus, ${fixed(least, 2)} $/MWh, as nothing in the network binds.`
      : `One more MWh costs from ${fixed(least, 2)} to ${fixed(largest, 2)} $/MWh, depending on where it is needed.`;
  const apart = priced.map(({ price, optimumPrice }) => (optimumPrice === null ? 0 : Math.abs(price - optimumPrice)));
  if (priced.every(({ optimumPrice }) => optimumPrice === null)) return range;
  const worst = apart.reduce((most, size) => Math.max(most, size), 0);
  const off = apart.filter((size) => size > 0.01).length;
  return off === 0
    ? `${range} Agents and optimum differ by at most ${errorSize(worst)} $/MWh.`
    : `${range} At ${counted(off, 'bus', 'buses')} agents and optimum differ by more than 0.01 $/MWh (at most ${errorSize(worst)}). Where the dispatch is the same, that happens at a degenerate optimum: several sets of prices support it.`;
}

function chart(priced: readonly Priced[]): Markup {
  const shown = priced.flatMap(({ price, optimumPrice, baselinePrice }) => [
    price,
    optimumPrice ?? price,
    baselinePrice ?? price,
  ]);
  const [least, largest] = extent(shown);
  // A spread of rounding errors is no spread.
  const flat = largest - least < 0.005;
  const y = linearAxis({
    low: flat ? Math.min(0, least * 1.25) : Math.max(least < 0 ? -Infinity : 0, least - (largest - least) * 0.04),
    high: flat ? Math.max(1, largest * 1.25) : largest,
    range: [PLOT.bottom, PLOT.top],
    count: 6,
  });
  const step = (PLOT.right - PLOT.left) / priced.length;
  const named = step >= NAMED_STEP;
  const size = Math.max(1.6, Math.min(4, step * 0.4));
  return drawing(
    {
      id: 'prices',
      title: 'Price at each bus in dollars per megawatt hour',
      description: `From ${fixed(extent(priced.map(({ price }) => price))[0], 2)} to ${fixed(extent(priced.map(({ price }) => price))[1], 2)} $/MWh at ${counted(priced.length, 'bus', 'buses')}; every value is in the table of buses.`,
      width: WIDTH,
      height: HEIGHT,
    },
    verticalAxis({ axis: y, title: 'Price, $/MWh', at: PLOT.left, to: PLOT.right }),
    baselinePath(priced, y, step),
    priced.map((bus, rank) => dot(bus, { x: PLOT.left + (rank + 0.5) * step, y, size })),
    el('line', { class: 'base', x1: PLOT.left, x2: PLOT.right, y1: PLOT.bottom, y2: PLOT.bottom }),
    named
      ? priced.map(({ id }, rank) =>
          el(
            'text',
            { class: 'tick', x: PLOT.left + (rank + 0.5) * step, y: PLOT.bottom + 16, 'text-anchor': 'middle' },
            id,
          ),
        )
      : null,
    el(
      'text',
      {
        class: 'axis-title',
        x: (PLOT.left + PLOT.right) / 2,
        y: PLOT.bottom + (named ? 34 : 22),
        'text-anchor': 'middle',
      },
      named ? 'Bus' : `${counted(priced.length, 'bus', 'buses')}, dearest first`,
    ),
  );
}

function dot(bus: Priced, { x, y, size }: { readonly x: number; readonly y: Axis; readonly size: number }): Markup {
  const optimum = bus.optimumPrice === null ? '' : `, optimum ${decimal(bus.optimumPrice, 4)}`;
  return el(
    'g',
    {},
    el('title', {}, `Bus ${bus.id}: agents ${decimal(bus.price, 4)}${optimum} $/MWh`),
    bus.optimumPrice === null
      ? null
      : el('circle', { class: 'optimum-ring', cx: x, cy: y.at(bus.optimumPrice), r: size + 2 }),
    el('circle', { class: 'agents-dot', cx: x, cy: y.at(bus.price), r: size }),
  );
}

/** One price an island: a staircase over the buses in their order. Equal steps are one piece, so that dashes stay dashes. */
function baselinePath(priced: readonly Priced[], y: Axis, step: number): Markup {
  const pieces: string[] = [];
  let start = 0;
  for (const [rank, { baselinePrice }] of priced.entries()) {
    const next = priced[rank + 1]?.baselinePrice ?? null;
    if (next !== null && baselinePrice !== null && Math.abs(next - baselinePrice) < 1e-9) continue;
    if (baselinePrice !== null) {
      const [from, to] = [PLOT.left + start * step, PLOT.left + (rank + 1) * step];
      pieces.push(`M${rounded(from)} ${rounded(y.at(baselinePrice))}H${rounded(to)}`);
    }
    start = rank + 1;
  }
  return el('path', { class: 'baseline-line', d: pieces.join('') });
}
