import type { Did } from '../identity/did-key.ts';
import type { Asset, Balance, Operation, Outcome, Reservation } from './operation.ts';

/**
 * An agent's way to a ledger. Whoever implements it submits in the agent's name and in no other's. Answers come later, never
 * before the call has returned, in the order of the calls; in a world that ends first, not at all.
 */
export interface LedgerPort {
  /**
   * Submits operations as one chain: all or nothing.
   *
   * @throws HaggleError `malformed-operation`, `chain-too-long`, before anything is sent.
   */
  submit(operations: readonly Operation[], done: (outcome: Outcome) => void): void;
  /** Reads the agent's own account. */
  balance(asset: Asset, done: (balance: Balance) => void): void;
  /** Reads a reservation that the agent pays or is paid by; null for all others. */
  reservation(
    name: { readonly payer: Did; readonly id: string },
    done: (reservation: Reservation | null) => void,
  ): void;
}
