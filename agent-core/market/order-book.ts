import type { Micros } from '../clock.ts';
import { assert, HaggleError } from '../errors.ts';
import { BookSide, type Level, type Resting } from './book-side.ts';
import { demand, readOrders, type BookSnapshot } from './book-snapshot.ts';
import { accepts, checkOrder, checkPrice, checkQuantity, opposite, ORDER_BOUNDS } from './order.ts';
import type { Order, RestingOrder, Side, Submission, Trade } from './order.ts';
import { SortedList } from './sorted-list.ts';

/** Bounds of one book. */
export interface BookLimits {
  /** Resting orders of all traders, at most a million. Default 65,536. */
  readonly maxOrders?: number;
  /** Resting orders of one trader, so that nobody can fill the book alone. Default 4,096. */
  readonly maxOrdersPerTrader?: number;
}

/** A trade of a book. Its price is that of the order that was there first. */
export interface BookTrade extends Trade {
  /** Count of the book's trades, from 0. */
  readonly sequence: number;
  /** The side of the order that came last. */
  readonly taker: Side;
}

/** What became of a submission: `quantity = traded + resting + dropped`. */
export interface OrderReceipt {
  readonly arrival: number;
  /** In the order in which they were made: best price first, then first come. */
  readonly trades: readonly BookTrade[];
  /** Orders of the same trader that were cancelled because they would have traded with this one. */
  readonly prevented: readonly RestingOrder[];
  /** Units now in the book. */
  readonly resting: number;
  /** Units of an immediate order that found nobody. */
  readonly dropped: number;
}

/** What is on offer at one price. */
export interface PriceLevel {
  /** Micro-tokens a unit. */
  readonly price: bigint;
  readonly quantity: number;
  readonly orders: number;
}

/**
 * A limit order book: a continuous double auction with price-time priority (Friedman and Rust, The Double Auction Market,
 * 1993). It is a pure state machine: it knows no clock but {@link OrderBook.advance} and no order but that of its calls.
 *
 * Rules. A new order trades at once with the best orders of the other side that it accepts, each at the *resting* order's
 * price, first come first served within a price; the rest joins the book. Nobody trades with themselves: where a new order
 * meets an older one of its trader, the older one is cancelled (it says the older will) and the new one goes on.
 */
export interface OrderBook {
  /** Resting orders. */
  readonly size: number;
  /** The time up to which orders have expired. */
  readonly now: Micros;
  /**
   * Trades and rests an order. Nothing has changed where it throws.
   *
   * @throws HaggleError `bad-order`; `order-id-taken` while an order of that id rests; `order-expired` unless it expires
   * after the book's time; `book-full` or `trader-book-full` for an order that may rest where no more may (a full book
   * takes only immediate orders).
   */
  submit(order: Submission): OrderReceipt;
  /** Takes an order out. Undefined where no such order of this trader rests: it may just have traded. */
  cancel(whose: { readonly id: string; readonly trader: string }): RestingOrder | undefined;
  /**
   * Sets price and open quantity. Only an order of the same price that does not grow keeps its place; any other leaves and
   * comes in anew, and may trade. It keeps its expiry. Undefined where no such order of this trader rests.
   *
   * @throws HaggleError `bad-order`.
   */
  replace(order: {
    readonly id: string;
    readonly trader: string;
    readonly price: bigint;
    readonly quantity: number;
  }): OrderReceipt | undefined;
  /**
   * Moves the book's time on and takes out the orders that expire at or before it, earliest first.
   *
   * @throws HaggleError `time-ran-backwards`.
   */
  advance(now: Micros): readonly RestingOrder[];
  find(id: string): RestingOrder | undefined;
  /** The best level of a side: highest bid or lowest ask. */
  best(side: Side): PriceLevel | undefined;
  /** The best `levels` levels of a side, best first. */
  depth(side: Side, levels: number): readonly PriceLevel[];
  snapshot(): BookSnapshot;
}

const DEFAULT_LIMITS = { maxOrders: 65_536, maxOrdersPerTrader: 4_096 };

