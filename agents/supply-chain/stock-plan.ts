/** What a lot more, and a lot fewer, is worth on a lane, by ship period: `null` where it cannot be. */
export interface LotPrices {
  /** Money a unit for which one lot more can be had. */
  readonly more: readonly (number | null)[];
  /** Money a unit that is given back for one lot fewer. */
  readonly fewer: readonly (number | null)[];
}

/** A lane on which an item comes in, as its buyer plans with it. */
export interface InboundPlan {
  readonly leadTime: number;
  /** Money for each unit and period under way. */
  readonly pipelineCost: number;
  /** Units contracted, by ship period. */
  readonly planned: readonly number[];
  /** As the supplier quotes them for a lot of this item; null where it does not answer. */
  readonly prices: LotPrices | null;
}

/** Something that a firm stocks, and ships on. */
export interface ItemPlan {
  /** Units at the start of the present period. */
  readonly stock: number;
  readonly holding: number;
  readonly perOutput: number;
  /** Units that are under way already, by the period in which they arrive. */
  readonly arriving: readonly number[];
  readonly inbound: readonly InboundPlan[];
}

/** All that a firm knows when it says what a lot more or fewer would cost it. */
export interface StockPlan {
  /** The present period, whose shipments are not made yet. */
  readonly now: number;
  /** What is left after the last one is worth nothing. */
  readonly periods: number;
  /** Money a unit that is shipped. */
  readonly operatingCost: number;
  /** Units that can be shipped, by period. */
  readonly capacity: readonly number[];
  /** Units that customers have contracted, by ship period. */
  readonly shipping: readonly number[];
  /** Money that is lost for a unit that is contracted and not shipped, by ship period; left out, no price is too high to ship it. */
  readonly worth?: readonly number[];
  readonly items: readonly ItemPlan[];
}

/** A lot of an item on one of its lanes, by ship period. */
export interface Way {
  readonly lane: number;
  readonly period: number;
}

/** What one lot more or fewer costs or saves, and how each item of it comes or is called off; null: from what there is. */
export interface LotWays {
  readonly unit: number;
  readonly ways: readonly (Way | null)[];
}

/** By ship period; null where it cannot be done. */
export interface StockQuotes {
  readonly more: readonly (LotWays | null)[];
  readonly fewer: readonly (LotWays | null)[];
}

/** Units and money below this are rounding. */
export const TINY = 1e-9;

/**
 * What it would cost a firm to ship one `lot` more in a period, and what it would save to ship one fewer: the length of the
 * shortest path in the residual network of its own stock over time (Ahuja, Magnanti and Orlin 1993, section 9.6), where the
 * arcs from other firms have the prices that these quote. A lot comes from stock that is needed later, or never, or from a
 * supplier; a lot that is called off stays in stock, or is called off from a supplier in turn.
 *
 * Costs of a unit: `operatingCost`, holding for as long as it lies longer (less where it leaves earlier), pipeline, price. What an order
 * costs whatever its size, and the discount of later money, are paid but not reckoned with: a marginal price knows neither.
 */
export function stockQuotes(plan: StockPlan, lot: number): StockQuotes {
  const items = plan.items.map((item) => new ItemOutlook(plan, item, lot * item.perOutput));
  const more: (LotWays | null)[] = [];
  const fewer: (LotWays | null)[] = [];
  for (let period = 0; period < plan.periods; period += 1) {
    const isPast = period < plan.now;
    const shipping = plan.shipping[period] ?? 0;
    const fits = shipping + lot <= (plan.capacity[period] ?? Infinity) + TINY;
    more.push(isPast || !fits ? null : assembled(plan, items, (item) => item.cheapest(period)));
    fewer.push(isPast || shipping < lot - TINY ? null : assembled(plan, items, (item) => item.best(period)));
  }
  return { more, fewer };
}

function assembled(
  { operatingCost, items: plans }: StockPlan,
  items: readonly ItemOutlook[],
  of: (item: ItemOutlook) => Priced | null,
): LotWays | null {
  let unit = operatingCost;
  const ways: (Way | null)[] = [];
  for (const [k, item] of items.entries()) {
    const priced = of(item);
    if (priced === null) return null;
    unit += priced.value * (plans[k]?.perOutput ?? 1);
    ways.push(priced.way);
  }
  return { unit, ways };
}

/** Money a unit of an item, and where it comes from. */
interface Priced {
  readonly value: number;
  readonly way: Way | null;
}

/** How the stock of one item develops, and where lots of it can come from or go. */
class ItemOutlook {
  readonly #plan: StockPlan;
  readonly #item: ItemPlan;
  /** Units left after the shipments of a period, before its arrivals. */
  readonly #left: readonly number[];
  /** By the period from which a lot more, or fewer, is in stock: price and pipeline of a unit. */
  readonly #bought: readonly (Priced | null)[];
  readonly #calledOff: readonly (Priced | null)[];
  readonly #lot: number;

