import type { AgentBuilder } from '../../agent-core/agent/agent.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import { escrowId } from '../../agent-core/protocol/escrow.ts';
import { isSecured } from '../../agent-core/protocol/contract-net-participant.ts';
import { settleDue } from './deal-binding.ts';
import type { Driving } from './driving.ts';
import type { Exchanging } from './exchanging.ts';
import { insertable } from './insertable.ts';
import { cheapestInsertion } from './insertion.ts';
import { hear, lose, win } from './repositioning.ts';
import { FARE_MAX, type Lot } from './exchange-protocol.ts';
import { Ride } from './ride.ts';
import type { Route } from './route.ts';
import { timetable } from './timetable.ts';
import type { Trip } from './trip.ts';
import { isOnMap, isSameTrip } from './trip-schema.ts';
import {
  microTokens,
  remember,
  routeNow,
  tourOf,
  type RideBid,
  type RideContract,
  type VehicleContext,
  type VehicleParams,
  type VehicleState,
} from './vehicle-state.ts';

/** What contracts need of the rest of a vehicle. */
export interface ContractingParts {
  readonly driving: Driving;
  /** Hears of every trip that a rider has newly awarded, and of those that do not fit and that nobody served before. */
  readonly trades: Exchanging;
}

/** How often, and after what pauses, a vehicle that a deal binds looks whether it still does before it refuses a rider. */
const BOUND_TRIES = 50;
const BOUND_PAUSE_MICROS = 10_000;

/** Takes the participant's role in {@link Ride}: bids what a trip adds to the costs, and serves what was secured. */
export function contracting(agent: AgentBuilder<VehicleParams, VehicleState>, parts: ContractingParts): void {
  agent.play(
    Ride,
    'participant',
    {
      async cfp(ctx, m) {
        const { trip, calls } = m.body.task;
        const { state } = ctx;
        // Whoever is about to hear whether a deal holds may get this trip by it.
        for (let k = 0; k < BOUND_TRIES && state.session?.bound === true; k++) await ctx.sleep(BOUND_PAUSE_MICROS);
        if (!m.dialogue.open) return;
        if (!isOnMap(trip, ctx.params.map.places)) return m.reply('refuse', { reason: 'not on the map' });
        const before = state.contracts.get(trip.id);
        // Whoever calls again has lost the contract that it had, by a crash say.
        if (before?.rider === m.from && !drop(ctx, before)) void giveBack(ctx, before);
        if (isTaken(ctx, trip, m.from)) return m.reply('refuse', { reason: 'another trip of this number' });
        const expected = state.expected.get(trip.id);
        const route = routeNow(ctx);
        const planned = expected === undefined ? planWith(ctx, trip) : route;
        // Nothing is free: an escrow of nothing is none.
        const fare = expected ?? microTokens(Math.max(1e-6, (1 + markup(ctx)) * ((planned?.cost ?? 0) - route.cost)));
        if (expected === undefined) hear(ctx, trip);
        remember(state, { trip, rider: m.from, fare });
        if (planned === null || fare >= FARE_MAX) {
          if (calls === 0) lose(ctx, trip);
          else wait(ctx, parts.trades, { trip, rider: m.from, fare: 0n });
          return m.reply('refuse', { reason: 'does not fit' });
        }
        state.bids.set(m.dialogue.key, { trip, fare });
        m.reply('propose', { fare, ...promised(ctx, planned, trip) });
      },
      async 'accept-proposal'(ctx, m) {
        const bid = ctx.state.bids.get(m.dialogue.key);
        if (bid === undefined) return;
        fared(ctx, 1);
        const { escrow } = m.body;
        const held = await isSecured(ctx, { escrow, least: bid.fare, payer: m.from, dialogue: m.dialogue });
        if (!m.dialogue.open) return;
        if (!held) return m.fail('not secured');
        const isHandedOver = ctx.state.expected.has(bid.trip.id);
        if (!accept(ctx, bid, { rider: m.from, dialogue: m.dialogue.id })) return m.fail('does not fit any more');
        if (isHandedOver) settleDue(ctx);
        parts.driving.plan(ctx);
        // In a large fleet a trip that came by a session makes no other: a contract would cause any number of them.
        if (!isHandedOver || ctx.params.boards === null) parts.trades.contracted(ctx, bid.trip);
      },
      'reject-proposal'(ctx, m) {
        fared(ctx, 0);
        const bid = ctx.state.bids.get(m.dialogue.key);
        if (bid !== undefined) lose(ctx, bid.trip);
        servedElsewhere(ctx, m.from);
      },
      async cancel(ctx, m) {
        servedElsewhere(ctx, m.from);
        const isDriven = drop(ctx, { rider: m.from, dialogue: m.dialogue.id });
        parts.driving.plan(ctx);
        // Who is on board is driven, and what was set aside for that is not given back before its time.
        if (!isDriven) await giveBack(ctx, { rider: m.from, dialogue: m.dialogue.id });
      },
    },
    {
      ended(ctx, end) {
        ctx.state.bids.delete(end.key);
        if (end.outcome === 'done') return;
        drop(ctx, { rider: end.peer, dialogue: end.dialogue });
        parts.driving.plan(ctx);
      },
    },
  );
}

