import { z } from 'zod';
import type { Dialogue, DialogueEnd } from '../agent/dialogue.ts';
import { defineProgram, type Following, type Heard, type Program, type Run } from '../agent/program.ts';
import { micros, type Duration, type Micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import { TOKEN, type Asset, type LedgerCode } from '../ledger/operation.ts';
import { accepts, type Side } from '../market/order.ts';
import { clearUniformPrice, type ClearingRule } from '../market/uniform-price.ts';
import { amount } from './amount.ts';
import type { Cancellation } from './cancellation.ts';
import { backOrder, costOf, orderTerms, refusalCode } from './market-order.ts';
import { defineProtocol } from './protocol.ts';

/** Orders that one message discloses at most: at 40 characters each they stay below `LIMITS.payloadBytes`. */
export const DISCLOSED_ORDERS = 1_024;

const disclosedOrder = z.tuple([z.enum(['buy', 'sell']), amount(), z.int().positive()]);

const clearing = z.object({
  /** One for all, in micro-tokens a unit; null where no bid reached an ask. */
  price: amount().nullable(),
  /** Units that changed hands at the call, as cleared. */
  volume: z.int().nonnegative(),
  /** Units of this order that the call gave it. */
  allotted: z.int().nonnegative(),
  /** Units of this order that were paid and delivered: less than allotted only where a counterparty did not pay or deliver. */
  quantity: z.int().nonnegative(),
  /** Paid or received for them, in micro-tokens. */
  money: amount(),
  /**
   * All orders of the call without names, in the order in which they were accepted: by {@link checkClearing} anybody can clear them
   * again. Null where the exchange does not disclose them.
   */
  orders: z.array(disclosedOrder).max(DISCLOSED_ORDERS).nullable(),
  /** Which of `orders` is this one; null where there are none. */
  own: z.int().nonnegative().nullable(),
  /** How the exchange set the price and served the marginal orders. */
  rule: z.object({ kPermille: z.int().min(0).max(1_000), margin: z.enum(['time', 'pro-rata']) }),
});

const protocol = defineProtocol({
  name: 'call-market',
  version: '1.0.0',
  roles: ['trader', 'exchange'],
  messages: {
    order: { from: 'trader', as: 'propose', body: z.object(orderTerms) },
    /** The order is backed and takes part in the call at this absolute time, microseconds. */
    accepted: { from: 'exchange', as: 'agree', body: z.object({ callAt: z.int().nonnegative() }) },
    refused: { from: 'exchange', as: 'refuse', body: refusalCode },
    cancel: { from: 'trader', as: 'cancel', body: z.object({}) },
    withdrawn: { from: 'exchange', as: 'confirm', body: z.object({ reason: z.enum(['cancelled', 'closed']) }) },
    cleared: { from: 'exchange', as: 'inform', body: clearing },
  },
  dialogue: {
    initial: 'idle',
    // A cancel may cross any answer, and an acceptance may be lost.
    states: {
      idle: { on: { order: 'sealed' } },
      sealed: {
        on: {
          accepted: 'sealed',
          refused: 'refused',
          cleared: 'cleared',
          withdrawn: 'withdrawn',
          cancel: 'leaving',
        },
      },
      leaving: { on: { accepted: 'leaving', refused: 'refused', cleared: 'cleared', withdrawn: 'withdrawn' } },
      refused: { type: 'final' },
      withdrawn: { type: 'final' },
      cleared: { type: 'final' },
    },
  },
});

type Call = typeof protocol;

/** What the exchange says of a call to one of its traders. */
export type ClearedOrder = z.output<typeof clearing>;

/** A sealed order as its trader wants it. */
export interface SealedWish {
  readonly exchange: Did;
  readonly asset: Asset;
  readonly side: Side;
  /** The worst price a unit, in micro-tokens. */
  readonly price: bigint;
  readonly quantity: number;
  /** Life of the dialogue, and of the reservation: must reach past the call. */
  readonly within: Duration;
  /** Name of the order and of its reservation; a fresh one if left out. A name serves once. */
  readonly id?: string;
  /** What the market pays in; `token` if left out. */
  readonly money?: Asset;
  /** True for an exchange that settles by words only. */
  readonly unbacked?: boolean;
  readonly cancellation?: Cancellation;
}

/** How a sealed order ended for its trader. */
export type SealedResult =
  /** The call came: `quantity` may be 0. */
  | ({ readonly type: 'cleared' } & ClearedOrder)
  /** Not taken; what was set aside for it comes back. Codes of `ORDER_REFUSALS`. */
  | { readonly type: 'refused'; readonly code: string }
  /** The ledger set nothing aside, and no order was sent. */
  | { readonly type: 'not-backed'; readonly code: LedgerCode }
  /** It took part in no call. */
  | { readonly type: 'withdrawn'; readonly reason: 'cancelled' | 'closed' }
  /** The dialogue broke, or the call is not what was ordered (`broken-terms`): as in `OrderResult`. */
  | { readonly type: 'unknown'; readonly code: string };

type TraderRun = Run<Call, 'trader', SealedResult>;

/** The protocol of {@link CallMarket}, and the trader's program for `ctx.run`. */
export type CallMarketProtocol = Call & {
  /** Places one order, for `ctx.run`: backs it, follows it to its end and ends as a {@link SealedResult}. */
  readonly trader: Program<SealedWish, SealedResult>;
};

/**
 * A call market over messages: sealed limit orders until the call, then one price for all (the k-double auction of Chatterjee and
 * Samuelson 1983; Satterthwaite and Williams 1989). One dialogue is one order, backed as in `ContinuousDoubleAuction`.
 *
 * Disclosed: before the call nothing, to anybody; after it, to everybody who took part, price and volume, and where the
 * exchange discloses them, all orders without names. From these everybody can check that price, volume and its own share follow
 * from the orders by the stated rule, and that its own order is among them. Nobody can check that an order was not made up by
 * the exchange: that takes names.
 */
export const CallMarket: CallMarketProtocol = Object.freeze({
  ...protocol,
  trader: defineProgram(protocol, 'trader', (run: TraderRun, wish: SealedWish) => new Trader(run, wish)),
});

/**
 * Clears the disclosed orders of a call again. True where price, volume and this order's share are what they had to be, and the
 * order itself is among them as it was sent; false where anything differs, or nothing was disclosed.
 */
export function checkClearing(
  { orders, own, price, volume, allotted, rule }: ClearedOrder,
  sent: { readonly side: Side; readonly price: bigint; readonly quantity: number },
): boolean {
  if (orders === null || own === null) return false;
  const [side, limit, quantity] = orders[own] ?? [];
  if (side !== sent.side || limit !== sent.price || quantity !== sent.quantity) return false;
  const found = clearUniformPrice(
    orders.map(([way, bound, units], at) => ({
      id: `${at}`,
      trader: `${at}`,
      side: way,
      price: bound,
      quantity: units,
    })),
    rule satisfies ClearingRule,
  );
  const share = found?.fills.find(({ order }) => order.id === `${own}`)?.quantity ?? 0;
  return (found?.price ?? null) === price && (found?.quantity ?? 0) === volume && share === allotted;
}

/** Whether a call gave an order no more than it wanted, at no worse a price, and adds up. */
function keepsTerms({ price, allotted, quantity, money }: ClearedOrder, wish: SealedWish): boolean {
  if (allotted > wish.quantity || quantity > allotted) return false;
  if (price === null) return allotted === 0 && money === 0n;
  return money === price * BigInt(quantity) && (allotted === 0 || accepts(wish, price));
}

class Trader implements Following<Call, 'trader'> {
  readonly #run: TraderRun;
  readonly #wish: SealedWish;
  #dialogue: Dialogue<Call, 'trader'> | null = null;
  #result: SealedResult | null = null;
  #cancelled = false;

  constructor(run: TraderRun, wish: SealedWish) {
    const { exchange, id, cancellation, unbacked = false, money = TOKEN } = wish;
    this.#run = run;
    this.#wish = wish;
    const by = run.now() + micros(wish.within);
    backOrder(
      run,
      { exchange, id, by, cost: unbacked ? null : costOf(wish, money) },
      {
        backed: (name) => this.#order(name, by),
        refused: (code) => run.finish({ type: 'not-backed', code }),
      },
    );
    run.onCancel(cancellation, () => this.#cancel());
  }

  heard(message: Heard<Call, 'trader'>): void {
    switch (message.type) {
      case 'accepted':
        return;
      case 'refused':
        this.#result = { type: 'refused', code: message.body.code };
        return;
      case 'withdrawn':
        this.#result = { type: 'withdrawn', reason: message.body.reason };
        return;
      case 'cleared':
        this.#result = keepsTerms(message.body, this.#wish)
          ? { type: 'cleared', ...message.body }
          : { type: 'unknown', code: 'broken-terms' };
    }
  }

  ended({ code }: DialogueEnd): void {
    this.#run.finish(this.#result ?? { type: 'unknown', code });
  }

  #order(id: string, by: Micros): void {
    const { exchange, asset, side, price, quantity } = this.#wish;
    this.#dialogue = this.#run.open(exchange, 'order', { body: { id, asset, side, price, quantity }, by });
    // As in the double auction: only the exchange gives back what is set aside.
    if (this.#cancelled) this.#dialogue.send('cancel', {});
  }

  #cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    if (this.#dialogue?.open === true) this.#dialogue.send('cancel', {});
  }
}
