import { LIMITS } from '../limits.ts';
import type { Issue, LedgerCode, Owner, Reserve, Transfer } from './operation.ts';
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

/** Why nobody could move this from an owner, whatever it has. */
export function movementFault({ to, amount }: Transfer | Issue | Reserve, owner: Owner): LedgerCode | null {
  return amountFault(amount) ?? (to === owner ? 'same-account' : null);
}

/** Why an owner cannot pay this now, or set it aside. */
export function fundsFault({ asset, amount }: Transfer | Reserve, { accounts }: OwnerBook): LedgerCode | null {
  const account = accounts.get(asset);
  if (account === undefined) return 'insufficient-funds';
  const { creditsPosted, debitsPosted, debitsPending } = account;
  return debitsPending + debitsPosted + amount > creditsPosted ? 'insufficient-funds' : null;
}
