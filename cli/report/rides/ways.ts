import type { PlacePosition, RideMap } from '../../../scenarios/ride-sharing/instance.ts';

/** How the ways between places run over the streets. */
export interface Ways {
  /** Corners from one place to another, both included; a straight line where no street leads there. */
  between(from: number, to: number): readonly PlacePosition[];
}

interface Edge {
  readonly to: number;
  readonly length: number;
}

/** Streets as a graph: corners, and from each the streets to the next ones. */
interface StreetGraph {
  readonly corners: readonly PlacePosition[];
  readonly edges: readonly (readonly Edge[])[];
  readonly byPlace: (position: PlacePosition) => number;
}

/**
 * A map says how long a way is, not where it runs; drawings show the shortest way over the streets (A* with the straight line as
 * bound: Hart, Nilsson and Raphael 1968), which need not be the one that was driven.
 */
export function waysOf({ positions, streets }: RideMap): Ways {
  const at = (place: number): PlacePosition => positions[place] ?? { x: 0, y: 0 };
  if (streets.length === 0) return { between: (from, to) => [at(from), at(to)] };
  const graph = streetGraph(cutAtPlaces(streets, positions));
  const search = shortestWays(graph);
  return {
    between: (from, to) => {
      const [start, end] = [at(from), at(to)];
      const corners = search(graph.byPlace(start), graph.byPlace(end));
      return dedupe([start, ...corners.map((corner) => graph.corners[corner] ?? start), end]);
    },
  };
}

function dedupe(points: readonly PlacePosition[]): readonly PlacePosition[] {
  return points.filter((point, k) => {
    const before = points[k - 1];
    return before?.x !== point.x || before.y !== point.y;
  });
}

type Street = RideMap['streets'][number];

/** A street may be one line through many crossings: it is cut wherever a place lies on it. */
function cutAtPlaces(streets: RideMap['streets'], positions: readonly PlacePosition[]): readonly Street[] {
  const byX = positions.toSorted((a, b) => a.x - b.x || a.y - b.y);
  return streets.flatMap(([from, to]) => {
    const between = placesBetween(byX, [from, to]);
    if (between.length === 0) return [[from, to] as const];
    const corners = [from, ...between, to];
    return corners.slice(1).map((corner, k) => [corners[k] ?? from, corner] as const);
  });
}

/** Places on a street between its ends, in order from the first end; each position once. */
function placesBetween(byX: readonly PlacePosition[], [from, to]: Street): readonly PlacePosition[] {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  const slack = 1e-9 * Math.max(1, length);
  const [low, high] = [Math.min(from.x, to.x) - slack, Math.max(from.x, to.x) + slack];
  const found: { readonly along: number; readonly position: PlacePosition }[] = [];
  for (let k = firstFrom(byX, low); k < byX.length; k += 1) {
    const position = byX[k];
    if (position === undefined || position.x > high) break;
    const [px, py] = [position.x - from.x, position.y - from.y];
    const along = (px * dx + py * dy) / length;
    if (along <= slack || along >= length - slack || Math.abs(px * dy - py * dx) > slack * length) continue;
    found.push({ along, position });
  }
  return found
    .toSorted((a, b) => a.along - b.along)
    .filter(({ along }, k, all) => along - (all[k - 1]?.along ?? -1) > slack)
    .map(({ position }) => position);
}

/** Where the positions whose x is at least `low` begin. */
function firstFrom(byX: readonly PlacePosition[], low: number): number {
  let [before, first] = [-1, byX.length];
  while (first - before > 1) {
    const middle = (before + first) >> 1;
    if ((byX[middle]?.x ?? 0) < low) before = middle;
    else first = middle;
  }
  return first;
}

