import type { Micros } from '../clock.ts';
import { AssertionError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import type { RecordedMessage } from '../message/open.ts';

/** Who keeps the book and defines supplies: the one owner whose accounts may go below zero. */
export const ISSUER = 'issuer';

/** Who holds accounts: an agent, or {@link ISSUER}. */
export type Owner = Did | typeof ISSUER;

/** What is held: lower-case words joined by `-`, such as `token` or `steel`. Goods are assets as money is. */
export type Asset = string;

/** The default money, counted in micro-tokens. */
export const TOKEN: Asset = 'token';

/**
 * Who may post a reservation. `payer`: escrow, the payer releases it when the work is done. `payee`: an authorisation, the
 * payee captures what it is owed.
 */
export type Release = 'payer' | 'payee';

interface Named {
  /** Chosen by the submitter and unique among its own operations: 1 to 192 characters `A-Z a-z 0-9 - . _ ~ / :`. */
  readonly id: string;
}

interface Movement extends Named {
  readonly to: Owner;
  readonly asset: Asset;
  /** Micro-tokens, or whole units of a good. */
  readonly amount: bigint;
  /** What it is for, by convention the id of a dialogue. */
  readonly reference?: string;
}

/** Moves from the submitter's account at once. To {@link ISSUER} it takes out of circulation. */
export interface Transfer extends Movement {
  readonly type: 'transfer';
}

/** Creates units; only {@link ISSUER} may. */
export interface Issue extends Movement {
  readonly type: 'issue';
}

/** Sets an amount of the submitter aside for `to`, until it is posted, voided or expires. */
export interface Reserve extends Movement {
  readonly type: 'reserve';
  /** The first instant at which it is gone and the amount back. */
  readonly expires: Micros;
  readonly release: Release;
}

/** Names a reservation: its payer's id for it, and the payer where that is not the submitter. */
export interface ReservationName {
  readonly reservation: string;
  /** The submitter, if left out. */
  readonly payer?: Did;
}

/** Pays out of a reservation. Whom its `release` names may. */
export interface Post extends Named, ReservationName {
  readonly type: 'post';
  readonly amount: bigint;
  /** What becomes of the rest: back to the payer (if left out), or kept for later posts until it expires. */
  readonly rest?: 'return' | 'keep';
}

/**
 * Gives what is left of a reservation back. The payee may at any time; the payer only with `evidence`: the message in which the
 * payee said `failure` to it in the dialogue that the reservation's `reference` names.
 */
export interface Void extends Named, ReservationName {
  readonly type: 'void';
  /** Proves itself, so it is no part of the operation's content, as no signature is. */
  readonly evidence?: RecordedMessage;
}

/** One step of a chain. */
export type Operation = Transfer | Issue | Reserve | Post | Void;

/** Why a ledger refuses, in the order in which it is checked. Callers switch on the code. */
export const LEDGER_CODES = {
  // The chain as a whole.
  'chain-too-large': 'more bytes than LIMITS.chainBytes',
  unsigned: 'no signature, and this ledger requires one',
  'bad-signature': 'the signature is not by the submitter over this text',
  'malformed-chain': 'not the canonical form of a chain, or an operation breaks its form',
  'sender-mismatch': '`from` is not who submitted it',
  'wrong-realm': '`realm` is another realm',
  'empty-chain': 'no operation',
  'chain-too-long': 'more operations than LIMITS.chainOperations',
  // One operation.
  'id-taken': 'this submitter gave this id to an operation of other content',
  'ledger-full': 'LIMITS.ledgerOperations, or LIMITS.ledgerOperationsOfOwner of this submitter, are remembered',
  'zero-amount': 'the amount is not above 0',
  'amount-too-large': 'the amount has more than LIMITS.amountDigits digits',
  'same-account': 'payer and payee are the same',
  'unknown-reservation': 'the payer made no such reservation',
  'not-allowed': 'the submitter may not do this',
  'supply-too-large': 'more of this asset would be in circulation than LIMITS.amountDigits digits can say',
  'bad-expiry': '`expires` is not after now, or further off than LIMITS.reservationLifeMicros',
  'too-many-reservations': 'LIMITS.openReservations of this payer are open',
  'insufficient-funds': 'the payer has less than the amount available',
  'reservation-expired': 'the reservation ran out',
  'already-resolved': 'the reservation was posted or voided before',
  'exceeds-reservation': 'more than what is left of the reservation',
  'evidence-required': 'a payer voids only with a message of the payee that says `failure`',
  'bad-evidence': 'the message does not prove that the payee said `failure` to this payer in this dialogue',
} as const;

/** A code of {@link LEDGER_CODES}. */
export type LedgerCode = keyof typeof LEDGER_CODES;

/** A chain that was not applied: nothing of it was. */
export interface Refused {
  readonly type: 'refused';
  readonly code: LedgerCode;
  /** Index of the operation at fault; null where it is the chain as a whole. */
  readonly index: number | null;
}

/** What became of a chain: all of it, or nothing. */
export type Outcome = { readonly type: 'applied' } | Refused;

/** The four totals of one account; a balance is what they leave. */
export interface Account {
  readonly debitsPending: bigint;
  readonly debitsPosted: bigint;
  readonly creditsPending: bigint;
  readonly creditsPosted: bigint;
}

/** An account as its owner reads it. */
export interface Balance {
  /** May be spent or reserved now; below zero only for {@link ISSUER}. */
  readonly available: bigint;
  /** Set aside for others. */
  readonly reserved: bigint;
  /** Set aside by others for this owner. */
  readonly incoming: bigint;
}

/** Where a reservation stands. */
export type ReservationState = 'pending' | 'posted' | 'voided' | 'expired';

/** A reservation as payer and payee read it. */
export interface Reservation {
  readonly id: string;
  readonly payer: Did;
  readonly to: Owner;
  readonly asset: Asset;
  /** As it was reserved. */
  readonly amount: bigint;
  /** Still set aside. */
  readonly remaining: bigint;
  /** Paid out so far. */
  readonly posted: bigint;
  readonly expires: Micros;
  readonly release: Release;
  readonly reference: string | null;
  readonly state: ReservationState;
}

/** A refusal with its code and place. */
export function refused(code: LedgerCode, index: number | null = null): Refused {
  return { type: 'refused', code, index };
}

/** The balance that an account leaves. */
export function balanceOf(account: Account): Balance {
  const { creditsPending, creditsPosted, debitsPending, debitsPosted } = account;
  return {
    available: creditsPosted - debitsPosted - debitsPending,
    reserved: debitsPending,
    incoming: creditsPending,
  };
}

/**
 * Whether two operations of one submitter say the same: every field but evidence.
 */
export function sameContent(submitter: Owner, a: Operation, b: Operation): boolean {
  if (a === b) return true;
  switch (a.type) {
    case 'transfer':
    case 'issue':
      return b.type === a.type && sameMovement(a, b);
    case 'reserve':
      return b.type === 'reserve' && a.expires === b.expires && a.release === b.release && sameMovement(a, b);
    case 'post':
      return (
        b.type === 'post' &&
        a.amount === b.amount &&
        (a.rest ?? 'return') === (b.rest ?? 'return') &&
        sameReservation(submitter, a, b)
      );
    case 'void':
      return b.type === 'void' && sameReservation(submitter, a, b);
  }
  throw new AssertionError('an operation has one of five types');
}

function sameMovement(a: Movement, b: Movement): boolean {
  return a.to === b.to && a.asset === b.asset && a.amount === b.amount && a.reference === b.reference;
}

function sameReservation(submitter: Owner, a: ReservationName, b: ReservationName): boolean {
  return a.reservation === b.reservation && (a.payer ?? submitter) === (b.payer ?? submitter);
}
