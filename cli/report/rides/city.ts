import type { RideInstance } from '../../../scenarios/ride-sharing/instance.ts';
import type { LegendEntry } from '../chart.ts';
import { el, type Markup } from '../markup.ts';
import type { RideDay, VehicleDay } from './day.ts';
import { legsOf } from './fleet.ts';
import { pathText, type Ground } from './ground.ts';
import type { Ways } from './ways.ts';
import type { Units } from './words.ts';

/** What the map and the pictures of days are drawn from. */
export interface CityDrawing {
  readonly instance: RideInstance;
  readonly day: RideDay;
  readonly ground: Ground;
  readonly ways: Ways;
  readonly units: Units;
}

/** What an unserved request looks like. */
export const LOST_ENTRY: LegendEntry = {
  sample: el('path', { class: 'lost', d: 'M8 2L18 12M18 2L8 12' }),
  words: 'request that nobody serves',
};

/** The way of one vehicle in two paths: with riders, and with nobody on board. */
export function routePaths({ ground, ways }: CityDrawing, driven: VehicleDay, moved: number): readonly Markup[] {
  const text = (empty: boolean): string =>
    legsOf(driven)
      .filter(({ load, from, to }) => load > 0 !== empty && from !== to)
      .map(({ from, to }) => ways.between(from, to).map(ground.at))
      .map((points) => pathText(points.map(({ x, y }) => ({ x: x + moved, y: y + moved }))))
      .join('');
  return [
    { name: 'route deadhead', d: text(true) },
    { name: 'route', d: text(false) },
  ].flatMap(({ name, d }) => (d === '' ? [] : [el('path', { class: name, d })]));
}
