import { drawing } from '../chart.ts';
import type { Place } from '../layout.ts';
import { el, type Markup } from '../markup.ts';
import { counted, decimal } from '../numbers.ts';
import { routePaths, type CityDrawing } from './city.ts';
import type { VehicleDay } from './day.ts';
import { legsOf } from './fleet.ts';
import { pathText, type Ground } from './ground.ts';
import { vehicleClass } from './style.ts';
import { vehicleName } from './words.ts';

/** A leg shorter than this on the drawing has no arrow. */
const ARROW_ROOM = 70;

/** A picture of every vehicle's way alone: what lies under other routes on the map is seen here. */
export function dayPictures(city: CityDrawing): Markup | null {
  if (city.day.driven.length < 2) return null;
  return el(
    'ul',
    { class: 'days' },
    city.day.driven.map((driven, rank) =>
      el(
        'li',
        { class: vehicleClass(rank) },
        el('h3', {}, el('i', {}), vehicleName(driven.vehicle)),
        el('p', {}, words(city, driven)),
        picture(city, driven),
      ),
    ),
  );
}

function words({ units }: CityDrawing, { trips, distance, left, ended, most }: VehicleDay): string {
  return `${counted(trips, 'trip')}, ${units.way(distance)}, ${units.clock(left)}–${units.clock(ended)}, at most ${decimal(most, 0)} on board`;
}

function picture(city: CityDrawing, driven: VehicleDay): Markup {
  const { ground } = city;
  const start = ground.place(driven.given.start);
  const { left, width } = pictureFrame(ground);
  return drawing(
    {
      id: `day-${driven.vehicle}`,
      title: `Way of ${vehicleName(driven.vehicle)}`,
      description: `Stops in order: ${driven.stops.map(({ request, kind }) => `${kind === 'pickup' ? '+' : '−'}${request.id}`).join(' ')}`,
      width,
      height: ground.height,
    },
    el(
      'g',
      { transform: `translate(${-Math.round(left)} 0)` },
      ground.streets === '' ? null : el('use', { href: '#streets' }),
      routePaths(city, driven, 0),
      arrows(city, driven),
      driven.stops.map(({ kind, place }) => {
        const { x, y } = ground.place(place);
        return el('circle', { class: kind, cx: x, cy: y, r: kind === 'pickup' ? 11 : 9 });
      }),
      el('rect', { class: 'depot', x: start.x - 13, y: start.y - 13, width: 26, height: 26 }),
    ),
  );
}

/** Without the empty sides of the map, but never so narrow that the picture becomes a tower. */
function pictureFrame({ filled, width, height }: Ground): Ground['filled'] {
  const wide = Math.max(filled.width, Math.min(width, height));
  return { left: (width - wide) / 2, width: wide };
}

/** Arrows in the middle of long pieces say which way the vehicle went. */
function arrows({ ground, ways }: CityDrawing, driven: VehicleDay): readonly Markup[] {
  return legsOf(driven).flatMap(({ from, to }) => {
    const points = ways.between(from, to).map(ground.at);
    const pieces = points.slice(1).map((end, k) => ({ start: points[k] ?? end, end }));
    const length = ({ start, end }: { start: Place; end: Place }): number =>
      Math.hypot(end.x - start.x, end.y - start.y);
    const longest = pieces.reduce<(typeof pieces)[number] | null>(
      (most, piece) => (most === null || length(piece) > length(most) ? piece : most),
      null,
    );
    return longest === null || length(longest) < ARROW_ROOM ? [] : [arrow(longest.start, longest.end)];
  });
}

function arrow(start: Place, end: Place): Markup {
  const length = Math.hypot(end.x - start.x, end.y - start.y);
  const [ux, uy] = [(end.x - start.x) / length, (end.y - start.y) / length];
  const [mx, my] = [(start.x + end.x) / 2, (start.y + end.y) / 2];
  const corner = (along: number, across: number): Place => ({
    x: mx + ux * along - uy * across,
    y: my + uy * along + ux * across,
  });
  return el('path', { class: 'heading-mark', d: `${pathText([corner(17, 0), corner(-12, 13), corner(-12, -13)])}Z` });
}
