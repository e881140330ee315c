import type { Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import type { RestingOrder } from './order.ts';

/** A book as plain JSON, in order of arrival; prices are decimal texts. */
export interface BookSnapshot {
  readonly version: 1;
  readonly now: Micros;
  readonly arrivals: number;
  readonly trades: number;
  readonly orders: readonly (Omit<RestingOrder, 'price'> & { readonly price: string })[];
}

/** @throws HaggleError `bad-snapshot` saying what a restore met, unless `holds`. */
export function demand(holds: boolean, what: string): void {
  if (!holds) throw new HaggleError('bad-snapshot', `restore of an order book met ${what}`);
}

/**
 * The orders of a snapshot in order of arrival.
 *
 * @throws HaggleError `bad-snapshot` for counts, ids, arrivals, sides or prices that no book writes.
 */
export function readOrders(snapshot: BookSnapshot): readonly RestingOrder[] {
  const { version, now, arrivals, trades, orders } = snapshot;
  demand(version === 1, `version ${version}`);
  demand(
    [now, arrivals, trades].every((count) => Number.isSafeInteger(count) && count >= 0),
    'a count',
  );
  const ids = new Set<string>();
  let earliest = 0;
  return orders.map((order) => {
    const { id, side, arrival } = order;
    demand(/^\d{1,19}$/.test(order.price), `the price of ${id}`);
    demand(side === 'buy' || side === 'sell', `the side of ${id}`);
    demand(!ids.has(id), `a second ${id}`);
    demand(Number.isSafeInteger(arrival) && arrival >= earliest && arrival < arrivals, `the arrival of ${id}`);
    ids.add(id);
    earliest = arrival + 1;
    return { ...order, price: BigInt(order.price) };
  });
}
