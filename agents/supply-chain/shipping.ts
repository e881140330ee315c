import type { Did } from '../../agent-core/identity/did-key.ts';
import { TOKEN } from '../../agent-core/ledger/operation.ts';
import {
  book,
  isClosed,
  microTokens,
  type FirmBuilder,
  type FirmContext,
  type OpenOrder,
  type ShippedOrder,
} from './firm-state.ts';
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
      if ((state.orders[customer] ?? null) !== null) return m.reply('decline', { reason: 'ordered already' });
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
  noteOrders(ctx, orders);
  let asked = 0;
  let askedAlone = 0;
  const capacity = state.capacity[period] ?? Infinity;
  for (const customer of params.customers.keys()) {
    const order = orders[customer] ?? null;
    if (order === null) continue;
    asked += order.quantity;
    askedAlone += order.alone;
    const wanted = isClosed(state, customer, period) ? 0 : Math.min(order.quantity, bound(ctx, customer));
    const before = { stock: [...state.stock], shipped: state.shipped };
    const quantity = takeOut({ items: params.items, capacity }, state, wanted);
    const alone = shadow === null ? quantity : shipAlone(ctx, { customer, order, capacity });
    const paid = await collect(ctx, { customer, order, quantity });
    const dialogue = ctx.dialogue(PurchaseOrder, 'supplier', { peer: order.peer, id: order.dialogue });
    if (paid === null) {
      state.stock.splice(0, state.stock.length, ...before.stock);
      state.shipped = before.shipped;
      dialogue?.send('decline', { reason: 'not secured' });
      continue;
    }
    const shipped = { period, quantity, ...paid, alone };
    state.lastShipped[customer] = shipped;
    dialogue?.send('ship', shipped);
  }
  if (params.customers.length > 0) {
    state.asked.push(asked);
    shadow?.asked.push(askedAlone);
  }
}

/** By what its customers order a firm counts who does not hear of the markets behind them. */
function noteOrders({ params, state }: FirmContext, orders: readonly (OpenOrder | null)[]): void {
  for (const [customer, heard] of (state.reports?.heard ?? []).entries()) {
    const order = orders[customer];
    heard[state.period] = (params.trade === null ? order?.quantity : order?.alone) ?? 0;
  }
}

/** More than is contracted is not shipped: nobody would pay for it. */
function bound({ params, state }: FirmContext, customer: number): number {
  return params.trade === null ? Infinity : Math.max(0, state.promised[customer]?.[state.period] ?? 0);
}

function shipAlone(
  ctx: FirmContext,
  { customer, order, capacity }: { readonly customer: number; readonly order: OpenOrder; readonly capacity: number },
): number {
  const { params, state } = ctx;
  if (state.shadow === null) return 0;
  const wanted = isClosed(state, customer, state.period) ? 0 : order.alone;
  const quantity = takeOut({ items: params.items, capacity }, state.shadow, wanted);
  state.shadow.profit += quantity * (params.customers[customer]?.price ?? 0);
  return quantity;
}

type Payment = Pick<ShippedOrder, 'due' | 'credit' | 'penalty'>;

/** The books of both sides may round differently, micro-tokens. */
const ROUNDING = 10n;

/** Takes what a customer owes for what is shipped, or pays what it is owed. Null where it has not set aside enough. */
async function collect(
  ctx: FirmContext,
  { customer, order, quantity }: { readonly customer: number; readonly order: OpenOrder; readonly quantity: number },
): Promise<Payment | null> {
  const { goods, penalty } = owed(ctx, customer, { order, quantity });
  const net = goods - penalty;
  let due = 0n;
  if (net > 0n) {
    const taken = await take(ctx, order, net);
    if (taken === null) return null;
    due = taken;
  } else if (net < 0n) {
    const receipt = await ctx.ledger.transfer({ to: order.peer, amount: -net, reference: order.dialogue });
    if (receipt.type !== 'applied') return null;
  }
  const credit = net < 0n ? -net : 0n;
  bookDelivery(ctx, order.peer, { due, credit, penalty });
  return { due, credit, penalty };
}

/** Takes an amount of what was set aside for an order; null where that is not enough. */
async function take(ctx: FirmContext, { escrow, peer }: OpenOrder, amount: bigint): Promise<bigint | null> {
  if (escrow === null) return amount <= ROUNDING ? 0n : null;
  const held = await ctx.ledger.reservation(escrow, peer);
  if (held === null || held.to !== ctx.self || held.asset !== TOKEN) return null;
  if (held.remaining + ROUNDING < amount) return null;
  const taken = held.remaining < amount ? held.remaining : amount;
  const receipt = await ctx.ledger.post({ reservation: escrow, payer: peer, amount: taken });
  return receipt.type === 'applied' ? taken : null;
}

/** By contract: the share that is shipped of what was agreed, and the penalty for what is not. By rule: the list price. Micro-tokens. */
function owed(
  { params, state }: FirmContext,
  customer: number,
  { order, quantity }: { readonly order: OpenOrder; readonly quantity: number },
): { readonly goods: bigint; readonly penalty: bigint } {
  if (params.trade === null) {
    return { goods: microTokens(quantity * (params.customers[customer]?.price ?? 0)), penalty: 0n };
  }
  const { period } = state;
  const promised = state.promised[customer]?.[period] ?? 0;
  const claim = state.claims[customer]?.[period] ?? 0;
  const fine = state.fines[customer]?.[period] ?? 0;
  // Contracts that cancel out leave what was paid for the change of mind.
  if (promised <= TINY) return { goods: microTokens(claim), penalty: microTokens(fine) };
  const shipped = Math.min(1, quantity / promised);
  // What the customer did not order is no failure of the supplier.
  const failed = Math.max(0, Math.min(order.quantity, promised) - quantity);
  const penalty = fine + params.trade.penalty * (failed > TINY ? failed : 0);
  return { goods: microTokens(claim * shipped), penalty: microTokens(penalty) };
}

function bookDelivery({ state }: FirmContext, partner: Did, { due, credit, penalty }: Payment): void {
  const goods = due - credit + penalty;
  if (goods !== 0n) book(state, { partner, what: 'goods', amount: goods });
  if (penalty !== 0n) book(state, { partner, what: 'penalty', amount: -penalty });
}
