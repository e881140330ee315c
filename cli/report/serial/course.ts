import type { SerialInstance } from '../../../scenarios/supply-chain/serial-instance.ts';
import type { SerialFirm } from '../../../scenarios/supply-chain/serial-solution.ts';
import { barChart } from '../bars.ts';
import { drawing, figure, horizontalAxis, legend, scrolling, verticalAxis } from '../chart.ts';
import { el, type Markup } from '../markup.ts';
import { decimal, fixed } from '../numbers.ts';
import { linearAxis } from '../scale.ts';
import { meanOf, mostOf, type Series } from '../supply/runs.ts';
import { areaMark, lineMark, periodAxis } from '../supply/tier-course.ts';
import { amount } from '../supply/words.ts';
import { stageName } from './words.ts';

const WIDTH = 560;
const HEIGHT = 206;
const PLOT = { left: 52, right: 548, top: 34, bottom: 162 };
/** Periods that are drawn, from the first: with more, single orders could not be told apart. */
const PERIODS_MAX = 120;
/** Firms that are drawn, from the retailer on. */
const STAGES_SHOWN = 10;

/** Stock and orders of each firm of a chain over time, from the source to the customers. */
export function stageFigure(instance: SerialInstance, firms: readonly SerialFirm[]): Markup | null {
  if (firms.every(({ orders }) => orders.length === 0)) return null;
  const { warmUp } = instance;
  const played = instance.demand.length - warmUp;
  const periods = Math.min(PERIODS_MAX, played);
  const shown = firms.slice(0, STAGES_SHOWN);
  const part = [
    ...(periods < played ? [`The first ${periods} of ${decimal(played, 0)} periods are drawn.`] : []),
    ...(shown.length < firms.length
      ? [`The ${shown.length} firms next to the customers are drawn, of ${firms.length}.`]
      : []),
    ...(warmUp > 0 ? [`Periods are counted after a warm-up of ${warmUp}.`] : []),
  ];
  const demand = instance.demand.slice(warmUp, warmUp + periods);
  return figure(
    {
      heading: 'Stock and orders of each firm over time',
      caption: `From the source to the customers. On the left the stock at the end of a period, below zero where the firm owes its customer; on the right what it orders, beside what the customers ask for. ${part.join(' ')}`,
      wide: true,
    },
    legend([
      { sample: el('rect', { class: 'stock-area', x: 1, y: 2, width: 24, height: 10 }), words: 'agents' },
      { sample: el('path', { class: 'demand-line', d: 'M1 7H25' }), words: 'demand of the customers' },
    ]),
    el(
      'div',
      { class: 'tiers' },
      [...shown.entries()]
        .toReversed()
        .flatMap(([k, { stocks, orders }]) => [
          el('h3', {}, stageName(k)),
          chart(
            { id: `stock-${k}`, name: `${stageName(k)}: stock`, title: 'Stock, units' },
            stocks.slice(warmUp, warmUp + periods),
            null,
          ),
          chart(
            { id: `orders-${k}`, name: `${stageName(k)}: orders`, title: 'Ordered, units' },
            orders.slice(warmUp, warmUp + periods),
            demand,
          ),
        ]),
    ),
  );
}

interface ChartText {
  readonly id: string;
  readonly name: string;
  readonly title: string;
}

function chart({ id, name, title }: ChartText, series: Series, demand: Series | null): Markup {
  const high = Math.max(1, mostOf(series, demand ?? []));
  const low = series.reduce((least, value) => Math.min(least, value), 0);
  const x = periodAxis(series.length, [PLOT.left, PLOT.right]);
  const y = linearAxis({ low, high, range: [PLOT.bottom, PLOT.top], count: 4 });
  return scrolling(
    name,
    drawing(
      {
        id,
        title: name,
        description: `${amount(meanOf(series))} on average, at least ${amount(series.reduce((least, value) => Math.min(least, value), series[0] ?? 0))}, at most ${amount(mostOf(series))}`,
        width: WIDTH,
        height: HEIGHT,
      },
      verticalAxis({ axis: y, title, at: PLOT.left, to: PLOT.right }),
      horizontalAxis({ axis: x, title: 'Period', at: PLOT.bottom, to: PLOT.bottom }),
      low < 0 ? el('line', { class: 'base', x1: PLOT.left, x2: PLOT.right, y1: y.at(0), y2: y.at(0) }) : null,
      areaMark(series, { x, y }),
      demand === null ? null : lineMark('demand-line', demand, { x, y }),
    ),
  );
}

/** How much more the orders of each firm swing than what customers ask for. */
export function stageBullwhip({ demand, warmUp }: SerialInstance, firms: readonly SerialFirm[]): Markup | null {
  const base = variance(demand.slice(warmUp));
  const ratios = firms.flatMap(({ orders }, k) =>
    orders.length === 0 || base === 0 ? [] : [{ k, ratio: variance(orders.slice(warmUp)) / base }],
  );
  if (ratios.length === 0) return null;
  const shown = ratios.slice(0, STAGES_SHOWN).toReversed();
  return figure(
    {
      heading: 'Bullwhip: how orders swing',
      caption:
        'Variance of what a firm orders, over that of what customers ask for, from the source to the customers. At 1 orders are as steady as demand: whoever keeps to a level orders what was taken from it, and passes on just that.',
      wide: true,
    },
    barChart(
      { id: 'bullwhip', title: 'Bullwhip ratio of each firm', label: 'Chart of bullwhip ratios' },
      shown.map(({ k, ratio }) => ({ title: stageName(k), value: ratio, kind: 'agents', words: fixed(ratio, 2) })),
    ),
  );
}

function variance(values: Series): number {
  if (values.length === 0) return 0;
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
