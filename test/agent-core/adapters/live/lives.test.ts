import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../../../agent-core/agent/agent.ts';
import { AssertionError } from '../../../../agent-core/errors.ts';
import { did } from '../../../../agent-core/protocol/did.ts';
import { defineProtocol } from '../../../../agent-core/protocol/protocol.ts';
import { JournalRecorder } from '../../../../agent-core/adapters/live/journal-recorder.ts';
import { CHAIN_START } from '../../../../agent-core/adapters/live/journal-record.ts';
import { silentMeter } from '../../../../agent-core/adapters/live/meter.ts';
import { createOutgoing } from '../../../../agent-core/adapters/live/outgoing.ts';
import { silentLog } from '../../../../agent-core/log.ts';
import { createReplayWindow } from '../../../../agent-core/message/replay-window.ts';
import { faultFiles } from './fault-files.ts';
import { carrier, Haul, shipper } from '../../../../bench/live-haul.ts';
import { mortal, noNumberTwice, place, signerOf } from './place.ts';
import { EPOCH } from './still-world.ts';

const Word = defineProtocol({
  name: 'word',
  version: '1.0.0',
  roles: ['speaker', 'listener'],
  messages: { word: { from: 'speaker', as: 'inform', body: z.object({ text: z.string() }) } },
  dialogue: { initial: 'idle', states: { idle: { on: { word: 'over' } }, over: { type: 'final' } } },
});

/** Says a word and breaks, a second into its first life; says another five seconds into each life. */
const breaking = defineAgent({
  name: 'breaking',
  params: z.object({ to: did() }),
  setup: (agent) => {
    const say = agent.timer<string>('say', (ctx, text) => {
      ctx.open(Word, 'speaker', ctx.params.to, 'word', { text }, { within: '1 min' });
    });
    const fail = agent.timer<null>('fail', (ctx) => {
      ctx.open(Word, 'speaker', ctx.params.to, 'word', { text: 'early' }, { within: '1 min' });
      throw new AssertionError('two and two are five');
    });
    agent.play(Word, 'speaker', {});
    agent.start((ctx) => {
      if (ctx.now() < EPOCH + 1_000_000) ctx.schedule(fail, '1 s', null);
      ctx.schedule(say, '5 s', 'late');
    });
  },
});

test('what an earlier life said and the broker confirms late is not taken for what this life says', async (t) => {
  const where = place();
  const a = await mortal(where, { n: 1, agent: breaking({ to: signerOf(2).did }) });
  a.link.cut();
  await where.timing.pass(2_000_000);
  t.regex(JSON.stringify(a.log), /handler-failed/);
  a.link.mend();
  await where.timing.pass(1_000_000);
  t.is(a.live.queues.outbox, 0);
  a.link.cut();
  await where.timing.pass(4_000_000);
  t.is(a.live.queues.outbox, 1);
  await a.rise(Infinity);
  await where.timing.settle();
  t.true(where.broker.heard.some(({ payload }) => payload.includes('"late"')));
  noNumberTwice(t, where.broker);
  a.kill();
});

test('a life whose journal was ended while a write was on its way is not gone on with', async (t) => {
  const where = place();
  const a = await mortal(where, {
    n: 1,
    agent: breaking({ to: signerOf(2).did }),
    restarts: { times: 0, within: '1 s' },
  });
  await where.timing.pass(10_000_000);
  t.is((await a.live.ended).type, 'failed');
  await a.rise(Infinity);
  await where.timing.settle();
  t.notRegex(JSON.stringify(a.log), /"resumed"/);
  a.kill();
});

