import { dialogueKey } from '../../agent-core/protocol/dialogue-key.ts';
import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import type { Context, TimerTag } from '../../agent-core/agent/context.ts';
import type { Received } from '../../agent-core/agent/dialogue.ts';
import { micros, type Duration, type Micros } from '../../agent-core/clock.ts';
import { assert } from '../../agent-core/errors.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import type { Asset } from '../../agent-core/ledger/operation.ts';
import { checkOrder, type Side, type Trade } from '../../agent-core/market/order.ts';
import { clearUniformPrice, type Clearing } from '../../agent-core/market/uniform-price.ts';
import { CallMarket, DISCLOSED_ORDERS, type ClearedOrder } from '../../agent-core/protocol/call-market.ts';
import { backingFault, costOf, type OrderRefusal } from '../../agent-core/protocol/market-order.ts';
import { codeOf, giveBack, giveBackIfHeld } from './backing.ts';
import { keepNewest, marketParams, type SettledTrade } from './exchange-state.ts';
import { settlementChain } from './settlement.ts';

const params = z.object({
  ...marketParams,
  /** From one call to the next: calls are at whole multiples of it since the exchange started. */
  every: z.custom<Duration>().default('1 h'),
  /** Orders must last so long after their call: time to settle and to say so. */
  settles: z.custom<Duration>().default('10 s'),
  /** Where between the lowest and the highest clearing price the price is set. */
  kPermille: z.int().min(0).max(1_000).default(500),
  /** Who is served where orders at the marginal price want more than is left. */
  margin: z.enum(['time', 'pro-rata']).default('time'),
  /** Tell those who took part in a call all its orders, without names. A call has at most `DISCLOSED_ORDERS` then. */
  discloses: z.boolean().default(true),
});

/** Parameters of {@link callExchange}. */
export type CallExchangeParams = z.output<typeof params>;

/** A sealed order until its call is settled. */
interface SealedOrder {
  readonly key: string;
  readonly dialogue: string;
  readonly trader: Did;
  readonly id: string;
  readonly asset: Asset;
  readonly side: Side;
  readonly price: bigint;
  readonly quantity: number;
  /** Until its reservation was looked at; then it waits for the call; then it is being settled. */
  phase: 'checking' | 'sealed' | 'called';
  /** Left of its reservation. */
  backed: bigint;
  gone: 'cancelled' | 'closed' | null;
}

/** How one call of one asset ended. */
export interface CallRecord {
  readonly asset: Asset;
  readonly time: Micros;
  /** Null where no bid reached an ask. */
  readonly price: bigint | null;
  readonly volume: number;
  readonly orders: number;
}

/** State of {@link callExchange}. */
export interface CallExchangeState {
  /** By key, in order of arrival. */
  readonly orders: Map<string, SealedOrder>;
  /** `trader id` of live orders. */
  readonly ids: Set<string>;
  /** Oldest first, the newest `keepTrades` of each. */
  readonly calls: CallRecord[];
  readonly trades: SettledTrade[];
  begun: number;
  epoch: Micros;
  /** When the next call is due; null while nobody waits for it. */
  callAt: Micros | null;
}

type Ctx = Context<CallExchangeParams, CallExchangeState>;
type Heard<T extends 'order' | 'cancel'> = Received<typeof CallMarket, 'exchange', T>;

const CALL: TimerTag<null> = { tag: 'call' };

/**
 * An exchange that clears at one price whenever a call is due and somebody has ordered. It settles as `exchange` does: each
 * payment from a buyer to a seller is one chain.
 */
export const callExchange = defineAgent({
  name: 'call-exchange',
  params,
  state: (): CallExchangeState => ({
    orders: new Map(),
    ids: new Set(),
    calls: [],
    trades: [],
    begun: 0,
    epoch: 0,
    callAt: null,
  }),
  setup(agent) {
    agent.start((ctx) => {
      ctx.state.epoch = ctx.now();
    });
    agent.timer<null>(CALL.tag, callAll);
    agent.play(
      CallMarket,
      'exchange',
      {
        order: takeOrder,
        cancel: (ctx, m: Heard<'cancel'>) =>
          leave(ctx, ctx.state.orders.get(dialogueKey(m.from, m.dialogue.id)), 'cancelled'),
      },
      { ended: (ctx, { peer, dialogue }) => leave(ctx, ctx.state.orders.get(dialogueKey(peer, dialogue)), 'closed') },
    );
    agent.stop((ctx) => {
      for (const order of ctx.state.orders.values()) void leave(ctx, order, 'closed');
      return undefined;
    });
  },
});

