import type { PlacePosition, RideMap } from './instance.ts';

/** Up to this many places all distances are kept: 8 MB. */
const TABLE_PLACES_MAX = 1_000;

/** A map on which every way is straight and takes as long as it is: Euclidean, in double precision, never rounded. */
export function planeMap(positions: readonly PlacePosition[]): RideMap {
  const places = positions.length;
  const xs = Float64Array.from(positions, ({ x }) => x);
  const ys = Float64Array.from(positions, ({ y }) => y);
  const straight = (from: number, to: number): number => {
    const dx = (xs[from] ?? 0) - (xs[to] ?? 0);
    const dy = (ys[from] ?? 0) - (ys[to] ?? 0);
    // Not Math.hypot: its last digit differs between engines.
    return Math.sqrt(dx * dx + dy * dy);
  };
  const distance = places > TABLE_PLACES_MAX ? straight : lookup(places, straight);
  return { places, positions, streets: [], time: distance, distance };
}

function lookup(places: number, straight: (from: number, to: number) => number): typeof straight {
  const table = new Float64Array(places * places);
  for (let from = 0; from < places; from++) {
    for (let to = 0; to < places; to++) table[from * places + to] = straight(from, to);
  }
  return (from, to) => table[from * places + to] ?? 0;
}
