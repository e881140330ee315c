import { drawing, figure, horizontalAxis, legend, scrolling, verticalAxis } from '../chart.ts';
import { extent } from '../layout.ts';
import { el, rounded, type Child, type Markup } from '../markup.ts';
import { decimal, sentenceStart } from '../numbers.ts';
import { linearAxis, type Axis } from '../scale.ts';
import { measured, type LearningFacts } from './facts.ts';
import { LOSS_WORDS } from './words.ts';

const WIDE = { width: 1120, height: 380, left: 66, right: 1076, top: 34, bottom: 332 };
const SMALL = { width: 500, height: 210, left: 66, right: 452, top: 34, bottom: 166 };
/** More points than these are finer than the paper: means of neighbours are drawn. */
const POINTS_MAX = 400;
/** So many scores have dots of their own. */
const DOTS_MAX = 120;
/** Part of the rewards at either end that may leave the chart. */
const TAIL = 0.03;
const LOSSES_MAX = 24;

/** One point of a line. */
interface Dot {
  readonly x: number;
  readonly y: number;
}

/** The learning curve: scores where nobody explores, and rewards of the episodes that were learnt from. */
export function curveFigure(facts: LearningFacts): Markup {
  const { scored } = facts;
  const heading = 'Learning curve';
  const rewards = rewardsOf(facts);
  if (scored.length + rewards.length === 0) return figure({ heading, caption: 'Nothing was measured.', wide: true });
  const [low, high] = boundsOf(facts, rewards);
  const [least, most] = extent(rewards.map(({ y }) => y));
  const beyond = rewards.some(({ y }) => y < low || y > high);
  return figure(
    {
      heading,
      caption: `Score: mean reward of an episode where nobody explores, on seeds that are not learnt from, the same each time. Reward: mean of the episodes that an update learnt from.${beyond ? ` A few rewards are beyond the chart; the least is ${measured(least)}, the greatest ${measured(most)}.` : ''}`,
      wide: true,
    },
    legend([
      { sample: el('path', { class: 'agents-line', d: 'M1 11L25 3' }), words: 'score' },
      { sample: el('path', { class: 'reward-line', d: 'M1 9L9 6L17 8L25 4' }), words: 'reward while learning' },
      { sample: el('path', { class: 'tolerance', d: 'M1 7H25' }), words: 'score at the start' },
      { sample: el('circle', { class: 'optimum-ring', cx: 13, cy: 7, r: 6 }), words: 'best' },
    ]),
    scrolling('Learning curve', chart(facts, rewards, [low, high])),
  );
}

function rewardsOf({ curve }: LearningFacts): readonly Dot[] {
  return thinned(curve.map(({ decisions, reward }) => ({ x: decisions, y: reward })));
}

/** Known points; means of neighbours where there are too many. */
function thinned(points: readonly { readonly x: number; readonly y: number | null | undefined }[]): readonly Dot[] {
  const known = points.flatMap(({ x, y }): Dot[] => (typeof y === 'number' && Number.isFinite(y) ? [{ x, y }] : []));
  if (known.length <= POINTS_MAX) return known;
  return Array.from({ length: POINTS_MAX }, (_, k) => {
    const part = known.slice(
      Math.floor((k * known.length) / POINTS_MAX),
      Math.floor(((k + 1) * known.length) / POINTS_MAX),
    );
    const mean = (of: (dot: Dot) => number): number => part.reduce((sum, dot) => sum + of(dot), 0) / part.length;
    return { x: mean(({ x }) => x), y: mean(({ y }) => y) };
  });
}

/** All scores, and nearly all rewards. */
function boundsOf({ scored }: LearningFacts, rewards: readonly Dot[]): readonly [number, number] {
  const sorted = rewards.map(({ y }) => y).toSorted((a, b) => a - b);
  const cut = Math.floor(sorted.length * TAIL);
  const shown = [...scored.map(({ score }) => score), ...sorted.slice(cut, sorted.length - cut)];
  return extent(shown);
}

function chart(facts: LearningFacts, rewards: readonly Dot[], [low, high]: readonly [number, number]): Markup {
  const { scored, first, best, total, counts } = facts;
  const x = countAxis(total, [WIDE.left, WIDE.right]);
  const y = linearAxis({ low, high, range: [WIDE.bottom, WIDE.top], count: 6 });
  const dots = thinned(scored.map(({ decisions, score }) => ({ x: decisions, y: score })));
  return drawing(
    {
      id: 'curve',
      title: `Score and reward by ${counts} learnt from`,
      description:
        first === null || best === null
          ? 'No score was measured.'
          : `Scores from ${measured(first.score)} at the start to ${measured(best.score)}, the best, at ${decimal(best.decisions, 0)} ${counts}.`,
      width: WIDE.width,
      height: WIDE.height,
    },
    verticalAxis({ axis: y, title: 'Mean reward of an episode', at: WIDE.left, to: WIDE.right }),
    horizontalAxis({ axis: x, title: `${sentenceStart(counts)} learnt from`, at: WIDE.bottom, to: WIDE.bottom }),
    el('g', {}, hovered(facts, x)),
    el(
      'g',
      { class: 'unhit' },
      first === null
        ? null
        : el('line', {
            class: 'tolerance',
            x1: WIDE.left,
            x2: WIDE.right,
            y1: y.at(first.score),
            y2: y.at(first.score),
          }),
      line('reward-line', rewards, { x, y }),
      line('agents-line', dots, { x, y }),
      dots.length > DOTS_MAX
        ? null
        : dots.map((dot) => el('circle', { class: 'agents-dot', cx: x.at(dot.x), cy: y.at(dot.y), r: 3.2 })),
      best === null
        ? null
        : el('circle', { class: 'optimum-ring', cx: x.at(best.decisions), cy: y.at(best.score), r: 8 }),
    ),
  );
}

