import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { DialogueOptions } from '../../../agent-core/agent/context.ts';
import { severable } from '../../../agent-core/agent/severable-host.ts';
import type { Host } from '../../../agent-core/agent/host.ts';
import { LIMITS } from '../../../agent-core/limits.ts';
import type { Letter, LetterRefusal } from '../../../agent-core/message/mail.ts';
import { defineProtocol } from '../../../agent-core/protocol/protocol.ts';
import { testAgent } from '../../../agent-core/testing/bench.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';

const Ask = defineProtocol({
  name: 'ask',
  version: '1.0.0',
  roles: ['asker', 'giver'],
  messages: {
    ask: { from: 'asker', as: 'query-ref', body: z.object({}) },
    give: { from: 'giver', as: 'inform', body: z.object({}) },
  },
  dialogue: {
    initial: 'idle',
    states: { idle: { on: { ask: 'asked' } }, asked: { on: { give: 'over' } }, over: { type: 'final' } },
  },
});

/** Nobody's address. */
const NOBODY = 'did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp' as Did;

const asker = (options: DialogueOptions) =>
  defineAgent({
    name: 'asker',
    state: () => ({ heard: [] as string[] }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        const answer = await ctx.ask(Ask, 'asker', NOBODY, 'ask', {}, options);
        ctx.state.heard.push('code' in answer ? answer.code : answer.type);
      }),
  })();

test('an opening that nobody hears is mailed once, and its dialogue goes on', async (t) => {
  const bench = testAgent(asker({ within: '1 d', mail: 'sealed' }), { sign: 'each' });
  await bench.settle();
  t.is(bench.letters.length, 1);
  const [letter] = bench.letters;
  t.like(letter, { to: NOBODY, way: 'sealed', payload: bench.messages[0]?.payload });
  t.truthy(letter?.headers['Haggle-Signature']);
  t.deepEqual(bench.state.heard, []);
  await bench.pass('1 d');
  t.deepEqual(bench.state.heard, ['deadline-passed']);
  t.is(bench.letters.length, 1);
});

test('what may be mailed lives up to 7 days, all else up to 10 minutes', async (t) => {
  const exp = async (options: DialogueOptions): Promise<number | undefined> => {
    const bench = testAgent(asker(options));
    await bench.settle();
    return (JSON.parse(bench.messages[0]?.payload ?? '{}') as { readonly exp?: number }).exp;
  };
  t.is(await exp({ within: '30 d', mail: 'plain' }), LIMITS.mailLifeMicros);
  t.is(await exp({ within: '30 d' }), LIMITS.messageLifeMicros);
  t.is(await exp({ within: '1 h', mail: 'plain' }), 3_600_000_000);
});

test('without the option nothing is mailed', async (t) => {
  const bench = testAgent(asker({ within: '1 d' }));
  await bench.settle();
  t.deepEqual(bench.letters, []);
  t.deepEqual(bench.state.heard, ['no-such-agent']);
});

test('an agent that is cut off posts nothing and hears of nothing', (t) => {
  const posted: Letter[] = [];
  let refuse: (code: LetterRefusal) => void = () => undefined;
  const outside = {
    bus: {},
    mail: {
      post: (letter: Letter, refused: (code: LetterRefusal) => void) => {
        posted.push(letter);
        refuse = refused;
      },
      collect: () => () => undefined,
    },
  } as unknown as Host;
  const cut = severable(outside);
  const { host } = cut;
  const heard: string[] = [];
  const letter = { id: 'm1', to: NOBODY, way: 'plain', payload: '', headers: {} } as const;
  host.mail?.post(letter, (code) => heard.push(code));
  refuse('no-mailbox');
  cut.sever();
  refuse('no-mailbox');
  host.mail?.post(letter, (code) => heard.push(code));
  t.is(posted.length, 1);
  t.deepEqual(heard, ['no-mailbox']);
});
