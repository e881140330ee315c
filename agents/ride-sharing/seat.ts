import { isDealOf, netOf, type Terms } from './deal.ts';
import { FARE_MAX, type Lot } from './exchange-protocol.ts';
import { createDesk, type Desk } from './desk.ts';
import { tripsOf } from './route.ts';
import type { Trip } from './trip.ts';
import { isOnMap } from './trip-schema.ts';
import { microTokens, routeNow, timeOf, tourOf, type Seated, type VehicleContext, remember } from './vehicle-state.ts';

/** Sessions are about what comes after this time: a vehicle that has to do something before does not sit down or agree to a deal. */
const AHEAD_MICROS = 2_000_000;

/** Whether the vehicle cannot sit down now: it sits already, waits for riders to call, or is about to leave. */
export function isBusy(ctx: VehicleContext): boolean {
  const { session, expected } = ctx.state;
  return session !== null || expected.size > 0 || leavesSoon(ctx);
}

/** Whether the vehicle leaves or stops before what it could plan now begins. */
function leavesSoon(ctx: VehicleContext): boolean {
  const { departure, leg, underWay, open } = ctx.state;
  const soon = ctx.now() + AHEAD_MICROS;
  if (departure !== null && departure.at < soon) return true;
  const { dayStart, microsPerTime } = ctx.params.clock;
  const next = leg?.end ?? (underWay === null ? Infinity : open.earliest);
  return dayStart + next * microsPerTime < soon;
}

/** Whether it is too late for what a desk plans. */
export function isOver(ctx: VehicleContext, { tour }: Desk): boolean {
  return timeOf(ctx) > tour.earliest;
}

/** Plans from a little later on, and leaves until then everything as it is. */
export function sitDown(ctx: VehicleContext, dialogue: string | null): Seated {
  const tour = tourOf(ctx, AHEAD_MICROS / ctx.params.clock.microsPerTime);
  const desk = createDesk(tour, routeNow(ctx, tour), new Set());
  const seated: Seated = { desk, dialogue, told: new Set(), started: false, stale: false, bound: false };
  ctx.state.session = seated;
  return seated;
}

/** What this vehicle has heard of a trip. */
export function lotOf({ state }: VehicleContext, trip: number): Lot | undefined {
  return state.known.get(trip);
}

/** Own contracts are known better than by what others say, and what is off the map is not to be had. */
export function learn(ctx: VehicleContext, lot: Lot): void {
  if (!isServed(ctx, lot.trip.id) && isTradable(ctx, lot)) remember(ctx.state, lot);
}

/** Whether a lot can be traded at all: its places are on the map, and its fare is a fare. */
export function isTradable({ params }: VehicleContext, { trip, fare }: Lot): boolean {
  return isOnMap(trip, params.map.places) && fare < FARE_MAX;
}

/** The vehicle's part in the session of a dialogue, as member; null where it is in none, or in another. */
export function seatAt({ state: { session } }: VehicleContext, { key }: { readonly key: string }): Seated | null {
  return session?.dialogue === key ? session : null;
}

/** What the best draft is worth to this vehicle: fares of the trips that come and go, and what its route costs more or less. */
export function stakeOf(ctx: VehicleContext, { best, committed }: Desk): bigint {
  const fares = (trips: readonly Trip[]): bigint =>
    trips.reduce((sum, { id }) => sum + (lotOf(ctx, id)?.fare ?? 0n), 0n);
  return fares(tripsOf(best)) - fares(tripsOf(committed)) + microTokens(committed.cost) - microTokens(best.cost);
}

/** Whether this vehicle has the contract, or waits for the rider to make it. */
export function isServed({ state }: VehicleContext, trip: number): boolean {
  return state.contracts.has(trip) || state.expected.has(trip);
}

/** Whether the deal is what was negotiated: it moves the trips of the best draft, and this vehicle does not lose by it. */
export function isFair(ctx: VehicleContext, desk: Desk, terms: Terms): boolean {
  const before = new Set(tripsOf(desk.committed).map(({ id }) => id));
  const after = new Set(tripsOf(desk.best).map(({ id }) => id));
  const gone = [...before].filter((id) => !after.has(id));
  const come = [...after].filter((id) => !before.has(id));
  // What was said of a trip may be forgotten where too much was said since.
  if (come.some((id) => lotOf(ctx, id) === undefined)) return false;
  return isDealOf(terms, { self: ctx.self, gone, come }) && stakeOf(ctx, desk) + netOf(terms) >= 0n;
}
