import { SortedList } from './sorted-list.ts';
import type { Side } from './order.ts';

/** An order in the book. Orders of one price hang in a list by arrival, so that leaving costs O(1). */
export interface Resting {
  readonly id: string;
  readonly trader: string;
  readonly side: Side;
  readonly arrival: number;
  /** Undefined: until cancelled. */
  readonly expires: number | undefined;
  readonly level: Level;
  quantity: number;
  before: Resting | undefined;
  after: Resting | undefined;
}

/** All orders of one side at one price. */
export interface Level {
  readonly price: bigint;
  /** Units of all orders. */
  quantity: number;
  orders: number;
  head: Resting | undefined;
  tail: Resting | undefined;
}

/** What {@link BookSide.add} takes: the facts of a resting order. */
export interface RestingFacts {
  readonly id: string;
  readonly trader: string;
  readonly price: bigint;
  readonly quantity: number;
  readonly arrival: number;
  readonly expires: number | undefined;
}

/** One side of an order book: price levels from the best to the worst, each first come, first served. */
export class BookSide {
  readonly #side: Side;
  readonly #levels: SortedList<Level>;

  constructor(side: Side) {
    this.#side = side;
    this.#levels = new SortedList(
      side === 'buy' ? (a: Level, b: Level) => a.price > b.price : (a: Level, b: Level) => a.price < b.price,
    );
  }

  /** The level that trades first. */
  best(): Level | undefined {
    return this.#levels.first();
  }

  /** Levels from the best to the worst. */
  levels(): Iterable<Level> {
    return this.#levels;
  }

  /** Puts an order behind all others of its price. */
  add(facts: RestingFacts): Resting {
    const fresh: Level = { price: facts.price, quantity: 0, orders: 0, head: undefined, tail: undefined };
    let level = this.#levels.find(fresh);
    if (level === undefined) {
      level = fresh;
      this.#levels.insert(level);
    }
    const { id, trader, arrival, expires, quantity } = facts;
    const before = level.tail;
    const place = { level, before, after: undefined };
    const resting: Resting = { id, trader, side: this.#side, arrival, expires, quantity, ...place };
    if (before === undefined) level.head = resting;
    else before.after = resting;
    level.tail = resting;
    level.quantity += quantity;
    level.orders++;
    return resting;
  }

  /** Takes an order out; an empty level goes with it. */
  remove(resting: Resting): void {
    const { level, before, after } = resting;
    if (before === undefined) level.head = after;
    else before.after = after;
    if (after === undefined) level.tail = before;
    else after.before = before;
    level.quantity -= resting.quantity;
    level.orders--;
    if (level.orders === 0) this.#levels.remove(level);
  }

  /** Sets the open quantity of an order, which keeps its place. */
  resize(resting: Resting, quantity: number): void {
    resting.level.quantity += quantity - resting.quantity;
    resting.quantity = quantity;
  }
}
