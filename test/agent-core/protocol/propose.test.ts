import test from 'ava';
import { Job } from '../../fixtures/library.ts';
import { meet, type Serve } from '../../fixtures/meeting.ts';

type Policy = Parameters<typeof Job.participant<void, undefined>>[1];

const offer = { offer: { wage: 3 }, within: '60 s' } as const;
const serving = (decide: Policy['decide']): Serve => {
  return (agent, ended) => Job.participant(agent, { decide, ended });
};

test('an offer is accepted, and the signed acceptance is kept', async (t) => {
  const { result, ends } = await meet(t, {
    program: Job.initiator,
    input: (to) => ({ ...offer, to }),
    serve: [serving((_, m) => (m.body.wage > 2 ? { type: 'accept' } : { type: 'reject', reason: 'too little' }))],
  });
  t.regex(result?.type === 'accepted' ? result.recorded.payload : '', /"type":"accept-proposal"/);
  t.deepEqual(ends, ['done accepted']);
});

test('an offer is rejected with the reason', async (t) => {
  const { result, ends } = await meet(t, {
    program: Job.initiator,
    input: (to) => ({ ...offer, to }),
    serve: [serving(() => ({ type: 'reject', reason: 'too little' }))],
  });
  t.deepEqual(result, { type: 'rejected', reason: 'too little' });
  t.deepEqual(ends, ['done rejected']);
});

test('an offer stands until its deadline and no longer', async (t) => {
  const { result, ends } = await meet(t, {
    program: Job.initiator,
    input: (to) => ({ ...offer, to }),
    serve: [
      serving(async (ctx) => {
        await ctx.sleep('61 s');
        return { type: 'accept' };
      }),
    ],
  });
  t.deepEqual(result, { type: 'failed', code: 'deadline-passed' });
  t.deepEqual(ends, ['expired proposed']);
});

test('a participant that throws over an offer has failed it', async (t) => {
  const { result, ends } = await meet(t, {
    program: Job.initiator,
    input: (to) => ({ ...offer, to }),
    serve: [
      serving(() => {
        throw new Error('cannot decide');
      }),
    ],
  });
  t.is(result?.type === 'failed' && result.code, 'handler-failed');
  t.deepEqual(ends, ['failed proposed']);
});
