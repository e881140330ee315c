import { createRandomRoot, type RandomStream } from '../../../agent-core/random.ts';
import { insertable, type Insertable } from '../../../agents/ride-sharing/insertable.ts';
import { cheapestInsertion } from '../../../agents/ride-sharing/insertion.ts';
import type { Route } from '../../../agents/ride-sharing/route.ts';
import { timetable } from '../../../agents/ride-sharing/timetable.ts';
import { tourDistance, type Tour } from '../../../agents/ride-sharing/tour.ts';
import { ridesReport } from '../../../cli/report/rides.ts';
import type { ReferencedSimulation } from '../../../cli/report/rides/compared.ts';
import type {
  PlacePosition,
  RideInstance,
  RideMap,
  RideRequest,
  RideVehicle,
} from '../../../scenarios/ride-sharing/instance.ts';
import type { RideSolution, RideTrade } from '../../../scenarios/ride-sharing/solution.ts';
import type { Assessment, Kpis } from '../../../scenarios/scenario.ts';

/** What a made-up day is made of. */
export interface DayOptions {
  readonly vehicles: number;
  readonly requests: number;
  /** Streets a side of a grid; 0 for straight ways on a plane. */
  readonly streets?: number;
  readonly capacity?: number;
  readonly trades?: number;
  readonly seed?: number;
  /** Hours of the day. */
  readonly hours?: number;
}

/** A day with its report's input. */
export interface MadeDay {
  readonly instance: RideInstance;
  readonly simulation: ReferencedSimulation;
}

/** Riders who call one after another in a city made up from a seed: whom no vehicle can take is not served. */
export function madeDay(options: DayOptions): MadeDay {
  const random = createRandomRoot(options.seed ?? 1).stream('rides');
  const instance = cityOf(options, random);
  const tours = instance.vehicles.map((vehicle) => tourOf(instance, vehicle));
  const routes = greedyRoutes(instance, tours);
  const solution = solutionOf(instance, { tours, routes, trades: tradesOf(options.trades ?? 0, random) });
  return { instance, simulation: simulationOf(instance, solution, { tours, routes }) };
}

export function reportOf({ instance, simulation }: MadeDay): string {
  return ridesReport(instance, simulation);
}

function cityOf(
  { vehicles, requests, streets = 0, capacity = 3, hours = 6 }: DayOptions,
  random: RandomStream,
): RideInstance {
  const latest = hours * 60;
  const side = Math.max(0, streets - 1);
  const place = (): PlacePosition =>
    side > 0
      ? { x: random.integer(0, side), y: random.integer(0, side) }
      : { x: random.between(-10, 10), y: random.between(-10, 10) };
  const positions: PlacePosition[] = [{ x: Math.floor(side / 2), y: Math.floor(side / 2) }];
  const wanted: RideRequest[] = [];
  for (let id = 1; id <= requests; id += 1) {
    positions.push(place(), place());
    wanted.push(requestOf(id, random, latest));
  }
  const vehicle: RideVehicle = {
    start: 0,
    home: 0,
    earliest: 0,
    latest: latest + 60,
    capacity,
    maxDuration: Infinity,
    operator: 0,
  };
  return {
    name: 'made up',
    variant: side > 0 ? 'city' : 'dial-a-ride',
    map: side > 0 ? gridMap(positions, side) : planeMap(positions),
    vehicles: Array.from({ length: vehicles }, () => vehicle),
    requests: wanted,
    costs: { perDistance: 1, perRiderTime: 0, perVehicle: 0 },
    secondsPerTime: 60,
    units: { time: 'min', distance: 'km' },
    published: null,
  };
}

function requestOf(id: number, random: RandomStream, latest: number): RideRequest {
  const at = random.between(15, latest - 60);
  const wide = { earliest: at, latest: at + 45 };
  const tight = { earliest: at, latest: at + 15 };
  const arrives = random.integer(0, 1) === 1;
  return {
    id,
    load: 1,
    pickup: { place: 2 * id - 1, service: 3, ...(arrives ? wide : tight) },
    dropoff: {
      place: 2 * id,
      service: 3,
      ...(arrives ? { earliest: at + 30, latest: at + 45 } : { earliest: at, latest: at + 90 }),
    },
    maxRide: 45,
    requestTime: 0,
    nodes: [id, dropoffNode(id)],
  };
}

/** Node number of a drop-off: beyond every pickup. */
function dropoffNode(id: number): number {
  return 1_000_000 + id;
}

function planeMap(positions: readonly PlacePosition[]): RideMap {
  const distance = (from: number, to: number): number => {
    const [a, b] = [positions[from], positions[to]];
    return a === undefined || b === undefined ? 0 : Math.hypot(a.x - b.x, a.y - b.y);
  };
  return { places: positions.length, positions, streets: [], time: distance, distance };
}

function gridMap(positions: readonly PlacePosition[], side: number): RideMap {
  const distance = (from: number, to: number): number => {
    const [a, b] = [positions[from], positions[to]];
    return a === undefined || b === undefined ? 0 : Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
  };
  const all = Array.from({ length: side + 1 }, (_, k) => k);
  const streets = all.flatMap((line) =>
    all.slice(1).flatMap((k): readonly (readonly [PlacePosition, PlacePosition])[] => [
      [
        { x: k - 1, y: line },
        { x: k, y: line },
      ],
      [
        { x: line, y: k - 1 },
        { x: line, y: k },
      ],
    ]),
  );
  return { places: positions.length, positions, streets, time: distance, distance };
}

