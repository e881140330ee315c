import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import type { Context } from '../../agent-core/agent/context.ts';
import { micros } from '../../agent-core/clock.ts';
import { drawZipTrader, zipHears, zipQuote, type ZipTrader } from '../../agent-core/market/zip.ts';
import { createCancellation, type Cancellation } from '../../agent-core/protocol/cancellation.ts';
import { MarketTicker } from '../../agent-core/protocol/market-ticker.ts';
import { noUnits, tradeUnits, unitTraderParams, type UnitTraderState } from './unit-trader.ts';

const params = z.object({
  ...unitTraderParams,
  /** Largest absolute part of a step of the learning rule, in micro-tokens. */
  stepMicroTokens: z.number().positive().default(50_000),
});

/** Parameters of {@link zipTrader}. */
export type ZipTraderParams = z.output<typeof params>;

/** State of {@link zipTrader}. */
export interface ZipTraderState extends UnitTraderState {
  /** What it has learnt, for each unit. */
  readonly learnt: ZipTrader[];
}

/**
 * A zero-intelligence-plus trader (Cliff 1997): it watches the ticker and moves the margin that it quotes towards prices at which
 * others trade. Each unit has a margin of its own.
 */
export const zipTrader = defineAgent({
  name: 'zip-trader',
  params,
  state: (): ZipTraderState => ({ ...noUnits(), learnt: [] }),
  setup(agent) {
    agent.start(async (ctx) => {
      const { side, limits, stepMicroTokens } = ctx.params;
      const random = ctx.stream('traits');
      for (const _ of limits) ctx.state.learnt.push(drawZipTrader({ side, random, stepMicroTokens }));
      const gone = createCancellation();
      await Promise.all([listen(ctx, gone), trade(ctx).then(() => gone.cancel('gone home'))]);
    });
  },
});

type Ctx = Context<ZipTraderParams, ZipTraderState>;

function trade(ctx: Ctx): Promise<void> {
  return tradeUnits(ctx, (limit, unit) => {
    const learnt = ctx.state.learnt[unit];
    return learnt && zipQuote(learnt, limit);
  });
}

/** Learns from every tick. Without a ticker it goes on quoting what it knows. */
async function listen(ctx: Ctx, cancellation: Cancellation): Promise<void> {
  const { exchange, asset, limits, day, days } = ctx.params;
  const { learnt } = ctx.state;
  const random = ctx.stream('steps');
  const result = await ctx.run(MarketTicker.initiator, {
    to: exchange,
    topic: { asset },
    within: micros(day) * days,
    cancellation,
    onInform: ({ notice: shout }) => {
      for (const [at, limit] of limits.entries()) {
        const own = learnt[at];
        if (own !== undefined) learnt[at] = zipHears(own, { shout, limit, active: at >= ctx.state.unit, random });
      }
    },
  });
  if (result.type !== 'ended') ctx.log.warn({ event: 'no-ticker', type: result.type });
}
