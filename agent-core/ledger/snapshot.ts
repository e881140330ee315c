import { HaggleError } from '../errors.ts';
import { isDid } from '../identity/did-key.ts';
import type { JsonValue } from '../message/canonical.ts';
import { auditLedger } from './audit.ts';
import { continueLedger, type Ledger, type LedgerOptions } from './ledger.ts';
import {
  LEDGER_CODES,
  type Asset,
  type LedgerCode,
  type Operation,
  type Owner,
  type ReservationState,
} from './operation.ts';
import { decodeOperation, encodeOperation, isOwner } from './operation-codec.ts';
import {
  isTouched,
  openedBy,
  type OpenAccount,
  type OpenReservation,
  type OwnerBook,
  type Remembered,
} from './owner-book.ts';

/** The whole state of a ledger as JSON. Equal states have equal canonical texts. */
export interface LedgerSnapshot {
  readonly v: 1;
  readonly now: number;
  /** In the order of their owners. */
  readonly books: readonly JsonValue[];
}

/** What a ledger holds now. */
export function snapshotLedger(ledger: Ledger): LedgerSnapshot {
  const books = ledger
    .books()
    .filter(({ remembered, accounts }) => remembered.size > 0 || [...accounts.values()].some(isTouched))
    .toSorted((a, b) => (a.owner < b.owner ? -1 : 1));
  return { v: 1, now: ledger.now, books: books.map(encodeBook) };
}

/**
 * A ledger that goes on where a snapshot was taken: the same chains have the same outcomes as in the original.
 *
 * @throws HaggleError `bad-snapshot` where it is none, or breaks an invariant.
 */
export function restoreLedger(snapshot: LedgerSnapshot, options: LedgerOptions = {}): Ledger {
  if (!isRecord(snapshot) || snapshot.v !== 1 || !isCount(snapshot.now) || !Array.isArray(snapshot.books)) {
    throw bad('not a snapshot of version 1');
  }
  const ledger = continueLedger(options, { now: snapshot.now, books: snapshot.books.map(decodeBook) });
  const [fault] = auditLedger(ledger).faults;
  if (fault !== undefined) throw bad(fault);
  return ledger;
}

function encodeBook({ owner, accounts, remembered }: OwnerBook): JsonValue {
  return {
    // Not an object by asset: an asset may have any name, and an object may not.
    accounts: [...accounts]
      .filter(([, account]) => isTouched(account))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([asset, account]) => [asset, ...totals(account)]),
    owner,
    remembered: [...remembered.values()]
      .toSorted((a, b) => (a.operation.id < b.operation.id ? -1 : 1))
      .map(encodeEntry),
  };
}

function totals({ creditsPending, creditsPosted, debitsPending, debitsPosted }: OpenAccount): readonly string[] {
  return [debitsPending, debitsPosted, creditsPending, creditsPosted].map(String);
}

function encodeEntry({ operation, code, reservation }: Remembered): JsonValue {
  const operationJson = encodeOperation(operation);
  if (code !== null) return { code, operation: operationJson };
  if (reservation === null) return { operation: operationJson };
  const { posted, remaining, state } = reservation;
  return { operation: operationJson, posted: String(posted), remaining: String(remaining), state };
}

function decodeBook(json: unknown): OwnerBook {
  if (!isRecord(json)) throw bad('a book is an object');
  const { owner, accounts, remembered } = json;
  if (!isOwner(owner) || !Array.isArray(accounts) || !Array.isArray(remembered))
    throw bad('a book has owner, accounts, remembered');
  const entries = remembered.map((entry: unknown) => decodeEntry(entry, owner));
  return {
    owner,
    accounts: new Map(accounts.map(decodeAccount)),
    remembered: new Map(entries.map((entry) => [entry.operation.id, entry])),
    openReservations: entries.filter(({ reservation }) => reservation?.state === 'pending').length,
  };
}

function decodeAccount(json: unknown): [Asset, OpenAccount] {
  if (!Array.isArray(json) || json.length !== 5) throw bad('an account has an asset and four totals');
  const items: readonly unknown[] = json;
  const [asset, ...texts] = items;
  if (typeof asset !== 'string') throw bad('an asset is a text');
  const [debitsPending = 0n, debitsPosted = 0n, creditsPending = 0n, creditsPosted = 0n] = texts.map(decodeTotal);
  return [asset, { debitsPending, debitsPosted, creditsPending, creditsPosted }];
}

function decodeEntry(json: unknown, owner: Owner): Remembered {
  if (!isRecord(json)) throw bad('an entry is an object');
  const operation = decodeOperation(json['operation']);
  if (typeof operation === 'string') throw bad(operation);
  const { code } = json;
  if (code === undefined) return { operation, code: null, reservation: decodeReservation(json, operation, owner) };
  if (!isCode(code)) throw bad('an entry has a code of the ledger or none');
  return { operation, code, reservation: null };
}

function decodeReservation(
  json: Readonly<Record<string, unknown>>,
  operation: Operation,
  owner: Owner,
): OpenReservation | null {
  if (operation.type !== 'reserve') return null;
  const { posted, remaining, state } = json;
  if (!isState(state) || !isDid(owner)) throw bad('a reservation has a state and an agent that pays');
  return { ...openedBy(owner, operation), posted: decodeTotal(posted), remaining: decodeTotal(remaining), state };
}

function decodeTotal(text: unknown): bigint {
  if (typeof text !== 'string' || !/^\d{1,64}$/.test(text)) throw bad('a total is a decimal text');
  return BigInt(text);
}

function isCode(value: unknown): value is LedgerCode {
  return typeof value === 'string' && Object.hasOwn(LEDGER_CODES, value);
}

function isState(value: unknown): value is ReservationState {
  return value === 'pending' || value === 'posted' || value === 'voided' || value === 'expired';
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(problem: string): HaggleError {
  return new HaggleError('bad-snapshot', `restoring a ledger: ${problem}`);
}