function streetGraph(streets: RideMap['streets']): StreetGraph {
  const numbers = new Map<string, number>();
  const corners: PlacePosition[] = [];
  const edges: Edge[][] = [];
  const cornerOf = (position: PlacePosition): number => {
    const key = `${position.x} ${position.y}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, corners.length);
    edges.push([]);
    return corners.push(position) - 1;
  };
  for (const [a, b] of streets) {
    const [from, to] = [cornerOf(a), cornerOf(b)];
    const length = Math.hypot(a.x - b.x, a.y - b.y);
    edges[from]?.push({ to, length });
    edges[to]?.push({ to: from, length });
  }
  return {
    corners,
    edges,
    byPlace: (position) => {
      const key = `${position.x} ${position.y}`;
      const corner = numbers.get(key) ?? nearest(corners, position);
      // Found once, a place off the corners keeps its corner.
      numbers.set(key, corner);
      return corner;
    },
  };
}

function nearest(corners: readonly PlacePosition[], { x, y }: PlacePosition): number {
  let [best, least] = [0, Infinity];
  for (const [corner, position] of corners.entries()) {
    const far = (position.x - x) ** 2 + (position.y - y) ** 2;
    if (far < least) [best, least] = [corner, far];
  }
  return best;
}

/** Of ways equally long the one with fewer turns is drawn: what a turn adds, too little to make a longer way shorter. */
const TURN = 1 + 1e-5;

function turns(a: PlacePosition | undefined, b: PlacePosition | undefined, c: PlacePosition | undefined): boolean {
  if (a === undefined || b === undefined || c === undefined) return false;
  return Math.abs((b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x)) > 1e-9;
}

type Search = (from: number, to: number) => readonly number[];

/** One search after another over the same arrays: `stamp` tells which entries are of this search. */
function shortestWays({ corners, edges }: StreetGraph): Search {
  const stamp = new Int32Array(corners.length);
  const far = new Float64Array(corners.length);
  const via = new Int32Array(corners.length);
  let run = 0;
  return (from, to) => {
    run += 1;
    const goal = corners[to] ?? { x: 0, y: 0 };
    const bound = (corner: number): number =>
      Math.hypot((corners[corner]?.x ?? 0) - goal.x, (corners[corner]?.y ?? 0) - goal.y);
    const open = createQueue();
    [stamp[from], far[from], via[from]] = [run, 0, -1];
    open.push(from, bound(from));
    for (let corner = open.pop(); corner !== null; corner = open.pop()) {
      if (corner === to) return traced(via, to);
      const here = far[corner] ?? 0;
      const before = corners[via[corner] ?? -1];
      for (const { to: next, length } of edges[corner] ?? []) {
        const way = here + length * (turns(before, corners[corner], corners[next]) ? TURN : 1);
        if (stamp[next] === run && way >= (far[next] ?? 0) - 1e-12) continue;
        [stamp[next], far[next], via[next]] = [run, way, corner];
        open.push(next, way + bound(next));
      }
    }
    return [];
  };
}

function traced(via: Int32Array, to: number): readonly number[] {
  const way: number[] = [];
  for (let corner = to; corner >= 0; corner = via[corner] ?? -1) way.push(corner);
  return way.toReversed();
}

interface Queue {
  push(item: number, key: number): void;
  pop(): number | null;
}

/** A binary heap; equal keys leave in an order that depends on the calls only. */
function createQueue(): Queue {
  const items: number[] = [];
  const keys: number[] = [];
  const swap = (a: number, b: number): void => {
    [items[a], items[b]] = [items[b] ?? 0, items[a] ?? 0];
    [keys[a], keys[b]] = [keys[b] ?? 0, keys[a] ?? 0];
  };
  const keyAt = (k: number): number => keys[k] ?? Infinity;
  return {
    push: (item, key) => {
      let k = items.push(item) - 1;
      keys.push(key);
      for (let up = (k - 1) >> 1; k > 0 && keyAt(up) > keyAt(k); up = (k - 1) >> 1) {
        swap(k, up);
        k = up;
      }
    },
    pop: () => {
      const top = items[0];
      if (top === undefined) return null;
      swap(0, items.length - 1);
      items.pop();
      keys.pop();
      for (let k = 0; ;) {
        const [left, right] = [2 * k + 1, 2 * k + 2];
        const least = keyAt(right) < keyAt(left) ? right : left;
        if (keyAt(least) >= keyAt(k)) return top;
        swap(k, least);
        k = least;
      }
    },
  };
}
