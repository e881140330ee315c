import { checkWidth } from './benchmark-nodes.ts';
import type { PlacePosition, RideInstance, RideMap, RideRequest } from './instance.ts';
import { badRideFile, nameOfFile, numberLines, type NumberLine } from './number-lines.ts';
import { needFile, type FolderFile, type RideFiles } from './ride-folder.ts';
import { shortestPaths, type GraphEdge } from './shortest-paths.ts';

/** Seats of a vehicle, as in the published runs. */
const CAPACITY = 8;
/** The files know no time: all vehicles drive 30 km/h, here in metres a second. */
const SPEED = 25 / 3;

/** How much of the files is wanted; all of it where nothing is said. */
export interface ManhattanOptions {
  /** The first so many requests. */
  readonly requests?: number;
  /** The first so many vehicles; the published runs have 200. */
  readonly vehicles?: number;
}

/**
 * Reads the Manhattan instance of the 2-HGA paper (PVLDB 16(5), 2023) from its folder: `*.xy` (a count, then `id x y`), `*.d` (a
 * count, then `from to metres`, one line a direction), `*.drv` (`id vertex`) and `*.reqs` (`id origin destination`). In metres, and
 * in seconds at 30 km/h. Nobody has a window: everything is known at 0 and may take for ever. Vehicles end anywhere.
 *
 * @throws HaggleError `missing-ride-file`, `bad-ride-file` naming file, line and value
 */
export function parseManhattan(files: RideFiles, options: ManhattanOptions = {}): RideInstance {
  const demand = needFile(files, /\.reqs$/, '*.reqs');
  const drivers = needFile(files, /\.drv$/, '*.drv');
  const map = graphOf(needFile(files, /\.xy$/, '*.xy'), needFile(files, /\.d$/, '*.d'));
  const starts = table(drivers, { width: 2, counted: false }).slice(0, options.vehicles);
  return {
    name: nameOfFile(demand.file),
    variant: 'ride-pooling',
    map,
    vehicles: starts.map((row) => ({
      start: vertexIn(drivers.file, { row, column: 1 }, map.places),
      home: null,
      earliest: 0,
      latest: Infinity,
      capacity: CAPACITY,
      maxDuration: Infinity,
      operator: 0,
    })),
    requests: requestsOf(demand, { map, wanted: options.requests }),
    costs: { perDistance: 1, perRiderTime: 0, perVehicle: 0 },
    secondsPerTime: 1,
    units: { time: 's', distance: 'm' },
    published: null,
  };
}

/** Rows of numbers, after a line that counts them where the file has one. */
function table(
  { file, text }: FolderFile,
  { width, counted }: { readonly width: number; readonly counted: boolean },
): readonly NumberLine[] {
  const lines = numberLines(text, file);
  const rows = counted ? lines.slice(1) : lines;
  const count = lines[0]?.values[0];
  if (rows.length === 0 || count === undefined) throw badRideFile(file, 1, 'the file is empty');
  if (counted && count !== rows.length)
    throw badRideFile(file, 1, `${count} lines are announced, there are ${rows.length}`);
  for (const row of rows) checkWidth(file, row, width);
  return rows;
}

function vertexIn(
  file: string,
  { row, column }: { readonly row: NumberLine; readonly column: number },
  vertices: number,
): number {
  const vertex = row.values[column] ?? -1;
  if (Number.isInteger(vertex) && vertex >= 0 && vertex < vertices) return vertex;
  throw badRideFile(file, row.line, `a vertex must be a whole number from 0 to ${vertices - 1}, got ${vertex}`);
}

function graphOf(points: FolderFile, ways: FolderFile): RideMap {
  const positions = table(points, { width: 3, counted: true }).map(({ line, values: [id, x = 0, y = 0] }, index) => {
    if (id !== index) throw badRideFile(points.file, line, `expected vertex ${index} here, got ${id}`);
    return { x, y };
  });
  const edges = table(ways, { width: 3, counted: true }).map((row): GraphEdge => {
    const [from, to] = [0, 1].map((column) => vertexIn(ways.file, { row, column }, positions.length));
    const length = row.values[2] ?? 0;
    if (length < 0) throw badRideFile(ways.file, row.line, `a way must be at least 0 long, got ${length}`);
    return { from: from ?? 0, to: to ?? 0, length };
  });
  const paths = shortestPaths(positions.length, edges);
  const back = shortestPaths(
    positions.length,
    edges.map(({ from, to, length }) => ({ from: to, to: from, length })),
  );
  const lost = positions.findIndex((_, vertex) => paths.length(0, vertex) + back.length(0, vertex) === Infinity);
  if (lost >= 0) throw badRideFile(ways.file, 1, `vertex ${lost} must be on a way from vertex 0 and back`);
  return {
    places: positions.length,
    positions,
    streets: streetsOf(edges, positions),
    distance: (from, to) => paths.length(from, to),
    time: (from, to) => paths.length(from, to) / SPEED,
  };
}

/** Every street once, not once a direction. */
function streetsOf(
  edges: readonly GraphEdge[],
  positions: readonly PlacePosition[],
): readonly (readonly [PlacePosition, PlacePosition])[] {
  const streets = new Map<number, readonly [PlacePosition, PlacePosition]>();
  for (const { from, to } of edges) {
    const [a, b] = [positions[Math.min(from, to)], positions[Math.max(from, to)]];
    if (from !== to && a !== undefined && b !== undefined) {
      streets.set(Math.min(from, to) * positions.length + Math.max(from, to), [a, b]);
    }
  }
  return [...streets.values()];
}

function requestsOf(
  demand: FolderFile,
  { map, wanted }: { readonly map: RideMap; readonly wanted: number | undefined },
): readonly RideRequest[] {
  const rows = table(demand, { width: 3, counted: false }).slice(0, wanted);
  const always = { service: 0, earliest: 0, latest: Infinity } as const;
  return rows.map((row, index) => {
    const [from, to] = [1, 2].map((column) => vertexIn(demand.file, { row, column }, map.places));
    return {
      id: index + 1,
      load: 1,
      maxRide: Infinity,
      requestTime: 0,
      nodes: [index + 1, rows.length + index + 1],
      pickup: { place: from ?? 0, ...always },
      dropoff: { place: to ?? 0, ...always },
    };
  });
}
