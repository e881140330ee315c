import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { DialogueEnd } from '../../../agent-core/agent/dialogue.ts';
import { assert } from '../../../agent-core/errors.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { bench } from '../../fixtures/harness.ts';
import { Haul, meter, Metering } from '../../fixtures/metering.ts';

const carrier = defineAgent({
  name: 'carrier',
  state: () => ({ ends: [] as DialogueEnd[], lost: 0 }),
  setup(agent) {
    agent.play(
      Haul,
      'participant',
      {
        cfp: (_, m) => {
          if (m.body.tonnes === 13) throw new Error('superstition');
          if (m.body.tonnes === 14) return m.fail('the bridge is out');
          if (m.body.tonnes > 40) return m.reply('refuse', { reason: 'full' });
          return m.reply('propose', { price: 12 * m.body.tonnes });
        },
        'accept-proposal': async (ctx, m) => {
          await ctx.sleep('2 s');
          m.reply('inform', { deliveredAt: ctx.now() });
        },
        'reject-proposal': (ctx) => {
          ctx.state.lost += 1;
        },
      },
      { ended: (ctx, end) => void ctx.state.ends.push(end) },
    );
  },
});

const protocol = Haul.id;

test('a whole contract goes through, its last word after an await', async (t) => {
  const b = bench(carrier());
  const cfp = b.say({ type: 'cfp', protocol, body: { tonnes: 20 } });
  const [bid] = b.heard();
  t.like(bid, { type: 'propose', body: { price: 240 }, dialogue: cfp.id, re: cfp.id, by: cfp.by, to: b.stranger.did });
  b.say({ type: 'accept-proposal', protocol, dialogue: cfp.id, id: 'award' });
  t.deepEqual(b.heard(), []);
  await b.pass(2_000_000);
  await b.settle();
  t.like(b.heard()[0], { type: 'inform', re: 'award', body: { deliveredAt: 3_000_000 } });
  t.like(b.runtime.state.ends[0], { outcome: 'done', state: 'done', peer: b.stranger.did });
  t.is(b.runtime.counters.dialoguesOpen, 0);
});

test('messages to one peer carry rising sequence numbers from 1', (t) => {
  const b = bench(carrier());
  for (const id of ['a', 'b', 'c']) b.say({ type: 'cfp', protocol, id, body: { tonnes: 1 } });
  t.deepEqual(
    b.heard().map(({ seq }) => seq),
    [1, 2, 3],
  );
});

const misunderstandings: readonly [string, string, Parameters<ReturnType<typeof bench>['say']>[0], boolean][] = [
  [
    'a protocol that it does not play',
    'unknown-protocol',
    { type: 'ask', protocol: Metering.id, body: { slots: 1 } },
    false,
  ],
  [
    'another digest of its protocol',
    'unknown-protocol',
    { type: 'cfp', protocol: 'haul/1.0.0/x', body: { tonnes: 1 } },
    false,
  ],
  ['a type that the protocol lacks', 'unknown-type', { type: 'shout', protocol }, false],
  ['a wrong body', 'invalid-body', { type: 'cfp', protocol, body: { tonnes: -1 } }, false],
  ['an award in a dialogue that is not open', 'unknown-dialogue', { type: 'accept-proposal', protocol }, false],
  [
    'an opening whose deadline is years away',
    'deadline-too-far',
    { type: 'cfp', protocol, body: { tonnes: 1 }, by: 1e15 },
    false,
  ],
  [
    'an opening under a borrowed dialogue id',
    'unknown-dialogue',
    { type: 'cfp', protocol, id: 'x', dialogue: 'y', body: { tonnes: 1 } },
    false,
  ],
  [
    'a message of its own role',
    'wrong-role',
    { type: 'propose', protocol, dialogue: 'open-1', id: 'n', body: { price: 1 } },
    true,
  ],
  [
    'inform straight after cfp',
    'wrong-role',
    { type: 'inform', protocol, dialogue: 'open-1', id: 'n', body: { deliveredAt: 1 } },
    true,
  ],
  [
    'a second cfp in the dialogue',
    'illegal-message',
    { type: 'cfp', protocol, dialogue: 'open-1', id: 'n', body: { tonnes: 1 } },
    true,
  ],
  [
    'another protocol in the dialogue',
    'wrong-protocol',
    { type: 'ask', protocol: Metering.id, dialogue: 'open-1', id: 'n', body: { slots: 1 } },
    true,
  ],
];