/** From nothing to all that was learnt from. */
function countAxis(total: number, range: readonly [number, number]): Axis {
  const end = Math.max(1, total);
  const nice = linearAxis({ low: 0, high: end, range, count: range[1] - range[0] > 600 ? 9 : 5 });
  return {
    ...nice,
    domain: [0, end],
    ticks: nice.ticks.filter((tick) => tick <= end && Number.isInteger(tick)),
    at: (count) => range[0] + (count / end) * (range[1] - range[0]),
  };
}

interface Axes {
  readonly x: Axis;
  readonly y: Axis;
}

/** A line, held within the chart; a lone point is a dot. */
function line(name: string, dots: readonly Dot[], { x, y }: Axes): Markup | null {
  const [low, high] = y.domain;
  const [only] = dots;
  if (only === undefined) return null;
  const at = (dot: Dot): string => `${rounded(x.at(dot.x))} ${rounded(y.at(Math.min(high, Math.max(low, dot.y))))}`;
  if (dots.length === 1) return el('circle', { class: `${name} lone`, cx: x.at(only.x), cy: y.at(only.y), r: 3 });
  return el('path', { class: name, d: `M${dots.map(at).join('L')}` });
}

/** A stripe for each point that tells its numbers to whoever points at it; of many points, for some. */
function hovered({ curve, counts }: LearningFacts, x: Axis): Child {
  const every = Math.ceil(curve.length / POINTS_MAX);
  const shown = curve.filter((_, k) => k % every === 0 || k === curve.length - 1);
  const places = shown.map(({ decisions }) => x.at(decisions));
  return shown.map(({ update, decisions, reward, score }, k) => {
    const [place = 0, before = WIDE.left, after = WIDE.right] = [places[k], places[k - 1], places[k + 1]];
    const from = k === 0 ? WIDE.left : (before + place) / 2;
    const to = k === shown.length - 1 ? WIDE.right : (place + after) / 2;
    const number = (value: number | null): string => (value === null ? 'not measured' : measured(value));
    return el(
      'g',
      {},
      el(
        'title',
        {},
        `Update ${decimal(update, 0)}, ${decimal(decisions, 0)} ${counts}: score ${number(score)}, reward ${number(reward)}`,
      ),
      el('rect', { class: 'hit', x: from, y: WIDE.top, width: Math.max(0, to - from), height: WIDE.bottom - WIDE.top }),
    );
  });
}

/** What updates say of themselves, each in a chart of its own; nothing where they say nothing. */
export function lossFigure(facts: LearningFacts): Markup | null {
  const names = [...new Set(facts.curve.flatMap(({ losses }) => Object.keys(losses)))];
  const drawn = names.slice(0, LOSSES_MAX);
  const panels = drawn.flatMap((name, k) => {
    const dots = thinned(facts.curve.map(({ decisions, losses }) => ({ x: decisions, y: losses[name] })));
    return dots.length === 0 ? [] : [lossChart(facts, { id: `loss-${k}`, name, dots })];
  });
  if (panels.length === 0) return null;
  const notes = drawn.flatMap((name) => {
    const note = LOSS_WORDS[name]?.note;
    return note === undefined ? [] : [note];
  });
  return figure(
    {
      heading: 'What updates said of themselves',
      caption: [
        ...notes,
        ...(drawn.length < names.length ? [`The first ${LOSSES_MAX} of ${names.length} are drawn.`] : []),
      ].join(' '),
      wide: true,
    },
    el('div', { class: 'tiers' }, panels),
  );
}

interface LossPanel {
  readonly id: string;
  readonly name: string;
  readonly dots: readonly Dot[];
}

function lossChart({ total, counts }: LearningFacts, { id, name, dots }: LossPanel): Markup {
  const title = LOSS_WORDS[name]?.words ?? name;
  const values = dots.map(({ y }) => y);
  const [low, high] = extent(values);
  const x = countAxis(total, [SMALL.left, SMALL.right]);
  const y = linearAxis({ low, high, range: [SMALL.bottom, SMALL.top], count: 4 });
  const [first, last] = [dots[0]?.y ?? 0, dots.at(-1)?.y ?? 0];
  return scrolling(
    title,
    drawing(
      {
        id,
        title: `${title} by ${counts} learnt from`,
        description: `From ${measured(first)} at first to ${measured(last)} in the end, least ${measured(low)}, greatest ${measured(high)}.`,
        width: SMALL.width,
        height: SMALL.height,
      },
      verticalAxis({ axis: y, title, at: SMALL.left, to: SMALL.right }),
      horizontalAxis({ axis: x, title: `${sentenceStart(counts)} learnt from`, at: SMALL.bottom, to: SMALL.bottom }),
      line('agents-line', dots, { x, y }),
    ),
  );
}
