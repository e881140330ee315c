import { csvTable, type CsvRow } from './csv-table.ts';
import type { PlacePosition, RideInstance, RideMap, RideRequest, RideVehicle } from './instance.ts';
import { badRideFile, nameOfFile } from './number-lines.ts';
import type { RoadMap } from '../../agents/ride-sharing/trip.ts';
import { streetWays, type StreetWays } from './street-ways.ts';
import { findFile, needFile, type FolderFile, type RideFiles } from './ride-folder.ts';

/** Rules of FleetPy's example scenarios (`constant_config.csv`, `default_vehtype.csv`): seconds, seats, cents. */
const MAX_WAIT = 300;
const DETOUR_FACTOR = 1.4;
const BOARDING = 30;
const CAPACITY = 4;
const CENTS_PER_METRE = 0.025;
const CENTS_PER_SECOND = 0.35;
/** Most stops of the matrix: 8 MB. */
const STOPS_MAX = 1_000;

/** Place by the number of the node in the files. */
type Places = ReadonlyMap<number, number>;

/**
 * Reads a FleetPy example from its folder: `matrix.csv` (fastest ways between the stops: `from,to,seconds,metres`), a demand file
 * `demand/*.csv` (`rq_time,start,end,request_id`, perhaps `number_passengers`), `init_vehicles*.csv` (`operator,vehicle,node`),
 * `nodes.csv`, and perhaps `edges.csv` for the picture. In seconds and metres.
 *
 * Riders wait 300 s at most. From boarding to alighting a trip may take 40 % more than the fastest way and boarding together
 * (FleetPy, `PlanRequest`). Boarding and alighting take 30 s each and each rider; FleetPy charges them once a stop however many
 * board, so that this is a little stricter. Costs are
 * its objective, 25 cents a kilometre and some cents a second of a rider's time: 0.35, for with FleetPy's own 0.45 all vehicles refuse
 * one of the 200 riders of example_200.
 * The stops of request k of n have the node numbers k and n + k, for places of the file serve many requests.
 *
 * The fastest ways do not pass through stops, so that some are longer than the way over a third one.
 *
 * @throws HaggleError `missing-ride-file`, `bad-ride-file` naming file, line and value
 */
export function parseFleetPy(files: RideFiles): RideInstance {
  const demand = needFile(files, /(^|\/)demand\/[^/]*\.csv$/, 'demand/*.csv');
  const matrix = needFile(files, /(^|\/)matrix\.csv$/, 'matrix.csv');
  const { places, map } = mapOf(files, matrix);
  return {
    name: nameOfFile(demand.file),
    variant: 'ride-pooling',
    map,
    vehicles: fleetOf(needFile(files, /(^|\/)init_vehicles[^/]*\.csv$/, 'init_vehicles*.csv'), places),
    requests: requestsOf(demand, { places, map }),
    costs: { perDistance: CENTS_PER_METRE, perRiderTime: CENTS_PER_SECOND, perVehicle: 0 },
    secondsPerTime: 1,
    units: { time: 's', distance: 'm' },
    published: null,
  };
}

/** As many companies, each with a fleet of its own that is like that of the instance: FleetPy's broker scenarios have two. */
export function competingFleets(instance: RideInstance, operators: number): RideInstance {
  const vehicles = Array.from({ length: operators }, (_, operator) =>
    instance.vehicles.map((vehicle) => ({ ...vehicle, operator })),
  );
  return { ...instance, vehicles: vehicles.flat() };
}

function cell(file: string, row: CsvRow, column: string): number {
  const value = row.number(column) ?? 0;
  if (value >= 0) return value;
  throw badRideFile(file, row.line, `${column} must be at least 0, got ${value}`);
}

function mapOf(files: RideFiles, { file, text }: FolderFile): { readonly places: Places; readonly map: RideMap } {
  const rows = csvTable(text, file, ['from', 'to', 'seconds', 'metres']);
  const places = new Map<number, number>();
  for (const row of rows) {
    const from = cell(file, row, 'from');
    if (!places.has(from)) places.set(from, places.size);
  }
  const count = places.size;
  if (count > STOPS_MAX) throw badRideFile(file, 1, `at most ${STOPS_MAX} stops are read, got ${count}`);
  const seconds = new Float64Array(count * count).fill(Number.NaN);
  const metres = new Float64Array(count * count);
  for (const row of rows) {
    const at = placeIn({ file, row, column: 'from' }, places) * count + placeIn({ file, row, column: 'to' }, places);
    seconds[at] = cell(file, row, 'seconds');
    metres[at] = cell(file, row, 'metres');
  }
  const missing = seconds.findIndex((value) => Number.isNaN(value));
  if (missing >= 0 || count === 0) throw badRideFile(file, 1, 'the matrix must have a row for every pair of its stops');
  const time = (from: number, to: number): number => seconds[from * count + to] ?? 0;
  const distance = (from: number, to: number): number => metres[from * count + to] ?? 0;
  const map = { places: count, ...drawing(files, places), time, distance };
  return { places, map: { ...map, ...waysOf(files, places, map) } };
}

