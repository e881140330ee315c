import { z } from 'zod';
import type { Dialogue, DialogueEnd } from '../agent/dialogue.ts';
import { defineProgram, type Following, type Heard, type Program, type Run } from '../agent/program.ts';
import { micros, type Duration, type Micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import { TOKEN, type Asset, type LedgerCode } from '../ledger/operation.ts';
import { accepts, type Side } from '../market/order.ts';
import { amount } from './amount.ts';
import type { Cancellation } from './cancellation.ts';
import { backOrder, costOf, orderTerms, refusalCode } from './market-order.ts';
import { defineProtocol } from './protocol.ts';

/** Why an order is over. */
export const ORDER_ENDS = {
  filled: 'all of it was traded',
  cancelled: 'its trader took it back',
  expired: 'its time was over',
  dropped: 'it was to trade at once or not at all',
  'self-trade': 'a younger order of its own trader met it',
  'settlement-failed': 'its trader did not pay or deliver',
  closed: 'the exchange has closed',
} as const;

/** A key of {@link ORDER_ENDS}. */
export type OrderEnd = keyof typeof ORDER_ENDS;

const terms = z.object({ price: amount(), quantity: z.int().positive() });

const protocol = defineProtocol({
  name: 'continuous-double-auction',
  version: '1.0.0',
  roles: ['trader', 'exchange'],
  messages: {
    /** `expires`: absolute time, microseconds, when the order leaves the book; no later than the dialogue ends. */
    order: {
      from: 'trader',
      as: 'propose',
      body: z.object({ ...orderTerms, expires: z.int().nonnegative(), immediate: z.boolean() }),
    },
    /** The order is backed and in the book. */
    accepted: { from: 'exchange', as: 'agree', body: z.object({}) },
    refused: { from: 'exchange', as: 'refuse', body: refusalCode },
    /** Units that changed hands: said once they are paid and delivered. `open`: units still wanted. */
    fill: {
      from: 'exchange',
      as: 'inform',
      body: z.object({ trade: z.string().max(64), ...terms.shape, open: z.int().nonnegative() }),
    },
    /** New price and open quantity. An order that grows or changes its price loses its place in the queue. */
    replace: { from: 'trader', as: 'request', body: terms },
    replaced: { from: 'exchange', as: 'inform', body: terms },
    'not-replaced': { from: 'exchange', as: 'disconfirm', body: refusalCode },
    cancel: { from: 'trader', as: 'cancel', body: z.object({}) },
    /** The last word, with the totals: whatever fill was lost on the way is in them. `money` was paid or received. */
    done: {
      from: 'exchange',
      as: 'confirm',
      body: z.object({
        reason: z.enum([
          'filled',
          'cancelled',
          'expired',
          'dropped',
          'self-trade',
          'settlement-failed',
          'closed',
        ] satisfies OrderEnd[]),
        quantity: z.int().nonnegative(),
        money: amount(),
      }),
    },
  },
  dialogue: {
    initial: 'idle',
    // What crosses on the way, or follows something lost, stays legal: fills come while a cancel is under way.
    states: {
      idle: { on: { order: 'submitted' } },
      submitted: { on: { accepted: 'working', refused: 'refused', fill: 'working', done: 'done', cancel: 'closing' } },
      working: {
        on: {
          accepted: 'working',
          fill: 'working',
          replace: 'working',
          replaced: 'working',
          'not-replaced': 'working',
          cancel: 'closing',
          done: 'done',
        },
      },
      closing: {
        on: {
          accepted: 'closing',
          refused: 'refused',
          fill: 'closing',
          replaced: 'closing',
          'not-replaced': 'closing',
          done: 'done',
        },
      },
      refused: { type: 'final' },
      done: { type: 'final' },
    },
  },
});

type Cda = typeof protocol;

/** Price a unit in micro-tokens, and units. */
export interface Terms {
  readonly price: bigint;
  readonly quantity: number;
}

/** Units that were bought or sold, as the exchange said them. */
export interface OrderFill extends Terms {
  /** The exchange's name of the trade. */
  readonly trade: string;
}

/** An order as its trader wants it. */
export interface OrderWish extends Terms {
  readonly exchange: Did;
  readonly asset: Asset;
  readonly side: Side;
  /** How long it rests in the book at most. */
  readonly within: Duration;
  /** Trade at once what can be, drop the rest. */
  readonly immediate?: boolean;
  /** Name of the order and of its reservation; a fresh one if left out. A name serves once. */
  readonly id?: string;
  /** What the market pays in; `token` if left out. */
  readonly money?: Asset;
  /**
   * Money of a buyer or units of a seller to set aside: more than the order costs where it is to be revised upwards; null for an
   * exchange that settles by words only. Exactly its cost if left out.
   */
  readonly setAside?: bigint | null;
  /** From the order's expiry to the end of its dialogue: time to settle and to say so. 10 s if left out. */
  readonly grace?: Duration;
  /** Called with every fill that comes. */
  readonly filled?: (fill: OrderFill) => void;
  /** Asked `after` the order was accepted, and then again and again: the terms that it should have, or null for none new. */
  readonly revise?: { after(): Duration; terms(now: Terms): Terms | null };
  readonly cancellation?: Cancellation;
}

/** How an order ended for its trader. */
export type OrderResult =
  /** The exchange's last word: what was traded in all. */
  | {
      readonly type: 'done';
      readonly reason: OrderEnd;
      readonly quantity: number;
      readonly money: bigint;
      readonly fills: readonly OrderFill[];
    }
  /** Not taken; what was set aside for it comes back. Codes of `ORDER_REFUSALS`. */
  | { readonly type: 'refused'; readonly code: string }
  /** The ledger set nothing aside, and no order was sent. */
  | { readonly type: 'not-backed'; readonly code: LedgerCode }
  /**
   * The dialogue broke: `no-such-agent`, `deadline-passed`, a failure code; or `broken-terms`, where the exchange said that it traded
   * more than was ordered, or at a worse price than the order's. More than `fills` may have been traded: the ledger
   * knows. What is left of the reservation is back at the deadline at the latest.
   */
  | { readonly type: 'unknown'; readonly code: string; readonly fills: readonly OrderFill[] };

type TraderRun = Run<Cda, 'trader', OrderResult>;

/** The protocol of {@link ContinuousDoubleAuction}, and the trader's program for `ctx.run`. */
export type ContinuousDoubleAuctionProtocol = Cda & {
  /** Places one order, for `ctx.run`: backs it, follows it to its end and ends as an {@link OrderResult}. */
  readonly trader: Program<OrderWish, OrderResult>;
};

/**
 * A continuous double auction over messages (Smith 1962; Friedman and Rust, The Double Auction Market, 1993). One dialogue is
 * one order: its deadline bounds the order's life, its end is the order's end, and nothing that breaks it touches another.
 *
 * Delivery against payment: an order is backed by a reservation of its own id for the exchange, without a reference, which the exchange alone
 * releases. A trader trusts the exchange with that amount for that time and with nothing else.
 *
 * Disclosed: to the trader its own fills. Names of counterparties go to nobody; the ledger knows the exchange as the party of
 * either side. Quotes and trades are public where the exchange keeps a `MarketTicker`.
 */
export const ContinuousDoubleAuction: ContinuousDoubleAuctionProtocol = Object.freeze({
  ...protocol,
  trader: defineProgram(protocol, 'trader', (run: TraderRun, wish: OrderWish) => new Trader(run, wish)),
});

/** Time to settle after an order's expiry, if its trader does not say. */
const GRACE: Duration = '10 s';

class Trader implements Following<Cda, 'trader'> {
  readonly #run: TraderRun;
  readonly #wish: OrderWish;
  readonly #expires: Micros;
  readonly #fills: OrderFill[] = [];
  #dialogue: Dialogue<Cda, 'trader'> | null = null;
  #terms: Terms;
  /** Units that all terms ever ordered add up to, and those that came: an exchange can fill no more than that. */
  #ordered: number;
  #filledUnits = 0;
  #worst: bigint;
  #result: OrderResult | null = null;
  #accepted = false;
  #cancelled = false;

  constructor(run: TraderRun, wish: OrderWish) {
    const { exchange, id, cancellation, money = TOKEN, grace = GRACE } = wish;
    this.#run = run;
    this.#wish = wish;
    this.#terms = { price: wish.price, quantity: wish.quantity };
    this.#worst = wish.price;
    this.#ordered = wish.quantity;
    this.#expires = run.now() + micros(wish.within);
    const by = this.#expires + micros(grace);
    const cost = costOf(wish, money);
    const { setAside = cost.amount } = wish;
    backOrder(
      run,
      { exchange, id, by, cost: setAside === null ? null : { ...cost, amount: setAside } },
      {
        backed: (name) => this.#order(name, by),
        refused: (code) => run.finish({ type: 'not-backed', code }),
      },
    );
    run.onCancel(cancellation, () => this.#cancel());
  }

  heard(message: Heard<Cda, 'trader'>): void {
    switch (message.type) {
      case 'accepted':
        return this.#begin();
      case 'refused':
        this.#result = { type: 'refused', code: message.body.code };
        return;
      case 'fill':
        return this.#filled(message.body);
      case 'replaced':
        this.#terms = message.body;
        return;
      case 'not-replaced':
        return;
      case 'done': {
        const { quantity, money } = message.body;
        const kept = quantity <= this.#ordered && this.#keepsTerms(quantity, money);
        this.#result = kept
          ? { type: 'done', ...message.body, fills: this.#fills }
          : { type: 'unknown', code: 'broken-terms', fills: this.#fills };
      }
    }
  }

  ended({ code }: DialogueEnd): void {
    this.#run.finish(this.#result ?? { type: 'unknown', code, fills: this.#fills });
  }

  #order(id: string, by: Micros): void {
    const { exchange, asset, side, price, quantity, immediate = false } = this.#wish;
    const body = { id, asset, side, price, quantity, immediate, expires: this.#expires };
    this.#dialogue = this.#run.open(exchange, 'order', { body, by });
    // What is set aside only the exchange gives back: an order that was cancelled meanwhile is made, and taken back.
    if (this.#cancelled) this.#dialogue.send('cancel', {});
  }

  #begin(): void {
    if (this.#accepted) return;
    this.#accepted = true;
    this.#reviseLater();
  }

  #filled({ trade, price, quantity, open }: OrderFill & { readonly open: number }): void {
    this.#filledUnits += quantity;
    if (this.#filledUnits > this.#ordered || !this.#keepsTerms(quantity, price * BigInt(quantity))) {
      this.#result = { type: 'unknown', code: 'broken-terms', fills: this.#fills };
      return this.#dialogue?.fail('more than ordered, or at a worse price');
    }
    const fill = { trade, price, quantity };
    this.#fills.push(fill);
    this.#terms = { ...this.#terms, quantity: open };
    this.#begin();
    this.#wish.filled?.(fill);
  }

  #reviseLater(): void {
    const { revise } = this.#wish;
    if (revise === undefined) return;
    this.#run.at(this.#run.now() + micros(revise.after()), () => {
      if (this.#cancelled || this.#dialogue?.state !== 'working') return;
      const now = this.#terms;
      const next = now.quantity === 0 ? null : revise.terms(now);
      if (next !== null && (next.price !== now.price || next.quantity !== now.quantity)) {
        // A trade under older terms may still be on its way.
        if (!accepts({ side: this.#wish.side, price: this.#worst }, next.price)) this.#worst = next.price;
        this.#ordered += next.quantity;
        this.#dialogue.send('replace', next);
      }
      this.#reviseLater();
    });
  }

  /** Whether so much money for so many units is no worse than the worst price that was ever ordered. */
  #keepsTerms(quantity: number, money: bigint): boolean {
    const worst = this.#worst * BigInt(quantity);
    return this.#wish.side === 'buy' ? money <= worst : money >= worst;
  }

  #cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    if (this.#dialogue?.open === true) this.#dialogue.send('cancel', {});
  }
}
