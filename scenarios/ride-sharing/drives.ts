import type { Stop } from '../../agents/ride-sharing/trip.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { RideInstance, RideRequest, RideVehicle } from './instance.ts';
import type { PassedPlace, RideSolution } from './solution.ts';

/** A stop of a route as it was driven. */
export interface Call {
  readonly request: RideRequest;
  readonly stop: Stop;
  readonly kind: 'pickup' | 'dropoff';
  /** When service began. */
  readonly begin: number;
  /** Number of its route and place in it, from 0; stops that no request has are not counted. */
  readonly route: number;
  readonly position: number;
}

/** A route as it was driven. */
export interface Drive {
  /** Undefined where the fleet has no such vehicle. */
  readonly vehicle: RideVehicle | undefined;
  readonly number: number;
  readonly calls: readonly Call[];
  readonly left: number;
  readonly ended: number;
  /** Places that were passed without a stop. */
  readonly passed: readonly PassedPlace[];
  /** Node numbers that belong to no request. */
  readonly strangers: number;
}

/**
 * The routes of a solution with what is at their stops.
 *
 * @throws HaggleError `bad-solution` where its lists do not belong together or a time is no finite number
 */
export function drivesOf(instance: RideInstance, solution: RideSolution): readonly Drive[] {
  const { routes, vehicles, begins, shifts } = solution;
  checkLengths({ vehicles, begins, shifts }, routes.length);
  const stops = stopsByNode(instance);
  return routes.map((nodes, route) => {
    const times = begins[route] ?? [];
    if (times.length !== nodes.length) {
      throw badSolution(`route ${route} of ${nodes.length} stops must have as many begins, got ${times.length}`);
    }
    const [left = Number.NaN, ended = Number.NaN] = shifts[route] ?? [];
    const wrong = [...times, left, ended].find((time) => !Number.isFinite(time));
    if (wrong !== undefined) throw badSolution(`times of route ${route} must be finite, got ${wrong}`);
    const calls: Call[] = [];
    for (const [index, node] of nodes.entries()) {
      const at = stops.get(node);
      if (at !== undefined) calls.push({ ...at, begin: times[index] ?? 0, route, position: calls.length });
    }
    const number = vehicles[route] ?? -1;
    return {
      vehicle: instance.vehicles[number],
      number,
      calls,
      left,
      ended,
      passed: solution.passed?.[route] ?? [],
      strangers: nodes.length - calls.length,
    };
  });
}

/** Way of a route from its vehicle's start through its stops, and home where it has one, in units of distance. */
export function driveDistance({ map }: RideInstance, { vehicle, calls, passed }: Drive): number {
  const places = calls.map(({ stop }) => stop.place);
  for (const { after, place } of passed.toReversed()) places.splice(after, 0, place);
  if (vehicle !== undefined) {
    places.unshift(vehicle.start);
    if (vehicle.home !== null) places.push(vehicle.home);
  }
  return places.slice(1).reduce((total, place, index) => total + map.distance(places[index] ?? 0, place), 0);
}

function stopsByNode({ requests }: RideInstance): ReadonlyMap<number, Pick<Call, 'request' | 'stop' | 'kind'>> {
  const stops = new Map<number, Pick<Call, 'request' | 'stop' | 'kind'>>();
  for (const request of requests) {
    const [pickup, dropoff] = request.nodes;
    stops.set(pickup, { request, stop: request.pickup, kind: 'pickup' });
    stops.set(dropoff, { request, stop: request.dropoff, kind: 'dropoff' });
  }
  return stops;
}

function checkLengths(lists: Readonly<Record<string, readonly unknown[]>>, routes: number): void {
  for (const [name, { length }] of Object.entries(lists)) {
    if (length !== routes) throw badSolution(`${name} must have one entry for each of ${routes} routes, got ${length}`);
  }
}

function badSolution(problem: string): HaggleError {
  return new HaggleError('bad-solution', problem);
}
