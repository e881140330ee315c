// A protocol with money in it. What it does not allow does not compile; whoever says it all the same is refused at run time.
import { z } from 'zod';
import { amount, defineAgent, defineProtocol, did, HaggleError } from 'haggle';
import { world } from 'haggle/simulator';
import { transcript } from 'haggle/testing';

const Repair = defineProtocol({
  name: 'repair',
  version: '1.0.0',
  roles: ['owner', 'garage'],
  messages: {
    cfp: { from: 'owner', as: 'cfp', body: z.object({ fault: z.enum(['brakes', 'engine']) }) },
    quote: { from: 'garage', as: 'propose', body: z.object({ price: amount(), days: z.number().int().positive() }) },
    accept: { from: 'owner', as: 'accept-proposal', body: z.object({}) },
    repaired: { from: 'garage', as: 'inform', body: z.object({}) },
  },
  dialogue: {
    initial: 'idle',
    states: {
      idle: { on: { cfp: 'called' } },
      called: { on: { quote: 'quoted' } },
      quoted: { on: { accept: 'agreed' } },
      agreed: { on: { repaired: 'over' } },
      over: { type: 'final' },
    },
  },
});

const garage = defineAgent({
  name: 'garage',
  setup: (agent) =>
    agent.play(Repair, 'garage', {
      cfp: (_, m) => {
        try {
          // @ts-expect-error nothing is repaired before a price is agreed: without this comment, no build
          m.reply('repaired', {});
        } catch (error) {
          if (error instanceof HaggleError) console.log(`${error.code}: ${error.message}`);
        }
        m.reply('quote', { price: m.body.fault === 'brakes' ? 120_500_000n : 900_000_000n, days: 2 });
      },
      accept: (_, m) => m.reply('repaired', {}),
    }),
});
const owner = defineAgent({
  name: 'owner',
  params: z.object({ garage: did(), budget: z.bigint() }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      const quote = await ctx.ask(Repair, 'owner', ctx.params.garage, 'cfp', { fault: 'brakes' }, { within: '7 d' });
      if (quote.type !== 'quote' || quote.body.price > ctx.params.budget) return; // too dear, or no answer at all
      await quote.dialogue.ask('accept', {}); // `repaired` is all that can come back
    }),
});

const w = world({ seed: 2, strict: true, record: true });
w.spawn(owner({ garage: w.spawn(garage()).did, budget: 200_000_000n }));
await w.run();
console.log(transcript(w.trace, { protocols: [Repair] }).trimEnd());
