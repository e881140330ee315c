import { drawing, figure, horizontalAxis, legend, scrolling, verticalAxis } from '../chart.ts';
import { el, type Markup } from '../markup.ts';
import { decimal } from '../numbers.ts';
import { linearAxis } from '../scale.ts';
import { clockAxis } from './clock-axis.ts';
import type { RideDay, VehicleDay } from './day.ts';
import { shownVehicles } from './fleet.ts';
import { tenth } from './ground.ts';
import type { Units } from './words.ts';

const WIDTH = 1120;
const HEIGHT = 320;
const PLOT = { left: 56, right: 1092, top: 34, bottom: 272 };
/** Points in time at which the fleet is counted. */
const SAMPLES = 240;

/** What the vehicles of a fleet do at one time. */
interface Count {
  carrying: number;
  empty: number;
  standing: number;
}

/** What a fleet too large for a row each does over time; null where every vehicle has a row. */
export function fleetFigure(day: RideDay, units: Units): Markup | null {
  if (shownVehicles(day).length === day.driven.length) return null;
  const span = day.to - day.from;
  const times = Array.from({ length: SAMPLES }, (_, k) => day.from + ((k + 0.5) / SAMPLES) * span);
  const counts = times.map((): Count => ({ carrying: 0, empty: 0, standing: 0 }));
  for (const driven of day.driven) count(driven, times, counts);
  const peak = counts.reduce((most, { carrying }) => Math.max(most, carrying), 0);
  return figure(
    {
      heading: 'The fleet over time',
      caption: `What the ${decimal(day.driven.length, 0)} vehicles that left their starts did. At the peak ${decimal(peak, 0)} had riders on board at once.`,
      wide: true,
    },
    legend([
      { sample: el('rect', { class: 'on-road', x: 1, y: 2, width: 24, height: 10 }), words: 'with riders on board' },
      { sample: el('rect', { class: 'on-road-empty', x: 1, y: 2, width: 24, height: 10 }), words: 'drives empty' },
      {
        sample: el('rect', { class: 'standing', x: 1, y: 2, width: 24, height: 10 }),
        words: 'stands empty, between first and last stop',
      },
    ]),
    scrolling('Chart of the fleet over time', chart({ day, units, times, counts })),
  );
}

/** Adds a vehicle to the counts of all times within its day. */
function count({ left, ended, stops }: VehicleDay, times: readonly number[], counts: readonly Count[]): void {
  let next = 0;
  for (const [k, time] of times.entries()) {
    if (time < left || time > ended) continue;
    while (next < stops.length && (stops[next]?.leave ?? Infinity) <= time) next += 1;
    const now = counts[k];
    const ahead = stops[next];
    if (now === undefined) continue;
    if ((ahead ?? stops.at(-1))?.[ahead === undefined ? 'load' : 'loadBefore'] !== 0) now.carrying += 1;
    else if (ahead === undefined || time < ahead.arrive) now.empty += 1;
    else now.standing += 1;
  }
}

interface Course {
  readonly day: RideDay;
  readonly units: Units;
  readonly times: readonly number[];
  readonly counts: readonly Count[];
}

function chart({ day, units, times, counts }: Course): Markup {
  const x = clockAxis({ from: day.from, to: day.to, range: [PLOT.left, PLOT.right] }, units);
  const total = ({ carrying, empty, standing }: Count): number => carrying + empty + standing;
  const y = linearAxis({
    low: 0,
    high: counts.reduce((most, now) => Math.max(most, total(now)), 1),
    range: [PLOT.bottom, PLOT.top],
  });
  const area = (name: string, of: (now: Count) => number): Markup => {
    const line = counts.map((now, k) => `L${tenth(x.at(times[k] ?? 0))} ${tenth(y.at(of(now)))}`).join('');
    const [first, last] = [tenth(x.at(times[0] ?? 0)), tenth(x.at(times.at(-1) ?? 0))];
    return el('path', { class: name, d: `M${first} ${PLOT.bottom}${line}L${last} ${PLOT.bottom}Z` });
  };
  return drawing(
    {
      id: 'fleet',
      title: 'Vehicles with riders, empty and standing over time',
      description: [0.1, 0.3, 0.5, 0.7, 0.9]
        .map((share) => Math.floor(share * SAMPLES))
        .map(
          (k) =>
            `${units.clock(times[k] ?? 0)}: ${counts[k]?.carrying ?? 0} with riders, ${counts[k]?.empty ?? 0} empty, ${counts[k]?.standing ?? 0} standing`,
        )
        .join('; '),
      width: WIDTH,
      height: HEIGHT,
    },
    verticalAxis({ axis: y, title: 'Vehicles', at: PLOT.left, to: PLOT.right }),
    area('standing', total),
    area('on-road-empty', ({ carrying, empty }) => carrying + empty),
    area('on-road', ({ carrying }) => carrying),
    horizontalAxis({ axis: x, title: `Time, ${units.clockUnit}`, at: PLOT.bottom, to: PLOT.bottom }),
  );
}
