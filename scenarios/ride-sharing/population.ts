import type { Boards } from '../../agents/ride-sharing/zones.ts';
import { rider, type RiderState } from '../../agents/ride-sharing/rider.ts';
import { vehicle } from '../../agents/ride-sharing/vehicle.ts';
import type { DayClock, TradeRules, VehicleState } from '../../agents/ride-sharing/vehicle-state.ts';
import { micros, seconds, type Micros } from '../../agent-core/clock.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import type { PlacedAgent } from '../../simulator/placed-agent.ts';
import type { World } from '../../simulator/world.ts';
import type { Population, RoundProgress } from '../scenario.ts';
import { isLargeFleet, placeBoards } from './boards.ts';
import type { RideInstance, RideRequest } from './instance.ts';
import type { RideOptions } from './options.ts';
import type { RideSolution, RideTrade, Seen } from './solution.ts';

/** In static mode riders call one after another, this far apart. */
const CALL_MICROS = micros('50 ms');
/** Static mode leaves this time for negotiation before the day begins. */
const DAY_AHEAD_MICROS = micros('12 h');
/** A rider whom nobody wants to serve calls again after this time. */
const AGAIN_MICROS = micros('30 s');
const ONLINE_AGAIN_MICROS = micros('5 s');
/** Riders whom nobody serves have called again by then. */
const SETTLED_MICROS = micros('61 s');
/** Fleets up to this size meet as a whole; of larger ones eight vehicles at a time. */
const MEETING_MAX = 26;
/** Rounds of a session in a large fleet: its sessions are many, small and short, so that messages grow with the requests alone. */
const LARGE_ONLINE_ROUNDS = 8;
const LARGE_STATIC_ROUNDS = 40;
/** Riders give up so long after their latest time, and after this longest day where there is none. */
const GIVE_UP_MICROS = micros('1 h');
const DAY_MAX_MICROS = micros('1440 h');
/** What vehicles and riders have: more than any fare. */
const FUNDS = 1_000_000_000_000_000n;
/** What serving a rider is worth, in average costs of a trip. */
const UNSERVED = 100;

/** Places a vehicle for every vehicle of an instance and a rider for every request. */
export function populateRides(place: World, instance: RideInstance, options: RideOptions): Population<RideSolution> {
  const clock = clockOf(instance, options);
  const boards = placeBoards(place, instance, { clock, until: lastCall(instance, clock) });
  const vehicles = placeVehicles(place, instance, { clock, options, boards });
  const riders = placeRiders(place, instance, { clock, options, boards });
  return {
    finished: () => vehicles.every(({ state }) => state.visits.length === 0 && state.underWay === null),
    progress: () => progressOf(vehicles, riders),
    rounds: () => vehicles.reduce((sum, { state }) => sum + state.rounds, 0),
    agreement: () => solutionFrom(instance, vehicles, riders),
  };
}

function clockOf({ secondsPerTime }: RideInstance, { mode }: RideOptions): DayClock {
  return { dayStart: mode === 'static' ? DAY_AHEAD_MICROS : 0, microsPerTime: secondsPerTime * 1_000_000 };
}

interface Setting {
  readonly clock: DayClock;
  readonly options: RideOptions;
  /** Null where everybody knows everybody. */
  readonly boards: Boards | null;
}

function placeVehicles(
  place: World,
  instance: RideInstance,
  { clock, options, boards }: Setting,
): readonly PlacedAgent<VehicleState>[] {
  const { map, costs, vehicles } = instance;
  const dids = vehicles.map((_, k) => place.didOf(vehicleName(k)));
  const trade = options.renegotiate ? tradeRules(instance, options) : null;
  const unservedCost = UNSERVED * averageCost(instance);
  return vehicles.map((own, k) => {
    const { operator, ...day } = own;
    const isColleague = (_: Did, other: number): boolean => other !== k && vehicles[other]?.operator === operator;
    const colleagues = boards === null ? dids.filter(isColleague) : [];
    const agent = vehicle({
      ...day,
      perDistance: costs.perDistance,
      perRiderTime: costs.perRiderTime,
      perUse: costs.perVehicle,
      unservedCost,
      lateness: options.lateness ?? 0,
      policies: { reposition: options.reposition ?? null, shading: options.shading ?? null },
      map,
      clock,
      colleagues,
      trade,
      boards: boards === null ? null : { ...boards, company: operator },
    });
    return place.spawn(agent, { name: vehicleName(k), funds: FUNDS });
  });
}

function placeRiders(
  place: World,
  instance: RideInstance,
  { clock, options, boards }: Setting,
): readonly PlacedAgent<RiderState>[] {
  const vehicles: Did[] = boards === null ? instance.vehicles.map((_, k) => place.didOf(vehicleName(k))) : [];
  const operators = [...new Set(instance.vehicles.map(({ operator }) => operator))];
  const fleets = operators.map((one) => vehicles.filter((_, k) => instance.vehicles[k]?.operator === one));
  const called = (): readonly Did[] =>
    options.market === 'independent' ? place.random.stream('preferred operator').pick(fleets) : vehicles;
  const last = lastCall(instance, clock);
  return instance.requests.map((request, k) => {
    const callAt = options.mode === 'static' ? k * CALL_MICROS : timeAt(clock, request.requestTime);
    const until = Math.min(last, timeAt(clock, request.dropoff.latest + request.dropoff.service) + GIVE_UP_MICROS);
    const againAfter = options.mode === 'static' ? AGAIN_MICROS : ONLINE_AGAIN_MICROS;
    const fleetsCompared = options.market === 'user' ? fleets : null;
    const asked = {
      againAfter,
      vehicles: [...called()],
      fleets: fleetsCompared,
      boards,
      budget: FUNDS,
      valueOfTime: 0,
    };
    const agent = rider({ trip: tripOf(request), callAt, until, ...asked });
    return place.spawn(agent, { name: `rider-${request.id}`, funds: FUNDS });
  });
}

