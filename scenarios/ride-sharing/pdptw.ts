import { announced, checkDepot, checkNode, checkWidth, requestOf, wholeNumber } from './benchmark-nodes.ts';
import type { BenchmarkNode } from './benchmark-nodes.ts';
import type { RideInstance, RideMap, RideRequest, RideVehicle } from './instance.ts';
import { badRideFile, nameOfFile, numberLines, type NumberLine } from './number-lines.ts';
import { planeMap } from './plane.ts';
import { publishedFor } from './published.ts';
import { tightened } from './windows.ts';

/** Most vehicles of one file, and the largest load of one vehicle. */
const VEHICLES_MAX = 10_000;
const LOAD_MAX = 1_000_000;

/** A node with its counterpart: the node where its load comes from or goes to. */
interface PairedNode extends BenchmarkNode {
  /** 0 at pickups. */
  readonly pickup: number;
  /** 0 at drop-offs. */
  readonly dropoff: number;
}

/**
 * Reads a pickup-and-delivery problem with time windows in the format of Li and Lim: `K Q speed` (vehicles, capacity; a speed
 * that is 1 or 0 and not used: times are distances), then a line `id x y demand earliest latest service pickup dropoff` per node, the depot first; of the last two numbers
 * that is 0 which the node is itself. Fewer vehicles come first, distance second: a vehicle costs more than all ways together.
 *
 * @throws HaggleError `bad-ride-file` naming file, line and value
 */
export function parsePdptw(text: string, file: string): RideInstance {
  const [first, ...rest] = numberLines(text, file);
  if (first === undefined) throw badRideFile(file, 1, 'the file is empty');
  checkWidth(file, first, 3);
  const [vehicles, load] = first.values;
  const count = wholeNumber(file, first.line, { name: 'the number of vehicles', value: vehicles, max: VEHICLES_MAX });
  const capacity = wholeNumber(file, first.line, { name: 'the capacity', value: load, max: LOAD_MAX });
  const nodes = rest.map((line, index) => nodeOf(file, line, index));
  const [depot] = nodes;
  if (depot === undefined) throw badRideFile(file, first.line, 'the file ends before the depot');
  checkDepot(file, depot);
  const map = planeMap(nodes.map(({ x, y }) => ({ x, y })));
  const { earliest, latest } = depot;
  const requests = pairsOf(file, nodes, capacity).map((request) =>
    announced(tightened(request, { map, depot: 0, earliest, latest })),
  );
  if (requests.length === 0) throw badRideFile(file, depot.line, 'the file ends before the first request');
  const vehicle: RideVehicle = { start: 0, home: 0, earliest, latest, capacity, maxDuration: Infinity, operator: 0 };
  return {
    name: nameOfFile(file),
    variant: 'pickup-and-delivery',
    map,
    vehicles: Array.from({ length: count }, () => vehicle),
    requests,
    costs: { perDistance: 1, perRiderTime: 0, perVehicle: farthestWay(map) },
    secondsPerTime: 60,
    units: { time: 'units', distance: 'units' },
    published: publishedFor([[count, capacity], ...rest.map(({ values }) => values)]),
  };
}

function nodeOf(file: string, row: NumberLine, index: number): PairedNode {
  checkWidth(file, row, 9);
  const [id = 0, x = 0, y = 0, load = 0, earliest = 0, latest = 0, service = 0, pickup = 0, dropoff = 0] = row.values;
  checkNode(file, { line: row.line, id, x, y, service, load, earliest, latest }, index);
  return { line: row.line, id, x, y, service, load, earliest, latest, pickup, dropoff };
}

/** Every pickup with its drop-off, in the order of the pickups. */
function pairsOf(file: string, nodes: readonly PairedNode[], capacity: number): readonly RideRequest[] {
  const requests: RideRequest[] = [];
  for (const node of nodes.slice(1)) {
    const isPickup = node.pickup === 0;
    const mate = nodes[isPickup ? node.dropoff : node.pickup];
    const back = isPickup ? mate?.pickup : mate?.dropoff;
    if (isPickup === (node.dropoff === 0) || mate === undefined || back !== node.id) {
      const problem = `node ${node.id} must name one other node that names it, got ${node.pickup} and ${node.dropoff}`;
      throw badRideFile(file, node.line, problem);
    }
    if (isPickup) requests.push(requestOf(file, { pickup: node, dropoff: mate }, { capacity, maxRide: Infinity }));
  }
  return requests;
}

/** More than all vehicles together ever drive: by the triangle inequality, going home between any two stops is no shorter. */
function farthestWay(map: RideMap): number {
  let total = 1;
  for (let node = 1; node < map.places; node++) total += 2 * map.distance(0, node);
  return Math.ceil(total);
}
