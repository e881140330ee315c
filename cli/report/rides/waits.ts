import { drawing, figure, horizontalAxis, legend, scrolling, verticalAxis } from '../chart.ts';
import { el, type Markup } from '../markup.ts';
import { counted, decimal } from '../numbers.ts';
import { linearAxis, niceStep } from '../scale.ts';
import type { Ridden, RideDay } from './day.ts';
import type { Units } from './words.ts';

const WIDTH = 560;
const HEIGHT = 200;
const PLOT = { left: 48, right: 546, top: 34, bottom: 150 };
const BINS = 16;

/** How long riders waited, and how much longer they rode than directly. */
export function waitFigure({ trips }: RideDay, units: Units): Markup {
  const heading = 'Riders’ time';
  const ridden = trips.flatMap((trip) => (trip.ridden === null ? [] : [{ asks: trip.asks, ...trip.ridden }]));
  if (ridden.length === 0) return figure({ heading, caption: 'Nobody rode.' });
  const departures = ridden.filter(({ asks }) => asks === 'departure').map(({ wait }) => wait);
  const arrivals = ridden.filter(({ asks }) => asks === 'arrival').map(({ wait }) => wait);
  const excess = ridden.map((ride) => Math.max(0, ride.ride - ride.direct));
  const waits = { id: 'waits', title: 'Wait for the pickup', values: departures, lighter: arrivals, units };
  const detours = { id: 'detours', title: 'Longer on board than directly', values: excess, lighter: [], units };
  const mixed = departures.length > 0 && arrivals.length > 0;
  return figure(
    {
      heading,
      caption: `${waitWords([...departures, ...arrivals], units)} ${arrivals.length > 0 ? 'For riders who asked for a time of arrival the earliest pickup follows from it. ' : ''}${detourWords(ridden, units)}`,
    },
    legend([
      {
        sample: el('rect', { class: 'bar', x: 6, y: 1, width: 14, height: 12 }),
        words: mixed ? 'asked for a departure' : 'riders',
      },
      ...(mixed
        ? [
            {
              sample: el('rect', { class: 'bar other', x: 6, y: 1, width: 14, height: 12 }),
              words: 'asked for an arrival',
            },
          ]
        : []),
      { sample: el('path', { class: 'median', d: 'M13 0V14' }), words: 'median' },
    ]),
    scrolling(
      'Distribution of waiting times',
      histogram(mixed ? waits : { ...waits, values: [...departures, ...arrivals], lighter: [] }),
    ),
    scrolling('Distribution of detours', histogram(detours)),
  );
}

function waitWords(waits: readonly number[], { span }: Units): string {
  return `Waiting counts from the earliest time a rider could be picked up: ${span(mean(waits))} on average, nine in ten at most ${span(quantile(waits, 0.9))}, the longest ${span(quantile(waits, 1))}.`;
}

function detourWords(ridden: readonly Ridden[], { span }: Units): string {
  const direct = ridden.reduce((sum, ride) => sum + ride.direct, 0);
  const taken = ridden.reduce((sum, { ride }) => sum + ride, 0);
  const share = direct > 0 ? `, ${decimal(100 * (taken / direct - 1), 0)} % longer than directly` : '';
  return `A ride took ${span(taken / ridden.length)} on average${share}.`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** The least value that at least `share` of all do not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

interface Spread {
  readonly id: string;
  readonly title: string;
  readonly values: readonly number[];
  /** Values of a second kind, on top in a lighter colour. */
  readonly lighter: readonly number[];
  readonly units: Units;
}

function binned(values: readonly number[], width: number, count: number): readonly number[] {
  const bins = Array.from({ length: count }, () => 0);
  for (const value of values) {
    const bin = Math.min(count - 1, Math.floor(value / width));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
}

function histogram({ id, title, values, lighter, units }: Spread): Markup {
  const all = [...values, ...lighter];
  const most = quantile(all, 1);
  const width = niceStep(most > 0 ? most : 1, BINS);
  const count = Math.max(1, Math.ceil(most / width + 1e-9));
  const [bins, total] = [binned(values, width, count), binned(all, width, count)];
  const x = linearAxis({ low: 0, high: count * width, range: [PLOT.left, PLOT.right], count: 8 });
  const y = linearAxis({
    low: 0,
    high: total.reduce((high, riders) => Math.max(high, riders), 1),
    range: [PLOT.bottom, PLOT.top],
    count: 3,
  });
  const middle = quantile(all, 0.5);
  const within = (bin: number): string => `${decimal(bin * width, 2)} to ${units.span((bin + 1) * width)}`;
  const bar = (name: string, bin: number, [low, high]: readonly [number, number]): Markup =>
    el(
      'rect',
      {
        class: name,
        x: x.at(bin * width) + 1,
        y: y.at(high),
        width: Math.max(1, x.at((bin + 1) * width) - x.at(bin * width) - 2),
        height: y.at(low) - y.at(high),
      },
      el('title', {}, `${within(bin)}: ${counted(high - low, 'rider')}`),
    );
  return drawing(
    {
      id,
      title,
      description: `Median ${units.span(middle)}. ${total.map((riders, bin) => `${within(bin)}: ${decimal(riders, 0)}`).join('; ')}`,
      width: WIDTH,
      height: HEIGHT,
    },
    verticalAxis({
      axis: { ...y, ticks: y.ticks.filter(Number.isInteger) },
      title: `${title}, riders`,
      at: PLOT.left,
      to: PLOT.right,
    }),
    bins.map((riders, bin) => [
      riders > 0 ? bar('bar', bin, [0, riders]) : null,
      (total[bin] ?? 0) > riders ? bar('bar other', bin, [riders, total[bin] ?? 0]) : null,
    ]),
    el('line', { class: 'median', x1: x.at(middle), x2: x.at(middle), y1: PLOT.bottom, y2: PLOT.top - 6 }),
    horizontalAxis({
      axis: x,
      title: units.timeUnit === '' ? 'Time' : `Time, ${units.timeUnit}`,
      at: PLOT.bottom,
      to: PLOT.bottom,
    }),
  );
}
