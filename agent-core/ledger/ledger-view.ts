import type { Did } from '../identity/did-key.ts';
import { auditLedger, type LedgerAudit } from './audit.ts';
import type { Ledger } from './ledger.ts';
import { balanceOf, ISSUER, TOKEN, type Account, type Asset, type Balance, type Owner } from './operation.ts';
import type { Reservation } from './operation.ts';

/** A ledger as an onlooker reads it, at its present time. */
export interface LedgerView {
  /** What an owner has; of `token` if no asset is named. */
  balance(owner: Owner, asset?: Asset): Balance;
  /** The four totals behind it. */
  account(owner: Owner, asset?: Asset): Account;
  reservation(payer: Did, id: string): Reservation | null;
  /** Units in circulation: issued and not taken back. */
  supply(asset?: Asset): bigint;
  /** Adds all accounts up anew. */
  audit(): LedgerAudit;
}

/** A view of the ledger that `present` gives: advanced to the present time. */
export function viewLedger(present: () => Ledger): LedgerView {
  const account = (owner: Owner, asset: Asset = TOKEN): Account => present().account(owner, asset);
  return Object.freeze({
    balance: (owner: Owner, asset?: Asset) => balanceOf(account(owner, asset)),
    account,
    reservation: (payer: Did, id: string) => present().reservation(payer, id),
    supply: (asset?: Asset) => -balanceOf(account(ISSUER, asset)).available,
    audit: () => auditLedger(present()),
  });
}

/** A reservation as somebody may read it: null for whoever neither pays nor is paid. */
export function visibleTo(reader: Owner, reservation: Reservation | null): Reservation | null {
  return reservation !== null && (reservation.payer === reader || reservation.to === reader) ? reservation : null;
}
