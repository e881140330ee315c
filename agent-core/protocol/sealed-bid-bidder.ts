import type { z } from 'zod';
import type { AgentBuilder } from '../agent/agent.ts';
import type { Context } from '../agent/context.ts';
import type { Dialogue, Received } from '../agent/dialogue.ts';
import { HaggleError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { RecordedMessage } from '../message/open.ts';
import type { MicroTokens } from './amount.ts';
import {
  attended,
  createSeats,
  isAmount,
  outcomeOf,
  type BidderPolicy,
  type PaymentWay,
  type SeatOf,
  type Seats,
} from './auction.ts';
import { payAward } from './auction-settlement.ts';
import { fromLine, type SealedBidProtocol, type SealedBidTerms } from './sealed-bid-protocol.ts';
import {
  checkSealedBidOutcome,
  commitmentOf,
  drawNonce,
  type PublishedBid,
  type SealedBid,
  type SealedBidFault,
  type SealedBidOutcome,
  type SealedBidRule,
} from './sealed-bid.ts';

/** How a ready bidder bids. */
export interface SealedBidBidder<Lot, Params, State> extends BidderPolicy<Lot, Params, State> {
  /**
   * The bid, micro-tokens; null for none. With `second-price` the value itself is the dominant strategy (Vickrey 1961); with
   * `first-price` less: with n bidders of values uniform from 0, (n - 1) / n of it (Krishna, "Auction Theory", section 2.3).
   */
  readonly bid: (ctx: Context<Params, State>, terms: SealedBidTerms<Lot>) => MicroTokens | null;
}

interface Seat<Lot> extends SeatOf<Lot> {
  readonly auction: string;
  readonly rule: SealedBidRule;
  readonly reserve: MicroTokens;
  own: SealedBid | null;
  commitments: string;
  /** How many bids there are to be. */
  count: number;
  readonly bids: PublishedBid[];
  /** What the auctioneer signed, from the call on. */
  readonly heard: RecordedMessage[];
}

type Words<Lot extends z.ZodType, T extends 'sold' | 'unsold' | 'accept-proposal' | 'bids'> = Received<
  SealedBidProtocol<Lot>,
  'participant',
  T
>;

/** The ready bidder: commits, reveals when called to, and believes no outcome that it has not checked. */
export function bidSealed<Lot extends z.ZodType, Params, State>(
  protocol: SealedBidProtocol<Lot>,
  agent: AgentBuilder<Params, State>,
  policy: SealedBidBidder<z.output<Lot>, Params, State>,
): void {
  const seats = createSeats<z.output<Lot>, Seat<z.output<Lot>>>();
  agent.play(
    protocol,
    'participant',
    {
      cfp: (ctx, m) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the compiler does not see through a body with a generic lot
        const { lot, auction, rule, reserve, payment } = m.body as Announced<z.output<Lot>>;
        const terms = { auction, rule, reserve, payment };
        const unbid = { verdict: null, own: null, commitments: '', count: 0, bids: [] };
        const seat: Seat<z.output<Lot>> = { ...attended(lot, m.dialogue), ...terms, ...unbid, heard: [m.recorded] };
        seats.take(seat);
        const amount = policy.bid(ctx, { lot, rule, reserve });
        if (amount === null) return m.reply('refuse', { reason: 'not interested' });
        if (!isAmount(amount)) throw new HaggleError('bad-bid', `bidding ${amount}: it is not an amount`);
        seat.own = { bidder: ctx.self, amount, nonce: drawNonce(ctx.stream('sealed-bid')) };
        m.reply('commit', { commitment: commitmentOf(auction, seat.own) });
      },
      'call-reveals': (_ctx, m) => {
        const seat = seats.of(m.dialogue);
        if (seat?.own === undefined || seat.own === null) return;
        const { commitments, count } = m.body;
        // An auctioneer holds a dialogue with each of its bidders: one that claims more wants to fill this agent's memory with bids.
        if (count > LIMITS.openDialogues) return m.fail('more bidders than an agent can have');
        Object.assign(seat, { commitments, count });
        seat.heard.push(m.recorded);
        m.reply('reveal', { amount: seat.own.amount, nonce: seat.own.nonce });
      },
      bids: (_ctx, m) => collect(seats, m),
      'accept-proposal': (ctx, m) => {
        const { price } = m.body;
        if (!believes(seats, m, { winner: ctx.self, price })) return m.fail('the published bids say otherwise');
        seats.tell(m.dialogue, { type: 'awarded', price });
        return payAward(ctx, { dialogue: m.dialogue, price, payment: seats.of(m.dialogue)?.payment ?? 'elsewhere' });
      },
      sold: (ctx, m) => {
        if (m.body.winner === ctx.self) blame(seats, m, 'award-withheld');
        else if (believes(seats, m, m.body)) seats.tell(m.dialogue, { type: 'lost', ...m.body });
      },
      unsold: (_ctx, m) => {
        if (believes(seats, m, null)) seats.tell(m.dialogue, { type: 'unsold' });
      },
      'reject-proposal': (_ctx, m) => {
        // What this bidder revealed opens its commitment. That it came late may well be.
        if (m.body.reason === 'bad-reveal') blame(seats, m, 'my-bid-missing');
        else seats.tell(m.dialogue, { type: 'forfeited' });
      },
      settled: (_ctx, m) => seats.settle(m.dialogue),
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

interface Announced<Lot> extends SealedBidTerms<Lot> {
  readonly auction: string;
  readonly payment: PaymentWay;
}

/** A message of the auctioneer, as far as it can be evidence. */
interface Said {
  readonly recorded: RecordedMessage;
  readonly dialogue: Pick<Dialogue<SealedBidProtocol<z.ZodType>, 'participant'>, 'id' | 'peer'>;
}

function collect<Lot extends z.ZodType>(
  seats: Seats<z.output<Lot>, Seat<z.output<Lot>>>,
  message: Words<Lot, 'bids'>,
): void {
  const seat = seats.of(message.dialogue);
  if (seat === undefined) return;
  if (seat.bids.length + message.body.bids.length > seat.count) {
    blame(seats, message, 'commitments-changed');
    return message.fail('more bids are published than there were commitments');
  }
  for (const line of message.body.bids) seat.bids.push(fromLine(line));
  seat.heard.push(message.recorded);
}

/** Whether the published bids say the same as the auctioneer; if not, it has cheated. */
function believes<Lot>(seats: Seats<Lot, Seat<Lot>>, said: Said, claimed: SealedBidOutcome): boolean {
  const seat = seats.of(said.dialogue);
  if (seat?.own === undefined || seat.own === null) return false;
  const fault = checkSealedBidOutcome(seat, claimed, seat.own);
  if (fault !== null) blame(seats, said, fault);
  return fault === null;
}

function blame<Lot>(seats: Seats<Lot, Seat<Lot>>, { dialogue, recorded }: Said, fault: SealedBidFault): void {
  const evidence = [...(seats.of(dialogue)?.heard ?? []), recorded];
  seats.tell(dialogue, { type: 'cheated', fault, evidence });
}
