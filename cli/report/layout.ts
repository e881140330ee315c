import { createRandomRoot } from '../../agent-core/random.ts';
import type { Grid } from '../../scenarios/energy/grid.ts';

/** A place on the drawing. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** All pairs are used up to this many buses of an island; beyond, neighbours and pairs with some pivots. */
const ALL_PAIRS_MAX = 320;
const PIVOTS = 40;
const SWEEPS = 30;
/** Least step relative to a full correction: the drawing comes to rest. */
const EPSILON = 0.08;

interface Spring {
  readonly a: number;
  readonly b: number;
  readonly length: number;
}

/**
 * Where to draw each bus row: its own positions where all buses have one, else a drawing in which distances are as near as can
 * be to the number of lines between the buses (stress minimised by stochastic gradient descent, Zheng, Pawar and Goodman 2018).
 * Islands stand side by side. The same grid has the same drawing.
 */
export function busPlaces(grid: Grid): readonly Place[] {
  const given = grid.buses.flatMap(({ position }) => (position === undefined ? [] : [position]));
  // MATPOWER files count y upwards, drawings downwards.
  if (given.length === grid.buses.length) return given.map(({ x, y }) => ({ x, y: -y }));
  const neighbours = adjacency(grid);
  const places: Place[] = grid.buses.map(() => ({ x: 0, y: 0 }));
  const parts = components(neighbours).map((rows) => ({ rows, drawn: levelled(drawPart(rows, neighbours)) }));
  for (const { rows, drawn } of shelved(parts)) {
    for (const [k, row] of rows.entries()) places[row] = drawn[k] ?? { x: 0, y: 0 };
  }
  return places;
}

function adjacency(grid: Grid): readonly (readonly number[])[] {
  const sets = grid.buses.map(() => new Set<number>());
  for (const { active, fromRow, toRow } of grid.branches) {
    if (!active || fromRow === toRow) continue;
    sets[fromRow]?.add(toRow);
    sets[toRow]?.add(fromRow);
  }
  return sets.map((set) => [...set]);
}

/** Connected rows, largest part first. */
function components(neighbours: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const seen = new Set<number>();
  const parts: (readonly number[])[] = [];
  for (const start of neighbours.keys()) {
    if (seen.has(start)) continue;
    const reached = new Set([start]);
    for (const row of reached) for (const next of neighbours[row] ?? []) reached.add(next);
    for (const row of reached) seen.add(row);
    parts.push([...reached].toSorted((a, b) => a - b));
  }
  return parts.toSorted((a, b) => b.length - a.length);
}

function drawPart(rows: readonly number[], neighbours: readonly (readonly number[])[]): readonly Place[] {
  const random = createRandomRoot('drawing').stream('layout');
  const radius = Math.sqrt(rows.length);
  const xs = rows.map(() => random.between(-radius, radius));
  const ys = rows.map(() => random.between(-radius, radius));
  const springs = springsOf(rows, neighbours);
  const longest = springs.reduce((most, { length }) => Math.max(most, length), 1);
  const decay = Math.log(longest ** 2 / EPSILON) / (SWEEPS - 1);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const rate = longest ** 2 * Math.exp(-decay * sweep);
    shuffle(springs, random);
    for (const { a, b, length } of springs) {
      const dx = (xs[a] ?? 0) - (xs[b] ?? 0);
      const dy = (ys[a] ?? 0) - (ys[b] ?? 0);
      const distance = Math.max(1e-9, Math.hypot(dx, dy));
      const move = (Math.min(1, rate / length ** 2) * (distance - length)) / (2 * distance);
      xs[a] = (xs[a] ?? 0) - move * dx;
      ys[a] = (ys[a] ?? 0) - move * dy;
      xs[b] = (xs[b] ?? 0) + move * dx;
      ys[b] = (ys[b] ?? 0) + move * dy;
    }
  }
  return rows.map((_, k) => ({ x: xs[k] ?? 0, y: ys[k] ?? 0 }));
}

function springsOf(rows: readonly number[], neighbours: readonly (readonly number[])[]): Spring[] {
  const index = new Map(rows.map((row, k) => [row, k]));
  const links = rows.map((row) => (neighbours[row] ?? []).map((other) => index.get(other) ?? 0));
  const every = Math.ceil(rows.length / PIVOTS);
  const all = rows.length <= ALL_PAIRS_MAX;
  const springs: Spring[] = [];
  for (const a of rows.keys()) {
    const reach = all || a % every === 0;
    for (const [b, length] of hops(links, a, reach ? Infinity : 1)) {
      if (length > 0 && (a < b || (reach && !all && b % every !== 0))) springs.push({ a, b, length });
    }
  }
  return springs;
}

/** Lines between `start` and whatever is at most `most` lines away. */
function hops(links: readonly (readonly number[])[], start: number, most: number): ReadonlyMap<number, number> {
  const found = new Map([[start, 0]]);
  for (const [node, distance] of found) {
    if (distance >= most) continue;
    for (const next of links[node] ?? []) if (!found.has(next)) found.set(next, distance + 1);
  }
  return found;
}

function shuffle(items: Spring[], random: { integer(min: number, max: number): number }): void {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = random.integer(0, last);
    const [a, b] = [items[last], items[other]];
    if (a === undefined || b === undefined) continue;
    items[last] = b;
    items[other] = a;
  }
}

/** Turned so that the longest extent lies flat: screens and pages of reports are wide. */
function levelled(places: readonly Place[]): readonly Place[] {
  const mean = (of: (place: Place) => number): number =>
    places.reduce((sum, place) => sum + of(place), 0) / Math.max(1, places.length);
  const mx = mean(({ x }) => x);
  const my = mean(({ y }) => y);
  const xy = mean(({ x, y }) => (x - mx) * (y - my));
  const angle = 0.5 * Math.atan2(2 * xy, mean(({ x }) => (x - mx) ** 2) - mean(({ y }) => (y - my) ** 2));
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return places.map(({ x, y }) => ({
    x: (x - mx) * cos + (y - my) * sin,
    y: (y - my) * cos - (x - mx) * sin,
  }));
}

interface Part {
  readonly rows: readonly number[];
  readonly drawn: readonly Place[];
}

/** Parts beside each other in shelves as wide as the largest part, a line's length apart. */
function shelved(parts: readonly Part[]): readonly Part[] {
  let [left, top, height] = [0, 0, 0];
  let width = 8;
  return parts.map(({ rows, drawn }) => {
    const xs = drawn.map(({ x }) => x);
    const ys = drawn.map(({ y }) => y);
    const [x0, x1] = extent(xs);
    const [y0, y1] = extent(ys);
    width = Math.max(width, x1 - x0);
    if (left > 0 && left + x1 - x0 > width) {
      top += height + 1;
      left = 0;
      height = 0;
    }
    const [shiftX, shiftY] = [left - x0, top - y0];
    left += x1 - x0 + 1;
    height = Math.max(height, y1 - y0);
    return { rows, drawn: drawn.map(({ x, y }) => ({ x: x + shiftX, y: y + shiftY })) };
  });
}

/** Least and largest of `values`; [0, 0] of none. */
export function extent(values: readonly number[]): readonly [least: number, largest: number] {
  const first = values[0] ?? 0;
  return values.reduce<[number, number]>(
    ([least, largest], value) => [Math.min(least, value), Math.max(largest, value)],
    [first, first],
  );
}
