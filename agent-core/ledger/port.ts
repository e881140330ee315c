import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import type { Asset, Balance, Operation, ChainOutcome, Reservation } from './operation.ts';

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
  submit(operations: readonly Operation[], done: (outcome: ChainOutcome) => void): void;
  /** Reads the agent's own account. */
  balance(asset: Asset, done: (balance: Balance) => void): void;
  /** Reads a reservation that the agent pays or is paid by; null for all others. */
  reservation(
    name: { readonly payer: Did; readonly id: string },
    done: (reservation: Reservation | null) => void,
  ): void;
}

/** The error of whoever wants a ledger where there is none: `no-ledger`, naming the action and both ways to get one. */
export function noLedger(action: string): HaggleError {
  const ways = 'a world has one unless it is made with `money: false`, a bench has one with `testAgent(…, { funds })`';
  return new HaggleError('no-ledger', `${action}: there is no ledger here; ${ways}`);
}
