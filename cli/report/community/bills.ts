import { diamond, drawing, figure, horizontalAxis, legend, scrolling } from '../chart.ts';
import { el, type Markup } from '../markup.ts';
import { counted, decimal, fixed } from '../numbers.ts';
import { linearAxis, type Axis } from '../scale.ts';
import { folded, table, type TableText } from '../table.ts';
import type { CommunityFacts, HomeFacts } from './facts.ts';
import { dollars, savedShare, savedWords, shortName } from './words.ts';

const WIDTH = 1120;
const ROW = 30;
const PLOT = { left: 150, right: 950, top: 26 };
/** More homes than these are not drawn one by one. */
const SHOWN_MAX = 24;
const ROWS_MAX = 1_000;

/** Homes that are drawn: all, or those that gained and lost most. */
export function drawnHomes({ homes }: Pick<CommunityFacts, 'homes'>): readonly HomeFacts[] {
  if (homes.length <= SHOWN_MAX) return homes;
  const size = ({ alone, bill }: HomeFacts): number => Math.abs(alone - bill);
  const most = new Set(homes.toSorted((a, b) => size(b) - size(a)).slice(0, SHOWN_MAX));
  return homes.filter((home) => most.has(home));
}

/** What drawings leave out, in a sentence; nothing where they have all. */
export function leftOut({ homes }: Pick<CommunityFacts, 'homes'>): string {
  return homes.length <= SHOWN_MAX
    ? ''
    : ` The ${SHOWN_MAX} of ${decimal(homes.length, 0)} homes whose bills differ most from alone are drawn.`;
}

/** What each home pays, beside alone and without a battery. */
export function billFigure(facts: CommunityFacts): Markup {
  const { homes, plan } = facts;
  const shown = drawnHomes(facts);
  const way =
    plan === 'foresight'
      ? 'its best plan for itself, which knows load and sun ahead'
      : 'what the home would have done itself in the same way, without foresight';
  return figure(
    {
      heading: 'What each home pays',
      caption: `Alone: ${way}, on its own meter. The bill is what the home paid for energy less what it received, with what homes passed on to each other at the end so that nobody pays more than alone.${leftOut(facts)}`,
      wide: true,
    },
    legend([
      { sample: el('circle', { class: 'agents-dot', cx: 13, cy: 7, r: 5 }), words: 'pays' },
      { sample: diamond({ x: 13, y: 7 }, 6, 'baseline-mark'), words: 'alone' },
      { sample: el('path', { class: 'bare-mark', d: 'M8 2L18 12M18 2L8 12' }), words: 'without a battery' },
      { sample: el('rect', { class: 'gain-bar', x: 1, y: 3, width: 24, height: 8 }), words: 'saved' },
      { sample: el('rect', { class: 'loss-bar', x: 1, y: 3, width: 24, height: 8 }), words: 'paid more' },
    ]),
    scrolling('Chart of what homes pay', chart(shown)),
    homes.length <= SHOWN_MAX ? table(billTable(homes)) : folded(counted(homes.length, 'home'), billTable(homes)),
  );
}

function chart(homes: readonly HomeFacts[]): Markup {
  const values = homes.flatMap(({ bill, alone, noBattery }) => [bill, alone, noBattery]);
  const x = linearAxis({
    low: Math.min(0, ...values),
    high: Math.max(1e-2, ...values),
    range: [PLOT.left, PLOT.right],
    count: 8,
  });
  const bottom = PLOT.top + homes.length * ROW;
  return drawing(
    {
      id: 'homes',
      title: 'What each home pays, alone and without a battery',
      description: homes
        .map(({ name, bill, alone }) => `${name}: ${dollars(bill)}, alone ${dollars(alone)}`)
        .join('; '),
      width: WIDTH,
      height: bottom + 46,
    },
    horizontalAxis({ axis: x, title: 'Bill, $', at: bottom, to: PLOT.top }),
    el('text', { class: 'axis-title', x: WIDTH - 8, y: PLOT.top - 10, 'text-anchor': 'end' }, 'saved beside alone'),
    x.domain[0] < 0 ? el('line', { class: 'base', x1: x.at(0), x2: x.at(0), y1: PLOT.top, y2: bottom }) : null,
    homes.map((home, k) => homeMarks(home, PLOT.top + (k + 0.5) * ROW, x)),
  );
}

function homeMarks(home: HomeFacts, y: number, x: Axis): Markup {
  const { name, bill, alone, noBattery } = home;
  const [left, right] = [Math.min(x.at(alone), x.at(bill)), Math.max(x.at(alone), x.at(bill))];
  const bare = x.at(noBattery);
  return el(
    'g',
    {},
    el('title', {}, `${name}: pays ${dollars(bill)}, alone ${dollars(alone)}, without a battery ${dollars(noBattery)}`),
    el('rect', { class: 'hit', x: 0, y: y - ROW / 2, width: WIDTH, height: ROW }),
    el('text', { class: 'bar-name', x: PLOT.left - 14, y: y + 4, 'text-anchor': 'end' }, shortName(name)),
    el('rect', { class: bill <= alone ? 'gain-bar' : 'loss-bar', x: left, y: y - 4, width: right - left, height: 8 }),
    el('path', {
      class: 'bare-mark',
      d: `M${(bare - 5).toFixed(1)} ${y - 5}l10 10m0 -10l-10 10`,
    }),
    diamond({ x: x.at(alone), y }, 6, 'baseline-mark'),
    el('circle', { class: 'agents-dot', cx: x.at(bill), cy: y, r: 5 }),
    el('text', { class: 'bar-value', x: WIDTH - 8, y: y + 4, 'text-anchor': 'end' }, savedWords(home)),
  );
}

function billTable(homes: readonly HomeFacts[]): TableText {
  const sum = (of: (home: HomeFacts) => number): number => homes.reduce((total, home) => total + of(home), 0);
  const row = (name: string, of: (what: (home: HomeFacts) => number) => number): readonly string[] => {
    const [bill, alone] = [of((home) => home.bill), of((home) => home.alone)];
    return [
      name,
      fixed(
        of(({ loadKwh }) => loadKwh),
        1,
      ),
      fixed(
        of(({ sunKwh }) => sunKwh),
        1,
      ),
      fixed(
        of(({ capacityKwh }) => capacityKwh),
        1,
      ),
      fixed(
        of(({ noBattery }) => noBattery),
        2,
      ),
      fixed(alone, 2),
      fixed(bill, 2),
      fixed(alone - bill, 2),
      savedShare({ alone, bill }),
    ];
  };
  return {
    caption: 'Homes: load, sun, battery, and what they pay',
    head: [
      'Home',
      'Load, kWh',
      'Sun, kWh',
      'Battery, kWh',
      'No battery, $',
      'Alone, $',
      'Pays, $',
      'Saved, $',
      'Saved',
    ],
    rows: [
      ...homes.slice(0, ROWS_MAX).map((home) => row(home.name, (what) => what(home))),
      ...(homes.length > 1 ? [row('All homes', sum)] : []),
    ],
  };
}
