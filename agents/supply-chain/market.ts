import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import { micros, type Micros } from '../../agent-core/clock.ts';
import { did } from '../../agent-core/protocol/did.ts';
import { nextPeriod, timeOf } from './calendar.ts';
import { microTokens } from './firm-state.ts';
import { MarketSale } from './purchase-order.ts';
import { TINY } from './stock-plan.ts';
import { SUPPLY_LIMITS } from './supply-contract.ts';

/** All markets are heard and served within this time. */
const SERVED_WITHIN = micros('4 min');

/** What a market remembers, by retailer and period. */
export interface MarketState {
  readonly sold: number[][];
  /** Units that were asked for so far and not sold, by retailer. */
  readonly waiting: number[];
}

/** Those who buy in the end: each period so much of each retailer, which is paid at once. */
export const market = defineAgent({
  name: 'market',
  params: z.object({
    /** When the first period begins. */
    opensAt: z.int().nonnegative().default(0),
    /** Units by period. */
    retailers: z.array(
      z.object({
        agent: did(),
        /** Tokens a unit. */
        price: z.number().nonnegative().max(SUPPLY_LIMITS.price),
        demand: z.array(z.number().nonnegative().max(SUPPLY_LIMITS.units)).max(SUPPLY_LIMITS.periods),
      }),
    ),
  }),
  state: ({ retailers }): MarketState => ({
    sold: retailers.map(({ demand }) => demand.map(() => 0)),
    waiting: retailers.map(() => 0),
  }),
  setup(agent) {
    const buy = agent.timer<{ period: number }>('buy', async (ctx, { period }) => {
      const { retailers } = ctx.params;
      const next = period + 1;
      if (retailers.some(({ demand }) => next < demand.length)) {
        ctx.schedule(buy, saleAt(ctx.params.opensAt, next) - ctx.now(), { period: next });
      }
      await Promise.all(
        retailers.map(async ({ agent: retailer, price, demand }, k) => {
          const quantity = demand[period];
          if (quantity === undefined) return;
          const { waiting } = ctx.state;
          const wanted = (waiting[k] ?? 0) + quantity;
          waiting[k] = wanted;
          const body = { period, quantity };
          const answer = await ctx.ask(MarketSale, 'market', retailer, 'demand', body, { within: SERVED_WITHIN });
          if (answer.type !== 'sale') return;
          const { due, sold } = answer.body;
          if (sold > wanted + TINY || due > microTokens(price * sold)) {
            return answer.dialogue.fail('more than was asked for, or at another price');
          }
          waiting[k] = Math.max(0, wanted - sold);
          const sales = ctx.state.sold[k];
          if (sales !== undefined) sales[period] = sold;
          const reference = answer.dialogue.id;
          if (due > 0n && (await ctx.ledger.transfer({ to: retailer, amount: due, reference })).type !== 'applied')
            return;
          if (answer.dialogue.open) answer.reply('paid', {});
        }),
      );
    });
    agent.start((ctx) => {
      const { opensAt } = ctx.params;
      const period = nextPeriod({ opensAt, phase: 'sell' }, ctx.now());
      ctx.schedule(buy, saleAt(opensAt, period) - ctx.now(), { period });
    });
    agent.play(MarketSale, 'market', {
      sale() {
        // Heard where it was asked for.
      },
    });
  },
});

/** Retailers take in what arrives at the beginning of the phase; markets come after that. */
const ARRIVED = micros('10 s');

function saleAt(opensAt: Micros, period: number): Micros {
  return timeOf({ opensAt, period, phase: 'sell' }) + ARRIVED;
}
