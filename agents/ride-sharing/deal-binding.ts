import type { AgentBuilder } from '../../agent-core/agent/agent.ts';
import type { TimerTag } from '../../agent-core/agent/context.ts';
import { assert } from '../../agent-core/errors.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import type { Terms } from './deal.ts';
import type { Driving } from './driving.ts';
import { CarrierOffer, Ride } from './ride.ts';
import { isServed, lotOf } from './seat.ts';
import { isSetAside, payouts, reservationId } from './securing.ts';
import type { Seated, VehicleContext, VehicleParams, VehicleState } from './vehicle-state.ts';

/** A rider whose trip came by a deal calls within this time, or the trip is given up. */
const CALL_WITHIN_MICROS = 50_000_000;

/** What makes a deal binding. */
export type Bind = (ctx: VehicleContext, seated: Seated, deal: Deal) => void;

/** A deal that holds, and the name of what is set aside for it. */
export interface Deal {
  readonly terms: Terms;
  readonly name: string;
}

/** Whether all that a vehicle gets by a deal was set aside for it: else the deal is none, and it keeps its riders. */
export async function isPaid(ctx: VehicleContext, { terms, name }: Deal): Promise<boolean> {
  for (const payment of terms.receives) {
    const held = await ctx.ledger.reservation(reservationId(name, ctx.self), payment.party);
    if (!isSetAside(payment, held)) return false;
  }
  return true;
}

/** The deal holds: the best draft is the route, and riders are told who drives them. */
export function binding(agent: AgentBuilder<VehicleParams, VehicleState>, driving: Driving): Bind {
  const giveUp: TimerTag<string> = agent.timer('give-up', (ctx, name) => {
    // Where all have called in time a trip may have gone and come back since, by a deal that has its own time.
    const terms = ctx.state.unsettled.get(name);
    if (terms === undefined) return;
    for (const { trip } of terms.takes) forget(ctx, trip);
    settleDue(ctx);
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
        settleDue(ctx);
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
      state.missed.delete(trip);
      if (party === null) offer(lot.rider, ctx.self);
    }
    state.unsettled.set(name, terms);
    if (takes.length > 0) ctx.schedule(giveUp, CALL_WITHIN_MICROS, name);
    driving.plan(ctx, tour);
    settleDue(ctx);
  };
}

/**
 * Pays what was set aside for a deal once all riders that came by it have called: whoever gives what does not exist, or for
 * another fare, is not paid for it. To be called whenever a rider has called, or will not call any more.
 */
export function settleDue({ state, ledger }: VehicleContext): void {
  const { expected, missed, unsettled } = state;
  for (const [name, { pays, takes }] of unsettled) {
    if (takes.some(({ trip }) => expected.has(trip))) continue;
    unsettled.delete(name);
    if (pays.length > 0 && !takes.some(({ trip }) => missed.has(trip))) void ledger.submit(payouts(name, pays));
  }
}

/** A rider did not call: its trip leaves the plan. */
function forget({ state }: VehicleContext, trip: number): void {
  if (!state.expected.delete(trip)) return;
  state.missed.add(trip);
  state.visits = state.visits.filter((visit) => visit.trip.id !== trip);
  if (state.session !== null) state.session.stale = true;
}

/** A rider whose trip is planned no more could not be told of its new carrier: it gets its money back and calls anew. */
function failContract(ctx: VehicleContext, rider: Did): void {
  for (const [id, contract] of ctx.state.contracts) {
    const isPlanned = ctx.state.visits.some(({ trip }) => trip.id === id);
    if (contract.rider !== rider || isPlanned) continue;
    ctx.dialogue(Ride, 'participant', { peer: rider, id: contract.dialogue })?.fail('handed over');
  }
}
