import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import type { DialogueOptions } from '../../agent-core/agent/context.ts';
import { LIMITS } from '../../agent-core/limits.ts';
import { did } from '../../agent-core/protocol/did.ts';
import { world, type World } from '../../simulator/world.ts';
import { Note } from '../fixtures/note.ts';

const reader = defineAgent({
  name: 'reader',
  state: () => ({ read: [] as string[] }),
  setup: (agent) =>
    agent.play(Note, 'reader', {
      note: (ctx, m) => {
        ctx.state.read.push(`${ctx.now()} ${m.body.text}`);
        m.reply('thanks', {});
      },
    }),
});

const writer = defineAgent({
  name: 'writer',
  params: z.object({ to: did(), texts: z.array(z.string()), options: z.custom<DialogueOptions>() }),
  state: () => ({ answers: [] as string[] }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      const { to, texts, options } = ctx.params;
      await ctx.sleep('1 s');
      const asked = texts.map((text) => ctx.ask(Note, 'writer', to, 'note', { text }, options));
      for (const answer of await Promise.all(asked)) {
        ctx.state.answers.push('code' in answer ? answer.code : answer.type);
      }
    }),
});

/** A reader that is away from 0.5 s to 60 s. */
function away(seed = 1): World {
  return world({
    seed,
    strict: true,
    faultPlan: [
      { type: 'crash', agent: 'reader', at: '500 ms' },
      { type: 'restart', agent: 'reader', at: '60 s' },
    ],
  });
}

const mailed: DialogueOptions = { within: '1 d', mail: 'plain' };

test('what is mailed waits for an agent that is away, and is answered when it comes back', async (t) => {
  const w = away();
  const there = w.spawn(reader(), { name: 'reader' });
  const { state } = w.spawn(writer({ to: there.did, texts: ['a', 'b'], options: mailed }));
  await w.run();
  t.deepEqual(there.state.read, ['60001000 a', '60001000 b']);
  t.deepEqual(state.answers, ['thanks', 'thanks']);
});

test('what is not mailed ends as before', async (t) => {
  const w = away();
  const there = w.spawn(reader(), { name: 'reader' });
  const { state } = w.spawn(writer({ to: there.did, texts: ['a'], options: { within: '1 d' } }));
  await w.run();
  t.deepEqual(there.state.read, []);
  t.deepEqual(state.answers, ['no-such-agent']);
});

test('an agent that listens gets what could be mailed at once', async (t) => {
  const w = world({ seed: 1, strict: true });
  const there = w.spawn(reader(), { name: 'reader' });
  const { state } = w.spawn(writer({ to: there.did, texts: ['a'], options: { within: '1 d', mail: 'sealed' } }));
  await w.run();
  t.deepEqual(there.state.read, ['1001000 a']);
  t.deepEqual(state.answers, ['thanks']);
});

test('mail to somebody who is nowhere ends as no-such-agent', async (t) => {
  const w = world({ seed: 1, strict: true });
  const { state } = w.spawn(writer({ to: w.didOf('nobody'), texts: ['a'], options: mailed }));
  await w.run();
  t.deepEqual(state.answers, ['no-such-agent']);
});

test('mail whose dialogue is over when its receiver comes back is not handed in', async (t) => {
  const w = away();
  const there = w.spawn(reader(), { name: 'reader' });
  const { state } = w.spawn(writer({ to: there.did, texts: ['a'], options: { within: '30 s', mail: 'plain' } }));
  await w.run();
  t.deepEqual(there.state.read, []);
  t.is(there.counters.refused.get('expired'), 1);
  t.deepEqual(state.answers, ['deadline-passed']);
});

test('a mailbox keeps the newest letters of a sender', async (t) => {
  const w = away();
  const there = w.spawn(reader(), { name: 'reader' });
  const texts = Array.from({ length: LIMITS.lettersFromSender + 2 }, (_, i) => `${i}`);
  w.spawn(writer({ to: there.did, texts, options: mailed }));
  await w.run();
  t.is(there.state.read.length, LIMITS.lettersFromSender);
  t.is(there.state.read[0], '60001000 2');
});

test('the same in all signing modes', async (t) => {
  const prints = await Promise.all(
    (['each', 'batch', 'off'] as const).map(async (sign) => {
      const w = world({
        seed: 5,
        sign,
        faultPlan: [
          { type: 'crash', agent: 'reader', at: 1 },
          { type: 'restart', agent: 'reader', at: '9 s' },
        ],
      });
      const there = w.spawn(reader(), { name: 'reader' });
      w.spawn(writer({ to: there.did, texts: ['a', 'b'], options: mailed }));
      await w.run();
      t.is(there.state.read.length, 2);
      return w.fingerprint();
    }),
  );
  t.is(new Set(prints).size, 1);
});
