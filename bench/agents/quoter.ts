/** An agent that asks its partners for quotes and gives some: what runs in the 200 processes of `bench:agent-processes`. */
import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import { defineProtocol } from '../../agent-core/protocol/protocol.ts';
import { did } from '../../agent-core/protocol/did.ts';

const Quote = defineProtocol({
  name: 'bench-quote',
  version: '1.0.0',
  roles: ['buyer', 'seller'],
  messages: {
    ask: { from: 'buyer', as: 'query-ref', body: z.object({ tonnes: z.number().int().positive() }) },
    quote: { from: 'seller', as: 'inform', body: z.object({ price: z.number() }) },
  },
  dialogue: {
    initial: 'idle',
    states: { idle: { on: { ask: 'asked' } }, asked: { on: { quote: 'done' } }, done: { type: 'final' } },
  },
});

/** Asks every partner once in each interval; it begins after a quiet time, in which nothing but the process itself costs. */
export const quoter = defineAgent({
  name: 'quoter',
  params: z.object({ partners: z.array(did()), quietSeconds: z.number(), everySeconds: z.number().positive() }),
  state: () => ({ started: 0, answered: 0, unanswered: 0 }),
  setup(agent) {
    agent.play(Quote, 'seller', { ask: (ctx, m) => m.reply('quote', { price: m.body.tonnes * ctx.random.uniform() }) });
    agent.start(async (ctx) => {
      await ctx.sleep(`${ctx.params.quietSeconds} s`);
      for (;;) {
        for (const partner of ctx.params.partners) {
          const answer = await ctx.ask(Quote, 'buyer', partner, 'ask', { tonnes: 5 }, { within: '10 s' });
          if (answer.type === 'quote') ctx.state.answered += 1;
          else ctx.state.unanswered += 1;
        }
        await ctx.sleep(`${ctx.params.everySeconds} s`);
      }
    });
  },
});
