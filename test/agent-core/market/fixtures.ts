import type { Order, Side } from '../../../agent-core/market/order.ts';

/** An order of trader `t-<id>` unless said. */
export function order(id: string, side: Side, terms: Partial<Order> = {}): Order {
  return { id, trader: `t-${id}`, side, price: 10n, quantity: 1, ...terms };
}
