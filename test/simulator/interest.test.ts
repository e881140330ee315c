/** When senders learn who listens. */
import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import { did } from '../../agent-core/protocol/did.ts';
import { world } from '../../simulator/world.ts';
import { Metering } from '../fixtures/metering.ts';

/** Asks at set times and writes down how each question ended. */
const asker = defineAgent({
  name: 'asker',
  params: z.object({ target: did(), at: z.array(z.number()) }),
  state: () => ({ ends: [] as string[] }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      for (const at of ctx.params.at) {
        await ctx.sleep(at - ctx.now());
        const asked = ctx.now();
        const { type } = await ctx.ask(
          Metering,
          'reader',
          ctx.params.target,
          'ask',
          { slots: 1 },
          { within: '100 ms' },
        );
        ctx.state.ends.push(`${asked} ${type} ${ctx.now()}`);
      }
    }),
});

const mute = defineAgent({ name: 'mute', setup: () => undefined });

test('senders learn of an end one least latency later; what they send meanwhile is dropped in silence', async (t) => {
  const place = world({
    seed: 1,
    latency: '10 ms',
    faultPlan: [{ type: 'crash', agent: 'gone', at: '1 s' }],
  });
  place.spawn(mute(), { name: 'gone' });
  const at = [1_000_000, 1_150_000, 2_000_000];
  const placed = place.spawn(asker({ target: place.didOf('gone'), at: [1_000_001, ...at.slice(1)] }), {
    name: 'asker',
  });
  await place.run();
  // The first question is lost and times out; the others are told at once (one latency back) that nobody listens.
  const [first, second, third] = placed.state.ends;
  t.regex(first ?? '', /^1000001 \S+ 1100001$/);
  t.regex(second ?? '', /^1150000 \S+ 1160000$/);
  t.regex(third ?? '', /^2000000 \S+ 2010000$/);
});

test('a restarted agent is found by senders one least latency after it is back', async (t) => {
  const place = world({
    seed: 1,
    latency: '10 ms',
    faultPlan: [
      { type: 'crash', agent: 'back', at: '1 s' },
      { type: 'restart', agent: 'back', at: '2 s' },
    ],
  });
  place.spawn(mute(), { name: 'back' });
  const target = place.didOf('back');
  const early = place.spawn(asker({ target, at: [2_009_999] }), { name: 'early' });
  const late = place.spawn(asker({ target, at: [2_010_000] }), { name: 'late' });
  await place.run();
  // Mute takes the question and does not understand it; before it is known, the bus says that nobody listens.
  t.is(early.state.ends.length, 1);
  t.regex(early.state.ends[0] ?? '', / 2019999$/);
  t.regex(late.state.ends[0] ?? '', / 2030000$/);
});

test('between two runs everything is known at once', async (t) => {
  const place = world({ seed: 1, latency: '10 ms' });
  const gone = place.spawn(mute(), { name: 'gone' });
  const placed = place.spawn(asker({ target: gone.did, at: [1_000] }), { name: 'asker' });
  await place.run({ until: '0.5 ms' });
  gone.stop();
  await place.run();
  t.regex(placed.state.ends[0] ?? '', /^1000 \S+ 11000$/);
});
