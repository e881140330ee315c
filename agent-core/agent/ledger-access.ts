import type { Duration } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import type {
  Asset,
  Balance,
  Operation,
  ChainOutcome,
  Owner,
  Post,
  Refused,
  Release,
  Reservation,
  Void,
} from '../ledger/operation.ts';

/** What became of a single operation: applied under this id, or refused. */
export type Receipt = { readonly type: 'applied'; readonly id: string } | Refused;

/** What a transfer or a reservation moves. */
export interface Payment {
  readonly to: Owner;
  readonly amount: bigint;
  /** `token` if left out. */
  readonly asset?: Asset;
  /** A fresh one if left out. With one given, saying the same again has no second effect. */
  readonly id?: string;
  /** What it is for, by convention the id of a dialogue. */
  readonly reference?: string;
}

/** What a reservation moves, to whose word, and for how long it is set aside. */
export interface Hold extends Payment {
  readonly release: Release;
  readonly within: Duration;
}

/** An operation whose id is made up where none is given. */
export type Unnamed<T> = Omit<T, 'id' | 'type'> & { readonly id?: string };

/**
 * The agent's money and goods. Whatever is refused in the course of business is a value with a code; every call throws
 * HaggleError `no-ledger` in a world or on a bench without money and `malformed-operation` for what no ledger could read.
 */
export interface LedgerAccess {
  /** Submits operations as one chain: all or nothing. */
  submit(operations: readonly Operation[]): Promise<ChainOutcome>;
  /** Pays. */
  transfer(payment: Payment): Promise<Receipt>;
  /** Sets an amount aside for a while, to be posted or voided by the receipt's id. */
  reserve(hold: Hold): Promise<Receipt>;
  /** Pays out of a reservation; the rest goes back unless it is to be kept. */
  post(post: Unnamed<Post>): Promise<Receipt>;
  /** Gives what is left of a reservation back to its payer. */
  void(words: Unnamed<Void>): Promise<Receipt>;
  /** The agent's own account; of `token` if no asset is named. */
  balance(asset?: Asset): Promise<Balance>;
  /** A reservation that this agent pays (`payer` left out) or is paid by; null where there is none. */
  reservation(id: string, payer?: Did): Promise<Reservation | null>;
}
