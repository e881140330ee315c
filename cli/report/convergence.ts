import type { RoundProgress } from '../../scenarios/scenario.ts';
import { drawing, figure, horizontalAxis, legend, scrolling, verticalAxis } from './chart.ts';
import { el, rounded, type Markup } from './markup.ts';
import { counted, decimal, scientific } from './numbers.ts';
import { linearAxis, logAxis } from './scale.ts';

const WIDTH = 560;
const HEIGHT = 330;
const PLOT = { left: 48, right: 546, top: 34, bottom: 282 };

/** How the disagreement fell round by round, on a logarithmic axis, with the tolerance below which agents agree. */
export function convergenceFigure(course: readonly RoundProgress[], rounds: number): Markup {
  // An axis of powers of ten has no place for 0 and for what is not known.
  const points = course.filter(({ disagreement }) => disagreement > 0 && Number.isFinite(disagreement));
  const first = points[0];
  const last = points.at(-1);
  const caption =
    first === undefined || last === undefined
      ? 'The agents agreed at once.'
      : `Disagreement is the worst of balance, limits and optimality left anywhere, in multiples of its tolerance. It fell from ${scientific(first.disagreement, 0)} to ${decimal(last.disagreement, 2)} in ${counted(rounds, 'round')}; at 1 or below the agents agree.`;
  return figure(
    { heading: 'Convergence', caption },
    legend([
      { sample: el('path', { class: 'agents-line', d: 'M1 3L25 11' }), words: 'disagreement' },
      { sample: el('path', { class: 'tolerance', d: 'M1 7H25' }), words: 'tolerance' },
    ]),
    scrolling('Convergence chart', chart(points, rounds)),
  );
}

function chart(points: readonly RoundProgress[], rounds: number): Markup {
  const values = points.map(({ disagreement }) => disagreement);
  const y = logAxis({
    low: values.reduce((least, value) => Math.min(least, value), 0.1),
    high: values.reduce((most, value) => Math.max(most, value), 10),
    range: [PLOT.bottom, PLOT.top],
  });
  const whole = linearAxis({ low: 0, high: Math.max(1, rounds), range: [PLOT.left, PLOT.right], count: 7 });
  const x = { ...whole, ticks: whole.ticks.filter(Number.isInteger) };
  const path = points.map(({ round, disagreement }) => `${rounded(x.at(round))} ${rounded(y.at(disagreement))}`);
  const limit = y.at(1);
  return drawing(
    {
      id: 'convergence',
      title: 'Disagreement by round',
      description: points.map(({ round, disagreement }) => `round ${round}: ${scientific(disagreement)}`).join(', '),
      width: WIDTH,
      height: HEIGHT,
    },
    el('rect', {
      class: 'agreed',
      x: PLOT.left,
      y: limit,
      width: PLOT.right - PLOT.left,
      height: PLOT.bottom - limit,
    }),
    verticalAxis({ axis: y, title: 'Disagreement, multiples of the tolerance', at: PLOT.left, to: PLOT.right }),
    horizontalAxis({ axis: x, title: 'Round', at: PLOT.bottom, to: PLOT.bottom }),
    el('line', { class: 'tolerance', x1: PLOT.left, x2: PLOT.right, y1: limit, y2: limit }),
    el('text', { class: 'tolerance-label', x: PLOT.left + 8, y: limit + 16 }, 'agreed: 1 or below'),
    path.length > 1 ? el('path', { class: 'agents-line', d: `M${path.join('L')}` }) : null,
    points.map(({ round, disagreement }) =>
      el(
        'circle',
        { class: 'agents-dot', cx: x.at(round), cy: y.at(disagreement), r: 3.5 },
        el('title', {}, `Round ${round}: ${scientific(disagreement, 2)} times the tolerance`),
      ),
    ),
  );
}
