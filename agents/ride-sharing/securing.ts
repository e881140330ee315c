import type { Micros } from '../../agent-core/clock.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import { TOKEN, type Operation, type Reservation } from '../../agent-core/ledger/operation.ts';
import type { Payment } from './exchange-protocol.ts';

/** What is set aside for a deal is back after this time where the deal does not hold: 60 s. */
export const SECURED_MICROS = 60_000_000;

/** Sets aside what a party pays by the deal of a name. */
export function reservations(name: string, pays: readonly Payment[], expires: Micros): readonly Operation[] {
  return pays.map(({ party, amount }) => ({
    type: 'reserve',
    id: reservationId(name, party),
    to: party,
    asset: TOKEN,
    amount,
    expires,
    release: 'payer',
    reference: name,
  }));
}

/** Pays what {@link reservations} has set aside. */
export function payouts(name: string, pays: readonly Payment[]): readonly Operation[] {
  return pays.map(({ party, amount }) => {
    const reservation = reservationId(name, party);
    return { type: 'post', id: `${reservation}/pay`, reservation, amount };
  });
}

/** What its payer calls the reservation for one payee of a deal. */
export function reservationId(name: string, payee: Did): string {
  return `${name}/deal/${payee}`;
}

/** Whether what a party gets by a deal was set aside for it; `held` is what the ledger knows of it. */
export function isSetAside({ amount }: Payment, held: Reservation | null): boolean {
  return held?.state === 'pending' && held.asset === TOKEN && held.remaining >= amount;
}
