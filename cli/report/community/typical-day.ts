import { drawing, figure, horizontalAxis, legend, scrolling, verticalAxis } from '../chart.ts';
import { el, type Child, type Markup } from '../markup.ts';
import { decimal } from '../numbers.ts';
import { linearAxis, type Axis } from '../scale.ts';
import type { CommunityFacts, Hourly } from './facts.ts';
import { stepArea, stepLine, type StepAxes } from './steps.ts';
import { clock, dayOfHours, energy, price as priceText } from './words.ts';

const WIDTH = 500;
const HEIGHT = 210;
const PLOT = { left: 52, right: 478, top: 34, bottom: 166 };
const HOURS = 24;

type Means = readonly (number | null)[];

/** Means by the hour of the day: load and sun, what is drawn, what batteries do, and prices. */
export function typicalDay(facts: CommunityFacts): Markup {
  const days = (dayOfHours(facts.instance.calendar).at(-1) ?? 0) + 1;
  return figure(
    {
      heading: 'A typical day',
      caption: `Means by the hour of the day, over ${decimal(days, 0)} ${days === 1 ? 'day' : 'days'}, of all homes together. Below zero: what is given to the grid for nothing, and what batteries give. Prices are weighed by what was bought.`,
      wide: true,
    },
    legend([
      { sample: el('rect', { class: 'sun-area', x: 1, y: 2, width: 24, height: 10 }), words: 'sun' },
      { sample: el('path', { class: 'optimum-line', d: 'M1 7H25' }), words: 'load, tariff' },
      { sample: el('rect', { class: 'stock-area', x: 1, y: 2, width: 24, height: 10 }), words: 'together' },
      { sample: el('path', { class: 'alone-line', d: 'M1 7H25' }), words: 'each alone' },
      { sample: el('path', { class: 'agents-line', d: 'M1 7H25' }), words: 'price among homes' },
    ]),
    el(
      'div',
      { class: 'tiers' },
      panels(facts).map((panel) => chart(panel)),
    ),
  );
}

interface Panel {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly series: readonly DaySeries[];
}

interface DaySeries {
  readonly words: string;
  readonly kind: 'sun-area' | 'optimum-line' | 'stock-area' | 'alone-line' | 'agents-line';
  readonly means: Means;
}

function panels(facts: CommunityFacts): readonly Panel[] {
  const { agents, alone, boughtKwh, price, tariff, instance } = facts;
  const { hourOfDay } = instance.calendar;
  const mean = (words: string, kind: DaySeries['kind'], of: (hour: number) => number): DaySeries => ({
    words,
    kind,
    means: weighedMeans(hourOfDay, of, () => 1),
  });
  const at = (series: Hourly) => (hour: number) => series[hour] ?? 0;
  const minus = (series: Hourly) => (hour: number) => -(series[hour] ?? 0);
  const bought = at(boughtKwh);
  return [
    {
      id: 'day-load',
      title: 'Load and sun',
      unit: 'kW',
      series: [mean('sun', 'sun-area', at(facts.sunKwh)), mean('load', 'optimum-line', at(facts.loadKwh))],
    },
    {
      id: 'day-grid',
      title: 'Drawn from the grid',
      unit: 'kW',
      series: [
        mean('drawn', 'stock-area', at(agents.importKwh)),
        mean('given away', 'stock-area', minus(agents.exportKwh)),
        mean('drawn alone', 'alone-line', at(alone.importKwh)),
        mean('given away alone', 'alone-line', minus(alone.exportKwh)),
      ],
    },
    {
      id: 'day-battery',
      title: 'Into and out of batteries',
      unit: 'kW',
      series: [
        mean('charged', 'stock-area', at(agents.chargedKwh)),
        mean('discharged', 'stock-area', minus(agents.dischargedKwh)),
        mean('charged alone', 'alone-line', at(alone.chargedKwh)),
        mean('discharged alone', 'alone-line', minus(alone.dischargedKwh)),
      ],
    },
    {
      id: 'day-price',
      title: 'Price',
      unit: '$/kWh',
      series: [
        {
          words: 'tariff',
          kind: 'optimum-line',
          means: weighedMeans(hourOfDay, at(tariff), (hour) => bought(hour) + 1e-9),
        },
        {
          words: 'price among homes',
          kind: 'agents-line',
          means: weighedMeans(
            hourOfDay,
            (hour) => price[hour] ?? 0,
            (hour) => (price[hour] === null ? 0 : bought(hour)),
          ),
        },
      ],
    },
  ];
}

