import { drawing, figure, legend, scrolling, type LegendEntry } from '../chart.ts';
import type { Place } from '../layout.ts';
import { el, type Child, type Markup } from '../markup.ts';
import { counted, decimal } from '../numbers.ts';
import { LOST_ENTRY, routePaths, type CityDrawing } from './city.ts';
import type { DayStop, VehicleDay } from './day.ts';
import { densityMarks, densityLegend } from './density.ts';
import { drawsRoutes, legsOf, shownVehicles } from './fleet.ts';
import { pathText } from './ground.ts';
import { dayPictures } from './pictures.ts';
import { vehicleClass } from './style.ts';
import { vehicleName } from './words.ts';

/** Unserved requests drawn at most, spread evenly over all; more than a few are small and have no line to where they wanted to go. */
const LOST_MAX = 400;
const LOST_FEW = 12;
/** Pixels by which routes over the same street stand apart. */
const APART = 2.4;
/** Room for a badge, and how many badges are tried on one route. */
const BADGE = { radius: 9, gap: 21, tries: 12 };

/** The city with its streets, places and routes; where there are too many routes to tell apart, how busy its streets are. */
export function cityFigure(city: CityDrawing): Markup {
  const { instance, day, ground } = city;
  const routes = drawsRoutes(day);
  const density = routes ? null : densityMarks(city);
  return figure(
    {
      heading: routes ? 'The city and its routes' : 'The city and its traffic',
      caption: caption(city, density?.words ?? null),
      wide: true,
    },
    density === null ? legend(routeLegend(city)) : densityLegend(city, density),
    scrolling(
      'Map of the city',
      drawing(
        {
          id: 'city',
          title: routes
            ? 'Map of the city with the route of each vehicle'
            : 'Map of the city with the traffic on its streets',
          description: `${counted(day.driven.length, 'vehicle')} and ${counted(instance.requests.length, 'request')}. ${shownVehicles(
            day,
          )
            .map(
              ({ vehicle, trips, distance }) =>
                `${vehicleName(vehicle)}: ${counted(trips, 'trip')}, ${city.units.way(distance)}`,
            )
            .join('; ')}`,
          width: ground.width,
          height: ground.height,
        },
        ground.streets === '' ? null : el('path', { id: 'streets', class: 'street', d: ground.streets }),
        density === null ? routeMarks(city) : density.marks,
        lostMarks(city),
        depotMarks(city),
        density === null ? badges(city) : null,
      ),
    ),
    routes ? dayPictures(city) : null,
  );
}

function caption({ instance, day, ground }: CityDrawing, density: string | null): string {
  const parts: string[] = [];
  if (density === null) {
    parts.push(
      instance.map.streets.length > 0
        ? 'Routes follow the shortest way over the streets, side by side where several use one.'
        : 'All ways are straight lines.',
    );
    parts.push('Point at a route to see it alone, at a stop for its times.');
  } else parts.push(density);
  const idle = day.fleet.length - day.driven.length;
  if (idle > 0) parts.push(`${counted(idle, 'vehicle')} of ${decimal(day.fleet.length, 0)} never left.`);
  if (ground.streetsLeftOut > 0)
    parts.push(`${counted(ground.streetsLeftOut, 'street')} too many to draw are left out.`);
  const lost = day.unserved.length;
  if (lost > LOST_MAX) {
    const every = Math.ceil(lost / LOST_MAX);
    parts.push(`Of ${decimal(lost, 0)} unserved requests ${decimal(Math.ceil(lost / every), 0)} are drawn.`);
  }
  return parts.join(' ');
}

function routeLegend({ day }: CityDrawing): readonly LegendEntry[] {
  const vehicles = day.driven.map(({ vehicle }, rank) => ({
    sample: el('path', { class: `route ${vehicleClass(rank)}`, d: 'M1 7H25' }),
    words: vehicleName(vehicle),
  }));
  return [
    ...vehicles,
    { sample: el('path', { class: 'route deadhead v11', d: 'M1 7H25' }), words: 'nobody on board' },
    { sample: el('circle', { class: 'pickup v11', cx: 13, cy: 7, r: 4.5 }), words: 'pickup' },
    { sample: el('circle', { class: 'dropoff v11', cx: 13, cy: 7, r: 4 }), words: 'drop-off' },
    { sample: el('rect', { class: 'depot', x: 8, y: 2, width: 10, height: 10 }), words: 'start of vehicles' },
    ...(day.unserved.length > 0 ? [LOST_ENTRY] : []),
  ];
}

