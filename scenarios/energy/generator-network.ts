/** The chance that a generated grid takes; any `RandomStream` of agent-core will do. */
export interface Draws {
  /** In [0, 1). */
  uniform(): number;
  /** In [min, max). */
  between(min: number, max: number): number;
  /** A whole number in [min, max], both included. */
  integer(min: number, max: number): number;
  normal(mean: number, deviation: number): number;
}

/** A place in the unit square. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line of a generated network. */
export interface Line {
  readonly fromRow: number;
  readonly toRow: number;
  readonly resistancePu: number;
  readonly reactancePu: number;
}

type Pair = readonly [fromRow: number, toRow: number];

/** A typical 230 kV overhead line has 0.4 Ω/km; divided by 230² / 100 Ω, the base impedance. */
const REACTANCE_PU_PER_KM = 0.4 / 529;
/** Side of the square per √bus, so that neighbours are some 20 km apart whatever the size. */
const KM_PER_ROOT_BUS = 40;
const LENGTH_KM_MIN = 1;
/** How many nearest neighbours of a bus may get a line to it besides the tree. */
const NEIGHBOURS = 6;

/** Random points, the least spanning tree over them and the shortest further lines up to 2.6 to 3 line ends a bus. */
export function generatedNetwork(
  buses: number,
  random: Pick<Draws, 'between' | 'integer'>,
): { readonly points: readonly Point[]; readonly lines: readonly Line[] } {
  const points = Array.from({ length: buses }, () => ({
    x: Number(random.between(0, 1).toFixed(4)),
    y: Number(random.between(0, 1).toFixed(4)),
  }));
  const tree = spanningTree(points);
  const wanted = Math.round((buses * random.between(2.6, 3)) / 2);
  const pairs = [...tree, ...shortPairs(points, tree).slice(0, Math.max(0, wanted - tree.length))];
  const sideKm = KM_PER_ROOT_BUS * Math.sqrt(buses);
  const lines = pairs.map(([fromRow, toRow]) => {
    const km = Math.max(LENGTH_KM_MIN, sideKm * distance(points[fromRow], points[toRow]) * random.between(1, 1.2));
    const reactancePu = Number((REACTANCE_PU_PER_KM * km).toFixed(6));
    return { fromRow, toRow, reactancePu, resistancePu: Number((reactancePu * random.between(0.1, 0.3)).toFixed(6)) };
  });
  return { points, lines };
}

/** The Euclidean minimum spanning tree (Prim 1957). */
function spanningTree(points: readonly Point[]): readonly Pair[] {
  const outside = new Map(
    points.slice(1).map((point, index) => [index + 1, { near: 0, km: distance(points[0], point) }]),
  );
  const tree: Pair[] = [];
  while (outside.size > 0) {
    let next = { row: -1, near: 0, km: Infinity };
    for (const [row, { near, km }] of outside) if (km < next.km) next = { row, near, km };
    outside.delete(next.row);
    tree.push([Math.min(next.near, next.row), Math.max(next.near, next.row)]);
    for (const [row, { km }] of outside) {
      const closer = distance(points[next.row], points[row]);
      if (closer < km) outside.set(row, { near: next.row, km: closer });
    }
  }
  return tree;
}

/** Pairs of near neighbours that the tree does not join, shortest first. */
function shortPairs(points: readonly Point[], tree: readonly Pair[]): readonly Pair[] {
  const taken = new Set(tree.map(([a, b]) => a * points.length + b));
  const found: { readonly pair: Pair; readonly length: number }[] = [];
  for (const [row, point] of points.entries()) {
    const nearest = points
      .map((other, otherRow) => ({ otherRow, length: distance(point, other) }))
      .filter(({ otherRow }) => otherRow !== row)
      .toSorted((a, b) => a.length - b.length || a.otherRow - b.otherRow)
      .slice(0, NEIGHBOURS);
    for (const { otherRow, length } of nearest) {
      const pair: Pair = [Math.min(row, otherRow), Math.max(row, otherRow)];
      const key = pair[0] * points.length + pair[1];
      if (taken.has(key)) continue;
      taken.add(key);
      found.push({ pair, length });
    }
  }
  return found
    .toSorted((a, b) => a.length - b.length || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1])
    .map(({ pair }) => pair);
}

function distance(a: Point | undefined, b: Point | undefined): number {
  if (a === undefined || b === undefined) return Infinity;
  // Not Math.hypot: its rounding is left to the engine, and a tie decides the network.
  return Math.sqrt((a.x - b.x) ** 2 + (a.y - b.y) ** 2);
}