function placeIn(
  { file, row, column }: { readonly file: string; readonly row: CsvRow; readonly column: string },
  places: Places,
): number {
  const node = row.number(column) ?? -1;
  const place = places.get(node);
  if (place === undefined)
    throw badRideFile(file, row.line, `${column} must be a stop of the matrix, got node ${node}`);
  return place;
}

/**
 * Ways over the streets, on which a vehicle can turn off at every crossing; null where the folder has no streets, or some that do not
 * give the ways of the matrix.
 */
function waysOf(files: RideFiles, places: Places, matrix: RoadMap): StreetWays | null {
  const found = findFile(files, /(^|\/)edges\.csv$/);
  if (found === undefined) return null;
  const { file, text } = found;
  const rows = csvTable(text, file, ['from_node', 'to_node', 'distance', 'travel_time']);
  const edges = rows.map((row) => ({
    from: cell(file, row, 'from_node'),
    to: cell(file, row, 'to_node'),
    time: cell(file, row, 'travel_time'),
    distance: cell(file, row, 'distance'),
  }));
  const stops = [...places.keys()];
  const ways = streetWays(edges, stops);
  const last = stops.length - 1;
  const apart = (a: number, b: number): boolean => Math.abs(a - b) > 1e-3;
  const differ =
    apart(ways.time(0, last), matrix.time(0, last)) || apart(ways.distance(0, last), matrix.distance(0, last));
  return differ ? null : ways;
}

/** Where the stops are, and the streets where the folder has them, each once and not once a direction. */
function drawing(files: RideFiles, places: Places): Pick<RideMap, 'positions' | 'streets'> {
  const { file, text } = needFile(files, /(^|\/)nodes\.csv$/, 'nodes.csv');
  const nodes = new Map<number, PlacePosition>();
  for (const row of csvTable(text, file, ['node_index', 'pos_x', 'pos_y'])) {
    nodes.set(row.number('node_index') ?? -1, { x: row.number('pos_x') ?? 0, y: row.number('pos_y') ?? 0 });
  }
  const positions = [...places.keys()].map((node) => {
    const position = nodes.get(node);
    if (position === undefined) throw badRideFile(file, 1, `node ${node} of the matrix must have a position`);
    return position;
  });
  const streets = new Map<string, readonly [PlacePosition, PlacePosition]>();
  const edges = findFile(files, /(^|\/)edges\.csv$/);
  for (const row of edges === undefined ? [] : csvTable(edges.text, edges.file, ['from_node', 'to_node'])) {
    const ends = [row.number('from_node') ?? -1, row.number('to_node') ?? -1].toSorted((a, b) => a - b);
    const [from, to] = ends.map((node) => nodes.get(node));
    if (from !== undefined && to !== undefined) streets.set(ends.join(' '), [from, to]);
  }
  return { positions, streets: [...streets.values()] };
}

function fleetOf({ file, text }: FolderFile, places: Places): readonly RideVehicle[] {
  const vehicles = csvTable(text, file, ['operator', 'vehicle', 'node']).map((row) => ({
    start: placeIn({ file, row, column: 'node' }, places),
    home: null,
    earliest: 0,
    latest: Infinity,
    capacity: CAPACITY,
    maxDuration: Infinity,
    operator: cell(file, row, 'operator'),
  }));
  if (vehicles.length === 0) throw badRideFile(file, 1, 'the file has no vehicle');
  return vehicles;
}

function requestsOf(
  { file, text }: FolderFile,
  { places, map }: { readonly places: Places; readonly map: RideMap },
): readonly RideRequest[] {
  const rows = csvTable(text, file, ['rq_time', 'start', 'end', 'request_id']);
  if (rows.length === 0) throw badRideFile(file, 1, 'the file has no request');
  return rows.map((row, index) => {
    const [from, to] = (['start', 'end'] as const).map((column) => placeIn({ file, row, column }, places));
    const load = row.number('number_passengers') ?? 1;
    if (!Number.isInteger(load) || load < 1 || load > CAPACITY) {
      throw badRideFile(file, row.line, `number_passengers must be a whole number from 1 to ${CAPACITY}, got ${load}`);
    }
    const earliest = cell(file, row, 'rq_time');
    const direct = map.time(from ?? 0, to ?? 0);
    const maxRide = DETOUR_FACTOR * (direct + BOARDING) - BOARDING;
    const latest = earliest + MAX_WAIT;
    return {
      // Numbers of our own: those of the file may be anything, and are 0 for the first.
      id: index + 1,
      load,
      maxRide,
      requestTime: earliest,
      nodes: [index + 1, rows.length + index + 1],
      pickup: { place: from ?? 0, service: BOARDING, earliest, latest },
      dropoff: {
        place: to ?? 0,
        service: BOARDING,
        earliest: earliest + BOARDING + direct,
        latest: latest + BOARDING + maxRide,
      },
    };
  });
}
