import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Context } from '../../../agent-core/agent/context.ts';
import { micros } from '../../../agent-core/clock.ts';
import { ORDER_BOUNDS } from '../../../agent-core/market/order.ts';
import { CallMarket } from '../../../agent-core/protocol/call-market.ts';
import { ENERGY_ASSET, marketHours, nextHour, orderTime } from './home-state.ts';

const params = z.object(marketHours);

/** Parameters of {@link utility}. */
export type UtilityParams = z.output<typeof params>;

/** State of {@link utility}. */
export interface UtilityState {
  /** By hour: what the market bought of it, Wh. */
  readonly soldWh: number[];
  /** Micro-tokens at the start, and what has come in at the end, with what homes paid by meter. */
  opening: bigint;
  received: bigint;
  isOver: boolean;
}

/** An order ends so long after it was sent. */
const ORDER_LIFE = '2 min';
/** After the last call homes may still pay by meter. */
const CLOSES_AFTER = micros('30 min');

/**
 * Sells to a market of homes, each hour at the tariff, more than anybody needs. What homes have left over that nobody buys it takes for
 * nothing, by meter: a bid of nothing cannot be backed.
 */
export const utility = defineAgent({
  name: 'utility',
  params,
  state: (): UtilityState => ({ soldWh: [], opening: 0n, received: 0n, isOver: false }),
  setup(agent) {
    const close = agent.timer<null>('close', async (ctx) => {
      ctx.state.received = (await wealth(ctx)) - ctx.state.opening;
      ctx.state.isOver = true;
    });
    const turn = agent.timer<number>('hour', async (ctx, hour) => {
      const hours = ctx.params.tariff.length;
      if (hour + 1 < hours) ctx.schedule(turn, orderTime(ctx.params, hour + 1) - ctx.now(), hour + 1);
      else ctx.schedule(close, CLOSES_AFTER, null);
      await sell(ctx, hour);
    });
    agent.start(async (ctx) => {
      const hour = nextHour(ctx.params, ctx.now());
      if (hour < ctx.params.tariff.length) ctx.schedule(turn, orderTime(ctx.params, hour) - ctx.now(), hour);
      else ctx.state.isOver = true;
      ctx.state.opening = await wealth(ctx);
    });
  },
});

type Ctx = Context<UtilityParams, UtilityState>;

async function wealth({ ledger }: Ctx): Promise<bigint> {
  const { available, reserved } = await ledger.balance();
  return available + reserved;
}

async function sell(ctx: Ctx, hour: number): Promise<void> {
  const { exchange, tariff } = ctx.params;
  const result = await ctx.run(CallMarket.trader, {
    exchange,
    asset: ENERGY_ASSET,
    side: 'sell',
    price: BigInt(tariff[hour] ?? 0),
    quantity: ORDER_BOUNDS.quantity,
    within: ORDER_LIFE,
  });
  ctx.state.soldWh[hour] = result.type === 'cleared' ? result.quantity : 0;
}
