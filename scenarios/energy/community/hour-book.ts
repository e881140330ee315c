import type { Side } from '../../../agent-core/market/order.ts';

/** Orders of one side, the best first; of one price, the earlier first. */
class Half {
  readonly price: number[] = [];
  readonly quantity: number[] = [];
  readonly owner: number[] = [];
  readonly filled: number[] = [];
  size = 0;
  /** 1 for asks, which rise, -1 for bids, which fall. */
  readonly #sign: number;

  constructor(sign: number) {
    this.#sign = sign;
  }

  add(owner: number, price: number, quantity: number): void {
    let at = this.size++;
    for (; at > 0 && this.#sign * (this.price[at - 1] ?? 0) > this.#sign * price; at--) {
      this.price[at] = this.price[at - 1] ?? 0;
      this.quantity[at] = this.quantity[at - 1] ?? 0;
      this.owner[at] = this.owner[at - 1] ?? 0;
    }
    this.price[at] = price;
    this.quantity[at] = quantity;
    this.owner[at] = owner;
  }

  /** Gives units to the best, price by price; at the last price in proportion, what is left over to the largest fractions. */
  fill(units: number): void {
    let left = units;
    for (let from = 0; from < this.size;) {
      let [to, wanted] = [from, 0];
      for (; to < this.size && this.price[to] === this.price[from]; to++) wanted += this.quantity[to] ?? 0;
      if (wanted <= left) for (let at = from; at < to; at++) this.filled[at] = this.quantity[at] ?? 0;
      else this.#share(from, to, { left, wanted });
      left = Math.max(0, left - wanted);
      from = to;
    }
  }

  #share(from: number, to: number, { left, wanted }: { readonly left: number; readonly wanted: number }): void {
    let rest = left;
    const fractions: { readonly at: number; readonly fraction: number }[] = [];
    for (let at = from; at < to; at++) {
      const share = (left * (this.quantity[at] ?? 0)) / wanted;
      const whole = Math.floor(share);
      this.filled[at] = whole;
      rest -= whole;
      fractions.push({ at, fraction: share - whole });
    }
    if (rest <= 0) return;
    fractions.sort((a, b) => b.fraction - a.fraction || a.at - b.at);
    for (const { at } of fractions.slice(0, rest)) this.filled[at] = (this.filled[at] ?? 0) + 1;
  }
}

/**
 * The orders of one hour, cleared as `clearUniformPrice` clears them with `k` one half and margins shared in proportion, in numbers instead of
 * messages and big integers. One may be used again and again.
 */
export class HourBook {
  readonly #bids = new Half(-1);
  readonly #asks = new Half(1);

  /** Forgets all orders. */
  clear(): void {
    this.#bids.size = 0;
    this.#asks.size = 0;
  }

  /** Whole micro-tokens a unit, whole units. */
  add(owner: number, side: Side, { price, quantity }: { readonly price: number; readonly quantity: number }): void {
    (side === 'buy' ? this.#bids : this.#asks).add(owner, price, quantity);
  }

  /** Clears: the price, null where no bid reaches an ask. What each owner bought less sold is added to `traded`. */
  settle(traded: Float64Array): number | null {
    const [bids, asks] = [this.#bids, this.#asks];
    let [b, a, quantity] = [0, 0, 0];
    let [bidLeft, askLeft] = [bids.quantity[0] ?? 0, asks.quantity[0] ?? 0];
    let [lastBid, lastAsk] = [0, 0];
    while (b < bids.size && a < asks.size && (bids.price[b] ?? 0) >= (asks.price[a] ?? 0)) {
      const units = Math.min(bidLeft, askLeft);
      quantity += units;
      [lastBid, lastAsk] = [bids.price[b] ?? 0, asks.price[a] ?? 0];
      bidLeft -= units;
      askLeft -= units;
      if (bidLeft === 0) bidLeft = bids.quantity[++b] ?? 0;
      if (askLeft === 0) askLeft = asks.quantity[++a] ?? 0;
    }
    if (quantity === 0) return null;
    const low = b < bids.size ? Math.max(lastAsk, bids.price[b] ?? 0) : lastAsk;
    const high = a < asks.size ? Math.min(lastBid, asks.price[a] ?? 0) : lastBid;
    bids.fill(quantity);
    asks.fill(quantity);
    for (let at = 0; at < bids.size; at++) {
      const owner = bids.owner[at] ?? 0;
      traded[owner] = (traded[owner] ?? 0) + (bids.filled[at] ?? 0);
    }
    for (let at = 0; at < asks.size; at++) {
      const owner = asks.owner[at] ?? 0;
      traded[owner] = (traded[owner] ?? 0) - (asks.filled[at] ?? 0);
    }
    return low + Math.floor((high - low) / 2);
  }
}
