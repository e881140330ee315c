import { drawing, figure, horizontalAxis, legend, scrolling, verticalAxis } from '../chart.ts';
import { el, rounded, type Markup } from '../markup.ts';
import { linearAxis, type Axis } from '../scale.ts';
import { tierTitles } from './groups.ts';
import {
  demandSeries,
  meanOf,
  mostOf,
  shippedSeries,
  stockSeries,
  type Series,
  type SupplyRun,
  type SupplyRuns,
} from './runs.ts';
import { thinned } from './sparkline.ts';
import { amount } from './words.ts';

const WIDTH = 560;
const HEIGHT = 216;
const PLOT = { left: 52, right: 548, top: 34, bottom: 172 };
/** More points than these are finer than the paper. */
const POINTS_MAX = 400;
/** The axis follows the local rules to so many times what all others reach; what lies beyond leaves the chart. */
const RULES_MAX = 1.3;

const LINES: Readonly<Record<SupplyRun['role'], string>> = {
  agents: 'agents-line',
  rules: 'baseline-line',
  optimum: 'optimum-line',
};

/** Stock of each tier at the end of every period, and what was shipped to it, beside the demand of the markets. */
export function tierFigure(runs: SupplyRuns): Markup {
  const { network } = runs.instance;
  const tiers = [...new Set(runs.tiers.filter((_, place) => network.nodes[place]?.kind !== 'raw'))].toSorted(
    (a, b) => b - a,
  );
  const titles = tierTitles(runs, tiers);
  return figure(
    {
      heading: 'Stock and flow of each tier over time',
      caption:
        'From raw material to markets. On the left what all firms of a tier had in stock at the end of a period, on the right what was shipped to them in it. The demand of all markets is the same line everywhere: what a tier receives swings about it.',
      wide: true,
    },
    legend([
      { sample: el('rect', { class: 'stock-area', x: 1, y: 2, width: 24, height: 10 }), words: 'agents' },
      { sample: el('path', { class: 'baseline-line', d: 'M1 7H25' }), words: 'local rules' },
      ...(runs.optimum === null
        ? []
        : [{ sample: el('path', { class: 'optimum-line', d: 'M1 7H25' }), words: 'optimum' }]),
      { sample: el('path', { class: 'demand-line', d: 'M1 7H25' }), words: 'demand of the markets' },
    ]),
    el(
      'div',
      { class: 'tiers' },
      tiers.flatMap((tier, k) => [el('h3', {}, titles[k] ?? ''), ...tierCharts(runs, tier, titles[k] ?? '')]),
    ),
  );
}

function tierCharts(runs: SupplyRuns, tier: number, title: string): readonly Markup[] {
  const places = [...runs.tiers.keys()].filter((place) => runs.tiers[place] === tier);
  const inTier = new Set(places);
  const { buyer } = runs.agents.replay.environment.layout;
  const lanes = [...buyer.keys()].filter((lane) => inTier.has(buyer[lane] ?? -1));
  const demand = demandSeries(runs.instance, [...runs.instance.network.markets.keys()]);
  return [
    courseChart(runs, {
      id: `stock-${tier}`,
      title: `${title}: stock`,
      of: (run) => stockSeries(run, places),
      demand: null,
    }),
    courseChart(runs, {
      id: `flow-${tier}`,
      title: `${title}: shipped to them`,
      of: (run) => shippedSeries(run, lanes),
      demand,
    }),
  ];
}

interface Course {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  readonly of: (run: SupplyRun) => Series;
  readonly demand: Series | null;
}

