import { drawing, figure, horizontalAxis, legend, scrolling } from '../chart.ts';
import { el, type Child, type Markup } from '../markup.ts';
import { counted, decimal } from '../numbers.ts';
import type { Axis } from '../scale.ts';
import { clockAxis } from './clock-axis.ts';
import type { RideDay, VehicleDay } from './day.ts';
import { shownVehicles, stopCount } from './fleet.ts';
import { tenth } from './ground.ts';
import { ridesInSeats } from './seats.ts';
import { vehicleClass } from './style.ts';
import { vehicleName, type Units } from './words.ts';

const WIDTH = 1120;
const PLOT = { left: 96, right: 1010, top: 22 };
/** Right end of the column of numbers. */
const COLUMN = 1110;
/** Pixels of a row: its seats, and what is left for the strip below and the gap. */
const ROW = { least: 24, most: 44, perSeat: 9, strip: 9, gap: 9 };
/** With more seats than these rides have no seats of their own: the row shows how many are taken. */
const SEATS_MAX = 12;
/** With more stops than these single rides would be too narrow to see, and the page too large. */
const STOPS_MAX = 4000;

/** Who sat in which vehicle when, and when it drove or stood. */
export function timelineFigure(day: RideDay, units: Units): Markup {
  const shown = shownVehicles(day);
  const heading = 'Each vehicle’s load';
  if (shown.length === 0) return figure({ heading, caption: 'No vehicle ever left its start.', wide: true });
  const part =
    shown.length < day.driven.length
      ? ` ${shown.length} of ${decimal(day.driven.length, 0)} vehicles are drawn, spread evenly over their numbers; the table has all.`
      : '';
  return figure(
    {
      heading,
      caption: `A row is a vehicle, a lane one of its seats, a bar a ride from pickup to drop-off. The line below shows when it drove, boarded or stood.${part}`,
      wide: true,
    },
    legend([
      { sample: el('rect', { class: 'ride v0', x: 1, y: 3, width: 24, height: 8 }), words: 'ride' },
      { sample: el('rect', { class: 'seats', x: 1, y: 3, width: 24, height: 8 }), words: 'free seat' },
      { sample: el('path', { class: 'drive v0', d: 'M1 7H25' }), words: 'drives' },
      { sample: el('path', { class: 'serve', d: 'M1 7H25' }), words: 'boarding or alighting' },
      { sample: el('path', { class: 'stand', d: 'M1 7H25' }), words: 'waits for a rider' },
    ]),
    scrolling('Timeline of loads', chart(day, shown, units)),
  );
}

interface Row {
  readonly driven: VehicleDay;
  readonly rank: number;
  readonly top: number;
  readonly height: number;
  /** Whether rides are drawn one by one. */
  readonly single: boolean;
}

function chart(day: RideDay, shown: readonly VehicleDay[], units: Units): Markup {
  let free = PLOT.top;
  const single = stopCount(shown) <= STOPS_MAX;
  // A part of a large fleet is not on the map by colour.
  const coloured = shown.length === day.driven.length;
  const rows = shown.map((driven, k): Row => {
    const rank = coloured ? k : 0;
    const height = seatsHeight(driven);
    const top = free;
    free += height + ROW.strip + ROW.gap;
    return { driven, rank, top, height, single };
  });
  const x = clockAxis({ from: day.from, to: day.to, range: [PLOT.left, PLOT.right] }, units);
  return drawing(
    {
      id: 'timeline',
      title: 'Load of each vehicle over time',
      description: shown
        .slice(0, 24)
        .map(
          ({ vehicle, trips, most, loadFactor }) =>
            `${vehicleName(vehicle)}: ${counted(trips, 'ride')}, at most ${decimal(most, 0)} on board, ${decimal(loadFactor * 100, 0)} % full on its way`,
        )
        .join('; '),
      width: WIDTH,
      height: free + 44,
    },
    el('text', { class: 'axis-title', x: COLUMN, y: 12, 'text-anchor': 'end' }, 'Seats used'),
    horizontalAxis({ axis: x, title: `Time, ${units.clockUnit}`, at: free, to: PLOT.top }),
    rows.map((row) => rowMarks(row, x, units)),
  );
}

