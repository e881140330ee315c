import type { Did } from '../../agent-core/identity/did-key.ts';
import { book, microTokens, type FirmBuilder, type FirmContext, type OpenOrder } from './firm-state.ts';
import { PurchaseOrder } from './purchase-order.ts';
import { takeOut } from './shadow.ts';
import { TINY } from './stock-plan.ts';

/** Takes the supplier's role in {@link PurchaseOrder}: orders wait until all are shipped, in the order of the lanes. */
export function shipping(agent: FirmBuilder): void {
  agent.play(PurchaseOrder, 'supplier', {
    order(ctx, m) {
      const { params, state } = ctx;
      const customer = params.customers.findIndex(({ agent: one }) => one === m.from);
      const { period, quantity, alone, escrow } = m.body;
      if (customer < 0) return m.reply('decline', { reason: 'no customer' });
      if (period !== state.period || state.isShipped) return m.reply('decline', { reason: 'too late' });
      state.orders[customer] = { peer: m.from, dialogue: m.dialogue.id, quantity, alone, escrow };
    },
  });
}

/** Ships what was ordered, as far as stock and capacity reach, and takes what is due for it. */
export async function shipOrders(ctx: FirmContext): Promise<void> {
  const { params, state } = ctx;
  const { period, shadow } = state;
  state.isShipped = true;
  const orders = state.orders.splice(0, state.orders.length);
  let asked = 0;
  let askedAlone = 0;
  const capacity = state.capacity[period] ?? Infinity;
  for (const customer of params.customers.keys()) {
    const order = orders[customer] ?? null;
    if (order === null) continue;
    asked += order.quantity;
    askedAlone += order.alone;
    const wanted = isCut(ctx, customer) ? 0 : order.quantity;
    const before = { stock: [...state.stock], shipped: state.shipped };
    const quantity = takeOut({ items: params.items, capacity }, state, wanted);
    const alone = shadow === null ? quantity : shipAlone(ctx, { customer, order, capacity });
    const due = await collect(ctx, { customer, order, quantity });
    const dialogue = ctx.dialogue(PurchaseOrder, 'supplier', { peer: order.peer, id: order.dialogue });
    if (due === null) {
      state.stock.splice(0, state.stock.length, ...before.stock);
      state.shipped = before.shipped;
      dialogue?.send('decline', { reason: 'not secured' });
      continue;
    }
    dialogue?.send('ship', { quantity, ...due, alone });
  }
  if (params.customers.length > 0) {
    state.asked.push(asked);
    shadow?.asked.push(askedAlone);
  }
}

function isCut({ state }: FirmContext, customer: number): boolean {
  return state.outages.some((one) => one.customer === customer && one.from <= state.period && state.period < one.to);
}

function shipAlone(
  ctx: FirmContext,
  { customer, order, capacity }: { readonly customer: number; readonly order: OpenOrder; readonly capacity: number },
): number {
  const { params, state } = ctx;
  if (state.shadow === null) return 0;
  const wanted = isCut(ctx, customer) ? 0 : order.alone;
  const quantity = takeOut({ items: params.items, capacity }, state.shadow, wanted);
  state.shadow.profit += quantity * (params.customers[customer]?.price ?? 0);
  return quantity;
}

/** Takes what a customer owes for what is shipped, or pays what it is owed. Null where it has not set aside enough. */
async function collect(
  ctx: FirmContext,
  { customer, order, quantity }: { readonly customer: number; readonly order: OpenOrder; readonly quantity: number },
): Promise<{ readonly due: bigint; readonly credit: bigint } | null> {
  const tokens = owed(ctx, customer, { order, quantity });
  const amount = microTokens(tokens);
  if (amount > 0n) {
    if (order.escrow === null) return null;
    const held = await ctx.ledger.reservation(order.escrow, order.peer);
    if (held === null || held.to !== ctx.self || held.remaining < amount) return null;
    const receipt = await ctx.ledger.post({ reservation: order.escrow, payer: order.peer, amount });
    if (receipt.type !== 'applied') return null;
  } else if (amount < 0n) {
    const receipt = await ctx.ledger.transfer({ to: order.peer, amount: -amount, reference: order.dialogue });
    if (receipt.type !== 'applied') return null;
  }
  bookGoods(ctx, order.peer, amount);
  return amount > 0n ? { due: amount, credit: 0n } : { due: 0n, credit: -amount };
}

/** By contract: the share that is shipped of what was agreed, less the penalty for what is not. By rule: the list price. */
function owed(
  { params, state }: FirmContext,
  customer: number,
  { order, quantity }: { readonly order: OpenOrder; readonly quantity: number },
): number {
  if (params.trade === null) return quantity * (params.customers[customer]?.price ?? 0);
  const promised = state.promised[customer]?.[state.period] ?? 0;
  const claim = state.claims[customer]?.[state.period] ?? 0;
  // Contracts that cancel out leave what was paid for the change of mind.
  if (promised <= TINY) return claim;
  const shipped = Math.min(1, quantity / promised);
  // What the customer did not order is no failure of the supplier.
  const failed = Math.max(0, Math.min(order.quantity, promised) - quantity);
  return claim * shipped - params.trade.penalty * (failed > TINY ? failed : 0);
}

function bookGoods({ state }: FirmContext, partner: Did, amount: bigint): void {
  if (amount !== 0n) book(state, { partner, what: 'goods', amount });
}
