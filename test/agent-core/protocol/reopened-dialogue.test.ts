import test from 'ava';
import { z } from 'zod';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { mayOpen, openingId } from '../../../agent-core/agent/message-id.ts';
import { subjects } from '../../../agent-core/bus/subjects.ts';
import { publicKeyOf } from '../../../agent-core/identity/did-key.ts';
import { nkeyOf } from '../../../agent-core/identity/nkey.ts';
import type { Envelope } from '../../../agent-core/message/envelope.ts';
import { createVerifiedRoots } from '../../../agent-core/message/evidence.ts';
import { createAuditor, type RecordedMessage } from '../../../agent-core/message/open.ts';
import { contractNet } from '../../../agent-core/protocol/contract-net.ts';
import { proveOutcome } from '../../../agent-core/protocol/dialogue-record.ts';
import { defineProtocol } from '../../../agent-core/protocol/protocol.ts';
import { testAgent } from '../../../agent-core/testing/bench.ts';

const Job = contractNet({
  name: 'job',
  version: '1.0.0',
  task: z.object({ hours: z.number() }),
  bid: z.object({ price: z.number() }),
  result: z.object({ hours: z.number() }),
});

/** Refuses the first call and bids on the second. */
const worker = defineAgent({
  name: 'worker',
  state: () => ({ calls: 0 }),
  setup: (agent) =>
    Job.participant(agent, {
      bid: (ctx, call) => (ctx.state.calls++ === 0 ? call.refuse('busy') : { price: 1 }),
      perform: (_, { task }) => task,
    }),
});

const auditor = createAuditor({ backend: nodeBackend, requireSignature: false, verifiedRoots: createVerifiedRoots() });

const recorded = (payload: string): RecordedMessage => {
  const { from, to } = JSON.parse(payload) as Envelope;
  const [receiver, sender] = [to, from].map((did) => nkeyOf(publicKeyOf(did)));
  return { subject: subjects.inbox('test', receiver ?? '', sender ?? ''), payload, headers: {} };
};

const cfp = (id: string) =>
  ({ type: 'cfp', id, dialogue: id, protocol: Job.id, body: { task: { hours: 1 }, bidsBy: 5_000_000 } }) as const;

test('no dialogue is opened twice, so that answers of two cannot pass for those of one', (t) => {
  const bench = testAgent(worker());
  const ann = bench.peer('ann');
  ann.say(cfp('x-1'));
  ann.say(cfp('x-1'));
  t.deepEqual(
    ann.heard().map(({ type }) => type),
    ['refuse', 'not-understood'],
  );
  // What ann would show: one call, and both answers.
  const [call, refusal, , answer] = bench.messages.map(({ payload }) => recorded(payload));
  const shown = [call, refusal, answer].filter((message) => message !== undefined);
  const proven = proveOutcome({ protocol: Job, auditor, holder: ann.did }, shown);
  t.like(proven, { outcome: 'done', state: 'refused', faults: [] });
});

test('the id of an opening ends in its own number', (t) => {
  const bench = testAgent(worker());
  const ann = bench.peer('ann');
  const wrong = ['x', 'x-20', 'x1', '1', 'x-03', 'x-4-'];
  for (const id of wrong) t.false(mayOpen(ann.say(cfp(id))), id);
  t.deepEqual(
    ann.heard().map(({ type, body }) => [type, body]),
    wrong.map(() => ['not-understood', { code: 'unknown-dialogue', reason: '' }]),
  );
  t.true(mayOpen({ id: openingId('x', 7), dialogue: 'x-7', seq: 7 }));
  t.false(mayOpen({ id: 'x-7', dialogue: 'y-7', seq: 7 }));
  t.is(bench.counters.dialoguesOpen, 0);
});

const Lock = defineProtocol({
  name: 'lock',
  version: '1.0.0',
  roles: ['owner', 'guest'],
  messages: {
    knock: { from: 'owner', as: 'request', body: z.object({}) },
    unlock: { from: 'owner', as: 'inform', body: z.object({}) },
    hint: { from: 'owner', as: 'inform', body: z.object({}) },
    enter: { from: 'guest', as: 'inform', body: z.object({}) },
  },
  dialogue: {
    initial: 'idle',
    states: {
      idle: { on: { knock: 'closed' } },
      closed: { on: { hint: 'closed', unlock: 'open' } },
      open: { on: { hint: 'open', enter: 'in' } },
      in: { type: 'final' },
    },
  },
});

test('nobody is convicted by leaving out what it heard under a higher number before what it answers', (t) => {
  const guest = defineAgent({
    name: 'guest',
    setup: (agent) =>
      agent.play(Lock, 'guest', {
        knock: () => undefined,
        unlock: () => undefined,
        hint: (_, m) => {
          if (m.dialogue.state === 'open') m.dialogue.send('enter', {});
        },
      }),
  });
  const bench = testAgent(guest());
  const ann = bench.peer('ann');
  const say = (type: string, seq: number): void =>
    void ann.say({ type, protocol: Lock.id, dialogue: 'x-1', id: `x-${seq}`, seq, body: {} });
  say('knock', 1);
  say('unlock', 3);
  say('hint', 2);
  const [knock, , hint, enter] = bench.messages.map(({ payload }) => recorded(payload));
  const shown = [knock, hint, enter].filter((message) => message !== undefined);
  t.is(shown.length, 3);
  t.deepEqual(proveOutcome({ protocol: Lock, auditor, holder: ann.did }, shown).faults, []);
});
