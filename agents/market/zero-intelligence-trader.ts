import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import { ORDER_BOUNDS } from '../../agent-core/market/order.ts';
import { zeroIntelligenceQuote } from '../../agent-core/market/zero-intelligence.ts';
import { noUnits, tradeUnits, unitTraderParams } from './unit-trader.ts';

const params = z.object({
  ...unitTraderParams,
  /** The prices that it quotes, both included, in micro-tokens; at most 2^53 apart. */
  min: z.bigint().nonnegative(),
  max: z.bigint().positive().max(ORDER_BOUNDS.price),
});

/** Parameters of {@link zeroIntelligenceTrader}. */
export type ZeroIntelligenceTraderParams = z.output<typeof params>;

/**
 * A trader of zero intelligence with a budget constraint (Gode and Sunder 1993): whenever it has thought it quotes a price
 * at random, never one at which it would lose.
 */
export const zeroIntelligenceTrader = defineAgent({
  name: 'zero-intelligence-trader',
  params,
  state: noUnits,
  setup: (agent) =>
    agent.start((ctx) => {
      const { side, min, max } = ctx.params;
      const random = ctx.stream('quotes');
      return tradeUnits(ctx, (limit) => zeroIntelligenceQuote({ side, limit, min, max, random }));
    }),
});