/** When the last rider gives up: a dialogue cannot wait for ever, where a day may. */
function lastCall({ vehicles }: RideInstance, clock: DayClock): Micros {
  const lastHour = vehicles.reduce((most, { latest }) => Math.max(most, latest), 0);
  return Math.min(timeAt(clock, lastHour) + GIVE_UP_MICROS, clock.dayStart + DAY_MAX_MICROS);
}

function timeAt({ dayStart, microsPerTime }: DayClock, time: number): Micros {
  return Math.max(0, Math.round(dayStart + time * microsPerTime));
}

function tripOf({
  id,
  load,
  pickup,
  dropoff,
  maxRide,
}: RideRequest): Pick<RideRequest, 'id' | 'load' | 'pickup' | 'dropoff' | 'maxRide'> {
  return { id, load, pickup, dropoff, maxRide };
}

function vehicleName(number: number): string {
  return `vehicle-${number}`;
}

function averageCost({ requests, map, costs }: RideInstance): number {
  let total = 0;
  for (const { pickup, dropoff } of requests) total += map.distance(pickup.place, dropoff.place);
  return (costs.perDistance * total) / Math.max(1, requests.length);
}

function tradeRules({ requests, vehicles }: RideInstance, { mode, rounds, patience, every }: RideOptions): TradeRules {
  const isLarge = isLargeFleet(vehicles.length);
  if (mode === 'online') {
    return {
      size: isLarge ? 5 : 12,
      quorum: 0,
      rounds: rounds ?? (isLarge ? LARGE_ONLINE_ROUNDS : 30),
      within: '10 s',
      sessions: Infinity,
      patience: patience ?? Infinity,
      heat: 0.1,
      startAt: null,
      every: every ?? null,
    };
  }
  const isSmall = vehicles.length <= MEETING_MAX;
  return {
    size: isSmall ? vehicles.length : isLarge ? 5 : 8,
    quorum: isSmall ? 1 : 0,
    rounds: rounds ?? (isLarge ? LARGE_STATIC_ROUNDS : 1_500),
    within: '10 min',
    sessions: isLarge ? 2 : 5,
    patience: patience ?? 2,
    heat: 1,
    every: null,
    startAt: requests.length * CALL_MICROS + SETTLED_MICROS,
  };
}

function progressOf(
  vehicles: readonly PlacedAgent<VehicleState>[],
  riders: readonly PlacedAgent<RiderState>[],
): RoundProgress {
  // The state of an agent that another process runs cannot be read before the end.
  const round = vehicles.reduce((sum, agent) => (agent.here ? sum + agent.state.rounds : sum), 0);
  const waiting = riders.filter((agent) => agent.here && agent.state.carrier === null && agent.state.served === null);
  return { round, disagreement: 1 + waiting.length };
}

function solutionFrom(
  instance: RideInstance,
  vehicles: readonly PlacedAgent<VehicleState>[],
  riders: readonly PlacedAgent<RiderState>[],
): RideSolution {
  const nodes = new Map(instance.requests.map(({ id, nodes: [pickup, dropoff] }) => [id, { pickup, dropoff }]));
  const used = vehicles.flatMap(({ state }, number) => (state.leftAt === null ? [] : [{ state, number }]));
  return {
    routes: used.map(({ state }) => state.driven.map(({ trip, kind }) => nodes.get(trip)?.[kind] ?? -1)),
    vehicles: used.map(({ number }) => number),
    begins: used.map(({ state }) => state.driven.map(({ begin }) => begin)),
    shifts: used.map(({ state, number }) => [state.leftAt ?? 0, endOf(instance, number, state)]),
    passed: used.map(({ state }) => state.passed),
    unserved: instance.requests.filter((_, k) => riders[k]?.state.served === null).map(({ id }) => id),
    trades: tradesOf(vehicles),
    seen: vehicles.map(({ state }): Seen => ({ trips: state.known.size + state.forgotten, bids: state.bidsRead })),
  };
}

/** When a vehicle is home after its last stop, or through with it where it has none. */
function endOf(instance: RideInstance, number: number, { open }: VehicleState): number {
  const home = instance.vehicles[number]?.home ?? null;
  return home === null ? open.earliest : open.earliest + instance.map.time(open.from, home);
}

function tradesOf(vehicles: readonly PlacedAgent<VehicleState>[]): readonly RideTrade[] {
  const all = vehicles.flatMap(({ state }) => state.trades);
  return all
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, gain, ...rest }) => ({ ...rest, atSeconds: seconds(at), gain: Number(gain) / 1_000_000 }));
}
