import { z } from 'zod';
import type { AgentBuilder } from '../agent/agent.ts';
import type { Context } from '../agent/context.ts';
import type { Dialogue, DialogueEnd } from '../agent/dialogue.ts';
import { defineProgram, type Following, type Heard, type Program, type Run } from '../agent/program.ts';
import { micros, type Duration, type Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import type { RecordedMessage } from '../message/open.ts';
import { amount, type MicroTokens } from './amount.ts';
import {
  attended,
  awardWithheld,
  checkAmount,
  checkCall,
  checkSpan,
  createSeats,
  outcomeOf,
  paymentWay,
  reason,
  time,
  type AuctionCall,
  type AuctionResult,
  type AuctionSpec,
  type BidderPolicy,
  type PaymentWay,
  type SeatOf,
} from './auction.ts';
import { did } from './did.ts';
import { AuctionRoom, type RoomBidder } from './auction-room.ts';
import { payAward, settlementMessages } from './auction-settlement.ts';
import type { BodyOf } from './conversation-types.ts';
import { defineProtocol } from './protocol.ts';

/** How a Dutch auction is held. Amounts are micro-tokens. */
export interface DutchCall<Lot> extends AuctionCall<Lot> {
  /** The first price called. */
  readonly start: MicroTokens;
  /** By how much each call is below the one before; the last call is `floor` itself. */
  readonly decrement: MicroTokens;
  /** The lowest price at which the lot is sold. Bidders do not learn it. */
  readonly floor: MicroTokens;
  /** Time between two calls, and from the last call to the end. */
  readonly every: Duration;
}

/** How a ready bidder bids. */
export interface DutchBidder<Lot, Params, State> extends BidderPolicy<Lot, Params, State> {
  /**
   * The highest price that the bidder accepts, micro-tokens; null for not interested. Asked once. The first price called that is
   * not above it is accepted. As the winner pays what it accepts, a bidder that wants a profit names less than its value,
   * exactly as in a first-price sealed-bid auction, to which this one is strategically equivalent (Vickrey 1961).
   */
  readonly limit: (ctx: Context<Params, State>, lot: Lot) => MicroTokens | null;
}

function protocolOf<Lot extends z.ZodType>(spec: AuctionSpec<Lot>) {
  const price = z.object({ price: amount() });
  return defineProtocol({
    name: spec.name,
    version: spec.version,
    roles: ['initiator', 'participant'],
    messages: {
      /** The first price called. */
      cfp: { from: 'initiator', as: 'cfp', body: z.object({ lot: spec.lot, price: amount(), payment: paymentWay }) },
      /** The next price called. */
      lower: { from: 'initiator', as: 'cfp', body: price },
      /** I take it at this price, which must be one that was called. It binds. */
      propose: { from: 'participant', as: 'propose', body: price },
      /** The lot is yours at the price that you accepted. */
      'accept-proposal': {
        from: 'initiator',
        as: 'accept-proposal',
        body: z.object({ price: amount(), payBy: time }),
      },
      /** This price was not called. */
      'reject-proposal': { from: 'initiator', as: 'reject-proposal', body: reason },
      /** No acceptance will come from here. */
      refuse: { from: 'participant', as: 'refuse', body: reason },
      sold: { from: 'initiator', as: 'inform', body: z.object({ winner: did(), price: amount() }) },
      unsold: { from: 'initiator', as: 'inform', body: z.object({}) },
      cancel: { from: 'initiator', as: 'cancel', body: reason },
      ...settlementMessages,
    },
    dialogue: {
      initial: 'idle',
      // A price may be called while an acceptance of an earlier one is on its way.
      states: {
        idle: { on: { cfp: 'calling' } },
        calling: {
          on: {
            lower: 'calling',
            propose: 'accepted',
            refuse: 'watching',
            sold: 'closed',
            unsold: 'closed',
            cancel: 'cancelled',
          },
        },
        accepted: {
          on: {
            lower: 'accepted',
            'accept-proposal': 'awarded',
            'reject-proposal': 'rejected',
            sold: 'closed',
            unsold: 'closed',
            cancel: 'cancelled',
          },
        },
        watching: { on: { lower: 'watching', sold: 'closed', unsold: 'closed', cancel: 'cancelled' } },
        awarded: { on: { pay: 'paid' } },
        paid: { on: { settled: 'settled' } },
        rejected: { type: 'final' },
        closed: { type: 'final' },
        cancelled: { type: 'final' },
        settled: { type: 'final' },
      },
    },
  });
}

type Dutch<Lot extends z.ZodType> = ReturnType<typeof protocolOf<Lot>>;

/** A Dutch auction: the protocol, the auctioneer's program for `ctx.run`, and a ready bidder for `setup`. */
export type DutchAuction<Lot extends z.ZodType> = Dutch<Lot> & {
  /** The auctioneer, for `ctx.run`: invites, lowers, awards, waits for the payment and ends as an {@link AuctionResult}. */
  readonly initiator: Program<DutchCall<z.output<Lot>>, AuctionResult>;
  /** Takes the bidder's role in an agent's setup: accepts at `limit`, pays what it wins, tells `outcome` how each auction ended. */
  participant<Params, State>(
    agent: AgentBuilder<Params, State>,
    policy: DutchBidder<z.output<Lot>, Params, State>,
  ): void;
};

/**
 * Makes a Dutch auction (FIPA 00032, "Dutch Auction Interaction Protocol"; Krishna, "Auction Theory", section 1.2): the
 * auctioneer calls ever lower prices; who accepts first gets the lot and pays the price that it accepted.
 *
 * First is whose acceptance the auctioneer hears first. Of those that arrive at the same instant the order of events decides
 * (in simulation: the same in every run); all others learn who won. An acceptance binds at the price that it names, even where
 * the clock fell while it was on its way. Between the calls there should be more time than a message takes there and back:
 * else the nearer bidder may get at a lower price what the farther one had accepted at a higher.
 *
 * @throws HaggleError `bad-protocol`
 */
export function dutchAuction<Lot extends z.ZodType>(spec: AuctionSpec<Lot>): DutchAuction<Lot> {
  const protocol = protocolOf(spec);
  return Object.freeze({
    ...protocol,
    initiator: defineProgram(
      protocol,
      'initiator',
      (run: AuctioneerRun<Lot>, call: DutchCall<z.output<Lot>>) => new Auctioneer<Lot>(run, call),
    ),
    participant: <Params, State>(
      agent: AgentBuilder<Params, State>,
      policy: DutchBidder<z.output<Lot>, Params, State>,
    ): void => bidWith(protocol, agent, policy),
  });
}

type AuctioneerRun<Lot extends z.ZodType> = Run<Dutch<Lot>, 'initiator', AuctionResult>;

type Talk<Lot extends z.ZodType> = Dialogue<Dutch<Lot>, 'initiator'>;

class Auctioneer<Lot extends z.ZodType> implements Following<Dutch<Lot>, 'initiator'> {
  readonly #run: AuctioneerRun<Lot>;
  readonly #call: DutchCall<z.output<Lot>>;
  readonly #room: AuctionRoom<Talk<Lot>>;
  readonly #everyMicros: Micros;
  #price: MicroTokens;

  constructor(run: AuctioneerRun<Lot>, call: DutchCall<z.output<Lot>>) {
    this.#run = run;
    this.#call = call;
    this.#room = new AuctionRoom({ run, call });
    this.#everyMicros = micros(call.every);
    checkCall(run, call);
    checkDutch(call);
    this.#price = call.start;
    const calls = 1n + ceilingOf(call.start - call.floor, call.decrement);
    // The confirmation has as long again as the payment.
    const by = run.now() + Number(calls) * this.#everyMicros + 2 * micros(call.payWithin);
    const { payment = 'elsewhere' } = call;
    const body = { lot: call.lot, price: call.start, payment } as BodyOf<Dutch<Lot>, 'cfp'>;
    this.#room.invite(call.to, (peer) => run.open(peer, 'cfp', { body, by }));
    run.onCancel(call.cancellation, () => {
      if (!this.#room.closed) this.#room.unsold('cancelled');
    });
    this.#closeIfEmpty();
    this.#waitForNext();
  }

  heard(message: Heard<Dutch<Lot>, 'initiator'>): void {
    const bidder = this.#room.bidder(message.from);
    if (bidder === undefined) return;
    switch (message.type) {
      case 'propose':
        return this.#accepted(bidder, message.body.price, message.recorded);
      case 'refuse':
        this.#room.drop(bidder);
        return this.#closeIfEmpty();
      case 'pay':
        return this.#room.paid(message.body.reservation);
    }
  }

  ended(end: DialogueEnd): void {
    if (this.#room.ended(end) !== undefined) this.#closeIfEmpty();
  }

  #accepted(bidder: RoomBidder<Talk<Lot>>, price: MicroTokens, bid: RecordedMessage): void {
    if (!this.#wasCalled(price)) {
      bidder.gone = 'price-not-called';
      return void bidder.dialogue.send('reject-proposal', { reason: 'this price was not called' });
    }
    const payBy = this.#run.now() + micros(this.#call.payWithin);
    const award = (dialogue: Talk<Lot>): void => void dialogue.send('accept-proposal', { price, payBy });
    this.#room.sell({ winner: bidder.peer, price, bid }, { payBy, award });
  }

  /** Higher prices than the present one were called before it; a lower one never was. */
  #wasCalled(price: MicroTokens): boolean {
    const { start, decrement } = this.#call;
    return price === this.#price || (price > this.#price && price <= start && (start - price) % decrement === 0n);
  }

  #closeIfEmpty(): void {
    if (this.#room.active === 0 && !this.#room.closed) this.#room.unsold('no-bids');
  }

  #waitForNext(): void {
    if (this.#room.closed) return;
    this.#run.at(this.#run.now() + this.#everyMicros, () => {
      if (this.#room.closed) return;
      const { decrement, floor } = this.#call;
      if (this.#price === floor) return this.#room.unsold('no-bids');
      const next = this.#price - decrement;
      this.#price = next > floor ? next : floor;
      this.#room.tellActive((dialogue) => dialogue.send('lower', { price: this.#price }));
      this.#waitForNext();
    });
  }
}

/** Prices that one auction calls at most; a price clock with more of them is a mistake in the decrement. */
const CALLS = 100_000n;

function checkDutch(call: DutchCall<unknown>): void {
  const { start, decrement, floor } = call;
  checkAmount('floor', floor, 0n);
  checkAmount('start', start, floor);
  checkAmount('decrement', decrement, 1n);
  checkSpan('every', micros(call.every));
  const steps = ceilingOf(start - floor, decrement);
  if (steps < CALLS) return;
  throw new HaggleError('bad-auction', `holding an auction: ${steps} prices would be called, at most ${CALLS} may be`);
}

function ceilingOf(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

interface DutchSeat<Lot> extends SeatOf<Lot> {
  limit: MicroTokens;
  /** What this bidder accepted. */
  accepted: MicroTokens | null;
}

interface Announced<Lot> {
  readonly lot: Lot;
  readonly price: MicroTokens;
  readonly payment: PaymentWay;
}

/** The ready bidder: accepts the first price that is not above its limit. */
function bidWith<Lot extends z.ZodType, Params, State>(
  protocol: Dutch<Lot>,
  agent: AgentBuilder<Params, State>,
  policy: DutchBidder<z.output<Lot>, Params, State>,
): void {
  const seats = createSeats<z.output<Lot>, DutchSeat<z.output<Lot>>>();
  const hear = (dialogue: Dialogue<Dutch<Lot>, 'participant'>, price: MicroTokens): void => {
    const seat = seats.of(dialogue);
    if (seat === undefined || dialogue.state !== 'calling' || price > seat.limit) return;
    seat.accepted = price;
    dialogue.send('propose', { price });
  };
  agent.play(
    protocol,
    'participant',
    {
      cfp: (ctx, m) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the compiler does not see through a body with a generic lot
        const { lot, price, payment } = m.body as Announced<z.output<Lot>>;
        const seat = { ...attended(lot, m.dialogue), payment, verdict: null, limit: 0n, accepted: null };
        seats.take(seat);
        const limit = policy.limit(ctx, lot);
        if (limit === null) return m.reply('refuse', { reason: 'not interested' });
        seat.limit = limit;
        hear(m.dialogue, price);
      },
      lower: (_ctx, m) => hear(m.dialogue, m.body.price),
      'accept-proposal': (ctx, m) => {
        const { price } = m.body;
        const seat = seats.of(m.dialogue);
        if (seat?.accepted === price) {
          seats.tell(m.dialogue, { type: 'awarded', price });
          return payAward(ctx, { dialogue: m.dialogue, price, payment: seat.payment });
        }
        seats.tell(m.dialogue, { type: 'cheated', fault: 'not-my-bid', evidence: [m.recorded] });
        m.fail('the award is not at the price that I accepted');
      },
      // What this bidder accepts was called: whoever denies it is wrong.
      'reject-proposal': (_ctx, m) =>
        seats.tell(m.dialogue, { type: 'cheated', fault: 'called-price-denied', evidence: [m.recorded] }),
      settled: (_ctx, m) => seats.settle(m.dialogue),
      sold: (ctx, m) => {
        const { winner, price } = m.body;
        const verdict = winner === ctx.self ? awardWithheld(m.recorded) : ({ type: 'lost', winner, price } as const);
        seats.tell(m.dialogue, verdict);
      },
      unsold: (_ctx, m) => seats.tell(m.dialogue, { type: 'unsold' }),
      cancel: (_ctx, m) => seats.tell(m.dialogue, { type: 'cancelled', reason: m.body.reason }),
    },
    {
      ended: (ctx, end) => {
        const seat = seats.leave(end);
        if (seat !== undefined) return policy.outcome?.(ctx, outcomeOf(seat.verdict, end), seat);
      },
    },
  );
}
