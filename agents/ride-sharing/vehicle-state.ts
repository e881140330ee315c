import { z } from 'zod';
import type { TimerId, Context } from '../../agent-core/agent/context.ts';
import type { Duration, Micros } from '../../agent-core/clock.ts';
import type { Policy } from '../../agent-core/policy/policy.ts';
import { did } from '../../agent-core/protocol/did.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import type { Terms } from './deal.ts';
import type { Desk } from './desk.ts';
import type { Lot } from './exchange-protocol.ts';
import { newOutlook, type Outlook } from './outlook.ts';
import { routeOf, type Route } from './route.ts';
import type { Tour } from './tour.ts';
import type { RoadMap, Trip, Visit } from './trip.ts';
import { boundSchema } from './trip-schema.ts';
import type { Boards, Presence } from './zones.ts';

/** How vehicles renegotiate. */
export interface TradeRules {
  /** Vehicles of a session at most, with its chair. */
  readonly size: number;
  /** Share of those invited without whom there is no session. */
  readonly quorum: number;
  readonly rounds: number;
  readonly within: Duration;
  /** After so many sessions, or so many in vain in a row, as chair or member, a vehicle calls no more. */
  readonly sessions: number;
  readonly patience: number;
  /** Temperature of a session's first round, in multiples of what an average trip costs alone. */
  readonly heat: number;
  /** Without a new contract, a vehicle that has riders to serve chairs a session this long after the last one; null: never. */
  readonly every: Duration | null;
  /** First time for a session by itself; null: only after a new contract, about that trip. */
  readonly startAt: Micros | null;
}

/** How a vehicle decides where its costs do not; null: it stays where it is, and asks for what a trip costs it. */
export interface VehiclePolicies {
  /** Features as in `policies/repositioning.ts`. */
  readonly reposition: Policy | null;
  /** Features as in `policies/shading.ts`. */
  readonly shading: Policy | null;
}

/** How instance time runs in virtual time: time t is at `dayStart + t * microsPerTime`. */
export interface DayClock {
  readonly dayStart: Micros;
  readonly microsPerTime: number;
}

/** Schema of what a vehicle knows when it starts: itself, its costs, the map, and who its colleagues are. */
export const vehicleParams = z.object({
  start: z.int().nonnegative(),
  home: z.int().nonnegative().nullable(),
  earliest: z.number(),
  latest: boundSchema,
  capacity: z.int().positive(),
  maxDuration: boundSchema,
  perDistance: z.number().nonnegative(),
  perRiderTime: z.number().nonnegative(),
  perUse: z.number().nonnegative(),
  /** What serving a rider is worth whom nobody serves, in units of cost. */
  unservedCost: z.number().nonnegative(),
  map: z.custom<RoadMap>(),
  clock: z.custom<DayClock>(),
  /** With whom it may trade trips. */
  colleagues: z.array(did()),
  /** How late a vehicle leaves for a stop, between the earliest (0) and the latest (1) that its plan allows. */
  lateness: z.number().min(0).max(1),
  policies: z.custom<VehiclePolicies>().default({ reposition: null, shading: null }),
  /** Where it finds colleagues, and is found, instead: in a fleet in which nobody can know everybody. */
  boards: z.custom<Boards>().nullable().default(null),
  /** Null: contracts stay as they are. */
  trade: z.custom<TradeRules>().nullable(),
});

/** Parameters of a vehicle. */
export type VehicleParams = z.output<typeof vehicleParams>;

/** A rider's trip that this vehicle has to drive. */
export interface RideContract {
  readonly rider: Did;
  /** Id of the dialogue with the rider. */
  readonly dialogue: string;
  readonly fare: bigint;
  /** Null until the rider is on board. */
  pickedUpAt: number | null;
}

/** A bid for a trip. */
export interface RideBid {
  readonly trip: Trip;
  readonly fare: bigint;
}

/** A stop that was made. */
export interface Driven {
  readonly trip: number;
  readonly kind: Visit['kind'];
  readonly begin: number;
}

/** A place that was passed without a stop: the vehicle turned off there, or went there to wait. */
export interface Passed {
  /** Stops that were made before. */
  readonly after: number;
  readonly place: number;
  readonly at: number;
}

/** A way that is being driven and can still be left. */
export interface Leg {
  readonly from: number;
  readonly to: number;
  readonly leftAt: number;
  /** The vehicle goes there to wait, not to serve anybody. */
  readonly idle: boolean;
  /** When it ends: the beginning of service at a stop, or the arrival where the vehicle only goes there to wait. */
  end: number;
  timer: TimerId;
}

/** What a session that this vehicle chaired changed. */
export interface TradeRecord {
  readonly at: Micros;
  /** Micro-tokens. */
  readonly gain: bigint;
  readonly trips: number;
  readonly parties: number;
  readonly kind: 'move' | 'swap' | 'chain';
}

/** A vehicle's part in a session, as chair or member. */
export interface Seated {
  readonly desk: Desk;
  /** Key of the dialogue with the chair; null where this vehicle chairs. */
  readonly dialogue: string | null;
  /** Trips that the chair was told of. */
  readonly told: Set<number>;
  /** Its first round has begun. */
  started: boolean;
  /** Route or tour have changed since it sat down: it leaves when it is its turn. */
  stale: boolean;
  /** It has agreed to a deal and does nothing until it knows whether it holds. */
  bound: boolean;
}

/** What a vehicle has told boards. */
export interface Posts {
  /** The plan of which they know. */
  of: readonly Visit[] | null;
  /** The last post by cell, and when it was made. */
  readonly cells: Map<number, Presence & { readonly at: Micros }>;
  count: number;
}