class LimitOrderBook implements OrderBook {
  readonly #limits: Required<BookLimits>;
  readonly #sides = { buy: new BookSide('buy'), sell: new BookSide('sell') };
  /** By id; the order of insertion is that of arrival. */
  readonly #orders = new Map<string, Resting>();
  readonly #ordersOf = new Map<string, number>();
  readonly #expiring = new SortedList<Resting>((a, b) => {
    const [x, y] = [a.expires ?? Infinity, b.expires ?? Infinity];
    return x < y || (x === y && a.arrival < b.arrival);
  });
  #now: Micros = 0;
  #arrivals = 0;
  #trades = 0;

  constructor(limits: Required<BookLimits>) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#orders.size;
  }

  get now(): Micros {
    return this.#now;
  }

  submit(order: Submission): OrderReceipt {
    checkOrder(order);
    if (this.#orders.has(order.id)) {
      throw new HaggleError('order-id-taken', `submit of ${order.id}: an order of that id is in the book`, {
        fields: { id: order.id },
      });
    }
    this.#checkExpiry(order);
    if (order.immediate !== true) this.#checkRoom(order.trader);
    return this.#enter(order);
  }

  cancel(whose: { readonly id: string; readonly trader: string }): RestingOrder | undefined {
    const resting = this.#owned(whose);
    if (resting !== undefined) this.#remove(resting);
    return resting && view(resting);
  }

  replace(order: {
    readonly id: string;
    readonly trader: string;
    readonly price: bigint;
    readonly quantity: number;
  }): OrderReceipt | undefined {
    const { id, trader, price, quantity } = order;
    checkPrice(price);
    checkQuantity(quantity);
    const resting = this.#owned(order);
    if (resting === undefined) return undefined;
    const { side, arrival, expires } = resting;
    if (price === resting.level.price && quantity <= resting.quantity) {
      this.#sides[side].resize(resting, quantity);
      return { arrival, trades: [], prevented: [], resting: quantity, dropped: 0 };
    }
    this.#remove(resting);
    return this.#enter({ id, trader, side, price, quantity, ...(expires === undefined ? {} : { expires }) });
  }

  advance(now: Micros): readonly RestingOrder[] {
    if (!Number.isSafeInteger(now) || now < this.#now) {
      throw new HaggleError('time-ran-backwards', `advance to ${now} in a book that is at ${this.#now} microseconds`, {
        fields: { now, bookNow: this.#now },
      });
    }
    this.#now = now;
    const gone: RestingOrder[] = [];
    for (let first = this.#expiring.first(); first !== undefined; first = this.#expiring.first()) {
      if (first.expires === undefined || first.expires > now) break;
      gone.push(view(first));
      this.#remove(first);
    }
    return gone;
  }

  find(id: string): RestingOrder | undefined {
    const resting = this.#orders.get(id);
    return resting && view(resting);
  }

  best(side: Side): PriceLevel | undefined {
    const level = this.#sides[side].best();
    return level && viewLevel(level);
  }

  depth(side: Side, levels: number): readonly PriceLevel[] {
    const seen: PriceLevel[] = [];
    for (const level of this.#sides[side].levels()) {
      if (seen.length >= levels) break;
      seen.push(viewLevel(level));
    }
    return seen;
  }

  snapshot(): BookSnapshot {
    const orders = Array.from(this.#orders.values(), (resting) => ({
      ...view(resting),
      price: `${resting.level.price}`,
    }));
    return { version: 1, now: this.#now, arrivals: this.#arrivals, trades: this.#trades, orders };
  }

  /** Fills a new book from a snapshot. */
  load(snapshot: BookSnapshot): void {
    this.#now = snapshot.now;
    for (const order of readOrders(snapshot)) {
      checkOrder(order);
      this.#checkExpiry(order);
      this.#checkRoom(order.trader);
      this.#rest(order, order.arrival);
    }
    this.#arrivals = snapshot.arrivals;
    this.#trades = snapshot.trades;
    const [bid, ask] = [this.best('buy'), this.best('sell')];
    demand(bid === undefined || ask === undefined || bid.price < ask.price, 'a crossed book');
  }

  #checkExpiry(order: Submission): void {
    const { id, expires } = order;
    if (expires === undefined || (Number.isSafeInteger(expires) && expires > this.#now)) return;
    throw new HaggleError(
      'order-expired',
      `order ${id} expires at ${expires}, the book is at ${this.#now} microseconds`,
      {
        fields: { id, expires, bookNow: this.#now },
      },
    );
  }

  #checkRoom(trader: string): void {
    const { maxOrders, maxOrdersPerTrader } = this.#limits;
    if (this.#orders.size >= maxOrders) {
      throw new HaggleError('book-full', `one more order would be above the ${maxOrders} of this book`, {
        fields: { maxOrders },
      });
    }
    if ((this.#ordersOf.get(trader) ?? 0) >= maxOrdersPerTrader) {
      throw new HaggleError(
        'trader-book-full',
        `one more order of ${trader} would be above the ${maxOrdersPerTrader} of a trader`,
        { fields: { trader, maxOrdersPerTrader } },
      );
    }
  }

  #enter(order: Submission): OrderReceipt {
    const arrival = this.#arrivals++;
    const trades: BookTrade[] = [];
    const prevented: RestingOrder[] = [];
    const open = this.#match(order, { trades, prevented });
    const rests = order.immediate !== true && open > 0;
    if (rests) this.#rest({ ...order, quantity: open }, arrival);
    return { arrival, trades, prevented, resting: rests ? open : 0, dropped: rests ? 0 : open };
  }

  /** Trades with the best orders of the other side. Returns the units left open. */
  #match(order: Submission, made: { readonly trades: BookTrade[]; readonly prevented: RestingOrder[] }): number {
    const side = this.#sides[opposite(order.side)];
    let open = order.quantity;
    for (let level = side.best(); open > 0 && level !== undefined; level = side.best()) {
      if (!accepts(order, level.price)) break;
      const maker = level.head;
      assert(maker !== undefined, 'a level without orders is in the book');
      if (maker.trader === order.trader) {
        made.prevented.push(view(maker));
        this.#remove(maker);
        continue;
      }
      const quantity = Math.min(open, maker.quantity);
      made.trades.push({ sequence: this.#trades++, ...tradeOf(order, maker), quantity });
      open -= quantity;
      if (quantity === maker.quantity) this.#remove(maker);
      else side.resize(maker, maker.quantity - quantity);
    }
    return open;
  }

  #rest(order: Submission, arrival: number): void {
    const { id, trader, side, price, quantity, expires } = order;
    const resting = this.#sides[side].add({ id, trader, price, quantity, arrival, expires });
    this.#orders.set(id, resting);
    this.#ordersOf.set(trader, (this.#ordersOf.get(trader) ?? 0) + 1);
    if (expires !== undefined) this.#expiring.insert(resting);
  }

  #remove(resting: Resting): void {
    const { id, trader, side, expires } = resting;
    this.#sides[side].remove(resting);
    this.#orders.delete(id);
    if (expires !== undefined) this.#expiring.remove(resting);
    const left = (this.#ordersOf.get(trader) ?? 0) - 1;
    if (left > 0) this.#ordersOf.set(trader, left);
    else this.#ordersOf.delete(trader);
  }

  #owned(whose: { readonly id: string; readonly trader: string }): Resting | undefined {
    const resting = this.#orders.get(whose.id);
    return resting?.trader === whose.trader ? resting : undefined;
  }
}