for (const [what, code, words, within] of misunderstandings) {
  test(`answers not-understood (${code}) to ${what}`, (t) => {
    const b = bench(carrier());
    if (within) b.say({ type: 'cfp', protocol, id: 'open-1', body: { tonnes: 1 } });
    b.heard();
    const said = b.say(words);
    t.like(b.heard()[0], { type: 'not-understood', re: said.id, dialogue: said.dialogue, body: { code } });
    t.is(b.runtime.counters.misunderstood.get(code), 1);
    t.is(b.runtime.counters.dialoguesOpen, 0);
    if (within) t.like(b.runtime.state.ends[0], { outcome: 'not-understood', code });
  });
}

test('never answers not-understood to not-understood or failure', (t) => {
  const b = bench(carrier());
  b.say({ type: 'not-understood', protocol, body: { code: 'x', reason: '' } });
  b.say({ type: 'failure', protocol, body: null });
  t.deepEqual(b.heard(), []);
});

test('a dialogue ends at its deadline, and a word after it finds no dialogue', async (t) => {
  const b = bench(carrier());
  b.say({ type: 'cfp', protocol, id: 'slow-1', body: { tonnes: 1 } });
  b.heard();
  await b.pass(10_000_000);
  t.like(b.runtime.state.ends[0], { outcome: 'expired', code: 'deadline-passed', state: 'proposed' });
  t.is(b.runtime.counters.dialoguesOpen, 0);
  b.say({ type: 'accept-proposal', protocol, dialogue: 'slow-1', id: 'late' });
  t.like(b.heard()[0], { type: 'not-understood', body: { code: 'unknown-dialogue' } });
});

test('a handler that throws ends its dialogue with failure to the peer, and is counted', (t) => {
  const b = bench(carrier());
  b.say({ type: 'cfp', protocol, body: { tonnes: 13 } });
  t.like(b.heard()[0], { type: 'failure', body: { code: 'handler-failed' } });
  t.is(b.runtime.counters.handlerErrors, 1);
  t.is((b.errors[0] as Error).message, 'superstition');
  t.like(b.runtime.state.ends[0], { outcome: 'failed', code: 'handler-failed' });
});

test('a broken invariant ends the agent as failed, and the peers are told', async (t) => {
  const broken = defineAgent({
    name: 'broken',
    setup(agent) {
      agent.every('1 s', () => undefined);
      agent.play(Haul, 'participant', {
        cfp: (_, m) => {
          assert(m.body.tonnes !== 13, 'nobody hauls thirteen tonnes');
          m.reply('propose', { price: 1 });
        },
        'accept-proposal': () => undefined,
        'reject-proposal': () => undefined,
      });
    },
  });
  const b = bench(broken());
  b.say({ type: 'cfp', protocol, id: 'open-1', body: { tonnes: 1 } });
  b.heard();
  b.say({ type: 'cfp', protocol, id: 'fatal-2', body: { tonnes: 13 } });
  const last = b.heard();
  t.deepEqual(
    last.map(({ type, dialogue, body }) => [type, dialogue, body]),
    [
      ['failure', 'fatal-2', { code: 'handler-failed', reason: 'the handler of this message failed' }],
      ['failure', 'open-1', { code: 'agent-stopped', reason: '' }],
    ],
  );
  t.is(b.runtime.lifecycle, 'failed');
  b.say({ type: 'cfp', protocol, body: { tonnes: 1 } });
  await b.pass(5_000_000);
  t.deepEqual(b.heard(), []);
});

test('a handler that gives up tells the peer why', (t) => {
  const b = bench(carrier());
  b.say({ type: 'cfp', protocol, body: { tonnes: 14 } });
  t.like(b.heard()[0], { type: 'failure', body: { code: 'failed', reason: 'the bridge is out' } });
});

