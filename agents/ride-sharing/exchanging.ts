import type { AgentBuilder } from '../../agent-core/agent/agent.ts';
import type { TimerTag } from '../../agent-core/agent/context.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import { micros, type Micros } from '../../agent-core/clock.ts';
import { assert } from '../../agent-core/errors.ts';
import { isDealOf, netOf, type Terms } from './deal.ts';
import { createDesk, endRound, ideaOf, offerOf, openLots, takeLot, type Desk } from './desk.ts';
import type { Driving } from './driving.ts';
import { exchangeChair } from './exchange-chair.ts';
import type { SessionResult } from './exchange-session.ts';
import { FARE_MAX, TripExchange, type Lot } from './exchange-protocol.ts';
import { isInvited, whomToInvite } from './inviting.ts';
import { CarrierOffer, Ride } from './ride.ts';
import { tripsOf } from './route.ts';
import { isOnMap } from './trip-schema.ts';
import { isSetAside, payouts, reservationId, reservations, SECURED_MICROS } from './securing.ts';
import type { Trip } from './trip.ts';
import {
  microTokens,
  routeNow,
  timeOf,
  tourOf,
  type Seated,
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

/** Sessions are about what comes after this time: a vehicle that has to do something before does not sit down or agree to a deal. */
const AHEAD_MICROS = 2_000_000;
/** How long a vehicle waits before it chairs a session, or tries again: up to this. */
const PAUSE_MICROS = 1_000_000;
/** After so many calls that nobody came to, a vehicle calls no more sessions. */
const ALONE_MAX = 1_000;
/** By which factor each session begins cooler than the one before, and the least of it. */
const SESSION_COOLING = 0.5;
const COOLEST = 0.1;
/** Where trips cost nothing a session has next to no heat. */
const HEAT_MIN = 1e-9;
/** A rider whose trip came by a deal calls within this time, or the trip is given up. */
const CALL_WITHIN_MICROS = 50_000_000;
/** Whether they have is looked up this often, before what they are to be paid with is back. */
const SETTLE_PAUSE_MICROS = 10_000;
/** A session may take so many times what this vehicle's own would. */
const LONGEST = 2;

/** Takes the member's role of {@link TripExchange}, and chairs sessions. */
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
    await chair(ctx, trade, { about, bind, members, plan: driving.plan });
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

/** Whether the vehicle cannot sit down now: it sits already, waits for riders to call, or is about to leave. */
function isBusy(ctx: VehicleContext): boolean {
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
function isOver(ctx: VehicleContext, { tour }: Desk): boolean {
  return timeOf(ctx) > tour.earliest;
}

function sitDown(ctx: VehicleContext, dialogue: string | null): Seated {
  const tour = tourOf(ctx, AHEAD_MICROS / ctx.params.clock.microsPerTime);
  const desk = createDesk(tour, routeNow(ctx, tour), new Set());
  const seated: Seated = { desk, dialogue, told: new Set(), started: false, stale: false, bound: false };
  ctx.state.session = seated;
  return seated;
}

/** What makes a deal binding. */
type Bind = (ctx: VehicleContext, seated: Seated, deal: Deal) => void;

/** A deal that holds, and the name of what is set aside for it. */
interface Deal {
  readonly terms: Terms;
  readonly name: string;
}

/** What one session is about, and with whom. */
interface ChairParts {
  readonly about: number | null;
  readonly bind: Bind;
  readonly members: readonly Did[];
  readonly plan: Driving['plan'];
}

async function chair(
  ctx: VehicleContext,
  trade: TradeRules,
  { about, bind, members, plan }: ChairParts,
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
    if (seated.bound) plan(ctx);
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

function lotOf({ state }: VehicleContext, trip: number): Lot | undefined {
  return state.known.get(trip);
}

/** Own contracts are known better than by what others say, and what is off the map is not to be had. */
function learn(ctx: VehicleContext, lot: Lot): void {
  if (!isServed(ctx, lot.trip.id) && isTradable(ctx, lot)) ctx.state.known.set(lot.trip.id, lot);
}

/** What the best draft is worth to this vehicle: fares of the trips that come and go, and what its route costs more or less. */
function stakeOf(ctx: VehicleContext, { best, committed }: Desk): bigint {
  const fares = (trips: readonly Trip[]): bigint =>
    trips.reduce((sum, { id }) => sum + (lotOf(ctx, id)?.fare ?? 0n), 0n);
  return fares(tripsOf(best)) - fares(tripsOf(committed)) + microTokens(committed.cost) - microTokens(best.cost);
}

/** The member's side: it answers when it is asked, and leaves where it cannot. */
function member(agent: AgentBuilder<VehicleParams, VehicleState>, bind: Bind, driving: Driving): void {
  const deals = new Map<string, Deal>();
  /** Dialogues whose deal holds if what this vehicle gets was set aside. */
  const confirmed = new Set<string>();
  const random = (ctx: VehicleContext) => ctx.stream('release');
  // What was set aside is back by now: a deal that nobody has confirmed is none.
  const letGo = agent.timer<{ peer: Did; id: string }>('let-go', (ctx, name) => {
    ctx.dialogue(TripExchange, 'member', name)?.fail('late');
  });
  agent.play(
    TripExchange,
    'member',
    {
      convene(ctx, m) {
        if (!isInvited(ctx, m.from) || ctx.params.trade === null) return m.reply('decline', { reason: 'no colleague' });
        if (isBusy(ctx)) return m.reply('decline', { reason: 'busy' });
        const { within } = ctx.params.trade;
        // Its clock may differ from this one's, but nobody holds this vehicle for as long as it likes.
        if (m.dialogue.deadline > ctx.now() + LONGEST * micros(within))
          return m.reply('decline', { reason: 'too long' });
        const { desk } = sitDown(ctx, m.dialogue.key);
        const trips = tripsOf(desk.committed);
        const serves = m.body.waiting.filter((id) => isServed(ctx, id));
        m.reply('join', { serves, idea: ideaOf(trips, random(ctx)) });
      },
      topic(ctx, m) {
        const session = seatAt(ctx, m.dialogue);
        if (session === null || session.stale) return m.reply('leave', { reason: 'changed' });
        const { map } = ctx.params;
        const { verdict, topic, nearness } = m.body;
        if (Math.max(topic.pickup.place, topic.dropoff.place) >= map.places)
          return m.reply('leave', { reason: 'not on the map' });
        session.started = true;
        endRound(session.desk, verdict);
        const { trips, distance, idea } = offerOf(session.desk, { topic, nearness }, random(ctx));
        const lots = trips.map(({ id }) => id);
        const news = lots.flatMap((id) => (session.told.has(id) ? [] : (lotOf(ctx, id) ?? [])));
        for (const { trip } of news) session.told.add(trip.id);
        m.reply('offer', { lots, news, distance, idea });
      },
      auction(ctx, m) {
        const session = seatAt(ctx, m.dialogue);
        if (session === null || session.stale) return m.reply('leave', { reason: 'changed' });
        for (const lot of m.body.news) {
          if (!isTradable(ctx, lot)) return m.reply('leave', { reason: 'not on the map' });
          session.told.add(lot.trip.id);
          learn(ctx, lot);
        }
        const lots = m.body.lots.flatMap((id) => lotOf(ctx, id)?.trip ?? []);
        if (lots.length < m.body.lots.length) return m.reply('leave', { reason: 'unknown trip' });
        const { saved, costs } = openLots(session.desk, lots);
        m.reply('bid', { saved, costs: [...costs] });
      },
      award(ctx, m) {
        const session = seatAt(ctx, m.dialogue);
        const costs = session === null || session.stale ? null : takeLot(session.desk, m.body.lot, m.body.open);
        if (costs === null) return m.reply('leave', { reason: 'cannot serve it' });
        m.reply('rebid', { costs: [...costs] });
      },
      close(ctx, m) {
        const session = seatAt(ctx, m.dialogue);
        if (session === null || session.stale) return m.reply('leave', { reason: 'changed' });
        endRound(session.desk, m.body.verdict);
        m.reply('stake', { gain: stakeOf(ctx, session.desk).toString() });
      },
      async deal(ctx, m) {
        const session = seatAt(ctx, m.dialogue);
        if (session === null || session.stale || isOver(ctx, session.desk))
          return m.reply('leave', { reason: 'changed' });
        if (!isFair(ctx, session.desk, m.body)) return m.reply('leave', { reason: 'not the deal' });
        session.bound = true;
        const { pays } = m.body;
        if (pays.length > 0) {
          const held = await ctx.ledger.submit(reservations(m.body.name, pays, ctx.now() + SECURED_MICROS));
          if (!m.dialogue.open) return;
          if (held.type === 'refused' || ctx.state.session !== session)
            return m.reply('leave', { reason: 'not secured' });
        }
        deals.set(m.dialogue.key, { terms: m.body, name: m.body.name });
        m.reply('agree', {});
        ctx.schedule(letGo, SECURED_MICROS, { peer: m.from, id: m.dialogue.id });
      },
      async commit(ctx, m) {
        const session = seatAt(ctx, m.dialogue);
        const deal = deals.get(m.dialogue.key);
        if (session === null || deal === undefined) return;
        const { key } = m.dialogue;
        confirmed.add(key);
        const holds = deal.terms.receives.length === 0 || (await isPaid(ctx, deal));
        confirmed.delete(key);
        ctx.state.sessionsInVain = holds ? 0 : ctx.state.sessionsInVain + 1;
        ctx.state.sessionsAttended++;
        if (holds) return bind(ctx, session, deal);
        ctx.state.session = null;
        driving.plan(ctx);
      },
      abort(ctx, m) {
        // One that was called off before its first round counts for nothing.
        if (seatAt(ctx, m.dialogue)?.started !== true) return;
        ctx.state.sessionsInVain++;
        ctx.state.sessionsAttended++;
      },
    },
    {
      ended(ctx, end) {
        deals.delete(end.key);
        const session = seatAt(ctx, end);
        if (session === null || confirmed.has(end.key)) return;
        ctx.state.session = null;
        if (session.bound) driving.plan(ctx);
      },
    },
  );
}

/** Whether all that a vehicle gets by a deal was set aside for it: else the deal is none, and everybody keeps its riders. */
async function isPaid(ctx: VehicleContext, { terms, name }: Deal): Promise<boolean> {
  for (const payment of terms.receives) {
    const held = await ctx.ledger.reservation(reservationId(name, ctx.self), payment.party);
    if (!isSetAside(payment, held)) return false;
  }
  return true;
}

/** Whether this vehicle has the contract, or waits for the rider to make it. */
function isServed({ state }: VehicleContext, trip: number): boolean {
  return state.contracts.has(trip) || state.expected.has(trip);
}

/** The vehicle's part in the session of a dialogue, as member; null where it is in none, or in another. */
function seatAt({ state: { session } }: VehicleContext, { key }: { readonly key: string }): Seated | null {
  return session?.dialogue === key ? session : null;
}

function isTradable({ params }: VehicleContext, { trip, fare }: Lot): boolean {
  return isOnMap(trip, params.map.places) && fare < FARE_MAX;
}

/** Whether the deal is what was negotiated: it moves the trips of the best draft, and this vehicle does not lose by it. */
function isFair(ctx: VehicleContext, desk: Desk, terms: Terms): boolean {
  const before = new Set(tripsOf(desk.committed).map(({ id }) => id));
  const after = new Set(tripsOf(desk.best).map(({ id }) => id));
  const gone = [...before].filter((id) => !after.has(id));
  const come = [...after].filter((id) => !before.has(id));
  return isDealOf(terms, { self: ctx.self, gone, come }) && stakeOf(ctx, desk) + netOf(terms) >= 0n;
}

/** The deal holds: the best draft is the route, and riders are told who drives them. */
function binding(agent: AgentBuilder<VehicleParams, VehicleState>, driving: Driving): Bind {
  const giveUp: TimerTag<readonly number[]> = agent.timer('give-up', (ctx, trips) => {
    for (const trip of trips) forget(ctx, trip);
    driving.plan(ctx);
  });
  agent.play(
    CarrierOffer,
    'vehicle',
    {
      accept: () => undefined,
      reject(ctx, m) {
        failContract(ctx, m.from);
        for (const trip of ctx.state.expected.keys()) if (lotOf(ctx, trip)?.rider === m.from) forget(ctx, trip);
        driving.plan(ctx);
      },
    },
    { ended: (ctx, end) => (end.outcome === 'done' ? undefined : failContract(ctx, end.peer)) },
  );
  return (ctx, seated, { terms, name }) => {
    const { gives, takes } = terms;
    const { state } = ctx;
    state.session = null;
    const { tour, best } = seated.desk;
    // A rider may have given up since the draft was made.
    const isMine = (trip: number): boolean => isServed(ctx, trip) || takes.some((move) => move.trip === trip);
    state.visits = best.visits.filter(({ trip }) => isMine(trip.id));
    const offer = (rider: Did, carrier: Did): void => {
      ctx.open(CarrierOffer, 'vehicle', rider, 'propose', { carrier }, { within: CALL_WITHIN_MICROS });
    };
    for (const { trip, party } of gives) {
      const contract = state.contracts.get(trip);
      if (contract !== undefined && party !== null) offer(contract.rider, party);
    }
    for (const { trip, party, fare } of takes) {
      const lot = lotOf(ctx, trip);
      assert(lot !== undefined, 'a vehicle knows what it takes');
      state.expected.set(trip, fare ?? lot.fare);
      state.forgotten.delete(trip);
      if (party === null) offer(lot.rider, ctx.self);
    }
    if (takes.length > 0)
      ctx.schedule(
        giveUp,
        CALL_WITHIN_MICROS,
        takes.map(({ trip }) => trip),
      );
    driving.plan(ctx, tour);
    void settle(ctx, name, terms);
  };
}

/**
 * Pays what was set aside for a deal once all riders that came by it have called: whoever gives what does not exist, or for
 * another fare, is not paid for it.
 */
async function settle(ctx: VehicleContext, name: string, { pays, takes }: Terms): Promise<void> {
  if (pays.length === 0) return;
  const { expected, forgotten } = ctx.state;
  while (takes.some(({ trip }) => expected.has(trip))) await ctx.sleep(SETTLE_PAUSE_MICROS);
  if (!takes.some(({ trip }) => forgotten.has(trip))) await ctx.ledger.submit(payouts(name, pays));
}

/** A rider did not call: its trip leaves the plan. */
function forget({ state }: VehicleContext, trip: number): void {
  if (!state.expected.delete(trip)) return;
  state.forgotten.add(trip);
  state.visits = state.visits.filter((visit) => visit.trip.id !== trip);
  if (state.session !== null) state.session.stale = true;
}

/** The rider could not be told of its new carrier: it gets its money back and calls anew. */
function failContract(ctx: VehicleContext, rider: Did): void {
  for (const [id, contract] of ctx.state.contracts) {
    const isPlanned = ctx.state.visits.some(({ trip }) => trip.id === id);
    if (contract.rider !== rider || isPlanned) continue;
    ctx.dialogue(Ride, 'participant', { peer: rider, id: contract.dialogue })?.fail('handed over');
  }
}
