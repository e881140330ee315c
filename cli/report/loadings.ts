import { diamond, drawing, figure, legend, scrolling, textWidth, verticalAxis } from './chart.ts';
import { limitedLines, type LineFacts } from './facts.ts';
import type { Box } from './map-labels.ts';
import { el, type Markup } from './markup.ts';
import { counted, decimal } from './numbers.ts';
import { linearAxis, type Axis } from './scale.ts';

const WIDTH = 1120;
const HEIGHT = 350;
const PLOT = { left: 48, right: 1108, top: 36, bottom: 304 };
/** The axis follows the baseline at most this far; what lies beyond is drawn at the top and says so in its title. */
const SHOWN_MAX_PERCENT = 300;
/** Bars this far apart have room for the names of their lines. */
const NAMED_STEP = 46;

/** Loading of every limited line, most loaded first: agents as bars, the baseline as marks, the limit as a line. */
export function loadingFigure(lines: readonly LineFacts[]): Markup {
  const limited = limitedLines(lines);
  const unlimited = lines.filter(({ active, limitMw }) => active && limitMw === Infinity).length;
  const rest =
    unlimited === 0 ? '' : ` ${counted(unlimited, 'line')} without a limit ${unlimited === 1 ? 'is' : 'are'} left out.`;
  const over = limited.filter(({ baselineLoading }) => baselineLoading > 1.0001);
  const congested = limited.filter((line) => line.congested);
  const heading = 'Line loading';
  if (limited.length === 0) {
    return figure({ heading, caption: 'No line of this grid has a limit.', wide: true });
  }
  const caption =
    `Each place is a line, the most loaded first. The agents run ${counted(congested.length, 'line')} at the limit; ` +
    `merit order, which ignores the network, would overload ${counted(over.length, 'line')}` +
    `${worstWords(over)}.${rest}`;
  return figure(
    { heading, caption, wide: true },
    legend([
      { sample: el('rect', { class: 'agents-bar', x: 6, y: 1, width: 14, height: 12 }), words: 'agents' },
      { sample: diamond({ x: 13, y: 7 }, 5, 'baseline-mark'), words: 'merit order' },
      { sample: diamond({ x: 13, y: 7 }, 6, 'over-mark'), words: 'merit order beyond the limit' },
      { sample: el('path', { class: 'limit', d: 'M1 7H25' }), words: 'limit' },
    ]),
    scrolling('Line loading chart', chart(limited)),
  );
}

function worstWords(over: readonly LineFacts[]): string {
  const worst = over.reduce<LineFacts | null>(
    (most, line) => (most === null || line.baselineLoading > most.baselineLoading ? line : most),
    null,
  );
  return worst === null ? '' : `, the worst, ${worst.name}, to ${decimal(worst.baselineLoading * 100, 0)} %`;
}

function chart(lines: readonly LineFacts[]): Markup {
  const highest = lines.reduce((most, line) => Math.max(most, line.loading, line.baselineLoading), 1);
  const y = linearAxis({
    low: 0,
    high: Math.min(SHOWN_MAX_PERCENT, highest * 100),
    range: [PLOT.bottom, PLOT.top],
    count: 6,
  });
  const step = (PLOT.right - PLOT.left) / lines.length;
  const named = step >= NAMED_STEP;
  return drawing(
    {
      id: 'loading',
      title: 'Loading of each line in percent of its limit',
      description: lines
        .slice(0, 10)
        .map((line) => `${line.name}: agents ${percent(line.loading)}, merit order ${percent(line.baselineLoading)}`)
        .join('; '),
      width: WIDTH,
      height: HEIGHT,
    },
    verticalAxis({
      axis: { ...y, label: (tick) => `${y.label(tick)} %` },
      title: 'Loading',
      at: PLOT.left,
      to: PLOT.right,
    }),
    lines.map((line, rank) => place(line, { y, x: PLOT.left + (rank + 0.5) * step, step })),
    el('line', { class: 'limit', x1: PLOT.left, x2: PLOT.right, y1: y.at(100), y2: y.at(100) }),
    el('line', { class: 'base', x1: PLOT.left, x2: PLOT.right, y1: PLOT.bottom, y2: PLOT.bottom }),
    named ? null : overloadNames(lines, y, step),
    named
      ? lines.map(({ name }, rank) =>
          el(
            'text',
            { class: 'tick', x: PLOT.left + (rank + 0.5) * step, y: PLOT.bottom + 18, 'text-anchor': 'middle' },
            name,
          ),
        )
      : null,
    el(
      'text',
      {
        class: 'axis-title',
        x: (PLOT.left + PLOT.right) / 2,
        y: PLOT.bottom + (named ? 40 : 24),
        'text-anchor': 'middle',
      },
      named ? 'Line, by the buses it joins' : `${counted(lines.length, 'line')}, most loaded first`,
    ),
  );
}

