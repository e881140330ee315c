import { micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import {
  TOKEN,
  type Asset,
  type Balance,
  type Operation,
  type ChainOutcome,
  type Post,
  type Reservation,
  type Void,
} from '../ledger/operation.ts';
import { noLedger, type LedgerPort } from '../ledger/port.ts';
import type { Host } from './host.ts';
import type { Hold, LedgerAccess, Payment, Receipt, Unnamed } from './ledger-access.ts';
import { createMessageIds } from './message-id.ts';
import type { Turns } from './turns.ts';

/** The door from handlers to the host's ledger. */
export function createLedgerAccess(host: Host, turns: Turns): LedgerAccess {
  let fresh: (() => string) | null = null;
  const named = <T extends { readonly id?: string }>(words: T): T & { readonly id: string } => {
    fresh ??= createMessageIds(host.stream('ledger-id'));
    return { ...words, id: words.id ?? fresh() };
  };

  const later = <T>(ask: (done: (value: T) => void) => void): Promise<T> => {
    let settle: (value: T) => void = () => undefined;
    // First the question: where it throws, no handler may be counted as waiting.
    ask((value) => settle(value));
    const { promise, resolve } = turns.promise<T>();
    settle = resolve;
    return promise;
  };

  const single = (operation: Operation): Promise<Receipt> => {
    const port = portOf(host, `a ${operation.type}`);
    return later((done) =>
      port.submit([operation], (outcome) =>
        done(outcome.type === 'applied' ? { type: 'applied', id: operation.id } : outcome),
      ),
    );
  };

  return Object.freeze({
    submit: (operations: readonly Operation[]) => {
      const port = portOf(host, `submitting ${operations.length} operations`);
      return later<ChainOutcome>((done) => port.submit(operations, done));
    },
    transfer: (payment: Payment) => single({ type: 'transfer', asset: TOKEN, ...named(payment) }),
    reserve: ({ within, ...hold }: Hold) =>
      single({ type: 'reserve', asset: TOKEN, ...named(hold), expires: host.clock.now() + micros(within) }),
    post: (post: Unnamed<Post>) => single({ type: 'post', ...named(post) }),
    void: (words: Unnamed<Void>) => single({ type: 'void', ...named(words) }),
    balance: (asset: Asset = TOKEN) => {
      const port = portOf(host, `reading the balance of ${asset}`);
      return later<Balance>((done) => port.balance(asset, done));
    },
    reservation: (id: string, payer: Did = host.self) => {
      const port = portOf(host, `reading reservation ${id}`);
      return later<Reservation | null>((done) => port.reservation({ payer, id }, done));
    },
  });
}

/** The host's ledger. @throws HaggleError `no-ledger` naming the action. */
export function portOf(host: Pick<Host, 'ledger' | 'name'>, action: string): LedgerPort {
  if (host.ledger !== undefined) return host.ledger;
  throw noLedger(`${action} by "${host.name}"`);
}
