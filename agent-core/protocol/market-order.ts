import { z } from 'zod';
import type { Run } from '../agent/program.ts';
import type { Micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import type { Asset, LedgerCode, Reservation, Reserve } from '../ledger/operation.ts';
import type { Side } from '../market/order.ts';
import { createMessageIds } from '../agent/message-id.ts';
import { amount } from './amount.ts';
import type { AnyProtocol, RoleOf } from './conversation-types.ts';

/** What every market message about an order says of it. */
export const orderTerms = {
  /**
   * Chosen by the trader, once and for all: the order's name, and the id of the reservation that backs it. Who sends the same
   * order again sends the same id, and has one order.
   */
  id: z.string().regex(/^[A-Za-z0-9._~/:-]{1,128}$/),
  /** What is traded. */
  asset: z.string().min(1).max(64),
  side: z.enum(['buy', 'sell']),
  /** The worst price a unit, in micro-tokens. */
  price: amount(),
  quantity: z.int().positive(),
};

/** Machine-readable reason of a refusal. */
export const refusalCode: z.ZodObject<{ code: z.ZodString }> = z.object({ code: z.string().min(1).max(64) });

/** Why an exchange refuses an order. */
export const ORDER_REFUSALS = {
  'bad-order': 'price or quantity are outside of ORDER_BOUNDS',
  'unknown-asset': 'not traded here',
  'order-id-taken': 'the trader has a live order of this id',
  'bad-expiry': 'the order expires in the past, or after its dialogue',
  'ends-before-call': 'the dialogue ends before the call has been settled',
  'book-full': 'no more orders rest here',
  'trader-book-full': 'no more orders of this trader rest here',
  'no-reservation': 'the trader made no reservation of this id for the exchange',
  'reservation-not-payee': 'not the exchange, but the trader would release it',
  'reservation-revocable': 'it has a reference, and may be voided by its payer on a `failure` of the exchange there',
  'reservation-wrong-asset': 'it holds neither the money nor the goods of this order',
  'reservation-over': 'it expired or was used',
  'reservation-too-small': 'it holds less than the order may cost',
  'reservation-too-short': 'it may end before the dialogue does',
} as const;

/** A code of {@link ORDER_REFUSALS}. */
export type OrderRefusal = keyof typeof ORDER_REFUSALS;

/** What an order may cost its trader: money at the limit price for a buyer, the goods for a seller. */
export interface Cost {
  readonly asset: Asset;
  readonly amount: bigint;
}

/** The cost of an order, for a market that pays in `money`. */
export function costOf(
  order: { readonly side: Side; readonly asset: Asset; readonly price: bigint; readonly quantity: number },
  money: Asset,
): Cost {
  const units = BigInt(order.quantity);
  return order.side === 'buy' ? { asset: money, amount: order.price * units } : { asset: order.asset, amount: units };
}

/**
 * Why a reservation does not back an order; null where it does. It must last as long as the order's dialogue, and be the
 * exchange's alone to post or void: then no trade of this order can fail for want of money or goods.
 */
export function backingFault(reservation: Reservation | null, cost: Cost, until: Micros): OrderRefusal | null {
  if (reservation === null) return 'no-reservation';
  if (reservation.release !== 'payee') return 'reservation-not-payee';
  if (reservation.reference !== null) return 'reservation-revocable';
  if (reservation.asset !== cost.asset) return 'reservation-wrong-asset';
  if (reservation.state !== 'pending') return 'reservation-over';
  if (reservation.remaining < cost.amount) return 'reservation-too-small';
  return reservation.expires < until ? 'reservation-too-short' : null;
}

/** How a trader backs its order: by a reservation, or not at all, where an exchange settles by words only. */
export interface Backing {
  readonly exchange: Did;
  /** Null for no reservation. */
  readonly cost: Cost | null;
  /** The order's name; a fresh one if left out. */
  readonly id: string | undefined;
  /** The end of the dialogue. */
  readonly by: Micros;
}

/** Sets aside what an order may cost, then calls `backed` with the order's id, or `refused`. */
export function backOrder<P extends AnyProtocol, Role extends RoleOf<P>, Result>(
  run: Run<P, Role, Result>,
  backing: Backing,
  then: { readonly backed: (id: string) => void; readonly refused: (code: LedgerCode) => void },
): void {
  const { exchange, cost, by, id = createMessageIds(run.random)() } = backing;
  if (cost === null) return then.backed(id);
  const reserve: Reserve = { type: 'reserve', id, to: exchange, ...cost, expires: by, release: 'payee' };
  run.ledger.submit([reserve], (outcome) =>
    outcome.type === 'applied' ? then.backed(id) : then.refused(outcome.code),
  );
}
