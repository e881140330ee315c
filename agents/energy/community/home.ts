import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { sharing, shareGains } from './compensation.ts';
import { homeParams, initialHome, nextHour, orderTime } from './home-state.ts';
import { planning } from './negotiation.ts';
import { tradeHour } from './trading.ts';

/**
 * A home with load, sun and a battery, in a community that trades every hour. It knows its own meter, the tariff and what its own
 * orders came to; it tells the market its orders, and with foresight its neighbours the total of all plans.
 */
export const home = defineAgent({
  name: 'home',
  params: homeParams,
  state: initialHome,
  setup(agent) {
    const plans = planning(agent);
    const gains = sharing(agent);
    const turn = agent.timer<number>('hour', async (ctx, hour) => {
      const { loadWh, members } = ctx.params;
      const isLast = hour + 1 >= loadWh.length;
      if (!isLast) ctx.schedule(turn, orderTime(ctx.params, hour + 1) - ctx.now(), hour + 1);
      await tradeHour(ctx, hour);
      if (!isLast) return;
      if (members.length > 0) gains.convene(ctx);
      await shareGains(ctx);
      ctx.state.isOver = true;
    });
    agent.start((ctx) => {
      plans.begin(ctx);
      const hour = nextHour(ctx.params, ctx.now());
      if (hour < ctx.params.loadWh.length) ctx.schedule(turn, orderTime(ctx.params, hour) - ctx.now(), hour);
      else ctx.state.isOver = true;
    });
  },
});
