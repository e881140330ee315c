import { assert } from '../../agent-core/errors.ts';
import { timetable } from '../../agents/ride-sharing/timetable.ts';
import type { Tour } from '../../agents/ride-sharing/tour.ts';
import type { Visit } from '../../agents/ride-sharing/trip.ts';
import type { RideInstance, RideVehicle } from './instance.ts';
import type { RideSolution } from './solution.ts';

/** The day of a vehicle of an instance, before anything is planned. */
export function tourOf({ map, costs }: RideInstance, vehicle: RideVehicle): Tour {
  const { start, home, earliest, latest, capacity, maxDuration } = vehicle;
  return {
    map,
    from: start,
    earliest,
    latest,
    home,
    homeBy: latest,
    capacity,
    onBoard: 0,
    maxDuration,
    perDistance: costs.perDistance,
    perRiderTime: costs.perRiderTime,
    perUse: costs.perVehicle,
  };
}

/**
 * What is driven where every vehicle keeps to its order of stops, as early as that can be done. Vehicles without stops stay at home;
 * requests that are in no order are unserved. Nothing was traded and nobody saw anything.
 *
 * `visitsByVehicle` has the orders by number of the vehicle; each must have a timetable.
 */
export function solutionOf(instance: RideInstance, visitsByVehicle: readonly (readonly Visit[])[]): RideSolution {
  const used = [...visitsByVehicle.entries()].filter(([, visits]) => visits.length > 0);
  const nodes = new Map(instance.requests.map(({ id, nodes: pair }) => [id, pair]));
  const times = used.map(([number, visits]) => {
    const vehicle = instance.vehicles[number];
    assert(vehicle !== undefined, `there is a vehicle ${number}`);
    const found = timetable(tourOf(instance, vehicle), visits);
    assert(found !== null, `the stops of vehicle ${number} have a timetable`);
    return found;
  });
  const served = new Set(used.flatMap(([, visits]) => visits.map(({ trip }) => trip.id)));
  return {
    routes: used.map(([, visits]) =>
      visits.map(({ trip, kind }) => nodes.get(trip.id)?.[kind === 'pickup' ? 0 : 1] ?? Number.NaN),
    ),
    vehicles: used.map(([number]) => number),
    begins: times.map(({ begin }) => begin),
    shifts: times.map(({ leave, end }) => [leave, end]),
    unserved: instance.requests.map(({ id }) => id).filter((id) => !served.has(id)),
    trades: [],
    seen: instance.vehicles.map(() => ({ trips: 0, bids: 0 })),
  };
}
