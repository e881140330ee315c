/** One trading day of simple traders on the order book, in memory: what `double-auction.ts` measures. */
import { accepts, opposite, type Order, type Side } from '../agent-core/market/order.ts';
import { createOrderBook, type BookTrade } from '../agent-core/market/order-book.ts';
import type { PrivateValue } from '../agent-core/market/efficiency.ts';
import { zeroIntelligenceQuote } from '../agent-core/market/zero-intelligence.ts';
import { drawZipTrader, zipHears, zipQuote, type Shout } from '../agent-core/market/zip.ts';
import type { RandomStream } from '../agent-core/random.ts';

/** Prices that the market allows, in micro-tokens: 1 to 200 tokens, as in Gode and Sunder's markets. */
export const BOUNDS = { min: 1_000_000n, max: 200_000_000n } as const;

/** A trader and the limit prices of its units, best first: it trades them in this order, one at a time. */
export interface Holder {
  readonly trader: string;
  readonly side: Side;
  readonly limits: readonly bigint[];
}

/** Ranges of private values and costs, in tokens. */
export interface Shape {
  readonly name: string;
  readonly values: readonly [number, number];
  readonly costs: readonly [number, number];
  /** Units of a buyer and of a seller. */
  readonly units: readonly [number, number];
}

/** A market drawn at random: half of the traders buy. */
export function drawMarket(shape: Shape, traders: number, random: RandomStream): readonly Holder[] {
  return Array.from({ length: traders }, (_, at) => {
    const side: Side = at % 2 === 0 ? 'buy' : 'sell';
    const [low, high] = side === 'buy' ? shape.values : shape.costs;
    const micros = Array.from({ length: shape.units[side === 'buy' ? 0 : 1] }, () =>
      random.integer(low * 1e6, high * 1e6),
    );
    const sorted = micros.toSorted((a, b) => (side === 'buy' ? b - a : a - b));
    return { trader: `${side}er ${at}`, side, limits: sorted.map(BigInt) };
  });
}

/** The limit price of the unit each trader has next; undefined where it has no more. */
type Limits = readonly (bigint | undefined)[];

/** How all traders of a day behave. */
export interface Crowd {
  /** The price a trader quotes for its unit. */
  quote(trader: number, unit: number): bigint | undefined;
  /** What everybody hears; `next` is each trader's next unit. */
  heard(shout: Shout, next: readonly number[]): void;
}

/**
 * How long a quote stands: `trade`, until any trade, which takes all quotes out (Gode and Sunder 1993); `replaced`, until it
 * trades or its trader quotes anew.
 */
export type QuoteRule = 'trade' | 'replaced';

/** Rules of a day. */
export interface DayRules {
  readonly holders: readonly Holder[];
  readonly crowd: Crowd;
  /** Picks who quotes next. */
  readonly random: RandomStream;
  readonly rule: QuoteRule;
  /** The day ends here, or earlier when nothing is left to gain. */
  readonly maxQuotes: number;
}

/** Zero-intelligence traders with a budget constraint. */
export function zicCrowd(holders: readonly Holder[], random: RandomStream): Crowd {
  return {
    quote(trader, unit) {
      const [holder, limit] = [holders[trader], holders[trader]?.limits[unit]];
      if (holder === undefined || limit === undefined) return undefined;
      return zeroIntelligenceQuote({ side: holder.side, limit, ...BOUNDS, random });
    },
    heard: () => undefined,
  };
}

/**
 * Traders that learn; what they have learnt stays from day to day. Each unit has a margin of its own, since one margin for
 * several limit prices cannot settle (Tesauro and Das 2001, High-Performance Bidding Agents for the Continuous Double Auction).
 */
export function zipCrowd(holders: readonly Holder[], random: RandomStream): Crowd {
  const units = holders.map(({ side, limits }) =>
    limits.map((limit) => ({ limit, state: drawZipTrader({ side, random }) })),
  );
  return {
    quote(trader, unit) {
      const own = units[trader]?.[unit];
      return own && zipQuote(own.state, own.limit);
    },
    heard(shout, next) {
      units.forEach((own, trader) => {
        own.forEach((unit, at) => {
          const active = at >= (next[trader] ?? 0);
          unit.state = zipHears(unit.state, { shout, limit: unit.limit, active, random });
        });
      });
    },
  };
}

/** Every unit as a private value, for the theory. */
export function valuesOf(holders: readonly Holder[]): readonly PrivateValue[] {
  return holders.flatMap(({ trader, side, limits }) => limits.map((price) => ({ trader, side, price, quantity: 1 })));
}

/** Plays one day. Returns its trades. */
export function playDay({ holders, crowd, random, rule, maxQuotes }: DayRules): readonly BookTrade[] {
  const book = createOrderBook();
  const index = new Map(holders.map(({ trader }, at) => [trader, at]));
  const next = holders.map(() => 0);
  const limits = holders.map((holder) => holder.limits[0]);
  const trades: BookTrade[] = [];
  const settle = (trader: string): void => {
    const at = index.get(trader) ?? -1;
    const unit = (next[at] ?? 0) + 1;
    next[at] = unit;
    limits[at] = holders[at]?.limits[unit];
  };
  let gains = somethingToGain(holders, limits);
  for (let quotes = 0; quotes < maxQuotes && gains; quotes++) {
    const at = random.integer(0, holders.length - 1);
    const holder = holders[at];
    const price = crowd.quote(at, next[at] ?? 0);
    if (holder === undefined || price === undefined) continue;
    const order = orderOf(holder, price);
    const [trade] = (book.replace(order) ?? book.submit(order)).trades;
    if (trade !== undefined) {
      trades.push(trade);
      settle(trade.buyer);
      settle(trade.seller);
      gains = somethingToGain(holders, limits);
      if (rule === 'trade') for (const { trader } of holders) book.cancel({ id: trader, trader });
    }
    crowd.heard({ side: order.side, price: trade?.price ?? price, accepted: trade !== undefined }, next);
  }
  return trades;
}

/** A trader has one quote in the book, named by the trader. */
function orderOf({ trader, side }: Holder, price: bigint): Order {
  return { id: trader, trader, side, price, quantity: 1 };
}

/** Whether some buyer's next unit is worth more than some seller's next one costs. */
function somethingToGain(holders: readonly Holder[], limits: Limits): boolean {
  const best = (side: Side): bigint | undefined => {
    let found: bigint | undefined;
    limits.forEach((limit, at) => {
      if (limit === undefined || holders[at]?.side !== side) return;
      if (found !== undefined && !accepts({ side: opposite(side), price: found }, limit)) return;
      found = limit;
    });
    return found;
  };
  const [value, cost] = [best('buy'), best('sell')];
  return value !== undefined && cost !== undefined && value > cost;
}
