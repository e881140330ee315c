import { legend } from '../chart.ts';
import type { Place } from '../layout.ts';
import { el, type Child, type Markup } from '../markup.ts';
import { counted, decimal } from '../numbers.ts';
import { LOST_ENTRY, type CityDrawing } from './city.ts';
import { legsOf, type Leg } from './fleet.ts';
import { pathText } from './ground.ts';

/** Ways of vehicles that are looked up or drawn at most, spread evenly over all of them. */
const LEGS_MAX = 4000;
/** From which share of the busiest street on a street is drawn in which class and width. */
const CLASSES = [
  { from: 0, name: 'd0', width: 1.6 },
  { from: 0.12, name: 'd1', width: 2.4 },
  { from: 0.28, name: 'd2', width: 3.4 },
  { from: 0.5, name: 'd3', width: 4.6 },
  { from: 0.75, name: 'd4', width: 6 },
] as const;

/** How busy the streets are, drawn. */
export interface Density {
  readonly marks: Child;
  /** What is drawn, and what is left out. */
  readonly words: string;
  /** Passages of the busiest street among the ways drawn; 0 where ways are straight lines. */
  readonly busiest: number;
}

/** The traffic of a fleet whose routes nobody could tell apart. */
export function densityMarks(city: CityDrawing): Density {
  const all = city.day.driven.flatMap(legsOf).filter(({ from, to }) => from !== to);
  const every = Math.max(1, Math.ceil(all.length / LEGS_MAX));
  const legs = all.filter((_, k) => k % every === 0);
  const part =
    every === 1
      ? `All ${counted(all.length, 'way')} of ${counted(city.day.driven.length, 'vehicle')} between two stops are drawn`
      : `${decimal(legs.length, 0)} of the ${decimal(all.length, 0)} ways of ${counted(city.day.driven.length, 'vehicle')} between two stops are drawn (every ${ordinal(every)})`;
  return city.instance.map.streets.length > 0
    ? streetDensity(city, legs, `${part}, over the shortest streets; routes of single vehicles are left out.`)
    : { marks: haze(city, legs), words: `${part}, as straight lines: the darker, the busier.`, busiest: 0 };
}

function ordinal(count: number): string {
  const ending = ({ 1: 'st', 2: 'nd', 3: 'rd' } as const)[count % 100 > 10 && count % 100 < 14 ? 0 : count % 10];
  return `${count}${ending ?? 'th'}`;
}

/** Each line a path of its own, for only separate shapes darken where they cross. */
function haze({ ground }: CityDrawing, legs: readonly Leg[]): Markup {
  return el(
    'g',
    { class: 'haze' },
    legs.map(({ from, to }) => el('path', { d: pathText([ground.place(from), ground.place(to)]) })),
  );
}

interface Piece {
  readonly from: Place;
  readonly to: Place;
  count: number;
}

function streetDensity({ ground, ways }: CityDrawing, legs: readonly Leg[], words: string): Density {
  const pieces = new Map<string, Piece>();
  for (const { from, to } of legs) {
    const points = ways.between(from, to);
    for (const [k, b] of points.entries()) {
      const a = points[k - 1];
      if (a === undefined || (a.x === b.x && a.y === b.y)) continue;
      // Both directions of a street are one.
      const [first, last] = a.x < b.x || (a.x === b.x && a.y < b.y) ? [a, b] : [b, a];
      const key = `${first.x} ${first.y} ${last.x} ${last.y}`;
      const piece = pieces.get(key);
      if (piece === undefined) pieces.set(key, { from: ground.at(first), to: ground.at(last), count: 1 });
      else piece.count += 1;
    }
  }
  const busiest = [...pieces.values()].reduce((most, { count }) => Math.max(most, count), 0);
  const marks = CLASSES.map(({ name, width, from }, k) => {
    const below = CLASSES[k + 1]?.from ?? Infinity;
    const inClass = [...pieces.values()].filter(({ count }) => count / busiest >= from && count / busiest < below);
    return el('path', {
      class: `flow ${name}`,
      'stroke-width': width,
      d: inClass.map((piece) => pathText([piece.from, piece.to])).join(''),
    });
  });
  return { marks, words, busiest };
}

/** What widths and colours of the traffic mean. */
export function densityLegend({ day }: CityDrawing, { busiest }: Density): Markup {
  const least = (from: number): number => Math.max(1, Math.ceil(from * busiest));
  const classes =
    busiest === 0
      ? [{ sample: el('path', { class: 'flow d2', 'stroke-width': 1, d: 'M1 7H25' }), words: 'way of a vehicle' }]
      : CLASSES.map(({ name, width, from }, k) => {
          const above = CLASSES[k + 1];
          const most = above === undefined ? busiest : least(above.from) - 1;
          return {
            most,
            least: least(from),
            sample: el('path', { class: `flow ${name}`, 'stroke-width': width, d: 'M2 7H24' }),
            words: `${rangeWords(least(from), most)}${k === 0 ? ' ways over a street' : ''}`,
          };
        }).filter((entry) => entry.most >= entry.least);
  return legend([
    ...classes,
    { sample: el('rect', { class: 'depot', x: 8, y: 2, width: 10, height: 10 }), words: 'start of vehicles' },
    ...(day.unserved.length > 0 ? [LOST_ENTRY] : []),
  ]);
}

function rangeWords(least: number, most: number): string {
  return least === most ? decimal(least, 0) : `${decimal(least, 0)}–${decimal(most, 0)}`;
}
