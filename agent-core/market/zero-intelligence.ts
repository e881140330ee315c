import type { RandomStream } from '../random.ts';
import type { Side } from './order.ts';

/** What a zero-intelligence trader needs for a quote. */
export interface QuoteDraw {
  readonly side: Side;
  /** The trader's private value or cost of the unit, in micro-tokens. */
  readonly limit: bigint;
  /** The prices the market allows, in micro-tokens, both included. */
  readonly min: bigint;
  readonly max: bigint;
  readonly random: RandomStream;
}

/**
 * The quote of a zero-intelligence trader with a budget constraint, ZI-C (Gode and Sunder 1993, Allocative Efficiency of
 * Markets with Zero-Intelligence Traders, section II): uniform over the allowed prices at which the trader does not lose,
 * [min, value] for a buyer and [cost, max] for a seller. Undefined, without a draw, where there is no such price.
 *
 * @throws HaggleError `bad-range` for an interval of more than 2^53 micro-tokens (9 thousand million tokens).
 */
export function zeroIntelligenceQuote({ side, limit, min, max, random }: QuoteDraw): bigint | undefined {
  const low = side === 'sell' && limit > min ? limit : min;
  const high = side === 'buy' && limit < max ? limit : max;
  return low > high ? undefined : low + BigInt(random.integer(0, Number(high - low)));
}