async function takeOrder(ctx: Ctx, m: Heard<'order'>): Promise<void> {
  const { id } = m.body;
  const fault = termsFault(ctx, m);
  if (fault !== null) {
    m.reply('refused', { code: fault });
    if (fault !== 'order-id-taken') await giveBackIfHeld(ctx, m.from, id);
    return;
  }
  const key = dialogueKey(m.from, m.dialogue.id);
  const order: SealedOrder = {
    ...m.body,
    key,
    dialogue: m.dialogue.id,
    trader: m.from,
    phase: 'checking',
    backed: 0n,
    gone: null,
  };
  ctx.state.orders.set(key, order);
  ctx.state.ids.add(dialogueKey(m.from, id));
  const refusal = (await backing(ctx, order, m.dialogue.deadline)) ?? callFault(ctx, m.dialogue.deadline);
  order.phase = 'sealed';
  if (refusal === null && order.gone === null) {
    // Arrival counts from here: an order whose reservation was slow to be found comes later.
    ctx.state.orders.delete(key);
    ctx.state.orders.set(key, order);
    return m.reply('accepted', { callAt: callDue(ctx) });
  }
  if (refusal === null) return leave(ctx, order, 'closed');
  forget(ctx, order);
  if (m.dialogue.open) m.reply('refused', { code: refusal });
  if (order.backed > 0n) await giveBack(ctx, order.trader, id);
}

function termsFault({ params: market, state }: Ctx, { body, from, dialogue }: Heard<'order'>): OrderRefusal | null {
  if (state.ids.has(dialogueKey(from, body.id))) return 'order-id-taken';
  if (!market.assets.includes(body.asset)) return 'unknown-asset';
  const { side, price, quantity } = body;
  const order = { id: dialogueKey(from, dialogue.id), trader: from, side, price, quantity };
  if (codeOf(() => checkOrder(order)) !== undefined) return 'bad-order';
  const live = [...state.orders.values()].filter(({ asset }) => asset === body.asset);
  const { maxOrders, maxOrdersPerTrader, discloses } = market;
  if (live.length >= (discloses ? Math.min(maxOrders, DISCLOSED_ORDERS) : maxOrders)) return 'book-full';
  return live.filter(({ trader }) => trader === from).length >= maxOrdersPerTrader ? 'trader-book-full' : null;
}

async function backing(ctx: Ctx, order: SealedOrder, until: Micros): Promise<OrderRefusal | null> {
  if (ctx.params.settlement === 'words') return null;
  const reservation = await ctx.ledger.reservation(order.id, order.trader);
  if (reservation?.state === 'pending') order.backed = reservation.remaining;
  return backingFault(reservation, costOf(order, ctx.params.money), until);
}

function callFault(ctx: Ctx, deadline: Micros): OrderRefusal | null {
  return deadline < nextCall(ctx) + micros(ctx.params.settles) ? 'ends-before-call' : null;
}

function nextCall(ctx: Ctx): Micros {
  const { epoch, callAt } = ctx.state;
  const interval = Math.max(1, micros(ctx.params.every));
  return callAt ?? epoch + interval * (Math.floor((ctx.now() - epoch) / interval) + 1);
}

/** When the call is due that an order accepted now takes part in; from now on it is on its way. */
function callDue(ctx: Ctx): Micros {
  const due = nextCall(ctx);
  if (ctx.state.callAt === null) ctx.schedule(CALL, due - ctx.now(), null);
  ctx.state.callAt = due;
  return due;
}

async function callAll(ctx: Ctx): Promise<void> {
  ctx.state.callAt = null;
  const sealed = [...ctx.state.orders.values()].filter(({ phase }) => phase === 'sealed');
  for (const order of sealed) order.phase = 'called';
  await Promise.all(
    ctx.params.assets.map((asset) =>
      call(
        ctx,
        asset,
        sealed.filter((order) => order.asset === asset),
      ),
    ),
  );
}