/** Nobody serves a trip that does not fit either: perhaps colleagues can make room. */
function wait(ctx: VehicleContext, trades: Exchanging, lot: Lot): void {
  ctx.state.waiting.set(lot.trip.id, lot);
  trades.refused(ctx, lot.trip);
}

/** What the vehicle asks above its costs, as a share of them. */
function markup(ctx: VehicleContext): number {
  const { params, state } = ctx;
  const { shading } = params.policies;
  if (shading === null) return 0;
  return ctx.decide(shading, [state.contracts.size / params.capacity, state.wonShare])[0] ?? 0;
}

/** How much one bid counts in the share that won. */
const LEARNING = 0.1;

function fared({ state }: VehicleContext, won: 0 | 1): void {
  state.wonShare += LEARNING * (won - state.wonShare);
}
/** Who has a contract, and where it was made. */
type Party = Pick<RideContract, 'rider' | 'dialogue'>;

/** The cheapest route with a trip more; null where there is none, or while a deal binds the vehicle. */
function planWith(ctx: VehicleContext, trip: Trip): Route | null {
  const { state } = ctx;
  if (state.session?.bound === true || state.visits.some((visit) => visit.trip.id === trip.id)) return null;
  const tour = tourOf(ctx);
  return cheapestInsertion(insertable(tour, routeNow(ctx, tour)), trip);
}

function promised(ctx: VehicleContext, route: Route, trip: Trip): { pickupAt: number; dropoffAt: number } {
  const times = timetable(tourOf(ctx), route.visits);
  const at = (kind: 'pickup' | 'dropoff'): number =>
    times?.begin[route.visits.findIndex((visit) => visit.kind === kind && visit.trip.id === trip.id)] ?? 0;
  return { pickupAt: at('pickup'), dropoffAt: at('dropoff') };
}

/** Takes a trip on, by the route of now: it may be another than that of the bid. False where it does not fit any more. */
function accept(ctx: VehicleContext, { trip, fare }: RideBid, party: Party): boolean {
  const { state } = ctx;
  if (!state.expected.delete(trip.id)) {
    const route = planWith(ctx, trip);
    if (route === null) return false;
    win(ctx, trip);
    state.visits = route.visits;
    if (state.session !== null) state.session.stale = true;
  }
  state.waiting.delete(trip.id);
  state.contracts.set(trip.id, { ...party, fare, pickedUpAt: null });
  remember(state, { trip, rider: party.rider, fare });
  return true;
}

/** A rider chose another, or gave up. */
function servedElsewhere({ state }: VehicleContext, rider: Did): void {
  for (const [trip, lot] of state.waiting) if (lot.rider === rider) state.waiting.delete(trip);
}

/** What was set aside for a contract that is over goes back to its rider. */
async function giveBack(ctx: VehicleContext, { rider, dialogue }: Party): Promise<void> {
  const held = await ctx.ledger.reservation(escrowId(dialogue), rider);
  if (held?.state === 'pending' && held.to === ctx.self) {
    await ctx.ledger.void({ reservation: held.id, payer: rider });
  }
}

/** Whether this vehicle drives, or is to drive, a trip of that number: but not this one, or not for this rider. */
function isTaken({ state }: VehicleContext, trip: Trip, rider: Did): boolean {
  if (state.contracts.has(trip.id)) return true;
  const known = state.known.get(trip.id);
  if (!state.expected.has(trip.id)) return state.visits.some((visit) => visit.trip.id === trip.id);
  return known?.rider !== rider || !isSameTrip(known.trip, trip);
}

/** A contract is over before its time: the trip leaves the plan. True where it does not, as its rider is on board. */
function drop({ state }: VehicleContext, { rider, dialogue }: Party): boolean {
  for (const [trip, contract] of state.contracts) {
    if (contract.rider !== rider || contract.dialogue !== dialogue) continue;
    if (contract.pickedUpAt !== null || state.underWay?.visit.trip.id === trip) return true;
    state.contracts.delete(trip);
    const visits = state.visits.filter((visit) => visit.trip.id !== trip);
    if (visits.length < state.visits.length && state.session !== null) state.session.stale = true;
    state.visits = visits;
  }
  return false;
}