function courseChart(runs: SupplyRuns, { id, title, of, demand }: Course): Markup {
  const courses = runs.all.map((run) => ({ run, series: of(run) }));
  const others = courses.filter(({ run }) => run.role !== 'rules').map(({ series }) => series);
  const calm = mostOf(...others, demand ?? []);
  const wild = mostOf(...courses.map(({ series }) => series));
  const high = Math.max(1, wild > RULES_MAX * calm && calm > 0 ? RULES_MAX * calm : Math.max(wild, calm));
  const periods = runs.instance.periods;
  const x = periodAxis(periods, [PLOT.left, PLOT.right]);
  const y = linearAxis({ low: 0, high, range: [PLOT.bottom, PLOT.top], count: 4 });
  const beyond = wild > (y.domain[1] ?? wild) * (1 + 1e-9);
  return scrolling(
    title,
    drawing(
      {
        id,
        title,
        description: courses
          .map(
            ({ run, series }) =>
              `${run.title}: ${amount(meanOf(series))} on average, at most ${amount(mostOf(series))}`,
          )
          .join('; '),
        width: WIDTH,
        height: HEIGHT,
      },
      verticalAxis({
        axis: y,
        title: `${demand === null ? 'Stock' : 'Shipped to them'}, units${beyond ? ` (local rules to ${amount(wild)})` : ''}`,
        at: PLOT.left,
        to: PLOT.right,
      }),
      horizontalAxis({ axis: x, title: 'Period', at: PLOT.bottom, to: PLOT.bottom }),
      courses.map(({ run, series }) => (run.role === 'agents' ? areaMark(series, { x, y }) : null)),
      demand === null ? null : lineMark('demand-line', demand, { x, y }),
      courses.map(({ run, series }) => (run.role === 'agents' ? null : lineMark(LINES[run.role], series, { x, y }))),
    ),
  );
}

/** Places of a chart. */
export interface Axes {
  readonly x: Axis;
  readonly y: Axis;
}

/** An axis of periods, each as wide as the others; they are counted from 1. */
export function periodAxis(periods: number, range: readonly [number, number]): Axis {
  const whole = linearAxis({ low: 0, high: Math.max(1, periods), range, count: 7 });
  const ticks = whole.ticks.filter((tick) => Number.isInteger(tick) && tick >= 1 && tick <= periods);
  const step = (whole.ticks[1] ?? 1) - (whole.ticks[0] ?? 0);
  const at = (period: number): number => range[0] + ((period - 0.5) / Math.max(1, periods)) * (range[1] - range[0]);
  return {
    domain: [0.5, periods + 0.5],
    range,
    at,
    ticks: periods === 0 ? [] : [1, ...ticks.filter((tick) => tick - 1 >= 0.7 * step)],
    label: whole.label,
  };
}

function pointsOf(series: Series, { x, y }: Axes): readonly string[] {
  const values = thinned(series, POINTS_MAX);
  return values.map((value, k) => {
    const period = ((k + 0.5) / values.length) * series.length + 0.5;
    return `${rounded(x.at(period))} ${rounded(y.at(Math.min(y.domain[1], value)))}`;
  });
}

/** A line through all periods. Where it is beyond the axis it ends at its top, and comes back there. */
export function lineMark(name: string, series: Series, axes: Axes): Markup {
  const beyond = thinned(series, POINTS_MAX).map((value) => value > axes.y.domain[1] * (1 + 1e-9));
  const path = pointsOf(series, axes).map((point, k) => {
    if (k === 0) return `M${point}`;
    return beyond[k] === true && beyond[k - 1] === true ? `M${point}` : `L${point}`;
  });
  // A point from which the line neither comes nor goes need not be told.
  const told = path.filter(
    (step, k) => step.startsWith('L') || path[k + 1]?.startsWith('L') === true || path.length === 1,
  );
  return el('path', { class: name, d: told.join('') });
}

/** What lies under a line through all periods. */
export function areaMark(series: Series, axes: Axes): Markup {
  const points = pointsOf(series, axes);
  const floor = rounded(axes.y.at(0));
  const [first = '0'] = (points[0] ?? '').split(' ');
  const [last = '0'] = (points.at(-1) ?? '').split(' ');
  return el(
    'g',
    {},
    el('path', { class: 'stock-area', d: `M${first} ${floor}L${points.join('L')}L${last} ${floor}Z` }),
    lineMark('agents-line', series, axes),
  );
}
