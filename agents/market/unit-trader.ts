import { z } from 'zod';
import type { Context } from '../../agent-core/agent/context.ts';
import { micros, type Duration, type Micros } from '../../agent-core/clock.ts';
import { TOKEN } from '../../agent-core/ledger/operation.ts';
import { ORDER_BOUNDS } from '../../agent-core/market/order.ts';
import { ContinuousDoubleAuction } from '../../agent-core/protocol/continuous-double-auction.ts';
import { did } from '../../agent-core/protocol/did.ts';

const limitPrice = z.bigint().nonnegative().max(ORDER_BOUNDS.price);

/** Parameters of traders that trade one unit after the other. */
export const unitTraderParams = {
  exchange: did(),
  asset: z.string().min(1).max(64),
  /** What the market pays in. */
  money: z.string().min(1).max(64).default(TOKEN),
  /** As the exchange settles: with `words`, nothing is set aside. */
  settlement: z.enum(['ledger', 'words']).default('ledger'),
  side: z.enum(['buy', 'sell']),
  /** Private value or cost of each unit in micro-tokens, in the order in which they are traded: the best first. */
  limits: z.array(limitPrice).max(10_000),
  /** Mean time between two quotes. */
  thinks: z.custom<Duration>().default('1 s'),
  /** Length of a trading day: what has not traded by then comes back. The first begins at the trader's start. */
  day: z.custom<Duration>().default('60 s'),
  /** Days, one after the other. Every day has the same limits anew: a trader needs money or goods for all of them. */
  days: z.int().min(1).max(10_000).default(1),
};

const schema = z.object(unitTraderParams);

/** Parameters of {@link tradeUnits}. */
export type UnitTraderParams = z.output<typeof schema>;

/** A unit that was traded. */
export interface TradedUnit {
  /** From 0. */
  readonly day: number;
  /** What it was worth, or cost, to the trader. */
  readonly limit: bigint;
  /** What was paid. */
  readonly price: bigint;
}

/** State of a trader of units. */
export interface UnitTraderState {
  readonly traded: TradedUnit[];
  /** The unit of the day that it trades now. */
  unit: number;
  /** Why it went home for good, if it did: how its last order ended, where it was neither filled nor expired. */
  stopped: string | null;
}

/** A trader that has traded nothing. */
export function noUnits(): UnitTraderState {
  return { traded: [], unit: 0, stopped: null };
}

type UnitTrader = Context<UnitTraderParams, UnitTraderState>;

/** The price that a trader quotes for a unit; undefined for none. */
export type Quote = (limit: bigint, unit: number) => bigint | undefined;

/**
 * Trades units one after the other until none is left or the day is over: each by one order, whose price is quoted anew whenever the
 * trader has thought again. All that a unit may cost is set aside once, so that quotes need no ledger.
 */
export async function tradeUnits(ctx: UnitTrader, quote: Quote): Promise<void> {
  const [start, length] = [ctx.now(), micros(ctx.params.day)];
  for (let day = 0; day < ctx.params.days && ctx.state.stopped === null; day++) {
    const opens = start + day * length;
    await ctx.sleep(Math.max(0, opens - ctx.now()));
    await tradeDay(ctx, { day, closes: opens + length, quote });
  }
}

interface Day {
  readonly day: number;
  readonly closes: Micros;
  readonly quote: Quote;
}

async function tradeDay(ctx: UnitTrader, { day, closes, quote }: Day): Promise<void> {
  const { exchange, asset, money, side, limits, settlement } = ctx.params;
  const thinks = (): Micros => Math.ceil(ctx.random.exponential(micros(ctx.params.thinks)));
  for (const [unit, limit] of limits.entries()) {
    ctx.state.unit = unit;
    await ctx.sleep(thinks());
    const within = closes - ctx.now();
    const price = quote(limit, unit);
    // No price allowed does: the next unit is worth no more.
    if (within <= 0 || price === undefined) return;
    const result = await ctx.run(ContinuousDoubleAuction.trader, {
      exchange,
      asset,
      money,
      side,
      price,
      quantity: 1,
      within,
      setAside: settlement === 'words' ? null : side === 'buy' ? limit : 1n,
      revise: {
        after: thinks,
        terms: (now) => ({ quantity: now.quantity, price: quote(limit, unit) ?? now.price }),
      },
    });
    if (result.type !== 'done') ctx.state.stopped = `${result.type}: ${result.code}`;
    else if (result.reason !== 'filled' && result.reason !== 'expired') ctx.state.stopped = result.reason;
    if (result.type !== 'done' || result.quantity === 0) return;
    ctx.state.traded.push({ day, limit, price: result.money });
  }
  ctx.state.unit = limits.length;
}
