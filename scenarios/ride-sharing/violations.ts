import type { Kpis } from '../scenario.ts';
import type { Call, Drive } from './drives.ts';
import type { RideInstance, RideRequest } from './instance.ts';
import type { RideSolution } from './solution.ts';

/** A request that was served as it should be: once, by one vehicle. */
export interface Ride {
  readonly request: RideRequest;
  readonly pickup: Call;
  readonly dropoff: Call;
}

/** All stops of one request, wherever they are. */
interface Calls {
  readonly pickups: readonly Call[];
  readonly dropoffs: readonly Call[];
}

/** What the stops of a solution say about its requests. */
export interface Service {
  readonly rides: readonly Ride[];
  /** Requests that were served in part, more than once, or not and nobody says so; where all are to be served, those that were not. */
  readonly notOnce: number;
  /** Requests whose pickup and drop-off are on different routes. */
  readonly unpaired: number;
  /** Requests whose drop-off comes before the pickup. */
  readonly reversed: number;
}

/** What became of every request. `all`: whether every one has to be served. */
export function serviceOf(
  { requests }: RideInstance,
  { drives, unserved }: { readonly drives: readonly Drive[]; readonly unserved: RideSolution['unserved'] },
  { all }: { readonly all: boolean },
): Service {
  const byId = callsById(drives);
  const left = new Set(unserved);
  const rides: Ride[] = [];
  let [notOnce, unpaired, reversed] = [0, 0, 0];
  for (const request of requests) {
    const { pickups, dropoffs } = splitCalls(byId.get(request.id) ?? []);
    const [pickup] = pickups;
    const [dropoff] = dropoffs;
    if (pickup === undefined && dropoff === undefined) {
      if (all || !left.has(request.id)) notOnce++;
    } else if (pickups.length !== 1 || dropoffs.length !== 1 || left.has(request.id)) notOnce++;
    if (pickup === undefined || dropoff === undefined) continue;
    if (pickup.route !== dropoff.route) unpaired++;
    else if (pickup.position > dropoff.position) reversed++;
    else rides.push({ request, pickup, dropoff });
  }
  return { rides, notOnce, unpaired, reversed };
}

function callsById(drives: readonly Drive[]): ReadonlyMap<number, readonly Call[]> {
  const byId = new Map<number, Call[]>();
  for (const call of drives.flatMap(({ calls }) => calls)) {
    const known = byId.get(call.request.id);
    if (known === undefined) byId.set(call.request.id, [call]);
    else known.push(call);
  }
  return byId;
}

function splitCalls(calls: readonly Call[]): Calls {
  return {
    pickups: calls.filter(({ kind }) => kind === 'pickup'),
    dropoffs: calls.filter(({ kind }) => kind === 'dropoff'),
  };
}

/**
 * By constraint, how far a solution breaks it; 0 where it holds. `...Time` is the largest excess over all stops or routes in units of
 * time, `...Seats` in seats; the others count.
 */
export function violationsOf(instance: RideInstance, drives: readonly Drive[], service: Service): Kpis {
  const seen = new Set<number>();
  let fleet = 0;
  for (const { vehicle, number } of drives) {
    if (vehicle === undefined || seen.has(number)) fleet++;
    seen.add(number);
  }
  return {
    windowTime: worst(
      drives.flatMap(({ calls }) =>
        calls.map(({ stop, begin }) => Math.max(stop.earliest - begin, begin - stop.latest)),
      ),
    ),
    wayTime: worst(drives.map((drive) => hurry(instance, drive))),
    rideTime: worst(service.rides.map(({ request, pickup, dropoff }) => rideTime(pickup, dropoff) - request.maxRide)),
    durationTime: worst(drives.map(({ vehicle, left, ended }) => ended - left - (vehicle?.maxDuration ?? Infinity))),
    shiftTime: worst(
      drives.map(({ vehicle, left, ended }) =>
        vehicle === undefined ? 0 : Math.max(vehicle.earliest - left, ended - vehicle.latest),
      ),
    ),
    capacitySeats: worst(drives.map(overload)),
    precedenceTrips: service.reversed,
    pairingTrips: service.unpaired,
    servedOnceTrips: service.notOnce,
    fleetRoutes: fleet,
    unknownStops: drives.reduce((sum, { strangers }) => sum + strangers, 0),
  };
}

/** Time from the end of service at the pickup to its beginning at the drop-off. */
export function rideTime(pickup: Call, dropoff: Call): number {
  return dropoff.begin - pickup.begin - pickup.stop.service;
}

/** By how much a vehicle was faster somewhere than service and way allow. */
function hurry({ map }: RideInstance, { vehicle, calls, passed, left, ended }: Drive): number {
  let at = vehicle?.start ?? null;
  let free = left;
  let most = 0;
  const stays = calls.map(({ stop, begin }) => ({ place: stop.place, begin, service: stop.service }));
  for (const { after, place, at: begin } of passed.toReversed()) stays.splice(after, 0, { place, begin, service: 0 });
  for (const { place, begin, service } of stays) {
    const arrival = at === null ? free : free + map.time(at, place);
    most = Math.max(most, arrival - begin);
    at = place;
    free = begin + service;
  }
  const home = vehicle?.home ?? null;
  const through = at === null || home === null ? free : free + map.time(at, home);
  return Math.max(most, through - ended);
}

function overload({ vehicle, calls }: Drive): number {
  let load = 0;
  let most = 0;
  for (const { request, kind } of calls) {
    load += kind === 'pickup' ? request.load : -request.load;
    most = Math.max(most, load - (vehicle?.capacity ?? 0));
  }
  return most;
}

/** Not Math.max(...values): that fails on very long arrays. */
function worst(excesses: readonly number[]): number {
  return excesses.reduce((most, excess) => Math.max(most, excess), 0);
}
