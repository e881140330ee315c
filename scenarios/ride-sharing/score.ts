import type { Assessment, Kpis } from '../scenario.ts';
import { driveDistance, drivesOf, type Drive } from './drives.ts';
import type { RideInstance } from './instance.ts';
import type { RideSolution } from './solution.ts';
import { rideTime, serviceOf, violationsOf, type Ride } from './violations.ts';

/** A violation above this, in units of time or in pieces, makes a solution infeasible. */
export const RIDE_TOLERANCE = 1e-6;

/**
 * Judges what was driven, from its own times and the instance alone: nothing that planned it is asked.
 *
 * Times are in the instance's units of time, distances in its units of distance:
 * - `distance`: the way of all vehicles; `cost`: what {@link RideInstance.costs} weighs.
 * - `served`, `unserved`: requests; `vehicles`: those that left their start.
 * - `meanWait`, `p90Wait`: from the earliest time of the pickup's (tightened) window to the beginning of service there.
 * - `meanRide`: from the end of service at the pickup to its beginning at the drop-off; `meanDetourPercent`: by how much that is
 *   longer than the fastest way, on average over riders.
 * - `trades`, `tradedTrips`, `tradeGain`: agreed exchanges, the trips in them, and by how much they lowered costs.
 * - `tripsSeenShareMax`: the largest share of all trips whose data reached any one vehicle; `bidsReadMax`: the most bids one read.
 *
 * Violations: see `violationsOf`. In benchmarks every request has to be served; elsewhere one may be left, if it is said.
 *
 * @throws HaggleError `bad-solution` where the lists of the solution do not belong together
 */
export function assessRides(
  instance: RideInstance,
  solution: RideSolution,
  _reference: Assessment<RideSolution> | null,
): Assessment<RideSolution> {
  const drives = drivesOf(instance, solution);
  const { unserved } = solution;
  const service = serviceOf(instance, { drives, unserved }, { all: servesAll(instance) });
  const violations = violationsOf(instance, drives, service);
  return {
    solution,
    kpis: { ...wayKpis(instance, drives, service.rides), ...exchangeKpis(instance, solution) },
    violations,
    feasible: Object.values(violations).every((size) => size <= RIDE_TOLERANCE),
  };
}

/** Whether a solution that leaves a request out is none. */
export function servesAll({ variant }: RideInstance): boolean {
  return variant === 'dial-a-ride' || variant === 'pickup-and-delivery';
}

function wayKpis(instance: RideInstance, drives: readonly Drive[], rides: readonly Ride[]): Kpis {
  const { costs, requests } = instance;
  const distance = sum(drives.map((drive) => driveDistance(instance, drive)));
  const used = drives.filter(({ calls }) => calls.length > 0).length;
  const waits = rides.map(({ request, pickup }) => pickup.begin - request.pickup.earliest);
  const journeys = sum(rides.map(({ request, dropoff }) => dropoff.begin - request.pickup.earliest));
  return {
    distance,
    cost: costs.perDistance * distance + costs.perRiderTime * journeys + costs.perVehicle * used,
    served: rides.length,
    unserved: requests.length - rides.length,
    vehicles: used,
    meanWait: mean(waits),
    p90Wait: percentile(waits, 0.9),
    meanRide: mean(rides.map(({ pickup, dropoff }) => rideTime(pickup, dropoff))),
    meanDetourPercent: mean(detoursPercent(instance, rides)),
  };
}

function detoursPercent({ map }: RideInstance, rides: readonly Ride[]): readonly number[] {
  return rides.flatMap(({ pickup, dropoff }) => {
    const direct = map.time(pickup.stop.place, dropoff.stop.place);
    return direct > 0 ? [100 * (rideTime(pickup, dropoff) / direct - 1)] : [];
  });
}

function exchangeKpis({ requests }: RideInstance, { trades, seen }: RideSolution): Kpis {
  return {
    trades: trades.length,
    tradedTrips: sum(trades.map(({ trips }) => trips)),
    tradeGain: sum(trades.map(({ gain }) => gain)),
    tripsSeenShareMax: seen.reduce((most, { trips }) => Math.max(most, trips), 0) / Math.max(1, requests.length),
    bidsReadMax: seen.reduce((most, { bids }) => Math.max(most, bids), 0),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length;
}

/** Nearest rank: the least value that so large a share does not exceed. */
function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? 0;
}