function tradeOf(taker: Order, maker: Resting): Omit<BookTrade, 'sequence' | 'quantity'> {
  const [buy, sell] = taker.side === 'buy' ? [taker, maker] : [maker, taker];
  return {
    price: maker.level.price,
    buyer: buy.trader,
    seller: sell.trader,
    buyOrder: buy.id,
    sellOrder: sell.id,
    taker: taker.side,
  };
}

function view(resting: Resting): RestingOrder {
  const { id, trader, side, level, quantity, arrival, expires } = resting;
  const order = { id, trader, side, price: level.price, quantity, arrival };
  return expires === undefined ? order : { ...order, expires };
}

function viewLevel(level: Level): PriceLevel {
  return { price: level.price, quantity: level.quantity, orders: level.orders };
}

function openBook(limits: BookLimits): LimitOrderBook {
  const full = { ...DEFAULT_LIMITS, ...limits };
  for (const bound of [full.maxOrders, full.maxOrdersPerTrader]) {
    if (Number.isSafeInteger(bound) && bound >= 1 && bound <= ORDER_BOUNDS.orders) continue;
    throw new HaggleError('bad-book-limits', `a bound of a book is 1 to ${ORDER_BOUNDS.orders} orders, got ${bound}`);
  }
  return new LimitOrderBook(full);
}

/** An empty book. @throws HaggleError `bad-book-limits` for a bound that is not a whole number from 1 to a million. */
export function createOrderBook(limits: BookLimits = {}): OrderBook {
  return openBook(limits);
}

/**
 * A book that goes on where a snapshot was taken.
 *
 * @throws HaggleError `bad-snapshot` for counts, ids, arrivals, sides or prices that no book can have, `bad-order`,
 * `order-expired`, `book-full` or `trader-book-full` for an order this book would refuse, `bad-book-limits`.
 */
export function restoreOrderBook(snapshot: BookSnapshot, limits: BookLimits = {}): OrderBook {
  const book = openBook(limits);
  book.load(snapshot);
  return book;
}
