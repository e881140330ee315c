import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { EchelonLevels } from './echelon-levels.ts';
import { GoodsDelivery } from './goods-delivery.ts';
import { considerLevels, talkAboutLevels, type LevelAnswer } from './level-talk.ts';
import { closeWhenThrough, payGoods, playOn, type Lanes } from './stage-goods.ts';
import { stageParams, stageState } from './stage-state.ts';

/**
 * A firm of a serial supply chain. It agrees on its echelon level with its customer and its supplier, unless it was given a rule of
 * its own, as then all of its chain are; then it takes orders, orders by its policy, and ships what it has, period by period. Each
 * shipment is paid when it is announced; who falls short pays what its contract says.
 */
export const serialStage = defineAgent({
  name: 'serial-stage',
  params: stageParams,
  state: stageState,
  setup(agent) {
    const lanes: Lanes = { customer: null, supplier: null };
    const answers = new Map<string, LevelAnswer>();
    agent.start(async (ctx) => {
      const { demand, policy } = ctx.params;
      if (policy !== null || demand === null) return;
      await talkAboutLevels(ctx, demand);
      ctx.state.agreed = true;
      await playOn(ctx, lanes);
    });
    agent.play(
      EchelonLevels,
      'supplier',
      {
        async propose(ctx, m) {
          if (m.from !== ctx.params.customer) return m.reply('refuse', { reason: 'not-my-customer' });
          const answer = await considerLevels(ctx, m.body);
          if (!m.dialogue.open) return;
          answers.set(m.dialogue.key, answer);
          m.reply('quote', { costs: [...answer.costs], objects: answer.objects, firms: answer.firms });
        },
        async accept(ctx, m) {
          const answer = answers.get(m.dialogue.key);
          if (answer === undefined) return m.fail('no-quote');
          const level = await answer.settle(m.body.choice);
          ctx.state.agreed = true;
          if (m.dialogue.open) m.reply('confirm', { level });
        },
      },
      { ended: (_, { key }) => void answers.delete(key) },
    );
    // What a supplier answers is waited for where it was asked.
    agent.play(EchelonLevels, 'customer', {
      quote: (_, m) => m.fail('not-asked'),
      refuse: () => undefined,
      confirm: () => undefined,
    });
    agent.play(GoodsDelivery, 'supplier', {
      async order(ctx, m) {
        const { state, params } = ctx;
        if (m.from !== params.customer) return m.fail('not-my-customer');
        if (m.body.period !== state.period + state.waiting.length) return m.fail('period-out-of-turn');
        lanes.customer = m.dialogue.id;
        state.waiting.push(m.body.units);
        await playOn(ctx, lanes);
      },
      close(ctx) {
        ctx.state.over = true;
        closeWhenThrough(ctx, lanes);
      },
    });
    agent.play(GoodsDelivery, 'customer', {
      async shipment(ctx, m) {
        ctx.state.arrivals.push(m.body.units);
        await playOn(ctx, lanes);
        await payGoods(ctx, m.body.units);
        closeWhenThrough(ctx, lanes);
      },
    });
  },
});