interface Slot {
  readonly x: number;
  readonly y: Axis;
  readonly step: number;
}

function place(line: LineFacts, { x, y, step }: Slot): Markup {
  const top = y.domain[1];
  const bar = Math.max(1, Math.min(30, step * 0.7));
  const height = y.at(0) - y.at(Math.min(top, line.loading * 100));
  const over = line.baselineLoading > 1.0001;
  const mark = Math.max(2.2, Math.min(6, step * 0.5));
  return el(
    'g',
    {},
    el(
      'title',
      {},
      `Line ${line.name}, limit ${decimal(line.limitMw, 1)} MW: agents ${percent(line.loading)} (${decimal(Math.abs(line.flowMw), 1)} MW), merit order ${percent(line.baselineLoading)} (${decimal(Math.abs(line.baselineFlowMw), 1)} MW)`,
    ),
    el('rect', { class: 'hit', x: x - step / 2, y: y.at(top), width: step, height: y.at(0) - y.at(top) }),
    el('rect', {
      class: line.congested ? 'agents-bar at-limit' : 'agents-bar',
      x: x - bar / 2,
      y: y.at(0) - height,
      width: bar,
      height,
    }),
    diamond(
      { x, y: y.at(Math.min(top, line.baselineLoading * 100)) },
      over ? Math.max(4, mark) : mark,
      over ? 'over-mark' : 'baseline-mark',
    ),
  );
}

/** Names of the lines that the baseline overloads, worst first, where there is room beside or above their marks. */
function overloadNames(lines: readonly LineFacts[], y: Axis, step: number): readonly Markup[] {
  const taken: Box[] = [];
  const heightOf = (line: LineFacts): number => y.at(Math.min(y.domain[1], line.baselineLoading * 100));
  const marks = lines.map((line, rank) => ({ line, x: PLOT.left + (rank + 0.5) * step, at: heightOf(line) }));
  const isFree = (box: Box): boolean =>
    box.right < PLOT.right &&
    box.left > PLOT.left &&
    !taken.some((other) => box.left < other.right + 4 && box.right > other.left - 4 && meet(box, other)) &&
    !marks.some(({ x, at }) => x > box.left - 5 && x < box.right + 5 && at > box.top - 5 && at < box.bottom + 5);
  return marks.flatMap(({ line, x, at }) => {
    if (line.baselineLoading <= 1.0001) return [];
    const width = textWidth(line.name);
    const boxes = [
      { left: x + 9, right: x + 9 + width, top: at - 6, bottom: at + 6 },
      { left: x - width / 2, right: x + width / 2, top: at - 19, bottom: at - 7 },
    ];
    const box = boxes.find(isFree);
    if (box === undefined) return [];
    taken.push(box);
    return [el('text', { class: 'mark-label', x: box.left, y: box.bottom - 2 }, line.name)];
  });
}

function meet(a: Box, b: Box): boolean {
  return a.top < b.bottom && a.bottom > b.top;
}

function percent(share: number): string {
  return `${decimal(share * 100, 1)} %`;
}