function tourOf({ map, costs }: RideInstance, vehicle: RideVehicle): Tour {
  return {
    map,
    from: vehicle.start,
    earliest: vehicle.earliest,
    latest: Infinity,
    home: vehicle.home,
    homeBy: vehicle.latest,
    capacity: vehicle.capacity,
    onBoard: 0,
    maxDuration: vehicle.maxDuration,
    perDistance: costs.perDistance,
    perRiderTime: costs.perRiderTime,
    perUse: costs.perVehicle,
  };
}

/** Only a few vehicles are asked, so that a thousand of them have ten thousand riders in no time. */
const ASKED_MAX = 12;

function greedyRoutes({ requests }: RideInstance, tours: readonly Tour[]): readonly Route[] {
  const fleet: Insertable[] = tours.map((tour) => insertable(tour, { visits: [], cost: 0 }));
  for (const [k, request] of requests.entries()) {
    let best: readonly [number, Route, number] | null = null;
    for (let j = 0; j < Math.min(ASKED_MAX, fleet.length); j += 1) {
      const vehicle = (k * 7 + j) % fleet.length;
      const into = fleet[vehicle];
      const route = into === undefined ? null : cheapestInsertion(into, request);
      if (into === undefined || route === null) continue;
      const extra = route.cost - into.route.cost;
      if (best === null || extra < best[2]) best = [vehicle, route, extra];
    }
    const tour = best === null ? undefined : tours[best[0]];
    if (best !== null && tour !== undefined) fleet[best[0]] = insertable(tour, best[1]);
  }
  return fleet.map(({ route }) => route);
}

interface Planned {
  readonly tours: readonly Tour[];
  readonly routes: readonly Route[];
  readonly trades: readonly RideTrade[];
}

function solutionOf({ requests }: RideInstance, { tours, routes, trades }: Planned): RideSolution {
  const used = routes.flatMap((route, vehicle) => (route.visits.length > 0 ? [{ route, vehicle }] : []));
  const tables = used.map(({ route, vehicle }) => {
    const tour = tours[vehicle];
    return tour === undefined ? null : timetable(tour, route.visits);
  });
  const served = new Set(used.flatMap(({ route }) => route.visits.map(({ trip }) => trip.id)));
  return {
    routes: used.map(({ route }) =>
      route.visits.map(({ trip, kind }) => (kind === 'pickup' ? trip.id : dropoffNode(trip.id))),
    ),
    vehicles: used.map(({ vehicle }) => vehicle),
    begins: tables.map((table) => table?.begin ?? []),
    shifts: tables.map((table) => [table?.leave ?? 0, table?.end ?? 0] as const),
    unserved: requests.filter(({ id }) => !served.has(id)).map(({ id }) => id),
    trades,
    seen: routes.map((_, vehicle) => ({ trips: (vehicle * 3) % 7, bids: (vehicle * 5) % 11 })),
  };
}

function tradesOf(count: number, random: RandomStream): readonly RideTrade[] {
  let at = 1;
  return Array.from({ length: count }, (_, k): RideTrade => {
    at += random.between(0.05, 0.8);
    const kind = (['move', 'swap', 'chain'] as const)[random.integer(0, 2)] ?? 'move';
    const parties = kind === 'chain' ? 3 : 2;
    return { atSeconds: at, gain: random.between(0.2, 12) / (1 + k / 4), trips: random.integer(1, 4), parties, kind };
  });
}

function simulationOf(
  { name, variant, requests }: RideInstance,
  solution: RideSolution,
  { tours, routes }: Pick<Planned, 'tours' | 'routes'>,
): ReferencedSimulation {
  const distance = routes.reduce((sum, { visits }, vehicle) => {
    const tour = tours[vehicle];
    return tour === undefined ? sum : sum + tourDistance(tour, visits);
  }, 0);
  const kpis = (factor: number): Kpis => ({
    distance: distance * factor,
    served: requests.length - solution.unserved.length,
    unserved: solution.unserved.length,
    vehicles: solution.routes.length,
    meanWait: 7.25,
  });
  const assessed = (factor: number): Assessment<RideSolution> => ({
    solution,
    kpis: kpis(factor),
    violations: {},
    feasible: true,
  });
  return {
    agents: assessed(1),
    baseline: assessed(1.12),
    optimum: null,
    course: [],
    chains: null,
    result: {
      scenario: 'ride-sharing',
      variant,
      instance: name,
      seed: 1,
      mode: { bus: 'memory', workers: 1, sign: 'batch', policy: 'scripted' },
      objective: { name: 'distance', unit: 'km', sense: 'min' },
      agents: kpis(1),
      baseline: kpis(1.12),
      optimum: null,
      gap: null,
      feasible: true,
      violations: {},
      fingerprint: '00'.repeat(32),
      messages: 12_345,
      bytes: 6_789_012,
      rounds: 12,
      virtualSeconds: 34.5,
      decisions: {},
      cpuSeconds: 1.25,
      references: { ownTaxi: kpis(2.1) },
    },
  };
}
