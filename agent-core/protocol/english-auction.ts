import { z } from 'zod';
import type { AgentBuilder } from '../agent/agent.ts';
import type { Context } from '../agent/context.ts';
import type { Dialogue, DialogueEnd } from '../agent/dialogue.ts';
import { defineProgram, type Following, type Heard, type Program, type Run } from '../agent/program.ts';
import { micros, type Duration, type Micros } from '../clock.ts';
import type { RecordedMessage } from '../message/open.ts';
import { amount, type MicroTokens } from './amount.ts';
import {
  attended,
  awardWithheld,
  checkAmount,
  checkCall,
  checkSpan,
  createSeats,
  isAmount,
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

/** How an English auction is held. */
export interface EnglishCall<Lot> extends AuctionCall<Lot> {
  /** The first price asked, micro-tokens. */
  readonly start: MicroTokens;
  /** By how much a bid must exceed the standing one at least, micro-tokens. */
  readonly increment: MicroTokens;
  /** Below this standing bid the lot is not sold. Bidders do not learn it; 0 if left out. */
  readonly reserve?: MicroTokens;
  /** The auction closes once no acceptable bid has come for this long. */
  readonly closing: Duration;
  /** The auction closes after this long, whatever is bid. */
  readonly within: Duration;
}

/** How a ready bidder bids. */
export interface EnglishBidder<Lot, Params, State> extends BidderPolicy<Lot, Params, State> {
  /**
   * What the lot is worth, micro-tokens; null for not interested. Asked once. The bidder bids the price asked as long as it is
   * not above its value: the dominant strategy where values are private (Krishna, "Auction Theory", section 2.2).
   */
  readonly value: (ctx: Context<Params, State>, lot: Lot) => MicroTokens | null;
}

/** What the auctioneer may say at any time, to who bids and to who only watches. */
function heardWhile<State extends 'bidding' | 'watching'>(state: State) {
  return {
    raise: state,
    'accept-proposal': state,
    'reject-proposal': state,
    award: 'awarded',
    sold: 'closed',
    unsold: 'closed',
    cancel: 'cancelled',
  } as const;
}

function protocolOf<Lot extends z.ZodType>(spec: AuctionSpec<Lot>) {
  const price = z.object({ price: amount() });
  return defineProtocol({
    name: spec.name,
    version: spec.version,
    roles: ['initiator', 'participant'],
    messages: {
      /** `ask`: the least acceptable bid; `endsBy`: when it closes at the latest. */
      cfp: {
        from: 'initiator',
        as: 'cfp',
        body: z.object({ lot: spec.lot, ask: amount(), increment: amount(), endsBy: time, payment: paymentWay }),
      },
      /** Somebody else leads: the new least acceptable bid. */
      raise: { from: 'initiator', as: 'cfp', body: z.object({ ask: amount() }) },
      /** A bid. It binds until a higher one is accepted or the auction ends. */
      propose: { from: 'participant', as: 'propose', body: price },
      /** This bid leads. */
      'accept-proposal': { from: 'initiator', as: 'accept-proposal', body: price },
      /** This bid came too late, was too low, or was made against oneself. */
      'reject-proposal': {
        from: 'initiator',
        as: 'reject-proposal',
        body: z.object({ price: amount(), reason: z.enum(['too-low', 'too-high', 'leading']) }),
      },
      /** No more bids from here; what was bid still binds. */
      refuse: { from: 'participant', as: 'refuse', body: reason },
      /** The lot is yours at your bid. */
      award: { from: 'initiator', as: 'inform', body: z.object({ price: amount(), payBy: time }) },
      sold: { from: 'initiator', as: 'inform', body: z.object({ winner: did(), price: amount() }) },
      unsold: { from: 'initiator', as: 'inform', body: z.object({}) },
      cancel: { from: 'initiator', as: 'cancel', body: reason },
      ...settlementMessages,
    },
    dialogue: {
      initial: 'idle',
      // Prices and bids cross on the way, so neither moves the dialogue.
      states: {
        idle: { on: { cfp: 'bidding' } },
        bidding: { on: { propose: 'bidding', refuse: 'watching', ...heardWhile('bidding') } },
        watching: { on: heardWhile('watching') },
        awarded: { on: { pay: 'paid' } },
        paid: { on: { settled: 'settled' } },
        closed: { type: 'final' },
        cancelled: { type: 'final' },
        settled: { type: 'final' },
      },
    },
  });
}

type English<Lot extends z.ZodType> = ReturnType<typeof protocolOf<Lot>>;

/** An English auction: the protocol, the auctioneer's program for `ctx.run`, and a ready bidder for `setup`. */
export type EnglishAuction<Lot extends z.ZodType> = English<Lot> & {
  /** The auctioneer, for `ctx.run`: invites, raises, awards, waits for the payment and ends as an {@link AuctionResult}. */
  readonly initiator: Program<EnglishCall<z.output<Lot>>, AuctionResult>;
  /** Takes the bidder's role in an agent's setup: bids up to `value`, pays what it wins, tells `outcome` how each auction ended. */
  participant<Params, State>(
    agent: AgentBuilder<Params, State>,
    policy: EnglishBidder<z.output<Lot>, Params, State>,
  ): void;
};

/**
 * Makes an English auction (FIPA 00031, "English Auction Interaction Protocol"; Krishna, "Auction Theory", section 1.2): the
 * auctioneer asks a price and raises it with every bid; who bids last gets the lot and pays its bid.
 *
 * A bid counts when the auctioneer hears it: of two at the same price the first leads, and where both arrive at the same
 * instant the order of events decides (in simulation: the same in every run). Bids are signed and bind: a leader that goes
 * away still leads. The auction closes once no acceptable bid came for `closing` (so a late bid always leaves time for an answer), or
 * once nobody is left to outbid the leader, at the latest after `within`. Then everybody learns winner and price.
 *
 * @throws HaggleError `bad-protocol`
 */
export function englishAuction<Lot extends z.ZodType>(spec: AuctionSpec<Lot>): EnglishAuction<Lot> {
  const protocol = protocolOf(spec);
  return Object.freeze({
    ...protocol,
    initiator: defineProgram(
      protocol,
      'initiator',
      (run: AuctioneerRun<Lot>, call: EnglishCall<z.output<Lot>>) => new Auctioneer<Lot>(run, call),
    ),
    participant: <Params, State>(
      agent: AgentBuilder<Params, State>,
      policy: EnglishBidder<z.output<Lot>, Params, State>,
    ): void => bidWith(protocol, agent, policy),
  });
}

type AuctioneerRun<Lot extends z.ZodType> = Run<English<Lot>, 'initiator', AuctionResult>;

type Talk<Lot extends z.ZodType> = Dialogue<English<Lot>, 'initiator'>;

/** The bid that leads. */
interface Standing<Lot extends z.ZodType> {
  readonly bidder: RoomBidder<Talk<Lot>>;
  readonly price: MicroTokens;
  readonly bid: RecordedMessage;
}

class Auctioneer<Lot extends z.ZodType> implements Following<English<Lot>, 'initiator'> {
  readonly #run: AuctioneerRun<Lot>;
  readonly #call: EnglishCall<z.output<Lot>>;
  readonly #room: AuctionRoom<Talk<Lot>>;
  readonly #endsBy: Micros;
  #ask: MicroTokens;
  #closesAt: Micros;
  #standing: Standing<Lot> | null = null;

  constructor(run: AuctioneerRun<Lot>, call: EnglishCall<z.output<Lot>>) {
    this.#run = run;
    this.#call = call;
    this.#room = new AuctionRoom({ run, call });
    const { lot, start, increment, to, payment = 'elsewhere' } = call;
    checkCall(run, call);
    checkAmount('start', start, 0n);
    checkAmount('increment', increment, 1n);
    const closing = micros(call.closing);
    checkSpan('closing', closing);
    this.#ask = start;
    this.#endsBy = run.now() + micros(call.within);
    this.#closesAt = Math.min(run.now() + closing, this.#endsBy);
    // The confirmation has as long again as the payment.
    const by = this.#endsBy + 2 * micros(call.payWithin);
    const body = { lot, ask: start, increment, endsBy: this.#endsBy, payment } as BodyOf<English<Lot>, 'cfp'>;
    this.#room.invite(to, (peer) => run.open(peer, 'cfp', { body, by }));
    this.#waitForClosing();
    run.onCancel(call.cancellation, () => {
      if (!this.#room.closed) this.#room.unsold('cancelled');
    });
    this.#closeIfAlone();
  }

  heard(message: Heard<English<Lot>, 'initiator'>): void {
    const bidder = this.#room.bidder(message.from);
    if (bidder === undefined) return;
    switch (message.type) {
      case 'propose':
        return this.#bid(bidder, message.body.price, message.recorded);
      case 'refuse':
        this.#room.drop(bidder);
        return this.#closeIfAlone();
      case 'pay':
        return this.#room.paid(message.body.reservation);
    }
  }

  ended(end: DialogueEnd): void {
    if (this.#room.ended(end) !== undefined) this.#closeIfAlone();
  }

  #bid(bidder: RoomBidder<Talk<Lot>>, price: MicroTokens, bid: RecordedMessage): void {
    const { dialogue } = bidder;
    const ask = price + this.#call.increment;
    if (this.#standing?.bidder === bidder) return void dialogue.send('reject-proposal', { price, reason: 'leading' });
    if (price < this.#ask) return void dialogue.send('reject-proposal', { price, reason: 'too-low' });
    // A price above which none can be said would end the bidding for everybody else.
    if (!isAmount(ask)) return void dialogue.send('reject-proposal', { price, reason: 'too-high' });
    this.#standing = { bidder, price, bid };
    this.#ask = ask;
    this.#closesAt = Math.min(this.#run.now() + micros(this.#call.closing), this.#endsBy);
    dialogue.send('accept-proposal', { price });
    this.#room.tellActive((other, peer) => {
      if (peer !== bidder.peer) other.send('raise', { ask });
    });
    this.#closeIfAlone();
  }

  /** One wake at a time: a bid moves the time, not the wake. */
  #waitForClosing(): void {
    this.#run.at(this.#closesAt, () => {
      if (this.#room.closed) return;
      if (this.#run.now() < this.#closesAt) this.#waitForClosing();
      else this.#close();
    });
  }

  #closeIfAlone(): void {
    const { active, closed } = this.#room;
    const leading = this.#standing?.bidder.active === true ? 1 : 0;
    const decided = active === 0 || (active === leading && this.#standing !== null);
    if (decided && !closed) this.#close();
  }

  #close(): void {
    const standing = this.#standing;
    if (standing === null) return this.#room.unsold('no-bids');
    if (standing.price < (this.#call.reserve ?? 0n)) return this.#room.unsold('reserve-not-met');
    const { bidder, price, bid } = standing;
    const payBy = this.#run.now() + micros(this.#call.payWithin);
    const award = (dialogue: Talk<Lot>): void => void dialogue.send('award', { price, payBy });
    this.#room.sell({ winner: bidder.peer, price, bid }, { payBy, award });
  }
}

interface EnglishSeat<Lot> extends SeatOf<Lot> {
  /** The highest price that this bidder said; null before the first. */
  bid: MicroTokens | null;
  value: MicroTokens;
  /** The highest bid of this bidder that the auctioneer said leads. */
  led: { readonly price: MicroTokens; readonly recorded: RecordedMessage } | null;
}

interface Announced<Lot> {
  readonly lot: Lot;
  readonly ask: MicroTokens;
  readonly payment: PaymentWay;
}

/** The ready bidder: bids the price asked while it is not above its value. */
function bidWith<Lot extends z.ZodType, Params, State>(
  protocol: English<Lot>,
  agent: AgentBuilder<Params, State>,
  policy: EnglishBidder<z.output<Lot>, Params, State>,
): void {
  const seats = createSeats<z.output<Lot>, EnglishSeat<z.output<Lot>>>();
  const answer = (dialogue: Dialogue<English<Lot>, 'participant'>, ask: MicroTokens): void => {
    const seat = seats.of(dialogue);
    // A bid that is still on its way, and high enough, needs no other.
    if (seat === undefined || dialogue.state !== 'bidding' || (seat.bid !== null && seat.bid >= ask)) return;
    if (seat.value < ask) return void dialogue.send('refuse', { reason: 'above my value' });
    seat.bid = ask;
    dialogue.send('propose', { price: ask });
  };
  agent.play(
    protocol,
    'participant',
    {
      cfp: (ctx, m) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the compiler does not see through a body with a generic lot
        const { lot, ask, payment } = m.body as Announced<z.output<Lot>>;
        const unbid = { verdict: null, bid: null, value: 0n, led: null };
        const seat: EnglishSeat<z.output<Lot>> = { ...attended(lot, m.dialogue), payment, ...unbid };
        seats.take(seat);
        const value = policy.value(ctx, lot);
        if (value === null) return m.reply('refuse', { reason: 'not interested' });
        seat.value = value;
        answer(m.dialogue, ask);
      },
      raise: (_ctx, m) => answer(m.dialogue, m.body.ask),
      'accept-proposal': (_ctx, m) => {
        const seat = seats.of(m.dialogue);
        if (seat !== undefined) seat.led = { price: m.body.price, recorded: m.recorded };
      },
      'reject-proposal': () => undefined,
      award: (ctx, m) => {
        const { price } = m.body;
        const seat = seats.of(m.dialogue);
        if (seat?.bid === price) {
          seats.tell(m.dialogue, { type: 'awarded', price });
          return payAward(ctx, { dialogue: m.dialogue, price, payment: seat.payment });
        }
        seats.tell(m.dialogue, { type: 'cheated', fault: 'not-my-bid', evidence: [m.recorded] });
        m.fail('the award is not at my bid');
      },
      settled: (_ctx, m) => seats.settle(m.dialogue),
      sold: (ctx, m) => {
        const { winner, price } = m.body;
        if (winner === ctx.self) return seats.tell(m.dialogue, awardWithheld(m.recorded));
        const led = seats.of(m.dialogue)?.led ?? null;
        if (led === null || price > led.price) return seats.tell(m.dialogue, { type: 'lost', winner, price });
        const evidence = [led.recorded, m.recorded];
        seats.tell(m.dialogue, { type: 'cheated', fault: 'sold-below-my-bid', evidence });
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
