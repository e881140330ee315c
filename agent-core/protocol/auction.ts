import { z } from 'zod';
import type { Context } from '../agent/context.ts';
import type { DialogueEnd } from '../agent/dialogue.ts';
import type { HandlerResult } from '../agent/agent.ts';
import { micros, type Duration, type Micros } from '../clock.ts';
import { assert, HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import type { RecordedMessage } from '../message/open.ts';
import { amount, type MicroTokens } from './amount.ts';
import type { Cancellation } from './cancellation.ts';
import { dialogueKey } from './dialogue-key.ts';

/**
 * How the winner of an auction pays. `ledger`: it reserves the price for the auctioneer, who takes it out of the reservation; what
 * is not taken goes back by itself. `elsewhere`: by means that the protocol does not see; the winner only says that it has paid.
 */
export const paymentWay = z.enum(['ledger', 'elsewhere']);

/** One of {@link paymentWay}. */
export type PaymentWay = z.output<typeof paymentWay>;

/** What makes one auction protocol: its name and the schema of what is sold. */
export interface AuctionSpec<Lot extends z.ZodType> {
  readonly name: string;
  readonly version: string;
  readonly lot: Lot;
}

/** What every auctioneer says about its auction. */
export interface AuctionCall<Lot> {
  readonly lot: Lot;
  /** Whom to invite. */
  readonly to: readonly Did[];
  /** How long, from the award on, the winner has to pay. */
  readonly payWithin: Duration;
  /** How the winner pays; `elsewhere` if left out. */
  readonly payment?: PaymentWay;
  /** Takes the auction back, as long as nothing is awarded. */
  readonly cancellation?: Cancellation;
}

/** Somebody who was invited and left before the outcome was told, and why: `no-such-agent`, a failure or misunderstanding code. */
export interface Absent {
  readonly peer: Did;
  readonly code: string;
}

/** A sale: who won, and the signed bid that binds the winner. */
export interface Sale {
  readonly winner: Did;
  /** Micro-tokens. */
  readonly price: MicroTokens;
  /** The winner's bid as it came, signature and all. */
  readonly bid: RecordedMessage;
}

/** How an auction ended for its auctioneer. */
export type AuctionResult = { readonly absent: readonly Absent[] } & (
  | ({ readonly type: 'sold' } & Sale)
  /** Awarded, but the winner did not pay: `not-paid-in-time`, or how its dialogue ended. Its bid stays proof of what it owes. */
  | ({ readonly type: 'unpaid'; readonly code: string } & Sale)
  | { readonly type: 'unsold'; readonly reason: 'no-bids' | 'reserve-not-met' | 'cancelled' }
);

/** What a bidder attended. */
export interface Attended<Lot> {
  readonly lot: Lot;
  readonly auctioneer: Did;
  readonly dialogue: string;
}

/** What an auctioneer told a bidder; `awarded` lasts until the payment is confirmed. */
export type Verdict =
  | { readonly type: 'awarded'; readonly price: MicroTokens }
  | { readonly type: 'won'; readonly price: MicroTokens }
  | { readonly type: 'lost'; readonly winner: Did; readonly price: MicroTokens }
  | { readonly type: 'unsold' }
  | { readonly type: 'cancelled'; readonly reason: string }
  /** Of a sealed bid: it was not revealed in time. */
  | { readonly type: 'forfeited' }
  /** The auctioneer broke its own rules; the signed messages that show it. */
  | { readonly type: 'cheated'; readonly fault: string; readonly evidence: readonly RecordedMessage[] };

/** How an auction ended for one bidder. */
export type BidderOutcome =
  | Exclude<Verdict, { type: 'awarded' }>
  /** Won, but the auctioneer never confirmed the payment: the code says how the dialogue ended. */
  | { readonly type: 'unsettled'; readonly price: MicroTokens; readonly code: string }
  /** The dialogue ended before there was an outcome: `deadline-passed`, or a failure or misunderstanding code. */
  | { readonly type: 'no-outcome'; readonly code: string };

/** What a ready bidder asks of its author, besides its bid. */
export interface BidderPolicy<Lot, Params, State> {
  /** Called once at the end of every auction that it was invited to, however it ended. */
  readonly outcome?: (ctx: Context<Params, State>, outcome: BidderOutcome, attended: Attended<Lot>) => HandlerResult;
}

/** Schema of an absolute time in microseconds. */
export const time: z.ZodInt = z.int().nonnegative();

/** Schema of a reason given in words. */
export const reason = z.object({ reason: z.string().max(1_024) });

const AMOUNT = amount();

/** Whether this can be said as an `amount()`. */
export function isAmount(value: MicroTokens): boolean {
  return AMOUNT.safeEncode(value).success;
}

/** @throws HaggleError `bad-auction` naming what is wrong with the amount. */
export function checkAmount(name: string, value: MicroTokens, least: MicroTokens): void {
  if (value >= least && isAmount(value)) return;
  throw new HaggleError(
    'bad-auction',
    `holding an auction: ${name} must be an amount of at least ${least}, it is ${value}`,
  );
}

/** @throws HaggleError `bad-auction` for a span of 0. */
export function checkSpan(name: string, span: Micros): void {
  if (span > 0) return;
  throw new HaggleError('bad-auction', `holding an auction: ${name} must be longer than 0 us`);
}

/**
 * Checks what all auctions are held with, before anybody is invited.
 *
 * @throws HaggleError `duplicate-peer`, `bad-auction`, `no-ledger` where payment is by ledger and there is none.
 */
export function checkCall(run: { readonly ledger: unknown }, { to, payWithin, payment }: AuctionCall<unknown>): void {
  if (new Set(to).size < to.length) {
    throw new HaggleError('duplicate-peer', `holding an auction: a bidder is invited twice among ${to.length}`);
  }
  checkSpan('payWithin', micros(payWithin));
  if (payment === 'ledger') assert(run.ledger !== undefined, 'a run has a ledger or says that there is none');
}

/** One bidder as its auctioneer sees it. */
export interface Guest<D> {
  readonly peer: Did;
  readonly dialogue: D;
  /** Why it is gone, where it left before the outcome. */
  gone: string | null;
}

/** The result of a sale: `fault` is null where it was paid. */
export function resultOf(sale: Sale, fault: string | null, absent: readonly Absent[]): AuctionResult {
  return fault === null ? { type: 'sold', ...sale, absent } : { type: 'unpaid', code: fault, ...sale, absent };
}

/** Names an auction that a bidder attends. */
export function attended<Lot>(lot: Lot, dialogue: { readonly peer: Did; readonly id: string }): Attended<Lot> {
  return { lot, auctioneer: dialogue.peer, dialogue: dialogue.id };
}

/** Who left, in the order of invitation. */
export function absentAmong(guests: Iterable<Guest<unknown>>): readonly Absent[] {
  return [...guests].flatMap(({ peer, gone }) => (gone === null ? [] : [{ peer, code: gone }]));
}

/** What a bidder remembers of the auctions that it attends, by dialogue. */
export interface Seats<Lot, Seat extends SeatOf<Lot>> {
  take(seat: Seat): void;
  /** The seat of an open dialogue; undefined where it never got one. */
  of(dialogue: { readonly peer: Did; readonly id: string }): Seat | undefined;
  /** Notes what the auctioneer said about the outcome. */
  tell(dialogue: { readonly peer: Did; readonly id: string }, verdict: Verdict): void;
  /** The auctioneer has confirmed the payment. */
  settle(dialogue: { readonly peer: Did; readonly id: string }): void;
  /** Gives the seat back at the end of its dialogue. */
  leave(end: DialogueEnd): Seat | undefined;
}

/** The part of a seat that all auctions share. */
export interface SeatOf<Lot> extends Attended<Lot> {
  readonly payment: PaymentWay;
  verdict: Verdict | null;
}

/** No seats yet. They last as long as their dialogues, so the bound on open dialogues bounds them too. */
export function createSeats<Lot, Seat extends SeatOf<Lot>>(): Seats<Lot, Seat> {
  const seats = new Map<string, Seat>();
  const of = ({ peer, id }: { readonly peer: Did; readonly id: string }): Seat | undefined =>
    seats.get(dialogueKey(peer, id));
  return {
    take: (seat) => void seats.set(dialogueKey(seat.auctioneer, seat.dialogue), seat),
    of,
    tell: (dialogue, verdict) => {
      const seat = of(dialogue);
      if (seat !== undefined) seat.verdict = verdict;
    },
    settle: (dialogue) => {
      const seat = of(dialogue);
      if (seat?.verdict?.type === 'awarded') seat.verdict = { type: 'won', price: seat.verdict.price };
    },
    leave: ({ peer, dialogue }) => {
      const key = dialogueKey(peer, dialogue);
      const seat = seats.get(key);
      seats.delete(key);
      return seat;
    },
  };
}

/** What a bidder says of an auctioneer that announces it as the winner to itself, as if to a loser, and awards nothing. */
export function awardWithheld(announcement: RecordedMessage): Verdict {
  return { type: 'cheated', fault: 'award-withheld', evidence: [announcement] };
}

/** The outcome for a bidder whose dialogue ended, from what it was told last. */
export function outcomeOf(verdict: Verdict | null, end: DialogueEnd): BidderOutcome {
  if (verdict === null) return { type: 'no-outcome', code: end.code };
  if (verdict.type === 'awarded') return { type: 'unsettled', price: verdict.price, code: end.code };
  return verdict;
}
