import type { Side } from './order.ts';

/** What the crossing of demand and supply needs to know of an order or of a private value. */
export interface Limit {
  readonly side: Side;
  /** Micro-tokens a unit. */
  readonly price: bigint;
  readonly quantity: number;
}

/** Where demand and supply cross. */
export interface Crossing {
  /** The most units that can change hands at one price. */
  readonly quantity: number;
  /** Lowest and highest price at which exactly these units want to trade, in micro-tokens. */
  readonly low: bigint;
  readonly high: bigint;
  /** Gains from trade: values less costs of the units that trade, in micro-tokens. No other allocation has more. */
  readonly surplus: bigint;
}

/** Orders of one side from the best to the worst price; at one price they keep their order. */
export function byPriority<T extends Limit>(limits: readonly T[], side: Side): readonly T[] {
  const own = limits.filter((limit) => limit.side === side);
  return side === 'buy'
    ? own.toSorted((a, b) => compare(b.price, a.price))
    : own.toSorted((a, b) => compare(a.price, b.price));
}

/**
 * Crosses demand and supply; undefined where no bid reaches an ask.
 *
 * With b(i) and a(i) the price of the i-th best unit bid and asked, the quantity is the largest q with b(q) >= a(q), and a
 * price clears the market when it is in [max(a(q), b(q+1)), min(b(q), a(q+1))]: all who trade accept it, nobody who is left
 * out would gain by it. The surplus is the sum of b(i) - a(i) (Smith 1962; Satterthwaite and Williams 1989, section 2).
 */
export function crossing(limits: readonly Limit[]): Crossing | undefined {
  const bids = byPriority(limits, 'buy')[Symbol.iterator]();
  const asks = byPriority(limits, 'sell')[Symbol.iterator]();
  let [bid, ask] = [next(bids), next(asks)];
  let [quantity, surplus] = [0, 0n];
  let last: { readonly bid: bigint; readonly ask: bigint } | undefined;
  while (bid !== undefined && ask !== undefined && bid.price >= ask.price) {
    const units: number = Math.min(bid.left, ask.left);
    quantity += units;
    surplus += (bid.price - ask.price) * BigInt(units);
    last = { bid: bid.price, ask: ask.price };
    bid = bid.left === units ? next(bids) : { price: bid.price, left: bid.left - units };
    ask = ask.left === units ? next(asks) : { price: ask.price, left: ask.left - units };
  }
  if (last === undefined) return undefined;
  const low = bid === undefined || bid.price < last.ask ? last.ask : bid.price;
  const high = ask === undefined || ask.price > last.bid ? last.bid : ask.price;
  return { quantity, low, high, surplus };
}

interface Open {
  readonly price: bigint;
  readonly left: number;
}

function next(limits: Iterator<Limit, unknown>): Open | undefined {
  const step = limits.next();
  return step.done === true ? undefined : { price: step.value.price, left: step.value.quantity };
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}