test('peers of a life that broke are told by whichever process comes next', async (t) => {
  const where = place();
  let release = (): void => undefined;
  const foreign = new Promise<void>((resolve) => (release = resolve));
  let first = true;
  const stray = defineAgent({
    name: 'stray',
    setup: (agent) => {
      agent.start(async (ctx) => {
        if (!first) return;
        first = false;
        await Promise.all([foreign, ctx.sleep('1 s')]);
      });
      agent.start((ctx) => ctx.sleep('1 h'));
      Haul.participant(agent, {
        bid: () => ({ price: 1 }),
        perform: async (ctx) => {
          await ctx.sleep('50 s');
          return { hours: 1 };
        },
      });
    },
  });
  const a = await mortal(where, { n: 1, agent: stray(), restarts: { times: 0, within: '1 s' } });
  const b = await mortal(where, { n: 2, agent: shipper({ carriers: [a.live.did], rounds: 1 }) });
  await where.timing.pass(2_000_000);
  t.is(a.live.counters.dialoguesOpen, 1);
  release();
  await where.timing.pass(20_000_000);
  t.is((await a.live.ended).type, 'failed');
  t.is(b.live.counters.dialoguesOpen, 1);
  await a.rise();
  await where.timing.settle();
  t.deepEqual([...b.live.counters.dialoguesEnded], [['failed', 1]]);
  noNumberTwice(t, where.broker);
  a.kill();
  b.kill();
});

test('a disk that stays full does not keep an agent from ending when it is drained, and nothing is written later', async (t) => {
  const where = place();
  const flood = defineAgent({
    name: 'flood',
    params: z.object({ to: did() }),
    setup: (agent) => {
      agent.play(Word, 'speaker', {});
      agent.start((ctx) => {
        const text = 'x'.repeat(40_000);
        for (let n = 0; n < 1_500; n++) ctx.open(Word, 'speaker', ctx.params.to, 'word', { text }, { within: '1 min' });
      });
    },
  });
  const a = await mortal(where, { n: 1, agent: carrier({ perTonne: 3 }) });
  a.files.failing = { calls: 'append', why: 'ENOSPC' };
  const b = await where.start(2, flood({ to: a.live.did }));
  await where.timing.pass(2_000_000);
  t.deepEqual(a.live.notReady, ['journal']);
  t.true(a.live.queues.inbox > 0, 'it has stopped to take messages');
  let ended = false;
  void a.live.ended.then(() => (ended = true));
  void a.live.drain('1 s');
  await where.timing.pass(30_000_000);
  t.true(ended);
  const left = a.files.content('journal-00000001.log').length;
  a.files.failing = null;
  await where.timing.pass(10_000_000);
  t.is(a.files.content('journal-00000001.log').length, left, 'the folder is not its own any more');
  a.kill();
  b.link.drop();
});

test('a journal keeps no header that nobody asks for', async (t) => {
  const where = place();
  const b = await where.start(2, shipper({ carriers: [signerOf(3).did], rounds: 1 }));
  await where.timing.pass(1_000_000);
  const [lost] = where.broker.heard;
  t.not(lost, undefined);
  if (lost === undefined) return;
  b.link.drop();
  const c = await mortal(where, { n: 3, agent: carrier({ perTonne: 3 }) });
  where.broker
    .link()
    .bus.publish(lost.subject, lost.payload, { headers: { ...lost.headers, Junk: 'x'.repeat(100_000) } });
  await where.timing.pass(1_000_000);
  t.is(c.live.counters.accepted, 1);
  t.true(c.files.content('journal-00000001.log').length < 10_000);
  await c.rise(Infinity);
  t.is(c.live.counters.accepted, 1);
  c.kill();
});

test('what was noted counts as stored once it is, however much more is being written', async (t) => {
  const where = place();
  const files = faultFiles();
  const recorder = new JournalRecorder(
    { name: 'log', file: await files.create('log'), bytes: 0, head: 0, chain: CHAIN_START, flush: 0, nextSeq: 1 },
    {
      files,
      timing: where.timing,
      log: silentLog,
      meter: silentMeter,
      outgoing: createOutgoing({
        link: where.broker.link(),
        timing: where.timing,
        log: silentLog,
        meter: silentMeter,
        confirmed: () => undefined,
      }),
      seal: (payloads) => payloads.map((payload) => ({ payload, headers: {} })),
      replay: () => createReplayWindow().snapshot(),
      compactBytes: 1_000_000,
    },
  );
  let stored = false;
  void recorder.stored().then(() => (stored = true));
  // There is always more to write before the last write has ended.
  for (let n = 0; n < 50; n++) {
    recorder.instant([[{ subject: 'a', payload: '{}', headers: {}, reply: undefined }]]);
    await Promise.resolve();
  }
  t.true(stored);
});
