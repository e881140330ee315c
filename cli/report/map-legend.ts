import type { BusFacts, DispatchFacts } from './facts.ts';
import { extent } from './layout.ts';
import { el, type Markup } from './markup.ts';
import { fixed } from './numbers.ts';
import { legend } from './chart.ts';
import { LOADING_CLASSES, priceColour } from './palette.ts';

/** Where a price stands between the lowest and the highest of the grid. */
export interface PriceScale {
  readonly least: number;
  readonly largest: number;
  /** All prices are equal, up to rounding. */
  readonly flat: boolean;
  /** 0 for the lowest price to 1 for the highest; the middle where all are equal. */
  readonly share: (price: number) => number;
}

/** Half a cent per MWh: prices nearer than this look the same in every table. */
const FLAT_PER_MWH = 0.005;

/** The price scale of the agents' prices. Null prices do not count. */
export function priceScale(buses: readonly BusFacts[]): PriceScale {
  const [least, largest] = extent(buses.flatMap(({ price }) => (price === null ? [] : [price])));
  const flat = largest - least < FLAT_PER_MWH;
  return { least, largest, flat, share: (price) => (flat ? 0.5 : (price - least) / (largest - least)) };
}

/** What colours, shapes and widths of the map mean. */
export function mapLegend(scale: PriceScale, { buses, lines }: DispatchFacts): Markup {
  const line = (name: string, width: number): Markup =>
    el('path', { class: `line ${name}`, d: 'M1 7H25', 'stroke-width': width });
  const optional = [
    ...(lines.some(({ active, limitMw }) => active && limitMw === Infinity)
      ? [{ sample: line('unlimited', 1.4), words: 'no limit' }]
      : []),
    ...(lines.some(({ active }) => !active) ? [{ sample: line('off', 1), words: 'out of service' }] : []),
    ...(buses.some(({ isolated }) => isolated)
      ? [{ sample: el('circle', { class: 'bus off-bus', fill: 'none', cx: 13, cy: 7, r: 5 }), words: 'isolated bus' }]
      : []),
  ];
  return el(
    'div',
    { class: 'legends' },
    priceLegend(
      scale,
      buses.every(({ price }) => price === null),
    ),
    legend([
      {
        sample: el('rect', { class: 'bus key', x: 7.5, y: 1.5, width: 11, height: 11, rx: 1.5 }),
        words: 'bus with generators',
      },
      {
        sample: el('circle', { class: 'bus key', cx: 13, cy: 7, r: 6 }),
        words: 'bus without; area: load or generation in MW',
      },
    ]),
    legend([
      ...LOADING_CLASSES.map(({ name, width, words }) => ({
        sample:
          name === 'l4'
            ? el('g', {}, el('path', { class: 'casing', d: 'M1 7H25' }), line(name, width))
            : line(name, width),
        words: name === 'l0' ? `line loaded ${words}` : words,
      })),
      ...optional,
    ]),
  );
}

const STEPS = 24;

function priceLegend({ least, largest, flat }: PriceScale, none: boolean): Markup | null {
  if (none) return null;
  if (flat) {
    const swatch = el('rect', { x: 1, y: 1, width: 24, height: 12, fill: priceColour(0.5) });
    return legend([{ sample: swatch, words: `price ${fixed(least, 2)} $/MWh at every bus` }]);
  }
  const width = 168 / STEPS;
  return el(
    'p',
    { class: 'ramp' },
    `price ${fixed(least, 2)}`,
    el(
      'svg',
      { viewBox: '0 0 168 14', role: 'img', 'aria-label': 'Price scale from dark blue, lowest, to yellow, highest' },
      Array.from({ length: STEPS }, (_, k) =>
        el('rect', { x: k * width, y: 0, width: width + 0.5, height: 14, fill: priceColour(k / (STEPS - 1)) }),
      ),
    ),
    `${fixed(largest, 2)} $/MWh`,
  );
}