  constructor(plan: StockPlan, item: ItemPlan, lot: number) {
    this.#plan = plan;
    this.#item = item;
    this.#lot = lot;
    this.#left = outlookOf(plan, item).left;
    this.#bought = this.#ways('more');
    this.#calledOff = this.#ways('fewer');
  }

  /** The cheapest way to a lot more that is shipped in `period`. */
  cheapest(period: number): Priced | null {
    const { now, periods } = this.#plan;
    const { holding } = this.#item;
    const short = this.#firstShort(period);
    // What nobody needs until the end leaves the store.
    let best: Priced | null = short === periods ? { value: -holding * (periods - period), way: null } : null;
    for (let from = now + 1; from <= short; from += 1) {
      const bought = this.#bought[from] ?? null;
      if (bought === null) continue;
      const value = bought.value + holding * (period + 1 - from);
      if (best === null || value < best.value - TINY) best = { value, way: bought.way };
    }
    return best;
  }

  /** The best way to make use of a lot that is not shipped in `period` after all. */
  best(period: number): Priced {
    const { now, periods } = this.#plan;
    const { holding } = this.#item;
    let best: Priced = { value: -holding * (periods - period), way: null };
    const consider = (from: number): void => {
      const called = this.#calledOff[from] ?? null;
      if (called === null) return;
      const value = called.value + holding * (period + 1 - from);
      if (value > best.value + TINY) best = { value, way: called.way };
    };
    for (let from = period + 1; from <= periods; from += 1) consider(from);
    // It was in stock before: until then the stock must do without it.
    for (let from = period; from > now; from -= 1) {
      if (from < period && (this.#left[from] ?? 0) < this.#lot - TINY) break;
      consider(from);
    }
    return best;
  }

  /** The first period, not before `period`, that could not ship a lot of stock on top; `periods` where there is none. */
  #firstShort(period: number): number {
    for (let t = period; t < this.#plan.periods; t += 1) if ((this.#left[t] ?? 0) < this.#lot - TINY) return t;
    return this.#plan.periods;
  }

  #ways(direction: 'more' | 'fewer'): readonly (Priced | null)[] {
    const { now, periods } = this.#plan;
    const ways = Array.from({ length: periods + 1 }, (): Priced | null => null);
    for (const [lane, { leadTime, pipelineCost, planned, prices }] of this.#item.inbound.entries()) {
      if (prices === null) continue;
      for (let period = now; period + leadTime < periods; period += 1) {
        const price = prices[direction][period] ?? null;
        if (price === null) continue;
        if (direction === 'fewer' && (planned[period] ?? 0) < this.#lot - TINY) continue;
        const from = period + leadTime + 1;
        const value = price + pipelineCost * leadTime;
        const known = ways[from] ?? null;
        const isBetter = known === null || (direction === 'more' ? value < known.value : value > known.value);
        if (isBetter) ways[from] = { value, way: { lane, period } };
      }
    }
    return ways;
  }
}

/** How the stock of an item develops, by period. */
export interface Outlook {
  /** Units left after the shipments of a period, before its arrivals. */
  readonly left: readonly number[];
  /** Units of the item that shipments lack: contracts that cannot be kept. */
  readonly missing: readonly number[];
}

/** The outlook of an item: whatever is contracted is shipped, as far as stock and capacity reach. What they do not reach for is not made up for. */
export function outlookOf(plan: StockPlan, item: ItemPlan): Outlook {
  const left: number[] = [];
  const missing: number[] = [];
  let stock = item.stock;
  for (let t = 0; t < plan.periods; t += 1) {
    const isPast = t < plan.now;
    const wanted = isPast ? 0 : Math.min(plan.shipping[t] ?? 0, plan.capacity[t] ?? Infinity) * item.perOutput;
    const lacking = wanted - stock > TINY ? wanted - stock : 0;
    const rest = isPast ? stock : stock - wanted + lacking;
    left.push(isPast ? 0 : rest);
    missing.push(lacking);
    stock = isPast ? stock : rest + arrivals(plan, item, t);
  }
  return { left, missing };
}

/** Units of an item that arrive in a period, under way or contracted. */
export function arrivals({ now }: StockPlan, { arriving, inbound }: ItemPlan, period: number): number {
  return inbound.reduce(
    (sum, { leadTime, planned }) => sum + (period - leadTime >= now ? (planned[period - leadTime] ?? 0) : 0),
    arriving[period] ?? 0,
  );
}
