import type { RoadMap } from '../../agents/ride-sharing/trip.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { Heap } from './shortest-paths.ts';

/** A street in one direction, between nodes that have the numbers of their file. */
export interface Street {
  readonly from: number;
  readonly to: number;
  readonly time: number;
  readonly distance: number;
}

/** Ways over streets; places below the number of stops are the stops, the others are crossings at which a vehicle can turn off. */
export type StreetWays = Required<Pick<RoadMap, 'time' | 'distance' | 'turn'>>;

/** Most nodes, and entries of all tables: 200 MB. */
const ENTRIES_MAX = 10_000_000;

/** Ways to one stop, by place: time, distance and the next place. */
interface WaysTo {
  readonly time: Float64Array;
  readonly distance: Float64Array;
  readonly next: Int32Array;
}

/**
 * Fastest ways (Dijkstra 1959, backwards from where they end, when the first way there is asked for). No way passes through a stop.
 *
 * @throws HaggleError `too-many-places` past 10 million pairs of a place and a stop
 */
export function streetWays(streets: readonly Street[], stops: readonly number[]): StreetWays {
  const placeOf = new Map(stops.map((node, place) => [node, place]));
  for (const { from, to } of streets) {
    for (const node of [from, to]) if (!placeOf.has(node)) placeOf.set(node, placeOf.size);
  }
  const places = placeOf.size;
  if (places * stops.length > ENTRIES_MAX) {
    throw new HaggleError(
      'too-many-places',
      `ways are kept for at most ${ENTRIES_MAX} pairs, got ${places} x ${stops.length}`,
    );
  }
  const into: (Street & { readonly place: number })[][] = Array.from({ length: places }, () => []);
  for (const street of streets) {
    into[placeOf.get(street.to) ?? 0]?.push({ ...street, place: placeOf.get(street.from) ?? 0 });
  }
  const known = new Map<number, WaysTo>();
  const ways = (to: number): WaysTo => {
    const found = known.get(to) ?? waysTo(to, into, stops.length);
    known.set(to, found);
    return found;
  };
  return {
    time: (from, to) => (from === to ? 0 : (ways(to).time[from] ?? Infinity)),
    distance: (from, to) => (from === to ? 0 : (ways(to).distance[from] ?? Infinity)),
    turn(from, to, elapsed) {
      const way = ways(to);
      const whole = way.time[from] ?? 0;
      let place = from;
      let time = 0;
      while (place !== to && time < elapsed) {
        place = way.next[place] ?? to;
        time = whole - (way.time[place] ?? 0);
      }
      return { place, time };
    },
  };
}

function waysTo(stop: number, into: readonly (readonly (Street & { place: number })[])[], stops: number): WaysTo {
  const time = new Float64Array(into.length).fill(Infinity);
  const distance = new Float64Array(into.length).fill(Infinity);
  const next = new Int32Array(into.length).fill(stop);
  time[stop] = 0;
  distance[stop] = 0;
  const heap = new Heap();
  heap.push(stop, 0);
  for (let place = heap.pop(time); place >= 0; place = heap.pop(time)) {
    if (place < stops && place !== stop) continue;
    for (const street of into[place] ?? []) {
      const through = (time[place] ?? 0) + street.time;
      if (through >= (time[street.place] ?? 0)) continue;
      time[street.place] = through;
      distance[street.place] = (distance[place] ?? 0) + street.distance;
      next[street.place] = place;
      heap.push(street.place, through);
    }
  }
  return { time, distance, next };
}