function seatsHeight({ given }: VehicleDay): number {
  return Math.min(ROW.most, Math.max(ROW.least, given.capacity * ROW.perSeat));
}

function rowMarks(row: Row, x: Axis, units: Units): Markup {
  const { driven, rank, top, height } = row;
  const { capacity } = driven.given;
  const lanes = row.single && capacity <= SEATS_MAX;
  const [from, to] = [x.at(driven.left), x.at(driven.ended)];
  return el(
    'g',
    { class: vehicleClass(rank) },
    el('rect', { class: 'seats', x: from, y: top, width: Math.max(1, to - from), height }),
    lanes ? seatLines(capacity, { from, to }, row) : null,
    lanes ? rideMarks(row, x, units) : loadMark(row, x),
    strip(row, x),
    el(
      'text',
      { class: 'tick', x: PLOT.left - 10, y: top + height / 2 + 6, 'text-anchor': 'end' },
      vehicleName(driven.vehicle),
    ),
    el(
      'text',
      { class: 'tick', x: COLUMN, y: top + height / 2 + 6, 'text-anchor': 'end' },
      `${decimal(driven.loadFactor * 100, 0)} % of ${decimal(capacity, 0)}`,
    ),
  );
}

function seatLines(capacity: number, { from, to }: { from: number; to: number }, { top, height }: Row): Child {
  const lines = Array.from({ length: Math.max(0, capacity - 1) }, (_, k) => {
    const y = tenth(top + ((k + 1) * height) / capacity);
    return `M${tenth(from)} ${y}H${tenth(to)}`;
  });
  return lines.length === 0 ? null : el('path', { class: 'seat-line', d: lines.join('') });
}

function rideMarks({ driven, top, height }: Row, x: Axis, units: Units): readonly Markup[] {
  const lane = height / driven.given.capacity;
  return ridesInSeats(driven).map(({ request, from, to, blocks }) =>
    el(
      'g',
      {},
      el(
        'title',
        {},
        `Request ${request.id}, ${counted(request.load, 'seat')}: ${units.clock(from)} to ${units.clock(to)} in ${vehicleName(driven.vehicle)}`,
      ),
      blocks.map(({ seat, seats }) =>
        el('rect', {
          class: 'ride',
          x: x.at(from),
          // From the bottom up, as loads are drawn.
          y: top + height - (seat + seats) * lane,
          width: Math.max(1, x.at(to) - x.at(from)),
          height: seats * lane,
          rx: 1.5,
        }),
      ),
    ),
  );
}

/** How many seats are taken, as a filled step curve. */
function loadMark({ driven, top, height }: Row, x: Axis): Markup {
  const floor = top + height;
  const scale = height / driven.given.capacity;
  const steps = driven.stops.map(({ begin, load }) => `H${tenth(x.at(begin))}V${tenth(floor - load * scale)}`);
  const start = tenth(x.at(driven.left));
  return el('path', { class: 'load', d: `M${start} ${tenth(floor)}${steps.join('')}V${tenth(floor)}Z` });
}

/** When the vehicle drove, served and stood, as three paths. */
function strip({ driven, top, height }: Row, x: Axis): Child {
  const y = tenth(top + height + 5);
  const paths = { drive: '', stand: '', serve: '' };
  const add = (kind: keyof typeof paths, from: number, to: number): void => {
    if (x.at(to) - x.at(from) > 0.05) paths[kind] += `M${tenth(x.at(from))} ${y}H${tenth(x.at(to))}`;
  };
  let free = driven.left;
  for (const { arrive, begin, leave } of driven.stops) {
    add('drive', free, arrive);
    add('stand', arrive, begin);
    add('serve', begin, leave);
    free = leave;
  }
  if (driven.given.home !== null) add('drive', free, driven.ended);
  return Object.entries(paths).flatMap(([name, d]) => (d === '' ? [] : [el('path', { class: name, d })]));
}
