import type { PlacePosition, RideInstance } from '../../../scenarios/ride-sharing/instance.ts';
import { extent, type Place } from '../layout.ts';

/** The city fitted into a drawing. */
export interface Ground {
  readonly width: number;
  readonly height: number;
  /** What of the width the city fills, margins included: the rest to both sides is empty. */
  readonly filled: { readonly left: number; readonly width: number };
  /** Where a position of the map is drawn; y grows upwards on maps and downwards on drawings. */
  readonly at: (position: PlacePosition) => Place;
  readonly place: (place: number) => Place;
  /** All streets as one path; empty where all ways are straight. */
  readonly streets: string;
  /** Streets left out as there are too many. */
  readonly streetsLeftOut: number;
}

const WIDTH = 1120;
const HEIGHT = { min: 260, max: 780 };
const MARGIN = 26;
/** About 20 bytes each in the file. */
const STREETS_MAX = 12_000;

/** Fits streets and all places where somebody stops into a drawing, true to scale. */
export function groundOf({ map, vehicles, requests }: RideInstance): Ground {
  const known = (place: number): PlacePosition => map.positions[place] ?? { x: 0, y: 0 };
  const used = [
    ...vehicles.flatMap(({ start, home }) => (home === null ? [start] : [start, home])),
    ...requests.flatMap(({ pickup, dropoff }) => [pickup.place, dropoff.place]),
  ].map(known);
  const points = [...used, ...map.streets.flat()];
  const [x0, x1] = extent(points.map(({ x }) => x));
  const [y0, y1] = extent(points.map(({ y }) => y));
  const [spanX, spanY] = [Math.max(1e-9, x1 - x0), Math.max(1e-9, y1 - y0)];
  const scale = Math.min((WIDTH - 2 * MARGIN) / spanX, (HEIGHT.max - 2 * MARGIN) / spanY);
  const height = Math.max(HEIGHT.min, spanY * scale + 2 * MARGIN);
  const left = (WIDTH - spanX * scale) / 2;
  const top = (height - spanY * scale) / 2;
  const at = ({ x, y }: PlacePosition): Place => ({ x: left + (x - x0) * scale, y: top + (y1 - y) * scale });
  const drawn = map.streets.slice(0, STREETS_MAX);
  return {
    width: WIDTH,
    height: Math.ceil(height),
    filled: { left: left - MARGIN, width: Math.ceil(spanX * scale + 2 * MARGIN) },
    at,
    place: (place) => at(known(place)),
    streets: drawn.map(([a, b]) => pathText([at(a), at(b)])).join(''),
    streetsLeftOut: map.streets.length - drawn.length,
  };
}

/** A path through `points` to tenths of a pixel; points on the way straight on are left out. */
export function pathText(points: readonly Place[]): string {
  return straightened(points)
    .map(({ x, y }, k) => `${k === 0 ? 'M' : 'L'}${tenth(x)} ${tenth(y)}`)
    .join('');
}

/** `points` without those that lie on the way between their neighbours. */
export function straightened(points: readonly Place[]): readonly Place[] {
  const kept: Place[] = [];
  for (const [k, point] of points.entries()) {
    const [before, next] = [kept.at(-1), points[k + 1]];
    if (before !== undefined && next !== undefined) {
      const [ax, ay, bx, by] = [point.x - before.x, point.y - before.y, next.x - point.x, next.y - point.y];
      // Straight on, not straight back.
      if (Math.abs(ax * by - ay * bx) < 1e-6 * (1 + Math.hypot(ax, ay) * Math.hypot(bx, by)) && ax * bx + ay * by >= 0)
        continue;
    }
    kept.push(point);
  }
  return kept;
}

/** A coordinate to tenths. */
export function tenth(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value * 10) / 10 + 0) : '0';
}
