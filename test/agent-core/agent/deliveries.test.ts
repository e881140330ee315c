import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Delivery, Sent } from '../../../agent-core/agent/dialogue.ts';
import { RECEIPT_HEADER } from '../../../agent-core/agent/outbox.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { defineProtocol } from '../../../agent-core/protocol/protocol.ts';
import { world, type World } from '../../../simulator/world.ts';
import { Metering } from '../../fixtures/metering.ts';

/** One message that needs no answer, and one that gets one. */
const Notes = defineProtocol({
  name: 'notes',
  version: '1.0.0',
  roles: ['writer', 'reader'],
  messages: {
    note: { from: 'writer', as: 'inform', body: z.object({ text: z.string() }) },
    thanks: { from: 'reader', as: 'confirm', body: z.object({}) },
  },
  dialogue: {
    initial: 'idle',
    states: {
      idle: { on: { note: 'noted' } },
      noted: { on: { note: 'noted', thanks: 'done' } },
      done: { type: 'final' },
    },
  },
});

const reader = defineAgent({
  name: 'reader',
  params: z.object({ answers: z.boolean() }),
  setup: (agent) =>
    agent.play(Notes, 'reader', {
      note: (ctx, m) => {
        if (ctx.params.answers) m.reply('thanks', {});
      },
    }),
});

/** Opens a dialogue of notes and asks what became of each of them. */
const writer = defineAgent({
  name: 'writer',
  params: z.object({ to: z.custom<Did>(), notes: z.int(), within: z.string() }),
  state: () => ({ outcomes: [] as Delivery[], at: [] as number[], refused: '' }),
  setup(agent) {
    agent.play(Notes, 'writer', { thanks: () => undefined });
    agent.start(async (ctx) => {
      const within = ctx.params.within as '5 s';
      const dialogue = ctx.open(Notes, 'writer', ctx.params.to, 'note', { text: 'first' }, { within });
      let last: Sent | undefined;
      for (let n = 1; n < ctx.params.notes; n++) {
        await ctx.sleep('100 ms');
        last = dialogue.send('note', { text: `note ${n}` });
        ctx.state.outcomes.push(await last.outcome());
        ctx.state.at.push(ctx.now());
      }
      try {
        await last?.outcome();
      } catch (error) {
        ctx.state.refused = error instanceof Error ? error.message : '';
      }
    });
  },
});

function place(): World {
  return world({ seed: 1, latency: '10 ms' });
}

test('a message that was accepted is known as delivered by a signed receipt', async (t) => {
  const w = world({ seed: 1, latency: '10 ms', record: true });
  const { did } = w.spawn(reader({ answers: false }));
  const placed = w.spawn(writer({ to: did, notes: 2, within: '5 s' }));
  await w.run();
  t.deepEqual(placed.state.outcomes, [{ type: 'delivered' }]);
  t.deepEqual(placed.state.at, [120_000], 'one way there, one back');
  const receipts = w.trace.filter(({ payload }) => payload.includes('"type":"receipt"'));
  t.is(receipts.length, 1, 'only who asks gets one');
  t.true(
    receipts.every(({ headers }) => Object.keys(headers).length > 0),
    'no message class is unsigned',
  );
  t.is(placed.counters.misunderstood.size, 0);
});

test('an answer that leaves at once says that the message came: no receipt is sent beside it', async (t) => {
  const w = world({ seed: 1, latency: '10 ms', record: true });
  const answering = defineAgent({
    name: 'answering',
    setup: (agent) =>
      agent.play(Notes, 'reader', {
        note: (_, m) => {
          if (m.body.text !== 'first') m.reply('thanks', {});
        },
      }),
  });
  const { did } = w.spawn(answering());
  const { state } = w.spawn(writer({ to: did, notes: 2, within: '5 s' }));
  await w.run();
  t.deepEqual(state.outcomes, [{ type: 'delivered' }]);
  t.false(w.trace.some(({ payload }) => payload.includes('"type":"receipt"')));
});

test('an opening to nobody ends its dialogue at once, and says so', async (t) => {
  const w = place();
  const opener = defineAgent({
    name: 'opener',
    state: () => ({ outcome: null as Delivery | null, end: '' }),
    setup(agent) {
      agent.play(
        Notes,
        'writer',
        { thanks: () => undefined },
        { ended: (ctx, end) => void (ctx.state.end = `${end.outcome} ${end.code}`) },
      );
      agent.start(async (ctx) => {
        const dialogue = ctx.open(Notes, 'writer', w.didOf('nobody'), 'note', { text: '' }, { within: '5 s' });
        ctx.state.outcome = await dialogue.send('note', { text: 'second, in the same turn' }).outcome();
      });
    },
  });
  const placed = w.spawn(opener());
  await w.run();
  t.deepEqual(placed.state, { outcome: { type: 'no-such-agent' }, end: 'failed no-such-agent' });
  t.is(placed.counters.dialoguesOpen, 0);
});

test('a message that the peer does not understand is refused with its code', async (t) => {
  const w = place();
  const deaf = defineAgent({ name: 'deaf', setup: (agent) => agent.play(Metering, 'meter', { ask: () => undefined }) });
  const { did } = w.spawn(deaf());
  const asking = defineAgent({
    name: 'asking',
    state: () => ({ outcome: null as Delivery | null }),
    setup(agent) {
      agent.play(Notes, 'writer', { thanks: () => undefined });
      agent.start(async (ctx) => {
        const dialogue = ctx.open(Notes, 'writer', did, 'note', { text: '' }, { within: '5 s' });
        ctx.state.outcome = await dialogue.send('note', { text: '' }).outcome();
      });
    },
  });
  const { state } = w.spawn(asking());
  await w.run();
  t.deepEqual(state.outcome, { type: 'refused', code: 'unknown-protocol' });
});

test('a message of which nothing is heard has expired with its dialogue', async (t) => {
  const w = place();
  const quitter = defineAgent({
    name: 'quitter',
    setup(agent) {
      agent.play(Notes, 'reader', { note: () => undefined });
      agent.start(async (ctx) => {
        await ctx.sleep('105 ms');
        ctx.stop();
      });
    },
  });
  const { did } = w.spawn(quitter());
  // The note is under way when its reader stops: it is dropped, and nobody is left to say so.
  const { state } = w.spawn(writer({ to: did, notes: 2, within: '1 s' }));
  await w.run();
  t.deepEqual(state.outcomes, [{ type: 'expired' }]);
  t.deepEqual(state.at, [1_000_000]);
});

test('an outcome must be asked for in the turn in which the message was said', async (t) => {
  const w = place();
  const { did } = w.spawn(reader({ answers: false }));
  const { state } = w.spawn(writer({ to: did, notes: 2, within: '5 s' }));
  await w.run();
  t.regex(state.refused, /has left since/);
  t.is(RECEIPT_HEADER, 'Haggle-Receipt');
});
