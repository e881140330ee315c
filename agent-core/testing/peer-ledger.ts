import type { Hold, LedgerAccess, Payment, Receipt, Unnamed } from '../agent/ledger-access.ts';
import { micros, type Clock } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import {
  TOKEN,
  type Asset,
  type Balance,
  type ChainOutcome,
  type Operation,
  type Post,
  type Reservation,
  type Void,
} from '../ledger/operation.ts';

/** A peer's money and goods: what `ctx.ledger` is to an agent, with the answer at once. */
export type PeerLedger = {
  readonly [Call in keyof LedgerAccess]: (
    ...words: Parameters<LedgerAccess[Call]>
  ) => Awaited<ReturnType<LedgerAccess[Call]>>;
};

/** What a peer's ledger needs from the book. */
export interface PeerAccount {
  readonly did: Did;
  readonly clock: Clock;
  readonly submit: (operations: readonly Operation[]) => ChainOutcome;
  readonly balance: (asset: Asset) => Balance;
  readonly reservation: (payer: Did, id: string) => Reservation | null;
}

/** The ledger as a peer has it; operations without an id are counted through. */
export function createPeerLedger({ did, clock, submit, balance, reservation }: PeerAccount): PeerLedger {
  let count = 0;
  const named = <T extends { readonly id?: string }>(words: T): T & { readonly id: string } => {
    return { ...words, id: words.id ?? `peer-${++count}` };
  };
  const single = (operation: Operation): Receipt => {
    const outcome = submit([operation]);
    return outcome.type === 'applied' ? { type: 'applied', id: operation.id } : outcome;
  };
  return Object.freeze({
    submit,
    transfer: (payment: Payment) => single({ type: 'transfer', asset: TOKEN, ...named(payment) }),
    reserve: ({ within, ...hold }: Hold) =>
      single({ type: 'reserve', asset: TOKEN, ...named(hold), expires: clock.now() + micros(within) }),
    post: (post: Unnamed<Post>) => single({ type: 'post', ...named(post) }),
    void: (words: Unnamed<Void>) => single({ type: 'void', ...named(words) }),
    balance: (asset: Asset = TOKEN) => balance(asset),
    reservation: (id: string, payer: Did = did) => reservation(payer, id),
  });
}
