import { dialogueKey } from '../../agent-core/protocol/dialogue-key.ts';
import type { DialogueEnd, Received } from '../../agent-core/agent/dialogue.ts';
import { assert } from '../../agent-core/errors.ts';
import type { OrderReceipt } from '../../agent-core/market/order-book.ts';
import { checkOrder } from '../../agent-core/market/order.ts';
import type { ContinuousDoubleAuction } from '../../agent-core/protocol/continuous-double-auction.ts';
import { backingFault, costOf, type OrderRefusal } from '../../agent-core/protocol/market-order.ts';
import { codeOf, giveBack, giveBackIfHeld } from './backing.ts';
import { type ExchangeContext, type LiveOrder } from './exchange-state.ts';
import { bookOf, endOrder, entered, finishIfOver, forget, restOf } from './exchange-trades.ts';

type Heard<T extends 'order' | 'replace' | 'cancel'> = Received<typeof ContinuousDoubleAuction, 'exchange', T>;

/** Takes an order: checks it, looks at its reservation, puts it into the book, settles what it trades. */
export async function takeOrder(ctx: ExchangeContext, m: Heard<'order'>): Promise<void> {
  const fault = termsFault(ctx, m);
  if (fault !== null) {
    m.reply('refused', { code: fault });
    // What was set aside for a refused order is of no use; that of a live order is not touched.
    if (fault !== 'order-id-taken') await giveBackIfHeld(ctx, m.from, m.body.id);
    return;
  }
  const order = begin(ctx, m);
  const refusal = await backing(ctx, order, m.dialogue.deadline);
  order.checking = false;
  if (refusal !== null) return refuse(ctx, order, { m, code: refusal });
  if (ctx.now() >= order.expires) order.reason ??= 'expired';
  if (order.reason !== null) return finishIfOver(ctx, order);
  const { key: id, trader, side, price, quantity, immediate } = order;
  const receipt = codeOf(() => bookOf(ctx, order).submit({ id, trader, side, price, quantity, immediate }));
  if (typeof receipt === 'string') return refuse(ctx, order, { m, code: receipt });
  m.reply('accepted', {});
  await entered(ctx, order, receipt);
}

/** Takes the rest of an order back. What is under way is still settled. */
export async function cancelOrder(ctx: ExchangeContext, m: Heard<'cancel'>): Promise<void> {
  const order = ctx.state.orders.get(dialogueKey(m.from, m.dialogue.id));
  if (order !== undefined) await endOrder(ctx, order, 'cancelled');
}

/** Gives an order new terms, as far as its reservation reaches. */
export async function replaceOrder(ctx: ExchangeContext, m: Heard<'replace'>): Promise<void> {
  const { price, quantity } = m.body;
  const order = ctx.state.orders.get(dialogueKey(m.from, m.dialogue.id));
  if (order === undefined || order.reason !== null || restOf(ctx, order) === 0) {
    return m.reply('not-replaced', { code: 'nothing-open' });
  }
  const cost = costOf({ ...order, price, quantity }, ctx.params.money);
  if (ctx.params.settlement === 'ledger' && cost.amount > order.backed) {
    return m.reply('not-replaced', { code: 'reservation-too-small' });
  }
  const terms = { id: order.key, trader: order.trader, side: order.side, price, quantity };
  const receipt = codeOf((): OrderReceipt => {
    checkOrder(terms);
    const replaced = bookOf(ctx, order).replace(terms);
    assert(replaced !== undefined, 'an order that rests can be replaced');
    return replaced;
  });
  if (typeof receipt === 'string') return m.reply('not-replaced', { code: receipt });
  order.price = price;
  m.reply('replaced', m.body);
  await entered(ctx, order, receipt);
}

/** An order's time in the book is over. */
export async function expireOrder(ctx: ExchangeContext, key: string): Promise<void> {
  const order = ctx.state.orders.get(key);
  if (order === undefined) return;
  order.timer = null;
  await endOrder(ctx, order, 'expired');
}

/** A dialogue ended: by our last word, or while the order was live. */
export async function endedDialogue(ctx: ExchangeContext, end: DialogueEnd): Promise<void> {
  const order = ctx.state.orders.get(dialogueKey(end.peer, end.dialogue));
  if (order !== undefined) await endOrder(ctx, order, 'closed');
}

/** Ends every order: what is left of the reservations goes back. */
export function closeMarket(ctx: ExchangeContext): void {
  for (const order of ctx.state.orders.values()) void endOrder(ctx, order, 'closed');
}

function termsFault(ctx: ExchangeContext, { body, from, dialogue }: Heard<'order'>): OrderRefusal | null {
  const { state } = ctx;
  // Its trades may still be under way, though its dialogue is over and the trader has opened another under the same id.
  if (state.ids.has(dialogueKey(from, body.id)) || state.orders.has(dialogueKey(from, dialogue.id)))
    return 'order-id-taken';
  if (!state.books.has(body.asset)) return 'unknown-asset';
  const { side, price, quantity, expires } = body;
  const order = { id: dialogueKey(from, dialogue.id), trader: from, side, price, quantity };
  if (codeOf(() => checkOrder(order)) !== undefined) return 'bad-order';
  return expires <= ctx.now() || expires > dialogue.deadline ? 'bad-expiry' : null;
}

function begin(ctx: ExchangeContext, { body, from, dialogue }: Heard<'order'>): LiveOrder {
  const order: LiveOrder = {
    ...body,
    key: dialogueKey(from, dialogue.id),
    dialogue: dialogue.id,
    trader: from,
    backed: 0n,
    checking: true,
    unsettled: 0,
    traded: 0,
    moved: 0n,
    reason: null,
    timer: null,
  };
  ctx.state.orders.set(order.key, order);
  ctx.state.ids.add(dialogueKey(from, body.id));
  return order;
}

/** Why an order is not backed; null where it is. Either way it is known from now on what its reservation holds. */
async function backing(ctx: ExchangeContext, order: LiveOrder, until: number): Promise<OrderRefusal | null> {
  const { money, settlement } = ctx.params;
  if (settlement === 'words') return null;
  const reservation = await ctx.ledger.reservation(order.id, order.trader);
  if (reservation?.state === 'pending') order.backed = reservation.remaining;
  return backingFault(reservation, costOf(order, money), until);
}

async function refuse(
  ctx: ExchangeContext,
  order: LiveOrder,
  { m, code }: { readonly m: Heard<'order'>; readonly code: string },
): Promise<void> {
  forget(ctx, order);
  if (m.dialogue.open) m.reply('refused', { code });
  if (order.backed > 0n) await giveBack(ctx, order.trader, order.id);
}
