import { dialogueKey } from '../../agent-core/protocol/dialogue-key.ts';
import { assert } from '../../agent-core/errors.ts';
import type { ChainOutcome } from '../../agent-core/ledger/operation.ts';
import type { BookTrade, OrderBook, OrderReceipt } from '../../agent-core/market/order-book.ts';
import type { Side } from '../../agent-core/market/order.ts';
import { ContinuousDoubleAuction, type OrderEnd } from '../../agent-core/protocol/continuous-double-auction.ts';
import { codeOf, giveBack } from './backing.ts';
import { EXPIRY, keepNewest, type ExchangeContext, type LiveOrder } from './exchange-state.ts';
import { atFault, settlementChain, type Settlement } from './settlement.ts';

/** The book that an order is for. */
export function bookOf(ctx: ExchangeContext, { asset }: { readonly asset: string }): OrderBook {
  const book = ctx.state.books.get(asset);
  assert(book !== undefined, 'an order was taken for an asset without a book');
  return book;
}

/** Units of an order that rest in the book. */
export function restOf(ctx: ExchangeContext, order: LiveOrder): number {
  return bookOf(ctx, order).find(order.key)?.quantity ?? 0;
}

/** An order went into the book, or came in anew: settles what it traded, and tells who watches. */
export async function entered(ctx: ExchangeContext, order: LiveOrder, receipt: OrderReceipt): Promise<void> {
  const { trades, prevented, resting, dropped } = receipt;
  if (dropped > 0) order.reason ??= 'dropped';
  const { asset, side, price } = order;
  if (resting > 0) ctx.state.publish(asset, { side, price, quantity: resting, accepted: false });
  if (resting > 0) order.timer ??= ctx.schedule(EXPIRY, order.expires - ctx.now(), order.key);
  // All trades are handed to the ledger before any answer: it has them in the order of the book.
  await Promise.all([
    ...trades.map((trade) => settle(ctx, trade)),
    ...prevented.map(({ id }) => endOrder(ctx, live(ctx, id), 'self-trade')),
    finishIfOver(ctx, order),
  ]);
}

/** Takes an order out of the book, for good. It is over once its trades are settled. */
export async function endOrder(ctx: ExchangeContext, order: LiveOrder, reason: OrderEnd): Promise<void> {
  order.reason ??= reason;
  bookOf(ctx, order).cancel({ id: order.key, trader: order.trader });
  await finishIfOver(ctx, order);
}

/** Says the last word about an order that is over, and gives back what is left of its reservation. */
export async function finishIfOver(ctx: ExchangeContext, order: LiveOrder): Promise<void> {
  const { key, traded: quantity, moved: money, reason } = order;
  if (order.checking || order.unsettled > 0 || restOf(ctx, order) > 0 || !ctx.state.orders.has(key)) return;
  forget(ctx, order);
  dialogueOf(ctx, order)?.send('done', { reason: reason ?? 'filled', quantity, money });
  if (order.backed > 0n) await giveBack(ctx, order.trader, order.id);
}

/** Removes an order from the state; its name may be used again. */
export function forget(ctx: ExchangeContext, order: LiveOrder): void {
  ctx.state.orders.delete(order.key);
  ctx.state.ids.delete(dialogueKey(order.trader, order.id));
  if (order.timer !== null) ctx.cancel(order.timer);
}

/** Pays and delivers one trade; says so to both once it is done. */
async function settle(ctx: ExchangeContext, trade: BookTrade): Promise<void> {
  const [buyer, seller] = [live(ctx, trade.buyOrder), live(ctx, trade.sellOrder)];
  const { price, quantity } = trade;
  const units = BigInt(quantity);
  const settlement = {
    trade: `${ctx.state.epoch}-${ctx.state.begun++}`,
    asset: buyer.asset,
    money: ctx.params.money,
    buyer,
    seller,
    price,
    limit: buyer.price,
    quantity,
  };
  const costs = [
    { order: buyer, cost: settlement.limit * units },
    { order: seller, cost: units },
  ];
  for (const { order, cost } of costs) {
    order.backed -= cost;
    order.unsettled += 1;
  }
  const outcome = await transact(ctx, settlement);
  for (const { order, cost } of costs) {
    order.unsettled -= 1;
    if (outcome.type === 'refused') order.backed += cost;
    else {
      order.traded += quantity;
      order.moved += price * units;
    }
  }
  if (outcome.type === 'applied') return settled(ctx, settlement, trade.taker);
  ctx.state.refusedSettlements += 1;
  ctx.log.warn({ event: 'settlement-refused', code: outcome.code, trade: settlement.trade });
  const faulty = atFault(outcome);
  await Promise.all(
    [buyer, seller].map((order) =>
      faulty.includes(order.side) ? endOrder(ctx, order, 'settlement-failed') : reopen(ctx, order, quantity),
    ),
  );
}

async function transact(ctx: ExchangeContext, settlement: Settlement): Promise<ChainOutcome> {
  if (ctx.params.settlement === 'words') return { type: 'applied' };
  return ctx.ledger.submit(settlementChain(settlement));
}

type Pending = Settlement & { readonly buyer: LiveOrder; readonly seller: LiveOrder };

async function settled(ctx: ExchangeContext, settlement: Pending, taker: Side): Promise<void> {
  const { trade, asset, buyer, seller, price, quantity } = settlement;
  const { keepTrades } = ctx.params;
  const parties = { buyer: buyer.trader, seller: seller.trader };
  keepNewest(ctx.state.trades, { trade, asset, price, quantity, ...parties, time: ctx.now() }, keepTrades);
  for (const order of [buyer, seller]) {
    dialogueOf(ctx, order)?.send('fill', { trade, price, quantity, open: restOf(ctx, order) });
  }
  ctx.state.publish(asset, { side: taker, price, quantity, accepted: true });
  await Promise.all([finishIfOver(ctx, buyer), finishIfOver(ctx, seller)]);
}

/** The other side of a trade did not pay or deliver: the units are wanted again, at the end of the queue. */
async function reopen(ctx: ExchangeContext, order: LiveOrder, units: number): Promise<void> {
  if (order.reason === null && ctx.now() >= order.expires) order.reason = 'expired';
  if (order.reason !== null) return finishIfOver(ctx, order);
  const { key: id, trader, side, price, immediate } = order;
  const [book, rest] = [bookOf(ctx, order), restOf(ctx, order)];
  const terms = { id, trader, side, price, quantity: rest + units };
  const receipt = codeOf(() => (rest > 0 ? book.replace(terms) : book.submit({ ...terms, immediate })));
  if (typeof receipt === 'string') return endOrder(ctx, order, 'dropped');
  assert(receipt !== undefined, 'an order that rests can grow');
  await entered(ctx, order, receipt);
}

function live(ctx: ExchangeContext, key: string): LiveOrder {
  const order = ctx.state.orders.get(key);
  assert(order !== undefined, 'an order in the book is live');
  return order;
}

function dialogueOf(ctx: ExchangeContext, { trader, dialogue }: LiveOrder) {
  return ctx.dialogue(ContinuousDoubleAuction, 'exchange', { peer: trader, id: dialogue });
}
