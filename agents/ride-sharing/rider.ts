import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import type { Context } from '../../agent-core/agent/context.ts';
import type { Micros } from '../../agent-core/clock.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import { createCancellation, type Cancellation } from '../../agent-core/protocol/cancellation.ts';
import { did } from '../../agent-core/protocol/did.ts';
import { CarrierOffer, Ride } from './ride.ts';
import { findNear, meetingOf, type Search } from './finding.ts';
import type { Trip } from './trip.ts';
import { BOARD_LIMITS } from './zone-board.ts';
import type { Boards } from './zones.ts';

const riderParams = z.object({
  trip: z.custom<Trip>(),
  /** When it calls first, and when it gives up. */
  callAt: z.custom<Micros>(),
  until: z.custom<Micros>(),
  /** A rider whom nobody wants to serve calls again after this time; later calls wait twice as long each time. */
  againAfter: z.custom<Micros>(),
  /** Whom it calls. */
  vehicles: z.array(did()),
  /**
   * Fleets whose cheapest offers it compares by the arrival, at equal fares for its purse as where tariffs are fixed; null: it takes
   * the offer that costs least, of whomever.
   */
  fleets: z.array(z.array(did())).nullable().default(null),
  /** Where it asks who is near, and calls those, instead. */
  boards: z.custom<Boards>().nullable().default(null),
  /** The highest fare that it pays. */
  budget: z.bigint().nonnegative(),
  /** What a unit of time on the way or waiting is worth to it, micro-tokens. */
  valueOfTime: z.number().nonnegative(),
});

/** Parameters of {@link rider}. */
export type RiderParams = z.output<typeof riderParams>;

/** State of {@link rider}. */
export interface RiderState {
  /** The vehicle that has the contract. */
  carrier: Did | null;
  /** Calls that nobody answered with a bid. */
  callsInVain: number;
  handovers: number;
  /** Begin of service at both stops; null until it is dropped off. */
  served: { readonly pickupAt: number; readonly dropoffAt: number } | null;
  fare: bigint | null;
  /** What its first carrier asked, while carriers pass it on: another gets no more. */
  agreed: bigint | null;
}

type RiderContext = Context<RiderParams, RiderState>;

const BIDS_WITHIN_MICROS = 1_000_000;
/** Later calls wait twice as long each time, up to this power of two. */
const AGAIN_DOUBLINGS = 7;

/** So many vehicles are called first where boards say who is near. */
const CALLED = 8;
/** Another carrier came forward while the rider looked for one. */
const NOT_CALLED = { type: 'not-called' } as const;

/** A rider with a private budget and value of time. It calls vehicles for a trip, sets the fare aside, and pays when it is there. */
export const rider = defineAgent({
  name: 'rider',
  params: riderParams,
  state: (): RiderState => ({ carrier: null, callsInVain: 0, handovers: 0, served: null, fare: null, agreed: null }),
  setup(agent) {
    // Of the call that is under way: not to be kept, as a rider that starts anew calls anew.
    let contract: Cancellation | null = null;
    let next: Did | null = null;
    const call = agent.timer('call', async (ctx, carriers: readonly Did[] | null) => {
      if (contract !== null || ctx.state.served !== null) return;
      const cancellation = createCancellation();
      contract = cancellation;
      const { boards, vehicles } = ctx.params;
      const to = carriers ?? (boards === null ? vehicles : await ctx.run(findNear, searchOf(ctx, boards)));
      const result = cancellation.reason === null ? await ride(ctx, to, cancellation) : NOT_CALLED;
      contract = null;
      ctx.state.carrier = null;
      if (result.type === 'done') {
        ctx.state.served = result.award.result;
        ctx.state.fare = result.award.bid.fare;
        return;
      }
      if (result.type === 'not-awarded') ctx.state.callsInVain++;
      const carrier = next;
      next = null;
      if (carrier !== null) ctx.schedule(call, 0, [carrier]);
      else {
        ctx.state.agreed = null;
        const pause = ctx.params.againAfter * 2 ** Math.min(AGAIN_DOUBLINGS, Math.max(0, ctx.state.callsInVain - 1));
        if (ctx.now() + pause < ctx.params.until) ctx.schedule(call, pause, null);
      }
    });
    agent.start((ctx) => void ctx.schedule(call, Math.max(0, ctx.params.callAt - ctx.now()), null));
    agent.play(CarrierOffer, 'rider', {
      propose(ctx, m) {
        if (ctx.state.served !== null || !isOffered(ctx, m.from, m.body.carrier)) return m.reply('reject', {});
        m.reply('accept', {});
        ctx.state.handovers++;
        next = m.body.carrier;
        if (contract === null) {
          next = null;
          ctx.schedule(call, 0, [m.body.carrier]);
        } else contract.cancel('another carrier');
      },
    });
  },
});

/** The first offer of each fleet, by arrival. */
function earliestOf<Offer extends { readonly peer: Did; readonly bid: { readonly dropoffAt: number } }>(
  offers: readonly Offer[],
  fleets: readonly (readonly Did[])[],
): readonly Offer[] {
  const firsts = fleets.flatMap((fleet) => offers.find(({ peer }) => fleet.includes(peer)) ?? []);
  return firsts.toSorted((a, b) => a.bid.dropoffAt - b.bid.dropoffAt);
}

/**
 * Its carrier may pass a rider on to another; where it has none, a vehicle that it would call may offer itself. Nobody else is
 * heard: strangers could keep a rider calling them for ever.
 */
function isOffered({ self, params, state }: RiderContext, from: Did, carrier: Did): boolean {
  if (state.carrier !== null) return from === state.carrier && carrier !== from && carrier !== self;
  return carrier === from && (params.boards !== null || params.vehicles.includes(from));
}

/** It asks for more vehicles each time it called in vain. */
function searchOf({ params: { trip }, state }: RiderContext, boards: Boards): Search {
  const most = Math.min(BOARD_LIMITS.answer, CALLED * 2 ** state.callsInVain);
  return { boards, most, ...meetingOf(trip) };
}

async function ride(ctx: RiderContext, to: readonly Did[], cancellation: Cancellation) {
  const { trip, until, valueOfTime, budget, fleets } = ctx.params;
  const most = ctx.state.agreed ?? budget;
  const within = Math.max(BIDS_WITHIN_MICROS + 1, until - ctx.now());
  const worth = ({ fare, dropoffAt }: { readonly fare: bigint; readonly dropoffAt: number }): number =>
    Number(fare) + valueOfTime * (dropoffAt - trip.pickup.earliest);
  return await ctx.run(Ride.initiator, {
    task: { trip, calls: ctx.state.callsInVain },
    to,
    bidsWithin: BIDS_WITHIN_MICROS,
    resultWithin: within,
    choose(proposals) {
      const affordable = proposals.filter(({ bid }) => bid.fare <= most);
      const offers = affordable.toSorted((a, b) => worth(a.bid) - worth(b.bid));
      const [best] = fleets === null ? offers : earliestOf(offers, fleets);
      ctx.state.carrier = best?.peer ?? null;
      ctx.state.agreed = best?.bid.fare ?? null;
      return best ?? null;
    },
    escrow: ({ bid }) => ({ amount: bid.fare }),
    cancellation,
  });
}
