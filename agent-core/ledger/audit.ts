import type { Ledger } from './ledger.ts';
import { balanceOf, ISSUER, type Asset } from './operation.ts';
import type { OwnerBook } from './owner-book.ts';

/** What an audit found. */
export interface LedgerAudit {
  /** One line for every broken invariant; none in a sound ledger. */
  readonly faults: readonly string[];
  readonly accounts: number;
  readonly openReservations: number;
}

interface Sums {
  pending: bigint;
  posted: bigint;
}

/**
 * Adds everything up anew. Per asset, pending debits equal pending credits and posted debits posted credits; no owner but the issuer
 * has less than nothing available; what is pending on an account is what is left of its reservations; none of these is
 * overdue.
 */
export function auditLedger(ledger: Ledger): LedgerAudit {
  const faults: string[] = [];
  const sums = new Map<Asset, Sums>();
  const pendings = new Map<string, Sums>();
  let accounts = 0;
  let openReservations = 0;
  for (const book of ledger.books()) {
    openReservations += checkReservations(ledger, book, { faults, pendings });
  }
  for (const { owner, accounts: held } of ledger.books()) {
    for (const [asset, account] of held) {
      accounts += 1;
      const sum = sums.get(asset) ?? { pending: 0n, posted: 0n };
      sum.pending += account.debitsPending - account.creditsPending;
      sum.posted += account.debitsPosted - account.creditsPosted;
      sums.set(asset, sum);
      const where = `${asset} of ${owner}`;
      if (Object.values(account).some((total) => total < 0n)) faults.push(`${where}: a total is negative`);
      if (owner !== ISSUER && balanceOf(account).available < 0n) faults.push(`${where}: less than nothing available`);
      const reserved = pendings.get(`${owner} ${asset}`) ?? { pending: 0n, posted: 0n };
      if (reserved.pending !== account.debitsPending || reserved.posted !== account.creditsPending) {
        faults.push(`${where}: what is pending is not what is reserved`);
      }
    }
  }
  for (const [asset, { pending, posted }] of sums) {
    if (pending !== 0n) faults.push(`${asset}: pending debits exceed pending credits by ${pending}`);
    if (posted !== 0n) faults.push(`${asset}: posted debits exceed posted credits by ${posted}`);
  }
  return { faults, accounts, openReservations };
}

interface Findings {
  readonly faults: string[];
  /** Left of reservations by owner and asset: as payer in `pending`, as payee in `posted`. */
  readonly pendings: Map<string, Sums>;
}

function checkReservations(ledger: Ledger, book: OwnerBook, { faults, pendings }: Findings): number {
  let open = 0;
  const sumOf = (key: string): Sums => {
    const sum = pendings.get(key) ?? { pending: 0n, posted: 0n };
    pendings.set(key, sum);
    return sum;
  };
  for (const { reservation } of book.remembered.values()) {
    if (reservation === null) continue;
    const { id, payer, to, asset, amount, posted, remaining, expires, state } = reservation;
    const isOpen = state === 'pending';
    if (remaining < 0n || posted < 0n || posted + remaining > amount || remaining > 0n !== isOpen) {
      faults.push(`reservation ${id} of ${payer}: ${posted} posted and ${remaining} left of ${amount}, ${state}`);
    }
    if (!isOpen) continue;
    open += 1;
    if (expires <= ledger.now) faults.push(`reservation ${id} of ${payer}: overdue since ${expires}`);
    sumOf(`${payer} ${asset}`).pending += remaining;
    sumOf(`${to} ${asset}`).posted += remaining;
  }
  if (open !== book.openReservations)
    faults.push(`${book.owner}: ${open} reservations are open, not ${book.openReservations}`);
  return open;
}