test("the peer's failure ends the dialogue as failed, with its code", (t) => {
  const b = bench(carrier());
  b.say({ type: 'cfp', protocol, id: 'doomed-1', body: { tonnes: 1 } });
  b.say({ type: 'failure', protocol, dialogue: 'doomed-1', id: 'f', body: { code: 'agent-stopped', reason: '' } });
  t.like(b.runtime.state.ends[0], { outcome: 'failed', code: 'agent-stopped' });
});

test('a stopping agent tells the peers of its open dialogues', (t) => {
  const b = bench(carrier());
  b.say({ type: 'cfp', protocol, id: 'open-1', body: { tonnes: 1 } });
  b.heard();
  b.runtime.stop();
  t.like(b.heard()[0], { type: 'failure', dialogue: 'open-1', body: { code: 'agent-stopped' } });
  t.like(b.runtime.state.ends[0], { outcome: 'stopped' });
  t.is(b.runtime.lifecycle, 'stopped');
  b.say({ type: 'cfp', protocol, body: { tonnes: 1 } });
  t.deepEqual(b.heard(), []);
});

test('who stops on hearing the last word has a dialogue that is done, and signs no failure of it', (t) => {
  const quitter = defineAgent({
    name: 'quitter',
    state: () => ({ ends: [] as DialogueEnd[] }),
    setup: (agent) =>
      agent.play(
        Haul,
        'participant',
        {
          cfp: (_, m) => m.reply('propose', { price: 1 }),
          'accept-proposal': () => undefined,
          'reject-proposal': (ctx) => ctx.stop(),
        },
        { ended: (ctx, end) => void ctx.state.ends.push(end) },
      ),
  });
  const b = bench(quitter());
  b.say({ type: 'cfp', protocol, id: 'one-1', body: { tonnes: 1 } });
  b.heard();
  b.say({ type: 'reject-proposal', protocol, dialogue: 'one-1', id: 'r', body: {} });
  t.deepEqual(b.heard(), []);
  t.like(b.runtime.state.ends, [{ outcome: 'done', state: 'done' }]);
  t.is(b.runtime.lifecycle, 'stopped');
});

test('a dialogue that another one takes along as its agent stops ends once, and its peer hears of it once', (t) => {
  const linked = defineAgent({
    name: 'linked',
    state: () => ({ ends: [] as string[], all: [] as { fail(reason: string): void }[] }),
    setup: (agent) =>
      agent.play(
        Haul,
        'participant',
        {
          cfp: (ctx, m) => {
            ctx.state.all.push(m.dialogue);
            m.reply('propose', { price: 1 });
          },
          'accept-proposal': () => undefined,
          'reject-proposal': () => undefined,
        },
        {
          ended: (ctx, end) => {
            ctx.state.ends.push(end.outcome);
            for (const dialogue of ctx.state.all) dialogue.fail('all or none');
          },
        },
      ),
  });
  const b = bench(linked());
  for (const id of ['one-1', 'two-2']) b.say({ type: 'cfp', protocol, id, body: { tonnes: 1 } });
  b.heard();
  b.runtime.stop();
  t.deepEqual(
    b.heard().map(({ dialogue, body }) => [dialogue, body]),
    [
      ['one-1', { code: 'agent-stopped', reason: '' }],
      ['two-2', { code: 'failed', reason: 'all or none' }],
    ],
  );
  t.deepEqual(b.runtime.state.ends, ['stopped', 'failed']);
});

test('a forged message reaches no dialogue and gets no answer', (t) => {
  const b = bench(carrier());
  b.say({ type: 'cfp', protocol, body: { tonnes: 1 }, from: b.runtime.did });
  t.deepEqual(b.heard(), []);
  t.is(b.runtime.counters.refused.get('sender-mismatch'), 1);
});

