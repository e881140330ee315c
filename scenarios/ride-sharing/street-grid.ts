import type { Turn } from '../../agents/ride-sharing/trip.ts';
import type { RandomStream } from '../../agent-core/random.ts';
import type { PlacePosition, RideMap } from './instance.ts';

/** Lengths of blocks in kilometres. */
const BLOCK_KM = [0.12, 0.28] as const;
/** Speed in the centre and at the edge, in km/h. */
const CENTRE_SPEED = 22;
const EDGE_SPEED = 40;

/** A grid of streets. Place numbers run along the rows. */
export interface StreetGrid {
  readonly map: RideMap;
  readonly columns: number;
  readonly rows: number;
  /** The crossing on the way between two places, first along the row and then along the column, that is reached next after a time. */
  readonly turn: (from: number, to: number, elapsed: number) => Turn;
}

/** Streets of one direction: where they cross the other ones, and how long it takes to get there from the first. */
interface Axis {
  /** In kilometres. */
  readonly at: Float64Array;
  /** In minutes. */
  readonly minutes: Float64Array;
}

/**
 * A square city of streets at right angles, in kilometres and minutes. Blocks differ in length, and traffic is slower towards the
 * centre. Every fastest way is also a shortest one, so that both are sums along two axes: no pair of places is stored.
 */
export function streetGrid(sizeKm: number, random: RandomStream): StreetGrid {
  const across = axis(sizeKm, random);
  const along = axis(sizeKm, random);
  const columns = across.at.length;
  const rows = along.at.length;
  const between = (xs: Float64Array, ys: Float64Array) => (from: number, to: number) =>
    Math.abs((xs[from % columns] ?? 0) - (xs[to % columns] ?? 0)) +
    Math.abs((ys[Math.floor(from / columns)] ?? 0) - (ys[Math.floor(to / columns)] ?? 0));
  const positions = Array.from({ length: columns * rows }, (_, place) => ({
    x: across.at[place % columns] ?? 0,
    y: along.at[Math.floor(place / columns)] ?? 0,
  }));
  const right = across.at.at(-1) ?? 0;
  const top = along.at.at(-1) ?? 0;
  const streets: (readonly [PlacePosition, PlacePosition])[] = [
    ...Array.from(
      across.at,
      (x) =>
        [
          { x, y: 0 },
          { x, y: top },
        ] as const,
    ),
    ...Array.from(
      along.at,
      (y) =>
        [
          { x: 0, y },
          { x: right, y },
        ] as const,
    ),
  ];
  const map = {
    places: columns * rows,
    positions,
    streets,
    time: between(across.minutes, along.minutes),
    distance: between(across.at, along.at),
  };
  return { map, columns, rows, turn: turning(map, columns) };
}

function turning(map: RideMap, columns: number): StreetGrid['turn'] {
  return (from, to, elapsed) => {
    const corner = Math.floor(from / columns) * columns + (to % columns);
    const legs = [
      [from, corner, Math.sign(corner - from)],
      [corner, to, Math.sign(to - corner) * columns],
    ] as const;
    for (const [start, end, step] of legs) {
      for (let place = start; place !== end; place += step) {
        const at = map.time(from, place);
        if (at >= elapsed) return { place, time: at };
      }
    }
    return { place: to, time: map.time(from, to) };
  };
}

function axis(sizeKm: number, random: RandomStream): Axis {
  const at = [0];
  const minutes = [0];
  for (let here = 0; here < sizeKm;) {
    const block = random.between(...BLOCK_KM);
    const offCentre = Math.min(1, Math.abs(2 * (here / sizeKm) - 1));
    const speed = CENTRE_SPEED + (EDGE_SPEED - CENTRE_SPEED) * offCentre;
    here += block;
    at.push(here);
    minutes.push((minutes.at(-1) ?? 0) + (60 * block) / speed);
  }
  return { at: Float64Array.from(at), minutes: Float64Array.from(minutes) };
}
