import type { AgentBuilder } from '../../agent-core/agent/agent.ts';
import type { TimerTag } from '../../agent-core/agent/context.ts';
import { micros, type Micros } from '../../agent-core/clock.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import { binding, type Bind } from './deal-binding.ts';
import { ideaOf } from './desk.ts';
import type { Driving } from './driving.ts';
import { exchangeChair } from './exchange-chair.ts';
import { member } from './exchange-member.ts';
import type { SessionResult } from './exchange-session.ts';
import { whomToInvite } from './inviting.ts';
import { tripsOf } from './route.ts';
import { isBusy, isFair, isOver, learn, lotOf, sitDown, stakeOf } from './seat.ts';
import type { Trip } from './trip.ts';
import {
  routeNow,
  timeOf,
  type TradeRecord,
  type TradeRules,
  type VehicleContext,
  type VehicleParams,
  type VehicleState,
} from './vehicle-state.ts';

/** Lets a vehicle trade trips with its colleagues. */
export interface Exchanging {
  /** A rider awarded a trip: where that is the rule, the vehicle soon chairs a session about it. */
  contracted(ctx: VehicleContext, trip: Trip): void;
  /** Nobody served this trip when its rider last called, and neither can this vehicle. */
  refused(ctx: VehicleContext, trip: Trip): void;
}

/** How long a vehicle waits before it chairs a session, or tries again: up to this. */
const PAUSE_MICROS = 1_000_000;
/** After so many calls that nobody came to, a vehicle calls no more sessions. */
const ALONE_MAX = 1_000;
/** By which factor each session begins cooler than the one before, and the least of it. */
const SESSION_COOLING = 0.5;
const COOLEST = 0.1;
/** Where trips cost nothing a session has next to no heat. */
const HEAT_MIN = 1e-9;
/** Takes the member's role of `TripExchange`, and chairs sessions. */
export function exchanging(agent: AgentBuilder<VehicleParams, VehicleState>, driving: Driving): Exchanging {
  const bind = binding(agent, driving);
  const negotiate: TimerTag<number | null> = agent.timer('negotiate', async (ctx, about) => {
    const { trade } = ctx.params;
    if (trade === null || (about === null && !mayChair(ctx, trade))) return;
    if (isBusy(ctx) || ctx.state.known.size === 0) {
      if (about === null || isOpen(ctx, about)) pause(ctx, about);
      return;
    }
    const invited = whomToInvite(ctx, { most: trade.size - 1, about });
    const members = 'then' in invited ? await invited : invited;
    if (isBusy(ctx)) return pause(ctx, about);
    await chair(ctx, trade, { about, bind, members, driving });
    if (about === null && mayChair(ctx, trade)) pause(ctx, null);
  });
  const pause = (ctx: VehicleContext, about: number | null): void => {
    ctx.schedule(negotiate, ctx.stream('pause').integer(1, PAUSE_MICROS), about);
  };
  agent.start((ctx) => {
    const startAt = ctx.params.trade?.startAt ?? null;
    if (startAt !== null) ctx.schedule(negotiate, startAt + ctx.stream('pause').integer(1, PAUSE_MICROS), null);
  });
  member(agent, bind, driving);
  const again: TimerTag<null> = agent.timer('again', (ctx) => {
    const { trade } = ctx.params;
    if (trade === null || trade.every === null) return;
    ctx.state.isAgainSet = false;
    const [first] = tripsOf(routeNow(ctx));
    if (first === undefined) return;
    pause(ctx, first.id);
    setAgain(ctx, micros(trade.every));
  });
  const setAgain = (ctx: VehicleContext, delay: Micros): void => {
    if (ctx.state.isAgainSet) return;
    ctx.state.isAgainSet = true;
    ctx.schedule(again, delay, null);
  };
  return {
    refused(ctx, trip) {
      if (ctx.params.trade !== null && ctx.params.trade.startAt === null) pause(ctx, trip.id);
    },
    contracted(ctx, trip) {
      const { trade } = ctx.params;
      if (trade === null || trade.startAt !== null) return;
      pause(ctx, trip.id);
      if (trade.every !== null) setAgain(ctx, ctx.stream('pause').integer(1, micros(trade.every)));
    },
  };
}

