import { z } from 'zod';
import type { Context, TimerTag } from '../../agent-core/agent/context.ts';
import type { Micros } from '../../agent-core/clock.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import { TOKEN, type Asset } from '../../agent-core/ledger/operation.ts';
import { createOrderBook, type OrderBook } from '../../agent-core/market/order-book.ts';
import type { Side } from '../../agent-core/market/order.ts';
import type { OrderEnd } from '../../agent-core/protocol/continuous-double-auction.ts';
import type { Tick } from '../../agent-core/protocol/market-ticker.ts';

/** Parameters that every exchange has. */
export const marketParams = {
  /** What is traded here. */
  assets: z.array(z.string().min(1).max(64)).min(1).max(1_024),
  /** What is paid with. */
  money: z.string().min(1).max(64).default(TOKEN),
  /**
   * `ledger`: delivery against payment. `words`: fills are said and nothing is moved, for studies that need no money and want
   * half of the messages' cost back; no order is backed then.
   */
  settlement: z.enum(['ledger', 'words']).default('ledger'),
  /** Orders in one book. */
  maxOrders: z.int().min(1).max(16_384).default(16_384),
  /** Orders of one trader in one book. */
  maxOrdersPerTrader: z.int().min(1).max(16_384).default(1_024),
  /** The newest trades that the state keeps. */
  keepTrades: z.int().min(0).max(1_000_000).default(4_096),
};

/** Schema of {@link ExchangeParams}. */
export const exchangeParams = z.object(marketParams);

/** Parameters of `exchange`. */
export type ExchangeParams = z.output<typeof exchangeParams>;

/** A trade that was settled. */
export interface SettledTrade {
  readonly trade: string;
  readonly asset: Asset;
  /** Micro-tokens a unit. */
  readonly price: bigint;
  readonly quantity: number;
  readonly buyer: Did;
  readonly seller: Did;
  readonly time: Micros;
}

/** An order while its dialogue lasts, and after it while trades of it are being settled. */
export interface LiveOrder {
  /** Name in the book: the trader and the dialogue, which nobody else can use. */
  readonly key: string;
  readonly dialogue: string;
  readonly trader: Did;
  readonly id: string;
  readonly asset: Asset;
  readonly side: Side;
  /** Units, as first ordered. */
  readonly quantity: number;
  readonly immediate: boolean;
  readonly expires: Micros;
  /** The present limit price. */
  price: bigint;
  /** Left of its reservation, less what trades under way will take. */
  backed: bigint;
  /** True until its reservation was looked at. */
  checking: boolean;
  /** Trades of it that the ledger has not answered yet. */
  unsettled: number;
  traded: number;
  /** Paid or received so far. */
  moved: bigint;
  /** Why it is to end, once it is. */
  reason: OrderEnd | null;
  timer: number | null;
}

/** State of `exchange`. */
export interface ExchangeState {
  /** By asset. */
  readonly books: Map<Asset, OrderBook>;
  /** By key. */
  readonly orders: Map<string, LiveOrder>;
  /** `trader id` of live orders. */
  readonly ids: Set<string>;
  /** Oldest first, the newest `keepTrades`. */
  readonly trades: SettledTrade[];
  /** Trades begun since the start. */
  begun: number;
  /** Chains that the ledger refused. */
  refusedSettlements: number;
  /** Tells who watches an asset; set at the start. */
  publish: (asset: Asset, tick: Tick) => void;
  /** When this life began, with `begun` the name of a trade: no later life uses it again. */
  epoch: Micros;
}

/** What the parts of an exchange work on. */
export type ExchangeContext = Context<ExchangeParams, ExchangeState>;

/** Set for every order that rests: the end of its time in the book. Its data is the order's key. */
export const EXPIRY: TimerTag<string> = { tag: 'order-expiry' };

/** An exchange without orders. */
export function emptyExchange({ assets, maxOrders, maxOrdersPerTrader }: ExchangeParams): ExchangeState {
  return {
    books: new Map(assets.map((asset) => [asset, createOrderBook({ maxOrders, maxOrdersPerTrader })])),
    orders: new Map(),
    ids: new Set(),
    trades: [],
    begun: 0,
    refusedSettlements: 0,
    publish: () => undefined,
    epoch: 0,
  };
}

/** Keeps the newest of a growing list, in constant time on average. */
export function keepNewest<T>(list: T[], item: T, most: number): void {
  list.push(item);
  if (list.length > 2 * most) list.splice(0, list.length - most);
}
