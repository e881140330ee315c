import test from 'ava';
import { createCancellation } from '../../../agent-core/protocol/cancellation.ts';
import { Errand } from '../../fixtures/library.ts';
import { meet, type Serve } from '../../fixtures/meeting.ts';

type Policy = Parameters<typeof Errand.participant<void, undefined>>[1];

const call = { task: { what: 'bread' }, within: '60 s', answerWithin: '10 s' } as const;
const agrees: Policy['decide'] = () => ({ type: 'agree' });
const delivers: Policy['perform'] = () => ({ type: 'inform', result: { cost: 3 } });
const after = (seconds: number): Policy['perform'] => {
  return async (ctx) => {
    await ctx.sleep(seconds * 1_000_000);
    return { type: 'inform', result: { cost: 3 } };
  };
};
const throws = (): never => {
  throw new Error('no errands today');
};

const serving = (policy: Policy): Serve => {
  return (agent, ended) => Errand.participant(agent, { ...policy, ended });
};

const done: Readonly<Record<string, readonly [Policy, agreed: boolean]>> = {
  'a result may be the first answer': [{ perform: delivers }, false],
  'a result may follow an agreement at once': [{ decide: agrees, perform: delivers }, true],
  'after an agreement a result may take longer than the first answer': [{ decide: agrees, perform: after(30) }, true],
};

for (const [claim, [policy, agreed]] of Object.entries(done)) {
  test(claim, async (t) => {
    let heard = false;
    const { result, ends } = await meet(t, {
      program: Errand.initiator,
      input: (to) => ({ ...call, to, onAgreed: () => void (heard = true) }),
      serve: [serving(policy)],
    });
    t.is(result?.type, 'done');
    if (result?.type !== 'done') return;
    t.deepEqual(result.result, { cost: 3 });
    t.deepEqual([result.agreed, heard], [agreed, agreed]);
    t.regex(result.recorded.payload, /"type":"inform"/, 'the signed result is kept as proof');
    t.deepEqual(ends, ['done informed']);
  });
}

const refuse: Policy = { decide: () => ({ type: 'refuse', reason: 'closed' }), perform: throws };

test('a refusal comes with its reason, and nothing is performed', async (t) => {
  const { result, ends } = await meet(t, {
    program: Errand.initiator,
    input: (to) => ({ ...call, to }),
    serve: [serving(refuse)],
  });
  t.deepEqual(result, { type: 'refused', reason: 'closed' });
  t.deepEqual(ends, ['done refused']);
});

const failed: Readonly<Record<string, readonly [Policy, code: string, end: string]>> = {
  'a participant that gives up has failed on both sides': [
    { decide: agrees, perform: () => ({ type: 'failure', reason: 'sold out' }) },
    'failed',
    'failed agreed',
  ],
  'a participant that throws has failed on both sides': [{ perform: throws }, 'handler-failed', 'failed requested'],
  'who gives no answer in time is late, and is told': [{ perform: after(11) }, 'late', 'done cancelled'],
  'who agrees and never delivers has failed at the deadline': [
    { decide: agrees, perform: after(86_400) },
    'deadline-passed',
    'expired agreed',
  ],
};

for (const [claim, [policy, code, end]] of Object.entries(failed)) {
  test(claim, async (t) => {
    const { result, ends } = await meet(t, {
      program: Errand.initiator,
      input: (to) => ({ ...call, to }),
      serve: [serving(policy)],
    });
    t.is(result?.type, 'failed');
    t.is(result?.type === 'failed' && result.code, code);
    const byPeer = code === 'failed' || code === 'handler-failed';
    t.is(result?.type === 'failed' && result.recorded !== undefined, byPeer, "the peer's signed failure is kept");
    t.deepEqual(ends, [end]);
  });
}

test('who does not exist is named at once', async (t) => {
  const { result, now } = await meet(t, {
    program: Errand.initiator,
    input: (to) => ({ to, task: call.task, within: call.within }),
    serve: [],
  });
  t.deepEqual([result, now], [{ type: 'failed', code: 'no-such-agent' }, 1_000]);
});

test('a cancelled request ends on both sides; the result that comes after it is not sent', async (t) => {
  const cancellation = createCancellation();
  const { result, ends } = await meet(t, {
    program: Errand.initiator,
    input: (to) => ({ ...call, to, cancellation, onAgreed: () => cancellation.cancel('not hungry any more') }),
    serve: [serving({ decide: agrees, perform: after(30) })],
  });
  t.deepEqual(result, { type: 'failed', code: 'cancelled' });
  t.deepEqual(ends, ['done cancelled']);
});
