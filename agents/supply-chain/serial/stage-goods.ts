import type { Duration } from '../../../agent-core/clock.ts';
import { HaggleError } from '../../../agent-core/errors.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { GoodsDelivery } from './goods-delivery.ts';
import { canPlay, compensation, playPeriod } from './stage-play.ts';
import type { StageContext } from './stage-state.ts';

/** Life of a delivery: longer than any game. */
export const DELIVERY_LIFE: Duration = '9600 h';

/** The deliveries that a stage takes part in, by the id of their dialogue. */
export interface Lanes {
  customer: string | null;
  supplier: string | null;
}

/** Plays every period for which all is known, and pays what its contract asks for. */
export async function playOn(ctx: StageContext, lanes: Lanes): Promise<void> {
  const { params, state } = ctx;
  let due = 0n;
  while (canPlay(state)) {
    const { period, order, shipped, owed } = playPeriod(ctx);
    if (params.supplier !== null) sendOrder(ctx, lanes, { period, units: order });
    const delivery = lanes.customer === null ? undefined : supplying(ctx, lanes.customer);
    delivery?.send('shipment', { period, units: shipped, owed });
    // End customers have no contract: the retailer's stock-out cost is a cost.
    if (params.demand === null) due += compensation(state, owed);
  }
  const paid = await pay(ctx, params.customer, due);
  // Not before: another period may have been played while this one was paid.
  state.compensationPaid += paid;
}

/** Pays what was shipped to it, at its supplier's price. */
export async function payGoods(ctx: StageContext, units: number): Promise<void> {
  const { supplier, purchasePrice } = ctx.params;
  if (supplier === null) return;
  const paid = await pay(ctx, supplier, BigInt(Math.round(units * Number(purchasePrice))));
  ctx.state.goodsPaid += paid;
}

/** Tells the supplier that there is no next order, once its own customer said so and the last shipment is here. */
export function closeWhenThrough(ctx: StageContext, lanes: Lanes): void {
  const { supplier, shipDelay } = ctx.params;
  const { over, arrivals, period } = ctx.state;
  if (!over || supplier === null || lanes.supplier === null || arrivals.length < shipDelay + period) return;
  ctx.dialogue(GoodsDelivery, 'customer', { peer: supplier, id: lanes.supplier })?.send('close', {});
  lanes.supplier = null;
}

function supplying(ctx: StageContext, id: string) {
  return ctx.dialogue(GoodsDelivery, 'supplier', { peer: ctx.params.customer, id });
}

function sendOrder(ctx: StageContext, lanes: Lanes, order: { readonly period: number; readonly units: number }): void {
  const { supplier } = ctx.params;
  if (supplier === null) return;
  if (lanes.supplier !== null) {
    ctx.dialogue(GoodsDelivery, 'customer', { peer: supplier, id: lanes.supplier })?.send('order', order);
    return;
  }
  lanes.supplier = ctx.open(GoodsDelivery, 'customer', supplier, 'order', order, { within: DELIVERY_LIFE }).id;
}

/** Micro-tokens that were paid: all, or none where the ledger takes too many of them for covered. @throws HaggleError `unpaid` */
async function pay(ctx: StageContext, to: Did, amount: bigint): Promise<bigint> {
  if (amount === 0n) return 0n;
  const receipt = await ctx.ledger.transfer({ to, amount });
  if (receipt.type === 'applied') return amount;
  throw new HaggleError('unpaid', `paying ${amount} micro-tokens to ${to}: ${receipt.code}`, {
    fields: { code: receipt.code },
  });
}
