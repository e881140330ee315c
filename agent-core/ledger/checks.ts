import { LIMITS } from '../limits.ts';
import { ISSUER, type LedgerCode, type Reserve, type Transfer } from './operation.ts';
import type { OpenReservation, OwnerBook } from './owner-book.ts';

/** The least amount that is too large. */
export const AMOUNT_BOUND: bigint = 10n ** BigInt(LIMITS.amountDigits);

/** Why an amount is none. */
export function amountFault(amount: bigint): LedgerCode | null {
  if (amount <= 0n) return 'zero-amount';
  return amount >= AMOUNT_BOUND ? 'amount-too-large' : null;
}

/** Why a reservation cannot be resolved any more. */
export function resolvedFault({ state }: OpenReservation): LedgerCode | null {
  if (state === 'pending') return null;
  return state === 'expired' ? 'reservation-expired' : 'already-resolved';
}

/** Why an owner cannot spend this, or set it aside. */
export function spendingFault(operation: Transfer | Reserve, { owner, accounts }: OwnerBook): LedgerCode | null {
  const { to, asset, amount } = operation;
  const fault = amountFault(amount);
  if (fault !== null) return fault;
  if (to === owner) return 'same-account';
  if (owner === ISSUER) return 'not-allowed';
  const account = accounts.get(asset);
  if (account === undefined) return 'insufficient-funds';
  const { creditsPosted, debitsPosted, debitsPending } = account;
  return debitsPending + debitsPosted + amount > creditsPosted ? 'insufficient-funds' : null;
}
