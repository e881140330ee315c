import { drawing, figure, horizontalAxis, legend, scrolling, verticalAxis } from '../chart.ts';
import { el, type Child, type Markup } from '../markup.ts';
import { counted } from '../numbers.ts';
import { linearAxis, type Axis } from '../scale.ts';
import type { CommunityFacts, Hourly } from './facts.ts';
import { busiestWeek, dayGrain, hourGrain, slotAxis, type Grain, type Slot } from './slots.ts';
import { stepArea, stepLine } from './steps.ts';
import { energy, kwh, price } from './words.ts';

const WIDTH = 1120;
const PLOT = { left: 56, right: 1108, top: 34 };
const PANEL = 116;
const GAP = 40;
const UNDER = 44;
/** More hours than these are drawn by day, and a week of them by hour. */
const HOURS_MAX = 336;
const WEEK_HOURS = 168;

/** Net import, prices, stores and trades over time. Of a long time every day is drawn, and one week hour by hour. */
export function courseFigures(facts: CommunityFacts): readonly Markup[] {
  const { hours } = facts.instance;
  if (hours <= HOURS_MAX) {
    return [courseFigure(facts, hourGrain(facts, 0, hours), { id: 'hours', heading: 'Hour by hour', note: '' })];
  }
  const from = busiestWeek(facts, WEEK_HOURS);
  const days = dayGrain(facts);
  const short = days.slots.filter(({ from: first, to }) => to - first < 24).length;
  return [
    courseFigure(facts, days, {
      id: 'days',
      heading: 'Day by day',
      note: short === 0 ? '' : ` Of ${counted(short, 'day')} only some hours are part of this.`,
    }),
    courseFigure(facts, hourGrain(facts, from, from + WEEK_HOURS), {
      id: 'week',
      heading: 'One week, hour by hour',
      note: ' It is the week in which neighbours traded most.',
    }),
  ];
}

interface CourseText {
  readonly id: string;
  readonly heading: string;
  readonly note: string;
}

function courseFigure(facts: CommunityFacts, grain: Grain, text: CourseText): Markup {
  const day = grain.per === 'day';
  return figure(
    {
      heading: text.heading,
      caption: `${day ? 'What each day came to' : 'What each hour came to'}: what all homes drew from the grid and, below zero, gave to it for nothing; the price that homes traded at beside the tariff${day ? ', both weighed by what was bought' : ''}; what their batteries held${day ? ' when they held most' : ' at its end'}; and what went from neighbour to neighbour. Alone: every home with its best plan for itself, on its own meter.${text.note}`,
      wide: true,
    },
    legend([
      { sample: el('rect', { class: 'stock-area', x: 1, y: 2, width: 24, height: 10 }), words: 'together' },
      { sample: el('path', { class: 'alone-line', d: 'M1 7H25' }), words: 'each alone' },
      { sample: el('path', { class: 'agents-line', d: 'M1 7H25' }), words: 'price among homes' },
      { sample: el('path', { class: 'optimum-line', d: 'M1 7H25' }), words: 'tariff' },
      {
        sample: el('rect', { class: 'between', x: 1, y: 2, width: 24, height: 10 }),
        words: 'from neighbour to neighbour',
      },
      { sample: el('path', { class: 'limit', d: 'M1 7H25' }), words: 'batteries full' },
    ]),
    scrolling(`Charts: ${text.heading.toLowerCase()}`, chart(facts, grain, text)),
  );
}

/** One of the charts that stand one below the other. */
interface Panel {
  readonly title: string;
  readonly low: number;
  readonly high: number;
  readonly marks: (axes: { readonly x: Axis; readonly y: Axis }) => Child;
}

function chart(facts: CommunityFacts, grain: Grain, { id, heading }: CourseText): Markup {
  const { axis: x, title } = slotAxis(facts, grain, [PLOT.left, PLOT.right]);
  const slots = slotFacts(facts, grain);
  const panels = panelsOf(facts, slots, grain);
  const bottomOf = (k: number): number => PLOT.top + k * (PANEL + GAP) + PANEL;
  const bottom = bottomOf(panels.length - 1);
  const placed = panels.map((panel, k) => {
    const range = [bottomOf(k), bottomOf(k) - PANEL] as const;
    return { panel, range, y: linearAxis({ low: panel.low, high: panel.high, range, count: 4 }) };
  });
  return drawing(
    {
      id,
      title: `${heading}: grid, prices, batteries and trades`,
      description: `In all ${kwh(total(slots.importKwh))} drawn from the grid (alone ${kwh(total(slots.aloneImportKwh))}), ${kwh(total(slots.exportKwh))} given away, ${kwh(total(slots.betweenKwh))} from neighbour to neighbour.`,
      width: WIDTH,
      height: bottom + UNDER,
    },
    placed.map(({ panel, y, range: [below] }, k) => [
      verticalAxis({ axis: y, title: panel.title, at: PLOT.left, to: PLOT.right }),
      k === panels.length - 1 ? horizontalAxis({ axis: x, title, at: below, to: below }) : ticksOf(x, below),
    ]),
    el('g', {}, hovered(grain.slots, slots, { x, top: PLOT.top, bottom })),
    el(
      'g',
      { class: 'unhit' },
      placed.map(({ panel, y }) => [
        panel.marks({ x, y }),
        el('line', {
          class: 'base',
          x1: PLOT.left,
          x2: PLOT.right,
          y1: y.at(Math.max(0, y.domain[0])),
          y2: y.at(Math.max(0, y.domain[0])),
        }),
      ]),
    ),
  );
}