test('ask resolves to the answer, to timeout at the deadline, to failure and to not-understood', async (t) => {
  const asker = defineAgent({
    name: 'asker',
    state: () => ({ got: [] as string[] }),
    params: z.object({ target: z.string() }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        for (let i = 0; i < 4; i++) {
          const answer = await ctx.ask(
            Metering,
            'reader',
            ctx.params.target as Did,
            'ask',
            { slots: 4 },
            { within: '5 s' },
          );
          ctx.state.got.push(answer.type === 'report' ? String(answer.body.kWh[0]) : answer.type);
        }
      }),
  });
  const stranger = 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK' as Did;
  const b = bench(asker({ target: stranger }));
  const target = bench(asker({ target: stranger })).stranger.did;
  const b2 = bench(asker({ target }));
  await b2.settle();
  const replies: [string, unknown][] = [
    ['report', { kWh: [7] }],
    ['failure', { code: 'x', reason: '' }],
    ['not-understood', { code: 'y', reason: '' }],
  ];
  for (const [type, body] of replies) {
    const [ask] = b2.heard();
    t.like(ask, { type: 'ask', re: null, by: 6_000_000, exp: 6_000_000 });
    b2.say({ type, body: body as never, protocol: Metering.id, dialogue: ask?.dialogue ?? '', id: `re-${type}` });
    await b2.settle();
  }
  await b2.pass(5_000_000);
  await b2.settle();
  t.deepEqual(b2.runtime.state.got, ['7', 'failure', 'not-understood', 'timeout']);
  t.is(b.runtime.counters.dialoguesOpen, 1);
});

test('a message that nobody waits for is not expected', async (t) => {
  const once = defineAgent({
    name: 'once',
    params: z.object({ target: z.string() }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        await ctx.ask(Haul, 'initiator', ctx.params.target as Did, 'cfp', { tonnes: 1 }, { within: '5 s' });
        await ctx.sleep('1 h');
      }),
  });
  const target = bench(meter({ meanKWh: 1 })).stranger.did;
  const b = bench(once({ target }));
  const [cfp] = b.heard();
  const words = { protocol, dialogue: cfp?.dialogue ?? '' };
  b.say({ ...words, type: 'propose', id: 'p', body: { price: 1 } });
  await b.settle();
  b.say({ ...words, type: 'inform', id: 'i', body: { deliveredAt: 1 } });
  t.like(b.heard()[0], { type: 'not-understood', body: { code: 'illegal-message' } });
});

test('saying what the protocol does not allow throws at the author, whose peer gets failure', (t) => {
  const rogue = defineAgent({
    name: 'rogue',
    setup: (agent) =>
      agent.play(Haul, 'participant', {
        cfp: (_, m) => m.dialogue.send('inform', { deliveredAt: 1 }),
        'accept-proposal': () => undefined,
        'reject-proposal': () => undefined,
      }),
  });
  const b = bench(rogue());
  b.say({ type: 'cfp', protocol, body: { tonnes: 1 } });
  t.like(b.errors[0], { code: 'illegal-message' });
  t.like(b.heard()[0], { type: 'failure' });
});

test('opening a role that is not played, with a bad body or no time, throws and leaves nothing open', (t) => {
  const target = bench(meter({ meanKWh: 1 })).stranger.did;
  const codes: string[] = [];
  const opener = defineAgent({
    name: 'opener',
    setup: (agent) =>
      agent.start((ctx) => {
        const attempts = [
          () => ctx.open(Haul, 'initiator', target, 'cfp', { tonnes: 1 }, { within: '1 s' }),
          () => void ctx.ask(Haul, 'initiator', target, 'cfp', { tonnes: -1 }, { within: '1 s' }),
          () => void ctx.ask(Haul, 'initiator', target, 'cfp', { tonnes: 1 }, { within: 0 }),
        ];
        for (const attempt of attempts) {
          try {
            attempt();
          } catch (error) {
            codes.push((error as { code: string }).code);
          }
        }
      }),
  });
  const b = bench(opener());
  t.deepEqual(codes, ['role-not-played', 'invalid-body', 'bad-duration']);
  t.is(b.runtime.counters.dialoguesOpen, 0);
  t.deepEqual(b.heard(), []);
});