/** By hour of the day; null where nothing has weight. */
function weighedMeans(
  hourOfDay: readonly number[],
  of: (hour: number) => number,
  weight: (hour: number) => number,
): Means {
  const sums = Array.from({ length: HOURS }, () => ({ sum: 0, weight: 0 }));
  for (const [hour, place] of hourOfDay.entries()) {
    const one = sums[place];
    if (one === undefined) continue;
    one.sum += of(hour) * weight(hour);
    one.weight += weight(hour);
  }
  return sums.map((one) => (one.weight > 0 ? one.sum / one.weight : null));
}

function chart({ id, title, unit, series }: Panel): Markup {
  const values = series.flatMap(({ means }) => means.map((value) => value ?? 0));
  const most = Math.max(0, ...values);
  const low = Math.min(0, ...values);
  const y = linearAxis({
    low,
    high: most > low ? most : 1,
    range: [PLOT.bottom, PLOT.top],
    count: 4,
  });
  const x = dayAxis();
  return scrolling(
    title,
    drawing(
      {
        id,
        title: `${title} by hour of the day`,
        description: series.map(({ words, means }) => `${words}: ${extremes(means, unit)}`).join('; '),
        width: WIDTH,
        height: HEIGHT,
      },
      verticalAxis({ axis: y, title: `${title}, ${unit}`, at: PLOT.left, to: PLOT.right }),
      horizontalAxis({ axis: x, title: 'Hour of the day', at: PLOT.bottom, to: PLOT.bottom }),
      hovered(series, { x, unit }),
      el(
        'g',
        { class: 'unhit' },
        series.map((one) => marks(one, { x, y })),
        el('line', { class: 'base', x1: PLOT.left, x2: PLOT.right, y1: y.at(0), y2: y.at(0) }),
      ),
    ),
  );
}

function dayAxis(): Axis {
  return {
    domain: [0, HOURS],
    range: [PLOT.left, PLOT.right],
    at: (hour) => PLOT.left + (hour / HOURS) * (PLOT.right - PLOT.left),
    ticks: [0, 3, 6, 9, 12, 15, 18, 21, 24],
    label: clock,
  };
}

function marks({ kind, means }: DaySeries, axes: StepAxes): Child {
  return kind === 'stock-area' || kind === 'sun-area'
    ? el('path', {
        class: kind,
        d: stepArea(
          means.map((value) => value ?? 0),
          axes,
        ),
      })
    : el('path', { class: kind, d: stepLine(means, axes) });
}

function valueText(value: number | null, unit: string): string {
  return unit === 'kW' && value !== null ? energy(value) : priceText(value);
}

function extremes(means: Means, unit: string): string {
  const known = means.flatMap((value, hour) => (value === null ? [] : [{ value, hour }]));
  const [first] = known;
  if (first === undefined) return 'nothing';
  const most = known.reduce((top, one) => (Math.abs(one.value) > Math.abs(top.value) ? one : top), first);
  return `at most ${valueText(Math.abs(most.value), unit)} ${unit} at ${clock(most.hour)}`;
}

function hovered(series: readonly DaySeries[], { x, unit }: { readonly x: Axis; readonly unit: string }): Child {
  return Array.from({ length: HOURS }, (_, hour) => {
    const words = series.map((one) => {
      const value = one.means[hour] ?? null;
      return `${one.words} ${valueText(value === null ? null : Math.abs(value), unit)}`;
    });
    return el(
      'g',
      {},
      el('title', {}, `${clock(hour)}: ${words.join(', ')} ${unit}`),
      el('rect', {
        class: 'hit',
        x: x.at(hour),
        y: PLOT.top,
        width: x.at(hour + 1) - x.at(hour),
        height: PLOT.bottom - PLOT.top,
      }),
    );
  });
}
