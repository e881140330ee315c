import type { Place } from '../layout.ts';
import type { CityDrawing } from './city.ts';
import type { DayStop, RideDay, TripDay, VehicleDay } from './day.ts';
import { drawsRoutes, stopCount } from './fleet.ts';
import { straightened } from './ground.ts';
import { COLOURS } from './style.ts';

/** What the script of the replay reads, in pixels of the map and units of time of the instance. */
export interface ReplayData {
  readonly width: number;
  readonly height: number;
  readonly from: number;
  readonly to: number;
  /** Seconds in a unit of time where times are hours and minutes; 0 where they are numbers. */
  readonly clockSeconds: number;
  /** Whether vehicles have colours of their own. */
  readonly named: boolean;
  readonly vehicles: readonly ReplayVehicle[];
  /**
   * One after another: ready, picked up, dropped off, x and y of the pickup, x and y of the drop-off, seats, and the position of the
   * vehicle in the list. Whom nobody serves has vehicle −1 and leaves at the latest time of the pickup.
   */
  readonly riders: readonly (readonly number[])[];
  readonly starts: readonly (readonly [x: number, y: number])[];
}

interface ReplayVehicle {
  readonly name: number;
  readonly colour: number;
  readonly seats: number;
  /** Time, x, y, one after another; it moves evenly from one to the next. */
  readonly way: readonly number[];
  /** Time and seats in use from then on, one after another. */
  readonly loads: readonly number[];
}

/** Points of all ways together: about 16 bytes each. */
const POINTS_MAX = 50_000;
const RIDERS_MAX = 10_000;

/** The day as the replay draws it. With too many points streets become straight lines, and then vehicles are left out evenly. */
export function replayData(city: CityDrawing): ReplayData {
  const { instance, day, ground, units } = city;
  const fits = 2 * stopCount(day.driven) + 3 * day.driven.length;
  const every = Math.max(1, Math.ceil(fits / POINTS_MAX));
  const shown = day.driven.filter((_, k) => k % every === 0);
  const straight = shown.length < day.driven.length || !drawsRoutes(day);
  const index = new Map(shown.map(({ vehicle }, k) => [vehicle, k]));
  const riders = day.trips.flatMap((trip) => {
    const vehicle = trip.ridden === null ? -1 : index.get(trip.ridden.vehicle);
    return vehicle === undefined ? [] : [rider(city, trip, vehicle)];
  });
  const starts = new Set(instance.vehicles.map(({ start }) => start));
  return {
    width: ground.width,
    height: ground.height,
    from: short(day.from),
    to: short(day.to),
    clockSeconds: units.clockUnit === 'hours:minutes' ? instance.secondsPerTime : 0,
    named: drawsRoutes(day),
    vehicles: shown.map((driven, rank) => replayVehicle(city, driven, { rank, straight })),
    riders: riders.slice(0, RIDERS_MAX),
    starts: [...starts].map((place) => {
      const { x, y } = ground.place(place);
      return [pixel(x), pixel(y)] as const;
    }),
  };
}

function replayVehicle(
  city: CityDrawing,
  driven: VehicleDay,
  { rank, straight }: { readonly rank: number; readonly straight: boolean },
): ReplayVehicle {
  const { given, stops, left, ended, vehicle } = driven;
  const way: number[] = [];
  const add = (time: number, { x, y }: Place): void => void way.push(short(time), pixel(x), pixel(y));
  let [at, free] = [given.start, left];
  for (const { place, arrive, leave } of stops) {
    for (const [time, point] of timed(pointsOf(city, { from: at, to: place, straight }), free, arrive))
      add(time, point);
    add(leave, city.ground.place(place));
    [at, free] = [place, leave];
  }
  if (given.home !== null) {
    for (const [time, point] of timed(pointsOf(city, { from: at, to: given.home, straight }), free, ended))
      add(time, point);
  }
  return {
    name: vehicle + 1,
    colour: rank % COLOURS,
    seats: given.capacity,
    way,
    loads: stops.flatMap(({ begin, load }: DayStop) => [short(begin), load]),
  };
}

function pointsOf(
  { ways, ground }: CityDrawing,
  { from, to, straight }: { readonly from: number; readonly to: number; readonly straight: boolean },
): readonly Place[] {
  return straight ? [ground.place(from), ground.place(to)] : straightened(ways.between(from, to).map(ground.at));
}

/** Every point of a way with its time, at an even speed. */
function timed(points: readonly Place[], from: number, to: number): readonly (readonly [number, Place])[] {
  const lengths = points.map((point, k) => {
    const before = points[k - 1] ?? point;
    return Math.hypot(point.x - before.x, point.y - before.y);
  });
  const total = lengths.reduce((sum, length) => sum + length, 0);
  let gone = 0;
  return points.map((point, k) => {
    gone += lengths[k] ?? 0;
    return [total > 0 ? from + (to - from) * (gone / total) : to, point] as const;
  });
}

function rider({ ground }: CityDrawing, { request, readyAt, ridden }: TripDay, vehicle: number): readonly number[] {
  const [from, to] = [ground.place(request.pickup.place), ground.place(request.dropoff.place)];
  const gone = Math.min(request.pickup.latest, readyAt + 1e6);
  const times = ridden === null ? [gone, gone] : [ridden.pickedUp, ridden.droppedOff];
  return [...[readyAt, ...times].map(short), ...[from.x, from.y, to.x, to.y].map(pixel), request.load, vehicle];
}

function short(time: number): number {
  return Math.round(time * 100) / 100;
}

function pixel(value: number): number {
  return Math.round(value * 10) / 10;
}

/** When most seats are in use: the picture that the replay begins with. The first such time, just behind a pickup. */
export function busiestTime({ driven, from }: RideDay): number {
  const changes = driven
    .flatMap(({ stops }) => stops.map(({ begin, load, loadBefore }) => ({ time: begin, change: load - loadBefore })))
    .toSorted((a, b) => a.time - b.time);
  let [seats, most, best] = [0, 0, from];
  for (const [k, { time, change }] of changes.entries()) {
    seats += change;
    if (seats > most) [most, best] = [seats, (time + (changes[k + 1]?.time ?? time)) / 2];
  }
  return best;
}