/** State of a vehicle. */
export interface VehicleState {
  /** The part of the day that can still be planned. */
  readonly open: {
    from: number;
    earliest: number;
    latest: number;
    homeBy: number;
    maxDuration: number;
    onBoard: number;
    /** The vehicle has left its start: its use is paid. */
    left: boolean;
  };
  visits: readonly Visit[];
  readonly contracts: Map<number, RideContract>;
  /** What this vehicle has bid in dialogues with riders that are open, by key. */
  readonly bids: Map<string, RideBid>;
  /** Trips that came by a deal and whose riders have not called yet, with the fare to ask for. */
  readonly expected: Map<number, bigint>;
  /** Trips that came by a deal and whose riders did not call in time. */
  readonly missed: Set<number>;
  /** Deals that hold and whose riders have not all called yet, by name. */
  readonly unsettled: Map<string, Terms>;
  /** Trips that were refused and that nobody served when their riders last called. */
  readonly waiting: Map<number, Lot>;
  /** Every trip that anybody told of. */
  readonly known: Map<number, Lot>;
  readonly outlook: Outlook;
  /** Since it last had nothing to do: after how many stops, from when on, and how often it has looked where to wait. */
  idle: { readonly after: number; readonly since: number; looks: number } | null;
  /** Share of bids that won, the latest counting most. */
  wonShare: number;
  /** Trips that are not among them any more. */
  forgotten: number;
  readonly driven: Driven[];
  leftAt: number | null;
  readonly passed: Passed[];
  /** The stop that is made now; on a map whose ways cannot be left, from the departure on. */
  underWay: { readonly visit: Visit; readonly begin: number } | null;
  leg: Leg | null;
  departure: { readonly timer: TimerId; readonly at: Micros } | null;
  session: Seated | null;
  readonly trades: TradeRecord[];
  readonly posted: Posts;
  /** Sessions that came to their end, as chair or member. */
  sessionsAttended: number;
  /** In a row, as chair or member. */
  sessionsInVain: number;
  /** Calls for a session that nobody came to. */
  timesAlone: number;
  /** The next session without a new contract is set. */
  isAgainSet: boolean;
  rounds: number;
  bidsRead: number;
  /** Departures of a plan that was late already: after a stop was taken out on a map without the triangle inequality. */
  lateDepartures: number;
}

/** What a vehicle's handlers get. */
export type VehicleContext = Context<VehicleParams, VehicleState>;

/** The state that a vehicle starts with. */
export function initialState({ start, earliest, latest, maxDuration }: VehicleParams): VehicleState {
  return {
    open: { from: start, earliest, latest, homeBy: latest, maxDuration, onBoard: 0, left: false },
    visits: [],
    contracts: new Map(),
    bids: new Map(),
    expected: new Map(),
    missed: new Set(),
    unsettled: new Map(),
    waiting: new Map(),
    known: new Map(),
    outlook: newOutlook(),
    idle: null,
    wonShare: 0.5,
    forgotten: 0,
    driven: [],
    leftAt: null,
    passed: [],
    underWay: null,
    leg: null,
    departure: null,
    session: null,
    trades: [],
    posted: { of: null, cells: new Map(), count: 0 },
    sessionsAttended: 0,
    sessionsInVain: 0,
    timesAlone: 0,
    isAgainSet: false,
    rounds: 0,
    bidsRead: 0,
    lateDepartures: 0,
  };
}

/** Trips that a vehicle remembers: far more than those of a session and of all riders who call it while it plans. */
const KNOWN_MAX = 4_096;

/** Notes what was told of a trip. The trip that was told of first is forgotten, unless it is this vehicle's. */
export function remember(state: VehicleState, lot: Lot): void {
  const { known, contracts, expected } = state;
  known.set(lot.trip.id, lot);
  if (known.size <= KNOWN_MAX) return;
  for (const oldest of known.keys()) {
    if (contracts.has(oldest) || expected.has(oldest)) continue;
    known.delete(oldest);
    state.forgotten++;
    return;
  }
}

/** Present time in units of the map. */
export function timeOf({ params: { clock }, now }: Pick<VehicleContext, 'params' | 'now'>): number {
  return (now() - clock.dayStart) / clock.microsPerTime;
}

/** What can be planned now, or `ahead` units of time from now on; until then the vehicle goes on as it does. */
export function tourOf(ctx: VehicleContext, ahead = 0): Tour {
  const { map, home, capacity, perDistance, perRiderTime, perUse } = ctx.params;
  const { left, ...open } = ctx.state.open;
  const { leg } = ctx.state;
  const now = timeOf(ctx) + ahead;
  const turn = leg === null ? null : turnOf(map, leg, now);
  return {
    ...open,
    from: turn?.place ?? open.from,
    earliest: Math.max(open.earliest, now, turn?.at ?? now),
    map,
    home,
    capacity,
    perDistance,
    perRiderTime,
    perUse: left ? 0 : perUse,
  };
}

/** Where and when a vehicle can leave the way that it is driving. */
function turnOf(map: RoadMap, { from, to, leftAt, end }: Leg, now: number): { place: number; at: number } {
  const turn = map.turn?.(from, to, now - leftAt) ?? { place: to, time: end - leftAt };
  return { place: turn.place, at: leftAt + turn.time };
}

/** The route that binds this vehicle. */
export function routeNow(ctx: VehicleContext, tour = tourOf(ctx)): Route {
  return routeOf(tour, ctx.state.visits);
}

/** Costs in micro-tokens. */
export function microTokens(cost: number): bigint {
  return BigInt(Math.round(cost * 1_000_000));
}
