import type { Micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import type {
  Account,
  Asset,
  LedgerCode,
  Operation,
  Owner,
  Release,
  Reservation,
  ReservationState,
  Reserve,
} from './operation.ts';

/** An account as the ledger changes it. */
export type OpenAccount = { -readonly [K in keyof Account]: Account[K] };

/** A reservation as the ledger changes it; its amount pending is `remaining`. */
export interface OpenReservation {
  readonly id: string;
  readonly payer: Did;
  readonly to: Owner;
  readonly asset: Asset;
  readonly amount: bigint;
  readonly expires: Micros;
  readonly release: Release;
  readonly reference: string | null;
  remaining: bigint;
  posted: bigint;
  state: ReservationState;
}

/** What is remembered of an id: what it named, and why that was refused. */
export interface Remembered {
  readonly operation: Operation;
  readonly code: LedgerCode | null;
  readonly reservation: OpenReservation | null;
}

/** All that a ledger keeps of one owner. */
export interface OwnerBook {
  readonly owner: Owner;
  readonly accounts: Map<Asset, OpenAccount>;
  readonly remembered: Map<string, Remembered>;
  /** Reservations it made that are still pending. */
  openReservations: number;
}

/** The owner's account of an asset, opened where there is none. */
export function accountIn(book: OwnerBook, asset: Asset): OpenAccount {
  let account = book.accounts.get(asset);
  if (account === undefined) {
    account = { debitsPending: 0n, debitsPosted: 0n, creditsPending: 0n, creditsPosted: 0n };
    book.accounts.set(asset, account);
  }
  return account;
}

/** Whether an account has anything in any of its totals. */
export function isTouched(account: OpenAccount): boolean {
  return Object.values(account).some((total) => total !== 0n);
}

/** What one entry moves from payer to payee: the change of what is pending and of what is posted. */
export interface Movement {
  readonly pending: bigint;
  readonly posted: bigint;
}

/** The only thing that ever changes a balance: the same sums on both sides. */
export function enter(payer: OpenAccount, payee: OpenAccount, { pending, posted }: Movement): void {
  if (pending !== 0n) {
    payer.debitsPending += pending;
    payee.creditsPending += pending;
  }
  if (posted !== 0n) {
    payer.debitsPosted += posted;
    payee.creditsPosted += posted;
  }
}

/** A reservation as it is made. */
export function openedBy(payer: Did, operation: Reserve): OpenReservation {
  const { id, to, asset, amount, expires, release, reference = null } = operation;
  return {
    id,
    payer,
    to,
    asset,
    amount,
    expires,
    release,
    reference,
    remaining: amount,
    posted: 0n,
    state: 'pending',
  };
}

/** A reservation as its parties read it. */
export function readOut(reservation: OpenReservation): Reservation {
  return { ...reservation };
}
