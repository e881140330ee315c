import { diamond, drawing, figure, horizontalAxis, legend, scrolling } from './chart.ts';
import type { UnitFacts } from './facts.ts';
import { el, type Markup } from './markup.ts';
import { counted, decimal, fixed } from './numbers.ts';
import { linearAxis, type Axis } from './scale.ts';

const WIDTH = 1120;
const PLOT = { left: 70, right: 880, top: 26 };
/** Right ends of the columns of numbers. */
const COLUMNS = { output: 975, cost: 1090 };
const ROW = 22;
/** More rows than these make no chart: the largest are drawn, all are in the table. */
const SHOWN_MAX = 80;
/** A range this small is drawn as one point. */
const FIXED_MW = 1e-9;

/** What each generator runs at between its limits: agents beside optimum and merit order, with its marginal cost. */
export function unitFigure(units: readonly UnitFacts[]): Markup {
  const running = units.filter(({ active }) => active);
  const free = running.filter(({ minMw, maxMw }) => maxMw - minMw > FIXED_MW || Math.abs(maxMw) > FIXED_MW);
  const sorted = free.toSorted((a, b) => b.maxMw - a.maxMw || a.row - b.row);
  const shown = sorted.slice(0, SHOWN_MAX);
  const heading = 'Generators';
  if (shown.length === 0) return figure({ heading, caption: 'No generator can run.', wide: true });
  return figure(
    {
      heading,
      caption: words({ shown: shown.length, free: free.length, running: running.length, units: units.length }),
      wide: true,
    },
    legend([
      { sample: el('rect', { class: 'range', x: 1, y: 3, width: 24, height: 8 }), words: 'least to largest output' },
      { sample: el('rect', { class: 'agents-bar', x: 1, y: 4, width: 24, height: 6 }), words: 'agents' },
      { sample: el('path', { class: 'optimum-tick', d: 'M13 0V14' }), words: 'optimum' },
      { sample: diamond({ x: 13, y: 7 }, 5, 'baseline-mark'), words: 'merit order' },
    ]),
    scrolling('Generator chart', chart(shown)),
  );
}

interface Counts {
  readonly shown: number;
  readonly free: number;
  readonly running: number;
  readonly units: number;
}

function words({ shown, free, running, units }: Counts): string {
  const parts = ['Output in MW and the cost of the next MWh there, largest generators first.'];
  if (shown < free) parts.push(`The ${shown} largest of ${free} are drawn; the table below has all.`);
  if (free < running)
    parts.push(
      `${counted(running - free, 'unit')} that can only run at 0 MW ${running - free === 1 ? 'is' : 'are'} left out.`,
    );
  if (running < units)
    parts.push(`${counted(units - running, 'unit')} out of service ${units - running === 1 ? 'is' : 'are'} left out.`);
  return parts.join(' ');
}

function chart(units: readonly UnitFacts[]): Markup {
  const bottom = PLOT.top + units.length * ROW + 4;
  const x = linearAxis({
    low: units.reduce((least, { minMw, outputMw, baselineMw }) => Math.min(least, minMw, outputMw, baselineMw), 0),
    high: units.reduce((most, { maxMw, outputMw, baselineMw }) => Math.max(most, maxMw, outputMw, baselineMw), 0),
    range: [PLOT.left, PLOT.right],
    count: 8,
  });
  return drawing(
    {
      id: 'units',
      title: 'Output of each generator in megawatts',
      description: units
        .slice(0, 12)
        .map((unit) => `bus ${unit.busId}: ${decimal(unit.outputMw, 1)} of ${decimal(unit.maxMw, 1)} MW`)
        .join('; '),
      width: WIDTH,
      height: bottom + 44,
    },
    el('text', { class: 'axis-title', x: PLOT.left - 8, y: 14, 'text-anchor': 'end' }, 'At bus'),
    el('text', { class: 'axis-title', x: COLUMNS.output, y: 14, 'text-anchor': 'end' }, 'Agents, MW'),
    el('text', { class: 'axis-title', x: COLUMNS.cost, y: 14, 'text-anchor': 'end' }, 'Cost, $/MWh'),
    horizontalAxis({ axis: x, title: 'Output, MW', at: bottom, to: PLOT.top }),
    units.map((unit, index) => row(unit, PLOT.top + (index + 0.5) * ROW, x)),
  );
}

function row(unit: UnitFacts, y: number, x: Axis): Markup {
  const { minMw, maxMw, outputMw, optimumMw, baselineMw } = unit;
  const zero = x.at(0);
  const end = x.at(outputMw);
  const best = optimumMw === null ? '' : `, optimum ${decimal(optimumMw, 2)} MW`;
  return el(
    'g',
    {},
    el(
      'title',
      {},
      `Generator at bus ${unit.busId}, ${decimal(minMw, 1)} to ${decimal(maxMw, 1)} MW: agents ${decimal(outputMw, 2)} MW${best}, merit order ${decimal(baselineMw, 2)} MW; the next MWh costs ${fixed(unit.marginalCost, 2)} $`,
    ),
    el('rect', { class: 'hit', x: 0, y: y - ROW / 2, width: WIDTH, height: ROW }),
    el('rect', { class: 'range', x: x.at(minMw), y: y - 6, width: Math.max(1, x.at(maxMw) - x.at(minMw)), height: 12 }),
    el('rect', { class: 'agents-bar', x: Math.min(zero, end), y: y - 3.5, width: Math.abs(end - zero), height: 7 }),
    diamond({ x: x.at(baselineMw), y }, 4.5, 'baseline-mark'),
    optimumMw === null
      ? null
      : el('line', { class: 'optimum-tick', x1: x.at(optimumMw), x2: x.at(optimumMw), y1: y - 9, y2: y + 9 }),
    el('text', { class: 'tick', x: PLOT.left - 8, y: y + 4, 'text-anchor': 'end' }, unit.busId),
    el('text', { class: 'tick', x: COLUMNS.output, y: y + 4, 'text-anchor': 'end' }, fixed(outputMw, 1)),
    el('text', { class: 'tick', x: COLUMNS.cost, y: y + 4, 'text-anchor': 'end' }, fixed(unit.marginalCost, 2)),
  );
}
