/**
 * A double-entry ledger after TigerBeetle's model: accounts with pending and posted debits and credits; transfers, reservations
 * (two-phase transfers) that are posted, voided or expire, in chains of which all or nothing is applied.
 *
 * Pure: time is handed in, nothing is awaited, an expected refusal is a value. The same operations in the same order give the
 * same state on every machine.
 */
import type { Micros } from '../clock.ts';
import { assert, AssertionError, HaggleError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { AMOUNT_BOUND, amountFault, fundsFault, movementFault, resolvedFault } from './checks.ts';
import type { EvidenceCheck } from './evidence-check.ts';
import { ExpiryQueue } from './expiry-queue.ts';
import {
  ISSUER,
  refused,
  sameContent,
  type Account,
  type Asset,
  type Issuance,
  type LedgerCode,
  type Operation,
  type ChainOutcome,
  type Owner,
  type Post,
  type Reservation,
  type ReservationName,
  type Reserve,
  type Transfer,
  type Void,
} from './operation.ts';
import {
  accountIn,
  enter,
  isTouched,
  openedBy,
  readOut,
  type Movement,
  type OpenReservation,
  type OwnerBook,
  type Remembered,
} from './owner-book.ts';

/** Operations by one owner, of which all or nothing is applied. Whoever hands it in has checked that the owner wants it. */
export interface Chain {
  readonly from: Owner;
  readonly operations: readonly Operation[];
}

/** Bounds of a ledger; those of `LIMITS` if left out. */
export type LedgerLimits = Pick<
  typeof LIMITS,
  'chainOperations' | 'openReservations' | 'reservationLifeMicros' | 'ledgerOperations' | 'ledgerOperationsOfOwner'
>;

/** Options of {@link createLedger}. */
export interface LedgerOptions {
  /** Judges what a payer brings to void a reservation; nothing convinces it if left out. */
  readonly checkEvidence?: EvidenceCheck;
  readonly limits?: { readonly [K in keyof LedgerLimits]?: number };
}

/** The state of all accounts. Changed by {@link Ledger.apply} and {@link Ledger.advance} and by nothing else. */
export interface Ledger {
  /** Time of the last change of time. */
  readonly now: Micros;
  /** Operations remembered. */
  readonly operations: number;
  /**
   * Applies a chain at a time, after what expires by then. An id that its submitter used before is answered as it was then,
   * without a second effect: for an operation of the same content that is its own answer, otherwise `id-taken`.
   *
   * @throws HaggleError `bad-time`
   */
  apply(chain: Chain, now: Micros): ChainOutcome;
  /**
   * Lets time pass: what expires at `now` or before is given back, in the order (expires, payer, id), and returned.
   *
   * @throws HaggleError `bad-time` where `now` is no whole number or lies before the ledger's time.
   */
  advance(now: Micros): readonly Reservation[];
  /** The totals of an account; zeros where it was never touched. */
  account(owner: Owner, asset: Asset): Account;
  reservation(payer: Owner, id: string): Reservation | null;
  /** All owners' books, for audits and snapshots. Not to be changed. */
  books(): readonly OwnerBook[];
}

/** Refusals that say nothing of the state: the same operation meets them again. */
const FORGOTTEN: ReadonlySet<LedgerCode> = new Set([
  'id-taken',
  'ledger-full',
  'zero-amount',
  'amount-too-large',
  'same-account',
]);

const APPLIED: ChainOutcome = Object.freeze({ type: 'applied' });

/** What takes back one operation of a chain that fails later. */
type Undo = () => void;

/** One operation under way. */
interface Step {
  readonly book: OwnerBook;
  readonly undo: Undo[];
}

/** An empty ledger at time 0. */
export function createLedger(options: LedgerOptions = {}): Ledger {
  return new DoubleEntryLedger(options, { now: 0, books: [] });
}

/** What a ledger starts with: of a snapshot, else nothing. */
export interface LedgerState {
  readonly now: Micros;
  readonly books: readonly OwnerBook[];
}

/** A ledger that goes on from a state; it takes the books over. */
export function continueLedger(options: LedgerOptions, state: LedgerState): Ledger {
  return new DoubleEntryLedger(options, state);
}

class DoubleEntryLedger implements Ledger {
  readonly #limits: { readonly [K in keyof LedgerLimits]: number };
  readonly #checkEvidence: EvidenceCheck;
  readonly #books: Map<Owner, OwnerBook>;
  readonly #expiries = new ExpiryQueue<OpenReservation>();
  #now: Micros;
  #operations = 0;

  constructor(options: LedgerOptions, state: LedgerState) {
    this.#limits = { ...LIMITS, ...options.limits };
    this.#checkEvidence = options.checkEvidence ?? (() => false);
    this.#now = state.now;
    this.#books = new Map(state.books.map((book) => [book.owner, book]));
    for (const { remembered } of state.books) {
      this.#operations += remembered.size;
      for (const { reservation } of remembered.values()) {
        if (reservation?.state === 'pending') this.#expiries.add(reservation);
      }
    }
  }

  get now(): Micros {
    return this.#now;
  }

  get operations(): number {
    return this.#operations;
  }

  books(): readonly OwnerBook[] {
    return [...this.#books.values()];
  }

  account(owner: Owner, asset: Asset): Account {
    const account = this.#books.get(owner)?.accounts.get(asset);
    return account === undefined
      ? { debitsPending: 0n, debitsPosted: 0n, creditsPending: 0n, creditsPosted: 0n }
      : { ...account };
  }

  reservation(payer: Owner, id: string): Reservation | null {
    const found = this.#find(payer, id);
    return found === null ? null : readOut(found);
  }

  advance(now: Micros): readonly Reservation[] {
    if (!Number.isSafeInteger(now) || now < this.#now) {
      throw new HaggleError('bad-time', `moving a ledger to ${now} us: it is ${this.#now} us`, {
        fields: { now, ledger: this.#now },
      });
    }
    this.#now = now;
    this.#expiries.clean();
    const expired: Reservation[] = [];
    for (;;) {
      const reservation = this.#expiries.take(now);
      if (reservation === undefined) return expired;
      this.#settle(reservation, { posted: 0n, returned: reservation.remaining, state: 'expired' });
      expired.push(readOut(reservation));
    }
  }

  apply({ from, operations }: Chain, now: Micros): ChainOutcome {
    this.advance(now);
    if (operations.length === 0) return refused('empty-chain');
    if (operations.length > this.#limits.chainOperations) return refused('chain-too-long');
    const step = { book: this.#book(from), undo: [] };
    for (const [index, operation] of operations.entries()) {
      const code = this.#answer(operation, step);
      if (code === null) continue;
      takeBack(step.undo);
      this.#rememberRefusal(operation, code, step.book);
      this.#forgetIfEmpty(step.book);
      return refused(code, index);
    }
    return APPLIED;
  }

  #book(owner: Owner): OwnerBook {
    let book = this.#books.get(owner);
    if (book === undefined) {
      book = { owner, accounts: new Map(), remembered: new Map(), openReservations: 0 };
      this.#books.set(owner, book);
    }
    return book;
  }

  /** What a refused chain has opened is closed again: else it would cost memory that no limit counts. */
  #forgetIfEmpty({ owner, accounts, remembered }: OwnerBook): void {
    if (accounts.size === 0 && remembered.size === 0) this.#books.delete(owner);
  }

  #find(payer: Owner, id: string): OpenReservation | null {
    return this.#books.get(payer)?.remembered.get(id)?.reservation ?? null;
  }

  #answer(operation: Operation, step: Step): LedgerCode | null {
    const { remembered, owner } = step.book;
    const known = remembered.get(operation.id);
    if (known !== undefined) return sameContent(owner, known.operation, operation) ? known.code : 'id-taken';
    if (this.#isFull(step.book)) return 'ledger-full';
    const done = this.#perform(operation, step);
    if (typeof done === 'string') return done;
    this.#remember(step.book, { operation, code: null, reservation: done });
    step.undo.push(() => {
      remembered.delete(operation.id);
      this.#operations -= 1;
    });
    return null;
  }

  #isFull({ remembered }: OwnerBook): boolean {
    return this.#operations >= this.#limits.ledgerOperations || remembered.size >= this.#limits.ledgerOperationsOfOwner;
  }

  #remember(book: OwnerBook, entry: Remembered): void {
    book.remembered.set(entry.operation.id, entry);
    this.#operations += 1;
  }

  /**
   * A refusal uses its id up, too: otherwise whoever recorded a refused chain could hand it in again once there is money, long
   * after its submitter gave up on it.
   */
  #rememberRefusal(operation: Operation, code: LedgerCode, book: OwnerBook): void {
    if (FORGOTTEN.has(code)) return;
    if (!book.remembered.has(operation.id) && !this.#isFull(book)) {
      this.#remember(book, { operation, code, reservation: null });
    }
  }

  /** Does it, or says why not. A reservation that was made is returned, to be remembered under its id. */
  #perform(operation: Operation, step: Step): LedgerCode | OpenReservation | null {
    switch (operation.type) {
      case 'transfer':
        return this.#transfer(operation, step);
      case 'issue':
        return this.#issue(operation, step);
      case 'reserve':
        return this.#reserve(operation, step);
      case 'post':
        return this.#post(operation, step);
      case 'void':
        return this.#void(operation, step);
    }
    throw new AssertionError('an operation has one of five types');
  }

  #transfer(operation: Transfer, step: Step): LedgerCode | null {
    const fault = this.#payingFault(operation, step.book) ?? fundsFault(operation, step.book);
    return fault ?? this.#move(operation, { pending: 0n, posted: operation.amount }, step);
  }

  #issue(operation: Issuance, step: Step): LedgerCode | null {
    const { asset, amount } = operation;
    const { owner } = step.book;
    const fault = movementFault(operation, owner) ?? (owner === ISSUER ? null : 'not-allowed');
    if (fault !== null) return fault;
    const { debitsPosted, creditsPosted } = this.account(ISSUER, asset);
    if (debitsPosted - creditsPosted + amount >= AMOUNT_BOUND) return 'supply-too-large';
    return this.#move(operation, { pending: 0n, posted: amount }, step);
  }

  #reserve(operation: Reserve, step: Step): LedgerCode | OpenReservation {
    const { book } = step;
    const fault =
      this.#payingFault(operation, book) ?? this.#reservingFault(operation, book) ?? fundsFault(operation, book);
    if (fault !== null) return fault;
    assert(book.owner !== ISSUER, 'the issuer was refused before');
    this.#move(operation, { pending: operation.amount, posted: 0n }, step);
    const reservation = openedBy(book.owner, operation);
    this.#expiries.add(reservation);
    book.openReservations += 1;
    step.undo.push(() => {
      // The queue forgets it by this.
      reservation.state = 'voided';
      book.openReservations -= 1;
    });
    return reservation;
  }

  #post({ amount, rest = 'return', ...name }: Post, step: Step): LedgerCode | null {
    const fault = amountFault(amount);
    if (fault !== null) return fault;
    const reservation = this.#named(name, step.book.owner);
    if (typeof reservation === 'string') return reservation;
    const { payer, to, release, remaining } = reservation;
    if (step.book.owner !== (release === 'payer' ? payer : to)) return 'not-allowed';
    const over = resolvedFault(reservation) ?? (amount > remaining ? 'exceeds-reservation' : null);
    if (over !== null) return over;
    const returned = rest === 'keep' ? 0n : remaining - amount;
    const state = amount + returned === remaining ? 'posted' : 'pending';
    step.undo.push(this.#settle(reservation, { posted: amount, returned, state }));
    return null;
  }

  #void({ evidence, ...name }: Void, step: Step): LedgerCode | null {
    const reservation = this.#named(name, step.book.owner);
    if (typeof reservation === 'string') return reservation;
    const { payer, to, remaining } = reservation;
    const { owner } = step.book;
    if (owner !== to && owner !== payer) return 'not-allowed';
    const fault = resolvedFault(reservation) ?? (owner === to ? null : this.#evidenceFault(reservation, evidence));
    if (fault !== null) return fault;
    step.undo.push(this.#settle(reservation, { posted: 0n, returned: remaining, state: 'voided' }));
    return null;
  }

  #evidenceFault({ payer, to, reference }: OpenReservation, evidence: Void['evidence']): LedgerCode | null {
    if (evidence === undefined) return 'evidence-required';
    if (reference === null || to === ISSUER) return 'bad-evidence';
    return this.#checkEvidence({ evidence, payee: to, payer, dialogue: reference }) ? null : 'bad-evidence';
  }

  #named({ payer, reservation }: ReservationName, submitter: Owner): OpenReservation | 'unknown-reservation' {
    return this.#find(payer ?? submitter, reservation) ?? 'unknown-reservation';
  }

  /** The issuer only issues: were it to pay, its accounts could not say what is in circulation. */
  #payingFault(operation: Transfer | Reserve, { owner }: OwnerBook): LedgerCode | null {
    return movementFault(operation, owner) ?? (owner === ISSUER ? 'not-allowed' : null);
  }

  #reservingFault({ expires }: Reserve, { openReservations }: OwnerBook): LedgerCode | null {
    if (expires <= this.#now || expires - this.#now > this.#limits.reservationLifeMicros) return 'bad-expiry';
    return openReservations >= this.#limits.openReservations ? 'too-many-reservations' : null;
  }

  #move({ to, asset }: Transfer | Issuance | Reserve, movement: Movement, { book, undo }: Step): null {
    const payer = accountIn(book, asset);
    const payeeBook = this.#book(to);
    const payee = accountIn(payeeBook, asset);
    enter(payer, payee, movement);
    undo.push(() => {
      enter(payer, payee, { pending: -movement.pending, posted: -movement.posted });
      if (!isTouched(payee)) payeeBook.accounts.delete(asset);
      this.#forgetIfEmpty(payeeBook);
    });
    return null;
  }

  /** Pays out of a reservation and gives back; returns what takes that back. */
  #settle(reservation: OpenReservation, change: Settlement): Undo {
    const { posted, returned, state } = change;
    const book = this.#book(reservation.payer);
    const payer = accountIn(book, reservation.asset);
    const payee = accountIn(this.#book(reservation.to), reservation.asset);
    const shift = (sign: 1n | -1n): void => {
      enter(payer, payee, { pending: -sign * (posted + returned), posted: sign * posted });
      reservation.remaining -= sign * (posted + returned);
      reservation.posted += sign * posted;
      if (state !== 'pending') book.openReservations -= Number(sign);
    };
    shift(1n);
    reservation.state = state;
    return () => {
      shift(-1n);
      reservation.state = 'pending';
    };
  }
}

/** What one post, void or expiry does to a reservation. */
interface Settlement {
  readonly posted: bigint;
  readonly returned: bigint;
  readonly state: Reservation['state'];
}

function takeBack(undo: readonly Undo[]): void {
  for (const step of undo.toReversed()) step();
}
