import type { Micros } from '../../agent-core/clock.ts';
import { TOKEN, type Operation } from '../../agent-core/ledger/operation.ts';
import type { Payment } from './exchange-protocol.ts';

/** What is set aside for a deal is back after this time where the deal does not hold: 60 s. */
export const SECURED_MICROS = 60_000_000;

/** Sets aside what a party pays by the deal of one dialogue. */
export function reservations(dialogue: string, pays: readonly Payment[], expires: Micros): readonly Operation[] {
  return pays.map(({ party, amount }, k) => ({
    type: 'reserve',
    id: reservationId(dialogue, k),
    to: party,
    asset: TOKEN,
    amount,
    expires,
    release: 'payer',
    reference: dialogue,
  }));
}

/** Pays what {@link reservations} has set aside. */
export function payouts(dialogue: string, pays: readonly Payment[]): readonly Operation[] {
  return pays.map(({ amount }, k) => {
    const reservation = reservationId(dialogue, k);
    return { type: 'post', id: `${reservation}/pay`, reservation, amount };
  });
}

function reservationId(dialogue: string, k: number): string {
  return `${dialogue}/deal/${k}`;
}
