import type { z } from 'zod';
import type { AgentBuilder } from '../agent/agent.ts';
import type { Dialogue, DialogueEnd } from '../agent/dialogue.ts';
import { defineProgram, type Following, type Heard, type Program, type Run } from '../agent/program.ts';
import { micros, type Duration, type Micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import type { RecordedMessage } from '../message/open.ts';
import type { MicroTokens } from './amount.ts';
import {
  absentAmong,
  checkAmount,
  checkCall,
  checkSpan,
  resultOf,
  type Absent,
  type AuctionCall,
  type AuctionResult,
  type AuctionSpec,
  type Guest,
  type Sale,
} from './auction.ts';
import { startSettlement, type Settlement } from './auction-settlement.ts';
import type { BodyOf } from './conversation-types.ts';
import { bidSealed, type SealedBidBidder } from './sealed-bid-bidder.ts';
import { BIDS_PER_MESSAGE, sealedBidProtocol, toLine, type SealedBidProtocol } from './sealed-bid-protocol.ts';
import {
  byBidder,
  commitmentOf,
  commitmentsDigest,
  drawNonce,
  openedBids,
  sealedBidOutcome,
  type PublishedBid,
  type SealedBidOutcome,
  type SealedBidRule,
} from './sealed-bid.ts';

/** How a sealed-bid auction is held. A cancellation counts until reveals are called; then bids are public, and bind. */
export interface SealedBidCall<Lot> extends AuctionCall<Lot> {
  readonly rule: SealedBidRule;
  /** The least that wins, micro-tokens, known to all bidders; 0 if left out. */
  readonly reserve?: MicroTokens;
  /** How long commitments are waited for. Once everybody has answered, reveals are called at once. */
  readonly commitWithin: Duration;
  /** How long, after the time for commitments, reveals are waited for. */
  readonly revealWithin: Duration;
}

/** What an auctioneer of sealed bids knows besides the result. */
export interface SealedBidReport {
  /** Everybody's bid, as published; in ascending order of addresses. */
  readonly bids: readonly PublishedBid[];
  /** Who committed and forfeited: `not-revealed`, `bad-reveal`, or how its dialogue ended before the reveal. */
  readonly defaulted: readonly Absent[];
}

/** How a sealed-bid auction ended for its auctioneer. */
export type SealedBidResult = AuctionResult & SealedBidReport;

/** A sealed-bid auction: the protocol, the auctioneer's program for `ctx.run`, and a ready bidder for `setup`. */
export type SealedBidAuction<Lot extends z.ZodType> = SealedBidProtocol<Lot> & {
  /** The auctioneer, for `ctx.run`: gathers, opens, awards, waits for the payment and ends as a {@link SealedBidResult}. */
  readonly initiator: Program<SealedBidCall<z.output<Lot>>, SealedBidResult>;
  /** Takes the bidder's role in an agent's setup: commits, reveals, checks the outcome, pays, tells `outcome` how each auction ended. */
  participant<Params, State>(
    agent: AgentBuilder<Params, State>,
    policy: SealedBidBidder<z.output<Lot>, Params, State>,
  ): void;
};

/**
 * Makes a sealed-bid auction, first-price or second-price (Vickrey 1961; Krishna, "Auction Theory", chapter 2), by commit and
 * reveal: bidders first send only a hash of their bid; once no more are taken the auctioneer signs the list of hashes, and only
 * then bids are revealed. So neither bidders nor auctioneer can act on a bid of others. The auctioneer publishes
 * all commitments and revealed bids, and every bidder checks the outcome itself.
 *
 * Who committed and does not reveal in time, or reveals something else, is named in the result, told so, and has forfeited: its
 * bid counts for nothing. Without a deposit it loses no more than that, so a bidder may still regret its bid at no cost. Bids
 * that were revealed bind, even where the bidder goes away. Ties: see `sealedBidOutcome`.
 *
 * @throws HaggleError `bad-protocol`
 */
export function sealedBidAuction<Lot extends z.ZodType>(spec: AuctionSpec<Lot>): SealedBidAuction<Lot> {
  const protocol = sealedBidProtocol(spec);
  return Object.freeze({
    ...protocol,
    initiator: defineProgram(
      protocol,
      'initiator',
      (run: AuctioneerRun<Lot>, call: SealedBidCall<z.output<Lot>>) => new Auctioneer<Lot>(run, call),
    ),
    participant: <Params, State>(
      agent: AgentBuilder<Params, State>,
      policy: SealedBidBidder<z.output<Lot>, Params, State>,
    ): void => bidSealed(protocol, agent, policy),
  });
}

/** Bidders who get the list at one instant: n bidders get n bids each, and all at once would be a flood. */
const TOLD_AT_ONCE = 16;
/** Time from one group to the next. */
const GROUP_GAP_MICROS = 1_000;

type AuctioneerRun<Lot extends z.ZodType> = Run<SealedBidProtocol<Lot>, 'initiator', SealedBidResult>;

interface Opening {
  readonly amount: MicroTokens;
  readonly nonce: string;
  readonly recorded: RecordedMessage;
}

interface Bidder<Lot extends z.ZodType> extends Guest<Dialogue<SealedBidProtocol<Lot>, 'initiator'>> {
  commitment: string | null;
  opening: Opening | null;
  /** An answer of this phase is still waited for. */
  awaited: boolean;
  /** Why its commitment is forfeit. */
  forfeit: string | null;
}

class Auctioneer<Lot extends z.ZodType> implements Following<SealedBidProtocol<Lot>, 'initiator'> {
  readonly #run: AuctioneerRun<Lot>;
  readonly #call: SealedBidCall<z.output<Lot>>;
  readonly #bidders = new Map<Did, Bidder<Lot>>();
  readonly #auction: string;
  readonly #reserve: MicroTokens;
  readonly #revealBy: Micros;
  #phase: 'committing' | 'revealing' | 'closed' = 'committing';
  /** Answers of this phase that are still waited for. */
  #awaited = 0;
  #bids: readonly PublishedBid[] = [];
  #winner: Did | null = null;
  #settlement: Settlement | undefined;
  /** The last group has the list. */
  #published = false;
  #result: AuctionResult | null = null;

  constructor(run: AuctioneerRun<Lot>, call: SealedBidCall<z.output<Lot>>) {
    this.#run = run;
    this.#call = call;
    this.#reserve = call.reserve ?? 0n;
    checkCall(run, call);
    checkAmount('reserve', this.#reserve, 0n);
    const spans = { commit: micros(call.commitWithin), reveal: micros(call.revealWithin), pay: micros(call.payWithin) };
    checkSpan('commitWithin', spans.commit);
    checkSpan('revealWithin', spans.reveal);
    this.#auction = drawNonce(run.random);
    const commitBy = run.now() + spans.commit;
    this.#revealBy = commitBy + spans.reveal;
    // The confirmation has as long again as the payment.
    const by = this.#revealBy + Math.ceil(call.to.length / TOLD_AT_ONCE) * GROUP_GAP_MICROS + 2 * spans.pay;
    const { lot, rule, payment = 'elsewhere' } = call;
    const terms = { auction: this.#auction, rule, reserve: this.#reserve, commitBy, revealBy: this.#revealBy, payment };
    const body = { lot, ...terms } as BodyOf<SealedBidProtocol<Lot>, 'cfp'>;
    for (const peer of call.to) {
      const dialogue = run.open(peer, 'cfp', { body, by });
      const unknown = { commitment: null, opening: null, forfeit: null, gone: null };
      this.#bidders.set(peer, { peer, dialogue, ...unknown, awaited: true });
    }
    this.#awaited = call.to.length;
    run.at(commitBy, () => this.#callReveals());
    run.onCancel(call.cancellation, () => this.#cancel());
    if (this.#awaited === 0) this.#callReveals();
  }

  heard(message: Heard<SealedBidProtocol<Lot>, 'initiator'>): void {
    const bidder = this.#bidders.get(message.from);
    if (bidder === undefined) return;
    switch (message.type) {
      case 'commit':
        bidder.commitment = message.body.commitment;
        return this.#answered(bidder);
      case 'refuse':
        return this.#answered(bidder);
      case 'reveal':
        return this.#revealed(bidder, { ...message.body, recorded: message.recorded });
      case 'pay':
        return this.#settlement?.paid(message.body.reservation);
    }
  }

  ended({ peer, code, outcome }: DialogueEnd): void {
    const bidder = this.#bidders.get(peer);
    // An auctioneer that is stopping sells nothing more.
    if (bidder === undefined || outcome === 'stopped') return;
    if (outcome !== 'done') bidder.gone ??= code;
    if (peer === this.#winner) this.#settlement?.ended(code);
    if (bidder.commitment !== null && bidder.opening === null) bidder.forfeit ??= code;
    this.#answered(bidder);
  }

  #answered(bidder: Bidder<Lot>): void {
    if (!bidder.awaited) return;
    bidder.awaited = false;
    this.#awaited -= 1;
    if (this.#awaited > 0) return;
    if (this.#phase === 'committing') this.#callReveals();
    else if (this.#phase === 'revealing') this.#close();
  }

  #revealed(bidder: Bidder<Lot>, opening: Opening): void {
    const { amount, nonce } = opening;
    if (commitmentOf(this.#auction, { bidder: bidder.peer, amount, nonce }) === bidder.commitment)
      bidder.opening = opening;
    else this.#exclude(bidder, 'bad-reveal');
    this.#answered(bidder);
  }

  #exclude(bidder: Bidder<Lot>, why: 'bad-reveal' | 'not-revealed'): void {
    bidder.forfeit ??= why;
    if (bidder.dialogue.open) bidder.dialogue.send('reject-proposal', { reason: why });
  }

  /** Fixes the list of commitments, and asks for what they hide. */
  #callReveals(): void {
    if (this.#phase !== 'committing') return;
    this.#phase = 'revealing';
    for (const bidder of this.#bidders.values()) if (bidder.awaited) this.#tooLate(bidder);
    const committed = [...this.#bidders.values()].filter(({ commitment }) => commitment !== null);
    if (committed.length === 0) return this.#close();
    const commitments = commitmentsDigest(this.#list());
    for (const bidder of committed) {
      if (!bidder.dialogue.open) continue;
      bidder.awaited = true;
      this.#awaited += 1;
      bidder.dialogue.send('call-reveals', { commitments, count: committed.length });
    }
    this.#run.at(this.#revealBy, () => this.#close());
    if (this.#awaited === 0) this.#close();
  }

  #tooLate(bidder: Bidder<Lot>): void {
    bidder.awaited = false;
    this.#awaited -= 1;
    bidder.gone = 'late';
    bidder.dialogue.send('cancel', { reason: 'no commitment in time' });
  }

  #close(): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    for (const bidder of this.#bidders.values()) {
      if (bidder.commitment !== null && bidder.opening === null) this.#exclude(bidder, 'not-revealed');
    }
    this.#bids = this.#list();
    const outcome = sealedBidOutcome({ rule: this.#call.rule, reserve: this.#reserve }, openedBids(this.#bids));
    const told = [...this.#bidders.values()].filter(({ opening }) => opening !== null);
    if (outcome === null) this.#result = this.#unsold(told.length === 0 ? 'no-bids' : 'reserve-not-met');
    this.#publish(outcome, told);
  }

  /** Tells everybody who revealed: the list in parts, then the outcome. */
  #publish(outcome: SealedBidOutcome, told: readonly Bidder<Lot>[]): void {
    for (const bidder of told.slice(0, TOLD_AT_ONCE)) this.#tell(bidder, outcome);
    const rest = told.slice(TOLD_AT_ONCE);
    if (rest.length > 0) return this.#run.at(this.#run.now() + GROUP_GAP_MICROS, () => this.#publish(outcome, rest));
    this.#published = true;
    this.#finish();
  }

  #tell(bidder: Bidder<Lot>, outcome: SealedBidOutcome): void {
    const { dialogue, peer } = bidder;
    if (dialogue.open) {
      for (let from = 0; from < this.#bids.length; from += BIDS_PER_MESSAGE) {
        dialogue.send('bids', { bids: this.#bids.slice(from, from + BIDS_PER_MESSAGE).map(toLine) });
      }
    }
    if (peer === outcome?.winner) return this.#award(bidder, outcome.price);
    if (!dialogue.open) return;
    if (outcome === null) dialogue.send('unsold', {});
    else dialogue.send('sold', outcome);
  }

  #award({ dialogue, peer, opening, gone }: Bidder<Lot>, price: MicroTokens): void {
    if (opening === null) return;
    const run = this.#run;
    const sale: Sale = { winner: peer, price, bid: opening.recorded };
    const settled = (fault: string | null): void => {
      this.#result = resultOf(sale, fault, absentAmong(this.#bidders.values()));
      this.#finish();
    };
    const { payment = 'elsewhere' } = this.#call;
    if (!dialogue.open) return settled(gone);
    const payBy = run.now() + micros(this.#call.payWithin);
    dialogue.send('accept-proposal', { price, payBy });
    this.#winner = peer;
    this.#settlement = startSettlement({ run, sale, payment, dialogue, payBy, settled });
  }

  #cancel(): void {
    if (this.#phase !== 'committing') return;
    this.#phase = 'closed';
    const given = this.#call.cancellation?.reason ?? '';
    for (const { dialogue } of this.#bidders.values()) if (dialogue.open) dialogue.send('cancel', { reason: given });
    this.#published = true;
    this.#result = this.#unsold('cancelled');
    this.#finish();
  }

  #unsold(why: 'no-bids' | 'reserve-not-met' | 'cancelled'): AuctionResult {
    return { type: 'unsold', reason: why, absent: absentAmong(this.#bidders.values()) };
  }

  #finish(): void {
    if (!this.#published || this.#result === null) return;
    const defaulted = [...this.#bidders.values()].flatMap(({ peer, forfeit }) =>
      forfeit === null ? [] : [{ peer, code: forfeit }],
    );
    this.#run.finish({ ...this.#result, bids: this.#bids, defaulted });
  }

  /** All commitments in order, with what opens them as far as it was revealed. */
  #list(): PublishedBid[] {
    const bids: PublishedBid[] = [];
    for (const { peer, commitment, opening } of this.#bidders.values()) {
      if (commitment === null) continue;
      const opened = opening === null ? null : { amount: opening.amount, nonce: opening.nonce };
      bids.push({ bidder: peer, commitment, opened });
    }
    return bids.toSorted(byBidder);
  }
}
