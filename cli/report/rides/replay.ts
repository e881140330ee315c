import { figure, legend } from '../chart.ts';
import { el, trusted, type Markup } from '../markup.ts';
import { counted, decimal } from '../numbers.ts';
import type { CityDrawing } from './city.ts';
import { LOST_ENTRY } from './city.ts';
import { drawsRoutes } from './fleet.ts';
import { busiestTime, replayData } from './replay-data.ts';
import { REPLAY_SCRIPT } from './replay-script.ts';

/** The scrubber's ends; between them it has as many places. */
const STEPS = 2000;
/** How long the whole day takes, in seconds, with the choice that stands first selected. */
const SPEEDS = [
  { seconds: 120, words: 'slow' },
  { seconds: 45, words: 'normal' },
  { seconds: 15, words: 'fast' },
] as const;
const NORMAL_SECONDS = 45;

/** The day as it went: vehicles on their ways, riders waiting, on board and gone. */
export function replayFigure(city: CityDrawing): Markup {
  const { day, ground, units } = city;
  const heading = 'Replay';
  if (day.driven.length === 0) return figure({ heading, caption: 'No vehicle ever left its start.', wide: true });
  const data = replayData(city);
  const poster = busiestTime(day);
  const place = day.to > day.from ? Math.round(((poster - day.from) / (day.to - day.from)) * STEPS) : 0;
  return figure(
    {
      heading,
      caption: `From ${units.clock(day.from)} to ${units.clock(day.to)} in ${NORMAL_SECONDS} seconds. Where a vehicle waits for a rider it stands at the stop ahead.${leftOut(city, data.vehicles.length, data.riders.length)}`,
      wide: true,
    },
    legend(replayLegend(city)),
    el(
      'canvas',
      {
        id: 'replay',
        class: 'replay',
        width: ground.width,
        height: ground.height,
        role: 'img',
        'aria-label': `Vehicles and riders on the map at the time that the slider names; at first ${units.clock(poster)}, when most riders are on board.`,
      },
      'This browser draws no replay; the map and the timeline above show the same day.',
    ),
    el(
      'div',
      { class: 'controls', id: 'replay-controls', hidden: '' },
      el('button', { type: 'button', id: 'replay-play' }, '▶ Play'),
      el('input', {
        type: 'range',
        id: 'replay-time',
        min: 0,
        max: STEPS,
        value: place,
        'aria-label': 'Time of the day',
      }),
      el(
        'label',
        {},
        'Speed ',
        el(
          'select',
          { id: 'replay-speed' },
          SPEEDS.map(({ seconds, words }) =>
            el('option', { value: seconds, selected: seconds === NORMAL_SECONDS ? '' : null }, words),
          ),
        ),
      ),
    ),
    el('p', { class: 'now', id: 'replay-now' }),
    el('noscript', {}, 'The replay needs scripts; everything else on this page does without.'),
    el('script', { type: 'application/json', id: 'replay-data' }, jsonText(data)),
    el('script', {}, trusted(REPLAY_SCRIPT)),
  );
}

/** JSON that cannot end its element, whatever its strings are. */
function jsonText(value: unknown): Markup {
  return trusted(JSON.stringify(value).replaceAll('<', '\\u003c'));
}

function leftOut({ day }: CityDrawing, vehicles: number, riders: number): string {
  const parts: string[] = [];
  if (vehicles < day.driven.length) {
    parts.push(`${decimal(vehicles, 0)} of ${counted(day.driven.length, 'vehicle')} are replayed`);
  }
  if (riders < day.trips.length) parts.push(`${decimal(riders, 0)} of ${counted(day.trips.length, 'rider')} are shown`);
  return parts.length === 0 ? '' : ` ${parts.join('; ')}.`;
}

function replayLegend({ day }: CityDrawing): Parameters<typeof legend>[0] {
  const lost = day.unserved.length > 0 ? [LOST_ENTRY] : [];
  const waiting = { sample: el('circle', { class: 'depot', cx: 13, cy: 7, r: 4 }), words: 'rider who waits' };
  if (drawsRoutes(day)) {
    return [
      {
        sample: el(
          'g',
          { class: 'v0' },
          el('circle', { class: 'badge', cx: 13, cy: 7, r: 7 }),
          el('text', { class: 'badge-text', x: 13, y: 11 }, '2'),
        ),
        words: 'vehicle in the colour of its route, with seats in use',
      },
      waiting,
      {
        sample: el('circle', { class: 'dropoff v0', cx: 13, cy: 7, r: 4 }),
        words: 'where somebody on board wants to go',
      },
      ...lost,
    ];
  }
  const dot = (name: string): Markup => el('circle', { class: name, cx: 13, cy: 7, r: 4.5 });
  return [
    { sample: dot('on-road'), words: 'vehicle with riders on board' },
    { sample: dot('on-road-empty'), words: 'drives empty' },
    { sample: dot('stander'), words: 'stands empty' },
    waiting,
    ...lost,
  ];
}
