import { extent, type Place } from './layout.ts';

/** A bus on the map, in pixels of the drawing. */
export interface Spot extends Place {
  readonly radius: number;
}

/** Places fitted into a drawing, and how high it has to be. */
export interface FittedMap {
  readonly spots: readonly Spot[];
  readonly width: number;
  readonly height: number;
}

const WIDTH = 1120;
/** Small grids are not blown up: the height allowed grows with the root of the number of buses. */
const HEIGHT = { min: 260, max: 760, base: 220, perRootBus: 60 };
const MARGIN = 46;
/** A map may be stretched sideways this much to fill the page: its plane is arbitrary. */
const STRETCH_MAX = 1.6;
/** Pixels between two buses that would touch, and how often touching ones are pushed apart. */
const CLEARANCE = 5;
const PUSHES = 60;
/** Radii: share of the mean distance of buses, and bounds in pixels. */
const RADIUS = { share: 0.3, min: 3, max: 21, smallest: 2.6 };

/** Puts `places` on the map; `powersMw` (0 or more) are drawn as areas. Buses that would touch move apart. */
export function fitMap(places: readonly Place[], powersMw: readonly number[]): FittedMap {
  const [x0, x1] = extent(places.map(({ x }) => x));
  const [y0, y1] = extent(places.map(({ y }) => y));
  const [spanX, spanY] = [Math.max(1e-9, x1 - x0), Math.max(1e-9, y1 - y0)];
  const highest = Math.min(HEIGHT.max, HEIGHT.base + HEIGHT.perRootBus * Math.sqrt(places.length));
  const [roomX, roomY] = [WIDTH - 2 * MARGIN, highest - 2 * MARGIN];
  const scaleY = Math.min(roomX / spanX, roomY / spanY);
  const scaleX = Math.min(roomX / spanX, scaleY * STRETCH_MAX);
  const height = Math.max(HEIGHT.min, spanY * scaleY + 2 * MARGIN);
  const left = (WIDTH - spanX * scaleX) / 2;
  const top = (height - spanY * scaleY) / 2;
  const radii = radiiOf(powersMw, Math.sqrt((WIDTH * height) / Math.max(1, places.length)));
  const spots = places.map(({ x, y }, row) => ({
    x: left + (x - x0) * scaleX,
    y: top + (y - y0) * scaleY,
    radius: radii[row] ?? RADIUS.min,
  }));
  return { spots: apart(spots, height), width: WIDTH, height };
}

function radiiOf(powersMw: readonly number[], spacing: number): readonly number[] {
  const largest = powersMw.reduce((most, power) => Math.max(most, power), 0);
  const most = Math.min(RADIUS.max, Math.max(RADIUS.min, RADIUS.share * spacing));
  const least = Math.max(RADIUS.smallest, most * 0.28);
  return powersMw.map((power) => (largest > 0 ? least + (most - least) * Math.sqrt(power / largest) : least));
}

/** Pushes touching pairs apart, a few times over, and keeps everything inside. */
function apart(spots: readonly Spot[], height: number): readonly Spot[] {
  const moved = spots.map((spot) => ({ ...spot }));
  const order = [...moved.keys()];
  for (let push = 0; push < PUSHES; push += 1) {
    let touching = false;
    // By x, so that only near buses are compared.
    order.sort((a, b) => (moved[a]?.x ?? 0) - (moved[b]?.x ?? 0) || a - b);
    for (const [k, row] of order.entries()) {
      for (let next = k + 1; next < order.length; next += 1) {
        const [a, b] = [moved[row], moved[order[next] ?? -1]];
        if (a === undefined || b === undefined || b.x - a.x > 2 * RADIUS.max + CLEARANCE) break;
        touching = separate(a, b) || touching;
      }
    }
    for (const spot of moved) {
      spot.x = Math.min(WIDTH - spot.radius - 4, Math.max(spot.radius + 4, spot.x));
      spot.y = Math.min(height - spot.radius - 4, Math.max(spot.radius + 4, spot.y));
    }
    if (!touching) break;
  }
  return moved;
}

function separate(a: { x: number; y: number; radius: number }, b: { x: number; y: number; radius: number }): boolean {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const distance = Math.hypot(dx, dy);
  const lack = a.radius + b.radius + CLEARANCE - distance;
  if (lack <= 0) return false;
  // Two in one place part sideways.
  const [ux, uy] = distance > 1e-9 ? [dx / distance, dy / distance] : [1, 0];
  a.x -= (ux * lack) / 2;
  a.y -= (uy * lack) / 2;
  b.x += (ux * lack) / 2;
  b.y += (uy * lack) / 2;
  return true;
}
