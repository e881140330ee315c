import type { RideInstance, RideRequest, RideVehicle } from '../../../scenarios/ride-sharing/instance.ts';
import type { RideSolution, Seen } from '../../../scenarios/ride-sharing/solution.ts';

/** A stop as it was driven. Times and distances are in units of the instance. */
export interface DayStop {
  readonly request: RideRequest;
  readonly kind: 'pickup' | 'dropoff';
  readonly place: number;
  readonly arrive: number;
  readonly begin: number;
  /** When service ends and the vehicle drives on. */
  readonly leave: number;
  /** Seats that are taken on the way to this stop, and behind it. */
  readonly loadBefore: number;
  readonly load: number;
  /** Length of the way to this stop. */
  readonly distance: number;
}

/** The day of one vehicle; without stops where it never left. */
export interface VehicleDay {
  readonly vehicle: number;
  readonly given: RideVehicle;
  readonly stops: readonly DayStop[];
  readonly trips: number;
  readonly left: number;
  readonly ended: number;
  /** Length of the whole way, home included, and of what it drove with nobody in it. */
  readonly distance: number;
  readonly emptyDistance: number;
  /** Seats times distance, over capacity times distance: 1 for a vehicle that is always full, 0 for one that never drove. */
  readonly loadFactor: number;
  /** Time at stops before service begins. */
  readonly waiting: number;
  readonly most: number;
  readonly seen: Seen | null;
}

/** What became of one request. */
export interface TripDay {
  readonly request: RideRequest;
  /** From when on it can be picked up and still keep its windows. */
  readonly readyAt: number;
  /** Whether the rider said when to leave, or when to arrive: the narrower window tells. */
  readonly asks: 'departure' | 'arrival';
  /** Null where nobody serves it. */
  readonly ridden: Ridden | null;
}

/** A ride as it was driven. */
export interface Ridden {
  readonly vehicle: number;
  readonly pickedUp: number;
  readonly droppedOff: number;
  /** From `readyAt` to the beginning of service at the pickup. */
  readonly wait: number;
  /** From the end of service at the pickup to the drop-off, and what the direct way would take. */
  readonly ride: number;
  readonly direct: number;
}

/** Everything that the charts and tables of a ride-sharing report draw. */
export interface RideDay {
  /** Every vehicle of the fleet, by number. */
  readonly fleet: readonly VehicleDay[];
  /** Those that left their start, by number. */
  readonly driven: readonly VehicleDay[];
  /** In order of the file. */
  readonly trips: readonly TripDay[];
  readonly unserved: readonly RideRequest[];
  /** First departure to last arrival. */
  readonly from: number;
  readonly to: number;
  readonly distance: number;
  /** What the fleet's routes cost by the instance's weights. */
  readonly cost: number;
}

/** Works out every vehicle's day and every trip of a solution. */
export function rideDay(instance: RideInstance, solution: RideSolution): RideDay {
  const stops = stopsByNode(instance);
  const routes = new Map(solution.vehicles.map((vehicle, route) => [vehicle, route]));
  const fleet = instance.vehicles.map((given, vehicle) => {
    const seen = solution.seen[vehicle] ?? null;
    return vehicleDay(instance, { solution, route: routes.get(vehicle) ?? null, vehicle, given, seen, stops });
  });
  const driven = fleet.filter(({ stops: visited }) => visited.length > 0);
  const trips = tripDays(instance, driven);
  const distance = driven.reduce((sum, day) => sum + day.distance, 0);
  const riderTime = trips.reduce(
    (sum, { request, ridden }) => sum + (ridden === null ? 0 : ridden.droppedOff - request.pickup.earliest),
    0,
  );
  const { perDistance, perRiderTime, perVehicle } = instance.costs;
  const from = driven.reduce((least, { left }) => Math.min(least, left), Infinity);
  const to = driven.reduce((most, { ended }) => Math.max(most, ended), -Infinity);
  return {
    fleet,
    driven,
    trips,
    unserved: trips.filter(({ ridden }) => ridden === null).map(({ request }) => request),
    from: driven.length > 0 ? from : 0,
    to: driven.length > 0 ? Math.max(to, from) : 0,
    distance,
    cost: perDistance * distance + perRiderTime * riderTime + perVehicle * driven.length,
  };
}

