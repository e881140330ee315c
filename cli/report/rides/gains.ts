import type { RideInstance } from '../../../scenarios/ride-sharing/instance.ts';
import type { RideTrade } from '../../../scenarios/ride-sharing/solution.ts';
import { diamond, drawing, figure, horizontalAxis, legend, scrolling, verticalAxis } from '../chart.ts';
import { el, rounded, type Child, type Markup } from '../markup.ts';
import { counted, decimal, fixed, sentenceStart } from '../numbers.ts';
import { linearAxis, type Axis } from '../scale.ts';
import { table } from '../table.ts';
import type { RideDay } from './day.ts';
import { tenth } from './ground.ts';

const WIDTH = 560;
const HEIGHT = 330;
const PLOT = { left: 62, right: 546, top: 34, bottom: 282 };
/** More trades than these have no marks of their own; the curve has a step for each pixel. */
const MARKS_MAX = 300;
const KINDS = ['move', 'swap', 'chain'] as const;
const KIND_WORDS: Readonly<Record<RideTrade['kind'], string>> = {
  move: 'trips move one way',
  swap: 'two vehicles swap',
  chain: 'three or more exchange',
};

/** What the report knows of the cost that renegotiation brought down. */
export interface GainFacts {
  readonly trades: readonly RideTrade[];
  readonly day: RideDay;
  readonly costs: RideInstance['costs'];
  /** Optimum or best known, in units of cost where cost is distance; else null. */
  readonly best: { readonly words: string; readonly cost: number } | null;
}

/** How the fleet's joint cost fell from trade to trade. */
export function gainFigure(facts: GainFacts): Markup {
  const { trades, day } = facts;
  const heading = 'Renegotiation';
  if (trades.length === 0) {
    return figure({
      heading,
      caption: 'No vehicle traded a trip with another: the routes are as the riders’ calls left them.',
    });
  }
  const gained = total(trades);
  const before = day.cost + gained;
  const share = before > 0 ? ` (${decimal((100 * gained) / before, 1)} %)` : '';
  return figure(
    {
      heading,
      caption: `${sentenceStart(counted(trades.length, 'trade'))} among vehicles brought the joint cost of their routes down by ${fixed(gained, 2)}${share}, to ${fixed(day.cost, 2)}. The curve adds to the final cost what later trades still gained.`,
    },
    legend([
      { sample: el('path', { class: 'agents-line', d: 'M1 3H13V11H25' }), words: 'joint cost' },
      ...(trades.length > MARKS_MAX
        ? []
        : KINDS.filter((kind) => trades.some((trade) => trade.kind === kind)).map((kind) => ({
            sample: MARKS[kind]({ x: 13, y: 7 }),
            words: KIND_WORDS[kind],
          }))),
      ...(facts.best === null
        ? []
        : [{ sample: el('path', { class: 'tolerance', d: 'M1 7H25' }), words: facts.best.words }]),
    ]),
    scrolling('Chart of the joint cost', chart(facts, before)),
    kindTable(trades, gained),
  );
}

function total(trades: readonly RideTrade[]): number {
  return trades.reduce((sum, { gain }) => sum + gain, 0);
}

function chart({ trades, day, best }: GainFacts, before: number): Markup {
  const lowest = Math.min(day.cost, best?.cost ?? Infinity);
  const y = linearAxis({ low: lowest, high: Math.max(before, lowest), range: [PLOT.bottom, PLOT.top] });
  const last = trades.at(-1)?.atSeconds ?? 0;
  const x = linearAxis({ low: 0, high: last > 0 ? last : 1, range: [PLOT.left, PLOT.right], count: 7 });
  return drawing(
    {
      id: 'gains',
      title: 'Joint cost of the routes over virtual time',
      description: `From ${fixed(before, 2)} to ${fixed(day.cost, 2)} in ${counted(trades.length, 'trade')} over ${decimal(last, 1)} virtual seconds.`,
      width: WIDTH,
      height: HEIGHT,
    },
    verticalAxis({ axis: y, title: 'Joint cost', at: PLOT.left, to: PLOT.right }),
    horizontalAxis({ axis: x, title: 'Virtual time, s', at: PLOT.bottom, to: PLOT.bottom }),
    best === null ? null : bestLine(best.cost, y),
    curve(trades, { before, x, y }),
  );
}

function bestLine(cost: number, y: Axis): Markup {
  return el('line', { class: 'tolerance', x1: PLOT.left, x2: PLOT.right, y1: y.at(cost), y2: y.at(cost) });
}

function curve(
  trades: readonly RideTrade[],
  { before, x, y }: { readonly before: number; readonly x: Axis; readonly y: Axis },
): Child {
  let cost = before;
  let [path, drawn] = [`M${tenth(x.at(0))} ${tenth(y.at(before))}`, -Infinity];
  const marks: Markup[] = [];
  for (const [k, trade] of trades.entries()) {
    cost -= trade.gain;
    const [px, py] = [x.at(trade.atSeconds), y.at(cost)];
    // One step a pixel: what comes at the same pixel adds up.
    if (px - drawn >= 1 || k === trades.length - 1) {
      path += `H${tenth(px)}V${tenth(py)}`;
      drawn = px;
    }
    if (trades.length > MARKS_MAX) continue;
    marks.push(
      el(
        'g',
        {},
        el(
          'title',
          {},
          `${decimal(trade.atSeconds, 2)} s: ${KIND_WORDS[trade.kind]}, ${counted(trade.trips, 'trip')} among ${counted(trade.parties, 'vehicle')}, gain ${fixed(trade.gain, 2)}`,
        ),
        MARKS[trade.kind]({ x: px, y: py }),
      ),
    );
  }
  return [el('path', { class: 'agents-line', d: path }), marks];
}

interface MarkPlace {
  readonly x: number;
  readonly y: number;
}

/** A dot moves, a diamond swaps, a triangle is a chain. */
const MARKS: Readonly<Record<RideTrade['kind'], (at: MarkPlace) => Markup>> = {
  move: ({ x, y }) => el('circle', { class: 'trade', cx: x, cy: y, r: 3.4 }),
  swap: (at) => diamond(at, 4.8, 'trade'),
  chain: ({ x, y }) =>
    el('path', {
      class: 'trade',
      d: `M${rounded(x)} ${rounded(y - 5)}L${rounded(x + 4.8)} ${rounded(y + 3.6)}H${rounded(x - 4.8)}Z`,
    }),
};

function kindTable(trades: readonly RideTrade[], gained: number): Markup {
  const rows = KINDS.map((kind) => trades.filter((trade) => trade.kind === kind))
    .filter((of) => of.length > 0)
    .map((of) => [
      sentenceStart(KIND_WORDS[of[0]?.kind ?? 'move']),
      decimal(of.length, 0),
      decimal(
        of.reduce((sum, { trips }) => sum + trips, 0),
        0,
      ),
      fixed(total(of), 2),
      gained > 0 ? `${decimal((100 * total(of)) / gained, 0)} %` : '–',
    ]);
  return table({
    caption: 'Trades by kind',
    head: ['Kind', 'Trades', 'Trips', 'Gain', 'Share of gain'],
    rows,
  });
}
