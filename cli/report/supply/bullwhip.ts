import { diamond, drawing, figure, horizontalAxis, legend, scrolling } from '../chart.ts';
import { el, type Markup } from '../markup.ts';
import { fixed } from '../numbers.ts';
import { linearAxis, logAxis, type Axis } from '../scale.ts';
import { tierTitles } from './groups.ts';
import type { SupplyRun, SupplyRuns } from './runs.ts';

const WIDTH = 1120;
const ROW = 34;
const PLOT = { left: 150, right: 800, top: 34 };
/** Right ends of the columns of numbers. */
const COLUMN = { first: 906, step: 102 };
/** From this ratio of the largest to the smallest on, steps are powers of ten. */
const WIDE_RANGE = 30;

/** By tier, how much more what it orders swings than what the markets ask for. */
export function bullwhipFigure(runs: SupplyRuns): Markup {
  const tiers = [...new Set(runs.tiers)].toSorted((a, b) => b - a).filter((tier) => ratio(runs.agents, tier) !== null);
  const heading = 'Bullwhip: how orders swing';
  if (tiers.length === 0)
    return figure({
      heading,
      caption: 'Demand is the same in every period, so there is no swing to compare with.',
      wide: true,
    });
  const titles = tierTitles(runs, tiers);
  return figure(
    {
      heading,
      caption:
        'Variance over the periods of what a tier orders, over that of what all markets ask for. 1: orders swing as much as demand; more is the bullwhip effect, which often grows from tier to tier. 0: the tier orders nothing, or the same in every period.',
      wide: true,
    },
    legend([
      { sample: el('circle', { class: 'agents-dot', cx: 13, cy: 7, r: 5 }), words: 'agents' },
      { sample: diamond({ x: 13, y: 7 }, 6, 'baseline-mark'), words: 'local rules' },
      ...(runs.optimum === null
        ? []
        : [{ sample: el('circle', { class: 'optimum-ring', cx: 13, cy: 7, r: 5.5 }), words: 'optimum' }]),
    ]),
    scrolling('Chart of bullwhip ratios', chart(runs, tiers, titles)),
  );
}

function ratio({ kpis }: SupplyRun, tier: number): number | null {
  return kpis[`bullwhipTier${tier}`] ?? null;
}

function ratioWords(value: number | null): string {
  return value === null ? '–' : fixed(value, 2);
}

function chart(runs: SupplyRuns, tiers: readonly number[], titles: readonly string[]): Markup {
  const values = runs.all.flatMap((run) => tiers.flatMap((tier) => ratio(run, tier) ?? []));
  const bottom = PLOT.top + tiers.length * ROW;
  const x = ratioAxis(values);
  return drawing(
    {
      id: 'bullwhip',
      title: 'Bullwhip ratio of each tier',
      description: tiers
        .map(
          (tier, k) =>
            `${titles[k] ?? ''}: ${runs.all.map((run) => `${run.title.toLowerCase()} ${ratioWords(ratio(run, tier))}`).join(', ')}`,
        )
        .join('; '),
      width: WIDTH,
      height: bottom + 48,
    },
    horizontalAxis({ axis: x, title: 'Variance of orders over variance of demand', at: bottom, to: PLOT.top }),
    el('line', { class: 'even', x1: x.at(1), x2: x.at(1), y1: PLOT.top - 6, y2: bottom }),
    el('text', { class: 'even-label', x: x.at(1), y: PLOT.top - 11, 'text-anchor': 'middle' }, 'as steady as demand'),
    runs.all.map(({ title }, k) =>
      el(
        'text',
        { class: 'axis-title', x: COLUMN.first + k * COLUMN.step, y: PLOT.top - 11, 'text-anchor': 'end' },
        title,
      ),
    ),
    tiers.map((tier, k) => {
      const y = PLOT.top + (k + 0.5) * ROW;
      return el(
        'g',
        {},
        el('line', { class: 'grid', x1: PLOT.left, x2: PLOT.right, y1: y, y2: y }),
        el('text', { class: 'bar-name', x: PLOT.left - 12, y: y + 4, 'text-anchor': 'end' }, titles[k] ?? ''),
        runs.all.map((run) => mark(run, ratio(run, tier), { x, y })),
        runs.all.map((run, column) =>
          el(
            'text',
            { class: 'bar-value', x: COLUMN.first + column * COLUMN.step, y: y + 4, 'text-anchor': 'end' },
            ratioWords(ratio(run, tier)),
          ),
        ),
      );
    }),
  );
}

function mark(
  { role, title }: SupplyRun,
  value: number | null,
  { x, y }: { readonly x: Axis; readonly y: number },
): Markup | null {
  if (value === null) return null;
  const at = x.at(Math.max(value, x.domain[0]));
  const shape =
    role === 'agents'
      ? el('circle', { class: 'agents-dot', cx: at, cy: y, r: 6 })
      : role === 'rules'
        ? diamond({ x: at, y }, 7, 'baseline-mark')
        : el('circle', { class: 'optimum-ring', cx: at, cy: y, r: 6.5 });
  return el('g', {}, el('title', {}, `${title}: ${ratioWords(value)}`), shape);
}

function ratioAxis(values: readonly number[]): Axis {
  const most = Math.max(1, ...values);
  const least = Math.min(1, ...values.filter((value) => value > 0));
  const range = [PLOT.left, PLOT.right] as const;
  if (most / least < WIDE_RANGE) return linearAxis({ low: 0, high: most, range, count: 6 });
  // Powers of ten never reach 0: one more of them, and a tick at its end that says so.
  const low = Math.max(least, most / 1e6);
  const axis = logAxis({ low: values.some((value) => value < low) ? low / 10 : low, high: most, range, count: 6 });
  const floor = axis.domain[0];
  return { ...axis, label: (tick) => (values.some((value) => value < low) && tick === floor ? '0' : axis.label(tick)) };
}