/** Clears one asset, settles, and tells everybody who took part. */
async function call(ctx: Ctx, asset: Asset, orders: readonly SealedOrder[]): Promise<void> {
  if (orders.length === 0) return;
  const { kPermille, margin, keepTrades } = ctx.params;
  const sent = orders.map(({ key: id, trader, side, price, quantity }) => ({ id, trader, side, price, quantity }));
  const cleared = clearUniformPrice(sent, { kPermille, margin });
  const outcome = outcomeOf(ctx, orders, cleared);
  const { price, volume } = outcome;
  keepNewest(ctx.state.calls, { asset, time: ctx.now(), price, volume, orders: orders.length }, keepTrades);
  const shares = new Map<string, Share>(orders.map(({ key }) => [key, { allotted: 0, quantity: 0, money: 0n }]));
  for (const { order, quantity } of cleared?.fills ?? []) shareOf(shares, order.id).allotted = quantity;
  // All of them are handed to the ledger before any answer.
  await Promise.all((cleared?.trades ?? []).map((trade) => settle(ctx, { asset, trade, shares })));
  await Promise.all(
    orders.map(async (order, at) => {
      const own = outcome.orders === null ? null : at;
      dialogueOf(ctx, order)?.send('cleared', { ...outcome, ...shareOf(shares, order.key), own });
      forget(ctx, order);
      if (order.backed > 0n) await giveBack(ctx, order.trader, order.id);
    }),
  );
}

/** What one order gets of a call, and has got so far. */
interface Share {
  allotted: number;
  quantity: number;
  money: bigint;
}

function shareOf(shares: ReadonlyMap<string, Share>, key: string): Share {
  const share = shares.get(key);
  assert(share !== undefined, 'every order of a call has a share');
  return share;
}

function outcomeOf(
  { params: { kPermille, margin, discloses } }: Ctx,
  orders: readonly SealedOrder[],
  cleared: Clearing | undefined,
): Pick<ClearedOrder, 'price' | 'volume' | 'orders' | 'rule'> {
  return {
    price: cleared?.price ?? null,
    volume: cleared?.quantity ?? 0,
    orders: discloses ? orders.map(({ side, price, quantity }) => [side, price, quantity]) : null,
    rule: { kPermille, margin },
  };
}

interface Settling {
  readonly asset: Asset;
  readonly trade: Trade;
  /** By key. */
  readonly shares: ReadonlyMap<string, Share>;
}

async function settle(ctx: Ctx, { asset, trade, shares }: Settling): Promise<void> {
  const { money, settlement, keepTrades } = ctx.params;
  const [buyer, seller] = [ctx.state.orders.get(trade.buyOrder), ctx.state.orders.get(trade.sellOrder)];
  assert(buyer !== undefined && seller !== undefined, 'an order stays until its call is settled');
  const { price, quantity } = trade;
  const units = BigInt(quantity);
  const name = `${ctx.state.epoch}-${ctx.state.begun++}`;
  const chain = settlementChain({
    trade: name,
    asset,
    money,
    buyer,
    seller,
    price,
    limit: buyer.price,
    quantity,
  });
  const outcome = settlement === 'words' ? null : await ctx.ledger.submit(chain);
  if (outcome?.type === 'refused') {
    ctx.log.warn({ event: 'settlement-refused', code: outcome.code, trade: name });
    return;
  }
  buyer.backed -= buyer.price * units;
  seller.backed -= units;
  const parties = { buyer: buyer.trader, seller: seller.trader };
  keepNewest(ctx.state.trades, { trade: name, asset, price, quantity, ...parties, time: ctx.now() }, keepTrades);
  for (const { key } of [buyer, seller]) {
    const own = shareOf(shares, key);
    own.quantity += quantity;
    own.money += price * units;
  }
}

/** Takes an order out before its call. One that is being settled stays, and so does one whose reservation is looked at. */
async function leave(ctx: Ctx, order: SealedOrder | undefined, reason: 'cancelled' | 'closed'): Promise<void> {
  if (order === undefined || order.phase === 'called') return;
  order.gone ??= reason;
  if (order.phase === 'checking') return;
  forget(ctx, order);
  dialogueOf(ctx, order)?.send('withdrawn', { reason: order.gone });
  if (order.backed > 0n) await giveBack(ctx, order.trader, order.id);
}

function forget({ state }: Ctx, order: SealedOrder): void {
  state.orders.delete(order.key);
  state.ids.delete(dialogueKey(order.trader, order.id));
}

function dialogueOf(ctx: Ctx, { trader, dialogue }: SealedOrder) {
  return ctx.dialogue(CallMarket, 'exchange', { peer: trader, id: dialogue });
}
