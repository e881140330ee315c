import type { Visit } from '../../agents/ride-sharing/trip.ts';
import { solveProgram } from '../energy/linear-program.ts';
import type { Program } from '../energy/program.ts';
import { bestRoutes, type Budget } from './best-routes.ts';
import type { RideInstance } from './instance.ts';
import { servesAll } from './score.ts';
import type { RideSolution } from './solution.ts';
import { solutionOf, tourOf } from './tours.ts';

/** Most requests of an instance whose optimum is worked out. */
export const OPTIMUM_REQUESTS_MAX = 12;

/** Most timetables that are made for it, unless said otherwise: some seconds. */
const TIMETABLES_MAX = 3_000_000;

/** Vehicles that can stand in for each other. */
interface Fleet {
  readonly numbers: readonly number[];
}

/** A route that may be driven: which fleet's, for which requests. */
interface Offer {
  readonly fleet: number;
  readonly served: number;
  readonly cost: number;
  readonly visits: readonly Visit[];
}

/**
 * The cheapest way to serve all requests, proven: the best route for every set of requests that a vehicle can serve, and of those
 * the best partition by HiGHS. Where an instance lets requests be left, as few as possible are.
 *
 * Null for more than {@link OPTIMUM_REQUESTS_MAX} requests, or where windows are so wide that the routes are too many.
 *
 * @throws HaggleError `program-infeasible` where all requests have to be served and cannot be
 */
export async function optimalRides(
  instance: RideInstance,
  { timetablesMax = TIMETABLES_MAX }: { readonly timetablesMax?: number } = {},
): Promise<RideSolution | null> {
  const { requests } = instance;
  if (requests.length > OPTIMUM_REQUESTS_MAX) return null;
  const fleets = fleetsOf(instance);
  const offers = offersOf(instance, fleets, { left: timetablesMax });
  if (offers === null) return null;
  const { values } = await solveProgram(partition(instance, fleets, offers));
  const free = fleets.map(({ numbers }) => [...numbers]);
  const visitsByVehicle: (readonly Visit[])[] = instance.vehicles.map(() => []);
  for (const [column, { fleet, visits }] of offers.entries()) {
    const number = (values[column] ?? 0) > 0.5 ? free[fleet]?.shift() : undefined;
    if (number !== undefined) visitsByVehicle[number] = visits;
  }
  return solutionOf(instance, visitsByVehicle);
}

function fleetsOf({ vehicles }: RideInstance): readonly Fleet[] {
  const numbers = new Map<string, number[]>();
  for (const [number, { start, home, earliest, latest, capacity, maxDuration }] of vehicles.entries()) {
    const kind = [start, home, earliest, latest, capacity, maxDuration].join(' ');
    numbers.set(kind, [...(numbers.get(kind) ?? []), number]);
  }
  return [...numbers.values()].map((of) => ({ numbers: of }));
}

function offersOf(instance: RideInstance, fleets: readonly Fleet[], budget: Budget): readonly Offer[] | null {
  const offers: Offer[] = [];
  for (const [fleet, { numbers }] of fleets.entries()) {
    const vehicle = instance.vehicles[numbers[0] ?? -1];
    if (vehicle === undefined) continue;
    const routes = bestRoutes(tourOf(instance, vehicle), instance.requests, budget);
    if (routes === null) return null;
    for (const [served, route] of routes) offers.push({ fleet, served, ...route });
  }
  return offers;
}

/** Columns: offers, then requests that are left. Rows: every request once, then no more routes of a fleet than it has vehicles. */
function partition(instance: RideInstance, fleets: readonly Fleet[], offers: readonly Offer[]): Program {
  const { requests } = instance;
  // Leaving one request behind is dearer than all routes together could be.
  const left = servesAll(instance) ? [] : requests;
  const dearest = offers.reduce((most, { cost }) => Math.max(most, cost), 1);
  const cost = [...offers.map((offer) => offer.cost), ...left.map(() => dearest * (fleets.length + requests.length))];
  const once = requests.map((_, row) => [
    ...offers.flatMap(({ served }, column) => ((served >> row) & 1 ? [{ column, coefficient: 1 }] : [])),
    ...(left.length > 0 ? [{ column: offers.length + row, coefficient: 1 }] : []),
  ]);
  const drives = fleets.map((_, index) =>
    offers.flatMap(({ fleet }, column) => (fleet === index ? [{ column, coefficient: 1 }] : [])),
  );
  return {
    sense: 'minimise',
    columns: {
      lower: cost.map(() => 0),
      upper: cost.map(() => 1),
      cost,
      integer: cost.map(() => true),
    },
    rows: {
      lower: [...requests.map(() => 1), ...fleets.map(() => 0)],
      upper: [...requests.map(() => 1), ...fleets.map(({ numbers }) => numbers.length)],
      entries: [...once, ...drives],
    },
  };
}