/** Marks where slots begin, without words: these stand under the last chart. */
function ticksOf(x: Axis, y: number): Markup {
  return el('path', { class: 'ticks', d: x.ticks.map((tick) => `M${x.at(tick).toFixed(1)} ${y}v4`).join('') });
}

interface SlotFacts {
  readonly importKwh: Hourly;
  readonly exportKwh: Hourly;
  readonly aloneImportKwh: Hourly;
  readonly aloneExportKwh: Hourly;
  readonly storedKwh: Hourly;
  readonly aloneStoredKwh: Hourly;
  readonly betweenKwh: Hourly;
  readonly price: readonly (number | null)[];
  readonly tariff: Hourly;
}

function slotFacts(
  { agents, alone, betweenKwh, boughtKwh, price: prices, tariff }: CommunityFacts,
  { slots }: Grain,
): SlotFacts {
  const summed = (series: Hourly): Hourly => slots.map(({ from, to }) => total(series.slice(from, to)));
  const most = (series: Hourly): Hourly =>
    slots.map(({ from, to }) => series.slice(from, to).reduce((high, value) => Math.max(high, value), 0));
  const weighed = (of: (hour: number) => number, { from, to }: Slot): number => {
    let [sum, weight, plain] = [0, 0, 0];
    for (let hour = from; hour < to; hour++) {
      const bought = boughtKwh[hour] ?? 0;
      [sum, weight, plain] = [sum + bought * of(hour), weight + bought, plain + of(hour)];
    }
    return weight > 0 ? sum / weight : plain / Math.max(1, to - from);
  };
  return {
    importKwh: summed(agents.importKwh),
    exportKwh: summed(agents.exportKwh),
    aloneImportKwh: summed(alone.importKwh),
    aloneExportKwh: summed(alone.exportKwh),
    storedKwh: most(agents.storedKwh),
    aloneStoredKwh: most(alone.storedKwh),
    betweenKwh: summed(betweenKwh),
    price: slots.map((slot) =>
      prices.slice(slot.from, slot.to).every((one) => one === null)
        ? null
        : weighed((hour) => prices[hour] ?? tariff[hour] ?? 0, slot),
    ),
    tariff: slots.map((slot) => weighed((hour) => tariff[hour] ?? 0, slot)),
  };
}

function total(series: Hourly): number {
  return series.reduce((sum, value) => sum + value, 0);
}

function top(...all: readonly (readonly (number | null)[])[]): number {
  return all.reduce((most, series) => series.reduce<number>((high, value) => Math.max(high, value ?? 0), most), 0);
}

function panelsOf({ capacityKwh }: CommunityFacts, slots: SlotFacts, { per }: Grain): readonly Panel[] {
  const minus = (series: Hourly): Hourly => series.map((value) => -value);
  const some = (value: number): number => (value > 0 ? value : 1);
  const area = (name: string, series: Hourly, axes: Parameters<Panel['marks']>[0]): Markup =>
    el('path', { class: name, d: stepArea(series, axes) });
  const line = (name: string, series: readonly (number | null)[], axes: Parameters<Panel['marks']>[0]): Markup =>
    el('path', { class: name, d: stepLine(series, axes) });
  return [
    {
      title: `Drawn from the grid, kWh (below zero: given away)`,
      low: -top(slots.exportKwh, slots.aloneExportKwh),
      high: some(top(slots.importKwh, slots.aloneImportKwh)),
      marks: (axes) => [
        area('stock-area', slots.importKwh, axes),
        area('stock-area', minus(slots.exportKwh), axes),
        line('alone-line', slots.aloneImportKwh, axes),
        line('alone-line', minus(slots.aloneExportKwh), axes),
      ],
    },
    {
      title: 'Price, $/kWh',
      low: 0,
      high: some(top(slots.price, slots.tariff)),
      marks: (axes) => [line('optimum-line', slots.tariff, axes), line('agents-line', slots.price, axes)],
    },
    {
      title: `In batteries${per === 'day' ? ', most of the day' : ''}, kWh`,
      low: 0,
      high: some(Math.max(capacityKwh, top(slots.storedKwh, slots.aloneStoredKwh))),
      marks: (axes) => [
        area('stock-area', slots.storedKwh, axes),
        line('alone-line', slots.aloneStoredKwh, axes),
        capacityKwh > 0
          ? el('line', {
              class: 'limit',
              x1: PLOT.left,
              x2: PLOT.right,
              y1: axes.y.at(capacityKwh),
              y2: axes.y.at(capacityKwh),
            })
          : null,
      ],
    },
    {
      title: 'From neighbour to neighbour, kWh',
      low: 0,
      high: some(top(slots.betweenKwh)),
      marks: (axes) => area('between', slots.betweenKwh, axes),
    },
  ];
}

interface HoverPlace {
  readonly x: Axis;
  readonly top: number;
  readonly bottom: number;
}

/** A stripe for each slot that tells its numbers to whoever points at it. */
function hovered(slots: readonly Slot[], of: SlotFacts, { x, top: from, bottom }: HoverPlace): Child {
  return slots.map(({ title }, k) => {
    const number = (series: Hourly): string => energy(series[k] ?? 0);
    return el(
      'g',
      {},
      el(
        'title',
        {},
        `${title}: ${number(of.importKwh)} kWh drawn (alone ${number(of.aloneImportKwh)}), ${number(of.exportKwh)} given away (alone ${number(of.aloneExportKwh)}); price ${price(of.price[k] ?? null)}, tariff ${price(of.tariff[k] ?? 0)} $/kWh; ${number(of.storedKwh)} kWh stored; ${number(of.betweenKwh)} kWh among neighbours`,
      ),
      el('rect', { class: 'hit', x: x.at(k), y: from, width: x.at(k + 1) - x.at(k), height: bottom - from }),
    );
  });
}