/** Whether there is anything to negotiate about a trip: this vehicle drives it, or nobody does. */
function isOpen(ctx: VehicleContext, trip: number): boolean {
  const { visits, waiting } = ctx.state;
  const now = timeOf(ctx);
  for (const [id, lot] of waiting) if (lot.trip.pickup.latest < now) waiting.delete(id);
  return waiting.has(trip) || visits.some((visit) => visit.trip.id === trip);
}

function mayChair({ state }: VehicleContext, { sessions, patience }: TradeRules): boolean {
  return state.sessionsAttended < sessions && state.sessionsInVain < patience && state.timesAlone < ALONE_MAX;
}

/** What one session is about, and with whom. */
interface ChairParts {
  readonly about: number | null;
  readonly bind: Bind;
  readonly members: readonly Did[];
  readonly driving: Driving;
}

async function chair(
  ctx: VehicleContext,
  trade: TradeRules,
  { about, bind, members, driving }: ChairParts,
): Promise<SessionResult> {
  const { state } = ctx;
  const seated = sitDown(ctx, null);
  const { desk } = seated;
  const random = ctx.stream('chair');
  const subject = about === null ? undefined : state.known.get(about)?.trip;
  const result = await ctx.run(exchangeChair, {
    members,
    quorum: trade.quorum,
    rounds: trade.rounds,
    within: trade.within,
    desk,
    heat: heatOf(ctx, trade),
    about: subject === undefined ? null : ideaOf([subject], random),
    waiting: [...state.waiting.values()],
    unservedCost: ctx.params.unservedCost,
    lotOf: (trip) => lotOf(ctx, trip),
    isOnMap: ({ pickup, dropoff }) => Math.max(pickup.place, dropoff.place) < ctx.params.map.places,
    learn: (lot) => learn(ctx, lot),
    stake: () => stakeOf(ctx, desk),
    isFair: (terms) => isFair(ctx, desk, terms),
    isStale: () => seated.stale || isOver(ctx, desk),
    bound: () => void (seated.bound = true),
    commit: (terms, name) => bind(ctx, seated, { terms, name }),
  });
  if (state.session === seated) {
    state.session = null;
    if (seated.bound) driving.plan(ctx);
  }
  state.bidsRead += result.bids;
  state.rounds += result.rounds;
  if (result.type === 'committed') {
    state.trades.push(recordOf(ctx, result));
    for (const { trip } of result.moved) state.waiting.delete(trip);
  }
  if (result.type === 'alone') state.timesAlone++;
  else {
    state.sessionsAttended++;
    state.sessionsInVain = result.type === 'committed' ? 0 : state.sessionsInVain + 1;
  }
  return result;
}

function recordOf(ctx: VehicleContext, { gain, moved }: Extract<SessionResult, { type: 'committed' }>): TradeRecord {
  const parties = new Set(moved.flatMap(({ from, to }) => (from === null ? [to] : [from, to])));
  const givers = new Set(moved.map(({ from }) => from));
  const kind = parties.size > 2 ? 'chain' : givers.size > 1 ? 'swap' : 'move';
  return { at: ctx.now(), gain, trips: moved.length, parties: parties.size, kind };
}

/** Each session that the vehicle was in lets the next begin cooler. */
function heatOf(ctx: VehicleContext, { heat }: TradeRules): number {
  const factor = Math.max(COOLEST, SESSION_COOLING ** ctx.state.sessionsAttended);
  return Math.max(HEAT_MIN, heat * factor * averageCost(ctx));
}

/** What an average trip that this vehicle has heard of costs from pickup to drop-off. */
function averageCost({ state, params: { map, perDistance } }: VehicleContext): number {
  let total = 0;
  for (const { trip } of state.known.values()) total += map.distance(trip.pickup.place, trip.dropoff.place);
  return (perDistance * total) / Math.max(1, state.known.size);
}