interface NodeStop {
  readonly request: RideRequest;
  readonly kind: 'pickup' | 'dropoff';
}

function stopsByNode({ requests }: RideInstance): ReadonlyMap<number, NodeStop> {
  return new Map(
    requests.flatMap((request): readonly (readonly [number, NodeStop])[] => [
      [request.nodes[0], { request, kind: 'pickup' }],
      [request.nodes[1], { request, kind: 'dropoff' }],
    ]),
  );
}

interface Driven {
  readonly solution: RideSolution;
  readonly route: number | null;
  readonly vehicle: number;
  readonly given: RideVehicle;
  readonly seen: Seen | null;
  readonly stops: ReadonlyMap<number, NodeStop>;
}

function vehicleDay(instance: RideInstance, { solution, route, vehicle, given, seen, stops }: Driven): VehicleDay {
  const nodes = route === null ? [] : (solution.routes[route] ?? []);
  const [left, ended] = (route === null ? undefined : solution.shifts[route]) ?? [given.earliest, given.earliest];
  const { map } = instance;
  let [at, free, load] = [given.start, left, 0];
  const visited = nodes.flatMap((node, k): readonly DayStop[] => {
    const stop = stops.get(node);
    // A stop of nobody is a violation that the verdict names; there is nothing to draw.
    if (stop === undefined) return [];
    const { request, kind } = stop;
    const { place, service } = request[kind];
    const arrive = free + map.time(at, place);
    const begin = (route === null ? undefined : solution.begins[route]?.[k]) ?? arrive;
    const distance = map.distance(at, place);
    const loadBefore = load;
    load += kind === 'pickup' ? request.load : -request.load;
    [at, free] = [place, begin + service];
    return [{ ...stop, place, arrive: Math.min(arrive, begin), begin, leave: free, loadBefore, load, distance }];
  });
  const back = given.home === null || visited.length === 0 ? 0 : map.distance(at, given.home);
  const sum = (of: (stop: DayStop) => number): number => visited.reduce((total, stop) => total + of(stop), 0);
  const distance = sum((stop) => stop.distance) + back;
  const seats = sum((stop) => stop.loadBefore * stop.distance);
  return {
    vehicle,
    given,
    stops: visited,
    trips: visited.filter(({ kind }) => kind === 'pickup').length,
    left,
    ended: Math.max(ended, free),
    distance,
    emptyDistance: sum((stop) => (stop.loadBefore > 0 ? 0 : stop.distance)) + back,
    loadFactor: distance > 0 && Number.isFinite(given.capacity) ? seats / (distance * given.capacity) : 0,
    waiting: sum(({ arrive, begin }) => begin - arrive),
    most: visited.reduce((most, stop) => Math.max(most, stop.load), 0),
    seen,
  };
}

function tripDays({ requests, map }: RideInstance, driven: readonly VehicleDay[]): readonly TripDay[] {
  const pickups = new Map<number, readonly [number, DayStop]>();
  const dropoffs = new Map<number, DayStop>();
  for (const { vehicle, stops } of driven) {
    for (const stop of stops) {
      if (stop.kind === 'pickup') pickups.set(stop.request.id, [vehicle, stop]);
      else dropoffs.set(stop.request.id, stop);
    }
  }
  return requests.map((request) => {
    const { pickup, dropoff, maxRide, id } = request;
    const readyAt = Math.max(pickup.earliest, dropoff.earliest - maxRide - pickup.service);
    const asks = pickup.latest - pickup.earliest <= dropoff.latest - dropoff.earliest ? 'departure' : 'arrival';
    const [vehicle, start] = pickups.get(id) ?? [];
    const end = dropoffs.get(id);
    if (vehicle === undefined || start === undefined || end === undefined) {
      return { request, readyAt, asks, ridden: null };
    }
    const ridden = {
      vehicle,
      pickedUp: start.begin,
      droppedOff: end.begin,
      wait: Math.max(0, start.begin - readyAt),
      ride: end.begin - start.leave,
      direct: map.time(pickup.place, dropoff.place),
    };
    return { request, readyAt, asks, ridden };
  });
}
