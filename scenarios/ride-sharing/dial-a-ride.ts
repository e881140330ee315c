import { announced, checkDepot, checkNode, checkWidth, requestOf, wholeNumber } from './benchmark-nodes.ts';
import type { BenchmarkNode } from './benchmark-nodes.ts';
import type { RideInstance, RideVehicle } from './instance.ts';
import { badRideFile, nameOfFile, numberLines, type NumberLine } from './number-lines.ts';
import { planeMap } from './plane.ts';
import { publishedFor } from './published.ts';
import { tightened } from './windows.ts';

/** Most vehicles of one file, and most seats of one vehicle. */
const VEHICLES_MAX = 10_000;
const SEATS_MAX = 1_000;

interface Header {
  readonly vehicles: number;
  readonly maxDuration: number;
  readonly capacity: number;
  readonly maxRide: number;
}

/**
 * Reads a dial-a-ride problem in Cordeau's format: `m n T Q R` (vehicles; requests or nodes, for copies differ, so that it is not
 * used; longest route; seats; longest ride), then a line `id x y service load earliest latest` per node: the depot 0, pickups
 * 1 to n, drop-offs n+1 to 2n (that of i is n+i), and perhaps the depot again. Times are minutes, ways are straight.
 *
 * Windows are tightened. The vehicles' day is the window of the depot. (Cordeau 2006, Operations Research 54(3).)
 *
 * @throws HaggleError `bad-ride-file` naming file, line and value
 */
export function parseDialARide(text: string, file: string): RideInstance {
  const [first, ...rest] = numberLines(text, file);
  if (first === undefined) throw badRideFile(file, 1, 'the file is empty');
  const header = headerOf(file, first);
  const nodes = rest.map((line, index) => nodeOf(file, line, index));
  const [depot] = nodes;
  if (depot === undefined) throw badRideFile(file, first.line, 'the file ends before the depot');
  checkDepot(file, depot);
  const count = Math.floor((nodes.length - 1) / 2);
  if (count < 1) throw badRideFile(file, depot.line, 'the file ends before the first request');
  const { earliest, latest } = dayOf(file, depot, nodes[2 * count + 1]);
  const map = planeMap(nodes.slice(0, 2 * count + 1).map(({ x, y }) => ({ x, y })));
  const requests = nodes.slice(1, count + 1).map((pickup, index) => {
    const dropoff = nodes[count + 1 + index];
    if (dropoff === undefined) throw badRideFile(file, pickup.line, `node ${pickup.id} has no drop-off`);
    return announced(tightened(requestOf(file, { pickup, dropoff }, header), { map, depot: 0, earliest, latest }));
  });
  const { capacity, maxDuration } = header;
  const vehicle: RideVehicle = { start: 0, home: 0, earliest, latest, capacity, maxDuration, operator: 0 };
  return {
    name: nameOfFile(file),
    variant: 'dial-a-ride',
    map,
    vehicles: Array.from({ length: header.vehicles }, () => vehicle),
    requests,
    costs: { perDistance: 1, perRiderTime: 0, perVehicle: 0 },
    secondsPerTime: 60,
    units: { time: 'min', distance: 'units' },
    // Neither the header's second number nor the repeated depot says anything about the problem.
    published: publishedFor([
      [header.vehicles, maxDuration, capacity, header.maxRide],
      ...rest.slice(0, 2 * count + 1).map(({ values }) => values),
    ]),
  };
}

function headerOf(file: string, header: NumberLine): Header {
  checkWidth(file, header, 5);
  const { line } = header;
  const [vehicles, , maxDuration = 0, capacity, maxRide = 0] = header.values;
  if (maxDuration <= 0) throw badRideFile(file, line, `the longest route must be above 0, got ${maxDuration}`);
  if (maxRide <= 0) throw badRideFile(file, line, `the longest ride must be above 0, got ${maxRide}`);
  return {
    vehicles: wholeNumber(file, line, { name: 'the number of vehicles', value: vehicles, max: VEHICLES_MAX }),
    maxDuration,
    capacity: wholeNumber(file, line, { name: 'the capacity', value: capacity, max: SEATS_MAX }),
    maxRide,
  };
}

function nodeOf(file: string, row: NumberLine, index: number): BenchmarkNode {
  checkWidth(file, row, 7);
  const [id = 0, x = 0, y = 0, service = 0, load = 0, earliest = 0, latest = 0] = row.values;
  return checkNode(file, { line: row.line, id, x, y, service, load, earliest, latest }, index);
}

/** The window of the depot, or what two of its lines have in common. */
function dayOf(
  file: string,
  depot: BenchmarkNode,
  again: BenchmarkNode | undefined,
): { readonly earliest: number; readonly latest: number } {
  if (again === undefined) return depot;
  checkDepot(file, again);
  if (again.x !== depot.x || again.y !== depot.y) {
    throw badRideFile(file, again.line, `node ${again.id} must be the depot of line ${depot.line} again`);
  }
  return { earliest: Math.max(depot.earliest, again.earliest), latest: Math.min(depot.latest, again.latest) };
}
