import { textWidth } from './chart.ts';
import type { Spot } from './map-places.ts';

/** A box on the map, in pixels. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A straight piece of a line on the map. */
export interface Segment {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** A text that found room: its middle, and whether it stands inside its bus. */
export interface PlacedLabel {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly inside: boolean;
}

/** What is on the map already and must not be covered. */
export interface Occupied {
  readonly boxes: Box[];
  readonly spots: readonly Spot[];
  readonly segments: readonly Segment[];
  readonly width: number;
  readonly height: number;
}

const SIZE = { inside: 11, outside: 10.5, line: 11.5 };
const GAP = 2;

/** Where the label of a bus goes: inside it where it fits, else beside it where nothing is in the way, else nowhere. */
export function placeBusLabel(text: string, spot: Spot, occupied: Occupied): PlacedLabel | null {
  const { x, y, radius } = spot;
  if (textWidth(text, SIZE.inside) <= 2 * radius - 5) return { x, y, size: SIZE.inside, inside: true };
  const [w, h] = [textWidth(text, SIZE.outside), SIZE.outside];
  const [far, up] = [radius + GAP + w / 2, radius + GAP + h / 2];
  const diagonal = radius * 0.75 + GAP;
  const candidates: readonly (readonly [number, number])[] = [
    [x, y - up],
    [x, y + up],
    [x + far, y],
    [x - far, y],
    [x + diagonal + w / 2, y - diagonal - h / 2],
    [x - diagonal - w / 2, y - diagonal - h / 2],
    [x + diagonal + w / 2, y + diagonal + h / 2],
    [x - diagonal - w / 2, y + diagonal + h / 2],
  ];
  return firstFree(candidates, { w, h, size: SIZE.outside, crossable: 0 }, occupied);
}

/** Where the label of a congested line goes: beside its middle; over other lines if need be, for it must be seen. */
export function placeLineLabel(text: string, line: Segment, occupied: Occupied): PlacedLabel | null {
  // Bold and with a halo: wider than its letters.
  const [w, h] = [textWidth(text, SIZE.line) * 1.08 + 6, SIZE.line + 3];
  const length = Math.max(1e-9, Math.hypot(line.x2 - line.x1, line.y2 - line.y1));
  const [nx, ny] = [-(line.y2 - line.y1) / length, (line.x2 - line.x1) / length];
  const offset = 6 + (Math.abs(nx) * w + Math.abs(ny) * h) / 2;
  const beside = (distances: readonly number[]): readonly (readonly [number, number])[] =>
    distances.flatMap((more) =>
      [0.5, 0.35, 0.65, 0.2, 0.8].flatMap((along) =>
        [1, -1].map((side): readonly [number, number] => [
          line.x1 + along * (line.x2 - line.x1) + side * (offset + more) * nx,
          line.y1 + along * (line.y2 - line.y1) + side * (offset + more) * ny,
        ]),
      ),
    );
  const wanted = { w, h, size: SIZE.line };
  // Better on another line than where nobody sees which line is meant.
  return (
    firstFree(beside([0, 9, 18]), { ...wanted, crossable: 0 }, occupied) ??
    firstFree(beside([0, 9, 18]), { ...wanted, crossable: 3 }, occupied) ??
    firstFree(beside([30, 45]), { ...wanted, crossable: 3 }, occupied)
  );
}

interface Wanted {
  readonly w: number;
  readonly h: number;
  readonly size: number;
  /** How many lines of the map the label may cover. */
  readonly crossable: number;
}

function firstFree(
  candidates: readonly (readonly [number, number])[],
  { w, h, size, crossable }: Wanted,
  occupied: Occupied,
): PlacedLabel | null {
  for (const [x, y] of candidates) {
    const box = { left: x - w / 2, right: x + w / 2, top: y - h / 2, bottom: y + h / 2 };
    if (!isFree(box, occupied, crossable)) continue;
    occupied.boxes.push(box);
    return { x, y, size, inside: false };
  }
  return null;
}

function isFree(box: Box, { boxes, spots, segments, width, height }: Occupied, crossable: number): boolean {
  if (box.left < 2 || box.top < 2 || box.right > width - 2 || box.bottom > height - 2) return false;
  if (boxes.some((other) => overlap(box, other))) return false;
  if (spots.some((spot) => touches(box, spot))) return false;
  let crossed = 0;
  for (const segment of segments) {
    if (crosses(box, segment)) crossed += 1;
    if (crossed > crossable) return false;
  }
  return true;
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right + 2 && a.right > b.left - 2 && a.top < b.bottom + 1 && a.bottom > b.top - 1;
}

function touches(box: Box, { x, y, radius }: Spot): boolean {
  const dx = Math.max(box.left - x, 0, x - box.right);
  const dy = Math.max(box.top - y, 0, y - box.bottom);
  return Math.hypot(dx, dy) < radius + 1;
}

/** Whether a segment meets a box (Liang and Barsky 1984). */
export function crosses({ left, right, top, bottom }: Box, { x1, y1, x2, y2 }: Segment): boolean {
  let [from, to] = [0, 1];
  const sides = [
    [x1 - x2, x1 - left],
    [x2 - x1, right - x1],
    [y1 - y2, y1 - top],
    [y2 - y1, bottom - y1],
  ] as const;
  for (const [direction, room] of sides) {
    if (direction === 0) {
      if (room < 0) return false;
    } else if (direction < 0) {
      from = Math.max(from, room / direction);
    } else {
      to = Math.min(to, room / direction);
    }
  }
  return from <= to;
}
