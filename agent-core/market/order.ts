import type { Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';

/** Which way goods go, seen from the one who orders. */
export type Side = 'buy' | 'sell';

/** A wish to trade up to `quantity` units at `price` or better. */
export interface Order {
  /** Chosen by the trader; unique among the orders of one market. */
  readonly id: string;
  /** Who orders, such as a did. Two orders of one text are of one trader. */
  readonly trader: string;
  readonly side: Side;
  /** The worst price a unit, in micro-tokens: the most a buyer pays, the least a seller takes. */
  readonly price: bigint;
  /** Whole units, at least 1. */
  readonly quantity: number;
}

/** An order as it is handed to a book. */
export interface Submission extends Order {
  /** The order leaves the book by itself when the book's time reaches this. Left out: good till cancelled. */
  readonly expires?: Micros;
  /** Immediate or cancel: what does not trade at once is dropped. With the worst price allowed it is a market order. */
  readonly immediate?: boolean;
}

/** An order in the book; `quantity` is what is still open. */
export interface RestingOrder extends Order {
  /** The book's count of submissions when this one came: orders of one price trade by it. */
  readonly arrival: number;
  readonly expires?: Micros;
}

/** Units that change hands at one price. The buyer owes the seller `price * quantity`. */
export interface Trade {
  /** Micro-tokens a unit. */
  readonly price: bigint;
  readonly quantity: number;
  readonly buyer: string;
  readonly seller: string;
  readonly buyOrder: string;
  readonly sellOrder: string;
}

/** Bounds of one order. They keep every sum of a market below 2^53 units and every price short on the wire. */
export const ORDER_BOUNDS = {
  /** Micro-tokens a unit: 10^12 tokens. */
  price: 1_000_000_000_000_000_000n,
  /** Units in one order. */
  quantity: 1_000_000_000,
  /** Characters of an id and of a trader. */
  textChars: 256,
  /** Orders in one market: with the bound above, totals stay exact numbers. */
  orders: 1_000_000,
} as const;

/** The other side. */
export function opposite(side: Side): Side {
  return side === 'buy' ? 'sell' : 'buy';
}

/** Whether one who orders at `limit` is content with `price`. */
export function accepts(order: { readonly side: Side; readonly price: bigint }, price: bigint): boolean {
  return order.side === 'buy' ? price <= order.price : price >= order.price;
}

/** Passes an order that is well-formed. @throws HaggleError `bad-order` naming the member and its bound. */
export function checkOrder(order: Order): void {
  checkText('id', order.id);
  checkText('trader', order.trader);
  checkPrice(order.price);
  checkQuantity(order.quantity);
}

/** @throws HaggleError `bad-order` unless 0 <= price <= 10^18. */
export function checkPrice(price: bigint): void {
  if (price >= 0n && price <= ORDER_BOUNDS.price) return;
  throw new HaggleError('bad-order', `price must be 0 to ${ORDER_BOUNDS.price} micro-tokens, got ${price}`, {
    fields: { price },
  });
}

/** @throws HaggleError `bad-order` unless the quantity is a whole number from 1 to 10^9. */
export function checkQuantity(quantity: number): void {
  if (Number.isSafeInteger(quantity) && quantity >= 1 && quantity <= ORDER_BOUNDS.quantity) return;
  throw new HaggleError(
    'bad-order',
    `quantity must be a whole number from 1 to ${ORDER_BOUNDS.quantity}, got ${quantity}`,
    { fields: { quantity } },
  );
}

function checkText(member: string, text: string): void {
  if (text.length >= 1 && text.length <= ORDER_BOUNDS.textChars) return;
  throw new HaggleError(
    'bad-order',
    `${member} must have 1 to ${ORDER_BOUNDS.textChars} characters, got ${text.length}`,
    { fields: { member, chars: text.length } },
  );
}
