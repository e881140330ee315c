/** A few vehicles and riders on a small plane, for tests of what they do to each other. */
import type { ExecutionContext } from 'ava';
import type { Agent } from '../../../agent-core/agent/agent.ts';
import { rider, type RiderState } from '../../../agents/ride-sharing/rider.ts';
import { vehicle } from '../../../agents/ride-sharing/vehicle.ts';
import type { TradeRules, VehicleState } from '../../../agents/ride-sharing/vehicle-state.ts';
import type { Trip } from '../../../agents/ride-sharing/trip.ts';
import { planeMap } from '../../../scenarios/ride-sharing/plane.ts';
import type { PlacedAgent } from '../../../simulator/placed-agent.ts';
import { world, type World } from '../../../simulator/world.ts';
import type { WorldOptions } from '../../../simulator/world-options.ts';

/** What everybody starts with, micro-tokens. */
export const FUNDS = 1_000_000_000_000n;

/** 10 by 10 places on a plane, one unit apart: place 10 y + x is at (x, y). */
export const PLANE = planeMap(Array.from({ length: 100 }, (_, k) => ({ x: k % 10, y: Math.floor(k / 10) })));

/** Two hours before the day begins; a unit of time is a minute. */
export const CLOCK = { dayStart: 7_200_000_000, microsPerTime: 60_000_000 } as const;

/** A trip that may be made between two times. */
export function tripOf(id: number, [from, to]: readonly [number, number], [earliest, latest] = [0, 200]): Trip {
  return {
    id,
    load: 1,
    pickup: { place: from, service: 1, earliest, latest },
    dropoff: { place: to, service: 1, earliest, latest: latest + 40 },
    maxRide: 60,
  };
}

/** Sessions from the 10th second on. */
export const TRADE: TradeRules = {
  size: 8,
  quorum: 0,
  rounds: 20,
  within: '60 s',
  sessions: 6,
  patience: 2,
  heat: 1,
  every: null,
  startAt: 10_000_000,
};

/** A fleet and its riders. */
export interface Fleet {
  readonly place: World;
  readonly vehicles: readonly PlacedAgent<VehicleState>[];
  readonly riders: readonly PlacedAgent<RiderState>[];
  /** Distance by which the way of all vehicles is measured, micro-tokens: what they drove. */
  readonly way: () => bigint;
  /** As `way`, of one. */
  readonly wayOfOne: (k: number) => bigint;
}

/** What differs from fleet to fleet. */
export interface FleetPlan {
  readonly trips: readonly Trip[];
  /** Where each vehicle starts and ends. */
  readonly depots: readonly number[];
  readonly trade?: Partial<TradeRules> | null;
  readonly capacity?: number;
  /** In place of the vehicle, or the rider, of this name. */
  readonly impostors?: Readonly<Record<string, (place: World) => Agent<void>>>;
  /** Who belongs to the fleet besides: riders call them, vehicles invite them. */
  readonly guests?: readonly string[];
  readonly world?: Partial<WorldOptions>;
  readonly callAt?: (k: number) => number;
}

/** Names of the parties. */
export const vehicleName = (k: number): string => `vehicle-${k}`;
export const riderName = (k: number): string => `rider-${k}`;

/** Places vehicles, riders and impostors in a strict world, where whoever throws ends the test; impostors may throw. */
export function fleet(plan: FleetPlan): Fleet {
  const { trips, depots, trade = {}, capacity = 4, impostors = {}, guests = [], callAt = (k) => k * 50_000 } = plan;
  const place = world({ seed: 1, sign: 'off', strict: Object.keys(impostors).length === 0, ...plan.world });
  const names = [...depots.map((_, k) => vehicleName(k)), ...guests];
  const dids = names.map((name) => place.didOf(name));
  for (const [name, agent] of Object.entries(impostors)) place.spawn(agent(place), { name, funds: FUNDS });
  const rules = { ...TRADE, size: names.length, ...trade };
  const shared = { earliest: 0, latest: 480, maxDuration: 480, perDistance: 1, perRiderTime: 0, perUse: 0 };
  const vehicles = depots.flatMap((depot, k) => {
    const name = vehicleName(k);
    if (name in impostors) return [];
    const agent = vehicle({
      ...shared,
      start: depot,
      home: depot,
      capacity,
      unservedCost: 1_000,
      lateness: 0,
      map: PLANE,
      clock: CLOCK,
      colleagues: dids.filter((_, other) => other !== k),
      trade: trade === null ? null : rules,
    });
    return [place.spawn(agent, { name, funds: FUNDS })];
  });
  const riders = trips.flatMap((trip, k) => {
    const name = riderName(k);
    if (name in impostors) return [];
    const until = CLOCK.dayStart + 600 * CLOCK.microsPerTime;
    const asked = { callAt: callAt(k), until, againAfter: 5_000_000, vehicles: dids, budget: FUNDS, valueOfTime: 0 };
    return [place.spawn(rider({ trip, ...asked }), { name, funds: FUNDS })];
  });
  const wayOfOne = (k: number): bigint => {
    const one = vehicles[k];
    return one === undefined ? 0n : wayOf(one.state, trips, depots[k] ?? 0);
  };
  return {
    place,
    vehicles,
    riders,
    wayOfOne,
    way: () => vehicles.reduce((sum, _, k) => sum + wayOfOne(k), 0n),
  };
}

/** Way of one vehicle in micro-tokens: what its stops cost, from its depot and back. */
export function wayOf({ driven }: VehicleState, trips: readonly Trip[], depot: number): bigint {
  let at = depot;
  let total = 0;
  for (const { trip: id, kind } of driven) {
    const trip = trips.find((one) => one.id === id);
    const place = trip?.[kind].place ?? at;
    total += PLANE.distance(at, place);
    at = place;
  }
  return BigInt(Math.round((total + PLANE.distance(at, depot)) * 1_000_000));
}

/** Claims that money was neither made nor lost, that nothing is left set aside, and that nobody holds a dialogue. */
export function claimSound(t: ExecutionContext, { place, vehicles, riders }: Fleet): void {
  for (const { name, counters } of [...vehicles, ...riders]) t.is(counters.handlerErrors, 0, `${name} throws nothing`);
  t.deepEqual(place.ledger.audit().faults, []);
  let total = 0n;
  for (const { did, name, counters } of place.agents) {
    const { available, reserved, incoming } = place.ledger.balance(did);
    t.is(reserved, 0n, `${name}: nothing is set aside`);
    t.is(incoming, 0n, `${name}: nothing is set aside for it`);
    t.is(counters.dialoguesOpen, 0, `${name}: no open dialogue`);
    total += available;
  }
  t.is(total % FUNDS, 0n, 'all that was issued is there');
}

/** Claims that every rider was served once, by one vehicle, and paid. */
export function claimServed(t: ExecutionContext, { vehicles, riders }: Fleet): void {
  const stops = vehicles.flatMap(({ state }) => state.driven.map(({ trip, kind }) => `${trip} ${kind}`));
  t.is(new Set(stops).size, stops.length, 'no stop is made twice');
  t.is(stops.length, 2 * riders.length, 'two stops for each rider');
  for (const { name, state } of riders) t.not(state.served, null, `${name} is served`);
  for (const { name, state } of vehicles) {
    t.is(state.session, null, `${name} sits in no session`);
    t.is(state.visits.length, 0, `${name} is through`);
    t.is(state.contracts.size, 0, `${name} has no contract left`);
  }
}
