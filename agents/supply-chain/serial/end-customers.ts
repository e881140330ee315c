import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Micros } from '../../../agent-core/clock.ts';
import { HaggleError } from '../../../agent-core/errors.ts';
import { did } from '../../../agent-core/protocol/did.ts';
import { GoodsDelivery, PERIODS_MAX } from './goods-delivery.ts';
import { DELIVERY_LIFE } from './stage-goods.ts';

const params = z.object({
  retailer: did(),
  /** Units that are wanted, by period. Nobody else knows them before. */
  demand: z.array(z.number().nonnegative()).min(1).max(PERIODS_MAX),
  /** When the first period begins, and how long one is. */
  startAt: z.custom<Micros>(),
  period: z.custom<Micros>(),
  /** Micro-tokens that they pay for a unit. */
  price: z.bigint().nonnegative(),
});

/** State of {@link endCustomers}. */
export interface EndCustomersState {
  /** Units, by period. */
  readonly received: number[];
  delivery: string | null;
  /** Micro-tokens. */
  paid: bigint;
  over: boolean;
}

/** Whoever buys of the retailer of a serial chain: a demand for each period, waiting where it is not served at once. */
export const endCustomers = defineAgent({
  name: 'end-customers',
  params,
  state: (): EndCustomersState => ({ received: [], delivery: null, paid: 0n, over: false }),
  setup(agent) {
    const next = agent.timer('period', (ctx, period: number) => {
      const { retailer, demand } = ctx.params;
      const order = { period, units: demand[period] ?? 0 };
      const { delivery } = ctx.state;
      if (delivery === null) {
        const within = DELIVERY_LIFE;
        ctx.state.delivery = ctx.open(GoodsDelivery, 'customer', retailer, 'order', order, { within }).id;
      } else ctx.dialogue(GoodsDelivery, 'customer', { peer: retailer, id: delivery })?.send('order', order);
      if (period + 1 < demand.length) ctx.schedule(next, ctx.params.period, period + 1);
    });
    agent.start((ctx) => void ctx.schedule(next, ctx.params.startAt, 0));
    agent.play(GoodsDelivery, 'customer', {
      async shipment(ctx, m) {
        const { state, params: known } = ctx;
        state.received.push(m.body.units);
        if (state.received.length === known.demand.length) {
          m.dialogue.send('close', {});
          state.over = true;
        }
        const amount = BigInt(Math.round(m.body.units * Number(known.price)));
        if (amount === 0n) return;
        const receipt = await ctx.ledger.transfer({ to: known.retailer, amount });
        if (receipt.type !== 'applied') {
          throw new HaggleError('unpaid', `paying ${amount} micro-tokens to the retailer: ${receipt.code}`);
        }
        state.paid += amount;
      },
    });
  },
});
