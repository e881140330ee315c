import { drawing, scrolling, textWidth } from './chart.ts';
import { el, type Markup } from './markup.ts';
import { decimal } from './numbers.ts';
import { linearAxis } from './scale.ts';

/** One bar, with its name before and its number behind it. */
export interface Bar {
  readonly title: string;
  readonly value: number;
  /** Who earned it: agents, the best that there is, or some other way to do it. */
  readonly kind: 'agents' | 'best' | 'other';
  /** What stands behind the bar. */
  readonly words: string;
}

/** What the bars of one drawing are. */
export interface BarsText {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  /** Of the box that scrolls. */
  readonly label: string;
}

const WIDTH = 1120;
const ROW = 26;
const PLOT = { left: 150, right: 990, top: 6 };
const CLASSES: Readonly<Record<Bar['kind'], string>> = { agents: 'bar', best: 'bar other', other: 'bar soft' };

/** Horizontal bars from zero, one below the other. Values below zero go to the left. */
export function barChart({ id, title, label }: BarsText, bars: readonly Bar[]): Markup {
  const values = bars.map(({ value }) => value);
  const [low, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  const x = linearAxis({ low, high: most > low ? most : 1, range: rangeOf(bars) });
  return scrolling(
    label,
    drawing(
      {
        id,
        title,
        description: bars.map((bar) => `${bar.title}: ${bar.words}`).join('; '),
        width: WIDTH,
        height: PLOT.top + bars.length * ROW + 8,
      },
      bars.map((bar, k) => {
        const y = PLOT.top + k * ROW;
        const [from, to] = [Math.min(x.at(0), x.at(bar.value)), Math.max(x.at(0), x.at(bar.value))];
        return el(
          'g',
          {},
          el('text', { class: 'bar-name', x: PLOT.left - 10, y: y + 17, 'text-anchor': 'end' }, bar.title),
          el('rect', { class: CLASSES[bar.kind], x: from, y: y + 4, width: to - from, height: ROW - 9, rx: 2 }),
          el('text', { class: 'bar-value', x: to + 8, y: y + 17 }, bar.words),
        );
      }),
    ),
  );
}

/** Where bars may be, so that there is room for the longest words behind them. */
function rangeOf(bars: readonly Bar[]): readonly [number, number] {
  const room = bars.reduce((most, { words }) => Math.max(most, textWidth(words)), 0) + 8;
  return [PLOT.left, Math.min(PLOT.right, WIDTH - room)];
}

/** +8.2 % or −1 %. */
export function signedShare(share: number): string {
  const text = decimal(share * 100, Math.abs(share) < 0.1 ? 2 : 1);
  return `${share > 0 && text !== '0' ? '+' : ''}${text} %`;
}