/** Where several vehicles use one street their lines lie beside each other; straight ways need no room. */
function shift({ instance, day }: CityDrawing, rank: number): number {
  return instance.map.streets.length === 0
    ? 0
    : (rank - (day.driven.length - 1) / 2) * Math.min(APART, 14 / day.driven.length);
}

function routeMarks(city: CityDrawing): Markup {
  return el(
    'g',
    { class: 'vehicles' },
    city.day.driven.map((driven, rank) => {
      const moved = shift(city, rank);
      return el(
        'g',
        { class: vehicleClass(rank) },
        el('title', {}, vehicleName(driven.vehicle)),
        routePaths(city, driven, moved),
        driven.stops.map((stop) => stopMark(city, stop, driven.vehicle)),
      );
    }),
  );
}

function stopMark({ ground, units }: CityDrawing, { request, kind, place, begin }: DayStop, vehicle: number): Markup {
  const { x, y } = ground.place(place);
  const what = kind === 'pickup' ? 'picked up' : 'dropped off';
  return el(
    'circle',
    { class: kind, cx: x, cy: y, r: kind === 'pickup' ? 4.2 : 3.6 },
    el('title', {}, `${vehicleName(vehicle)}: request ${request.id} ${what} at ${units.clock(begin)}`),
  );
}

function lostMarks({ day, ground }: CityDrawing): Child {
  const few = day.unserved.length <= LOST_FEW;
  const every = Math.max(1, Math.ceil(day.unserved.length / LOST_MAX));
  return day.unserved
    .filter((_, k) => k % every === 0)
    .map(({ id, pickup, dropoff }) => {
      const [from, to] = [ground.place(pickup.place), ground.place(dropoff.place)];
      return el(
        'g',
        {},
        el('title', {}, `Request ${id}: nobody serves it`),
        few ? el('path', { class: 'lost-way', d: pathText([from, to]) }) : null,
        el('path', { class: few ? 'lost' : 'lost many', d: cross(from, few ? 4.5 : 2.6) }),
      );
    });
}

function cross({ x, y }: Place, size: number): string {
  return `${pathText([
    { x: x - size, y: y - size },
    { x: x + size, y: y + size },
  ])}${pathText([
    { x: x + size, y: y - size },
    { x: x - size, y: y + size },
  ])}`;
}

function depotMarks({ instance, ground }: CityDrawing): readonly Markup[] {
  const starts = new Map<number, number>();
  for (const { start } of instance.vehicles) starts.set(start, (starts.get(start) ?? 0) + 1);
  const half = starts.size > 40 ? 2.2 : 6;
  return [...starts].map(([place, count]) => {
    const { x, y } = ground.place(place);
    return el(
      'rect',
      { class: 'depot', x: x - half, y: y - half, width: 2 * half, height: 2 * half },
      starts.size > 40 ? null : el('title', {}, `Start of ${counted(count, 'vehicle')}`),
    );
  });
}

/** The number of each vehicle on one of its longest legs, where no other number is. */
function badges(city: CityDrawing): readonly Markup[] {
  const taken: Place[] = [];
  return city.day.driven.flatMap((driven, rank) => {
    const moved = shift(city, rank);
    const middles = longestMiddles(city, driven).map(({ x, y }) => ({ x: x + moved, y: y + moved }));
    const free = middles.find(({ x, y }) => taken.every((other) => Math.hypot(other.x - x, other.y - y) >= BADGE.gap));
    if (free === undefined) return [];
    taken.push(free);
    const { x, y } = free;
    return [
      el('circle', { class: `badge ${vehicleClass(rank)}`, cx: x, cy: y, r: BADGE.radius }),
      el('text', { class: 'badge-text', x, y: y + 4 }, driven.vehicle + 1),
    ];
  });
}

function longestMiddles({ ground, ways }: CityDrawing, driven: VehicleDay): readonly Place[] {
  return legsOf(driven)
    .flatMap(({ from, to }) => {
      const points = ways.between(from, to).map(ground.at);
      return points.slice(1).map((end, k) => ({ start: points[k] ?? end, end }));
    })
    .map(({ start, end }) => ({
      length: Math.hypot(end.x - start.x, end.y - start.y),
      x: (start.x + end.x) / 2,
      y: (start.y + end.y) / 2,
    }))
    .toSorted((a, b) => b.length - a.length || a.x - b.x || a.y - b.y)
    .slice(0, BADGE.tries);
}
