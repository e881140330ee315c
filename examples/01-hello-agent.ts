// Two agents, one question: a reader asks a meter every hour for its last readings. Runs in virtual time.
import { z } from 'zod';
import { defineAgent, defineProtocol, did } from 'haggle';
import { world } from 'haggle/simulator';

const Metering = defineProtocol({
  name: 'metering',
  version: '1.0.0',
  roles: ['reader', 'meter'],
  messages: {
    ask: { from: 'reader', as: 'query-ref', body: z.object({ slots: z.number().int().positive() }) },
    report: { from: 'meter', as: 'inform', body: z.object({ kWh: z.array(z.number()) }) },
    decline: { from: 'meter', as: 'refuse', body: z.object({ reason: z.string() }) },
  },
  dialogue: {
    initial: 'idle',
    states: {
      idle: { on: { ask: 'asked' } },
      asked: { on: { report: 'done', decline: 'done' } },
      done: { type: 'final' },
    },
  },
});

const meter = defineAgent({
  name: 'meter',
  params: z.object({ meanKWh: z.number() }),
  state: () => ({ kWh: [] as number[] }),
  setup(agent) {
    agent.every('15 min', (ctx) => {
      ctx.state.kWh.push(ctx.random.normal(ctx.params.meanKWh, 0.2));
    });
    agent.play(Metering, 'meter', {
      ask: (ctx, m) =>
        ctx.state.kWh.length < m.body.slots
          ? m.reply('decline', { reason: 'history too short' })
          : m.reply('report', { kWh: ctx.state.kWh.slice(-m.body.slots) }),
    });
  },
});

const reader = defineAgent({
  name: 'reader',
  params: z.object({ meter: did() }),
  state: () => ({ totalKWh: 0 }),
  setup(agent) {
    agent.every('1 h', async (ctx) => {
      const answer = await ctx.ask(Metering, 'reader', ctx.params.meter, 'ask', { slots: 4 }, { within: '5 s' });
      if (answer.type === 'report') ctx.state.totalKWh += answer.body.kWh.reduce((sum, kWh) => sum + kWh, 0);
    });
  },
});

const w = world({ seed: 7, strict: true });
const home = w.spawn(meter({ meanKWh: 1.5 }));
const utility = w.spawn(reader({ meter: home.did }));
await w.run({ until: '1 d' });
const total = utility.state.totalKWh.toFixed(2);
console.log(`one day: ${total} kWh in ${w.traffic.messages} messages, fingerprint ${w.fingerprint()}`);
