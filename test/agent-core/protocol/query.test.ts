import test from 'ava';
import { createCancellation } from '../../../agent-core/protocol/cancellation.ts';
import { Almanac } from '../../fixtures/library.ts';
import { meet, type Serve } from '../../fixtures/meeting.ts';

type Policy = Parameters<typeof Almanac.participant<void, undefined>>[1];

const within = '10 s' as const;

const knows: Policy = {
  queryIf: (_, m) => ({ type: 'inform', answer: m.body.claim === 'it rains' }),
  queryRef: async (ctx, m) => {
    await ctx.sleep('1 s');
    return m.body.day > 0 ? { type: 'inform', answer: { degrees: 20 } } : { type: 'refuse', reason: 'too long ago' };
  },
};

const serving = (policy: Policy): Serve => {
  return (agent, ended) => Almanac.participant(agent, { ...policy, ended });
};

test('query-if is answered with whether it holds', async (t) => {
  for (const [claim, holds] of [
    ['it rains', true],
    ['it snows', false],
  ] as const) {
    const { result, ends } = await meet(t, {
      program: Almanac.initiator.queryIf,
      input: (to) => ({ to, proposition: { claim }, within }),
      serve: [serving(knows)],
    });
    t.is(result?.type === 'done' && result.answer, holds);
    t.regex(result?.type === 'done' ? result.recorded.payload : '', /"type":"inform-if"/);
    t.deepEqual(ends, ['done informed']);
  }
});

const ref = Almanac.initiator.queryRef;

test('query-ref is answered with what it stands for, or refused with the reason', async (t) => {
  const serve = [serving(knows)];
  const known = await meet(t, { program: ref, input: (to) => ({ to, reference: { day: 1 }, within }), serve });
  t.deepEqual(known.result?.type === 'done' && known.result.answer, { degrees: 20 });
  const refused = await meet(t, {
    program: ref,
    input: (to) => ({ to, reference: { day: 0 }, within }),
    serve,
  });
  t.deepEqual(refused.result, { type: 'refused', reason: 'too long ago' });
  t.deepEqual(refused.ends, ['done refused']);
});

test('an answer that would come after the deadline is none, on both sides', async (t) => {
  const { result, ends } = await meet(t, {
    program: ref,
    input: (to) => ({ to, reference: { day: 1 }, within: 500_000 }),
    serve: [serving(knows)],
  });
  t.deepEqual(result, { type: 'failed', code: 'deadline-passed' });
  t.deepEqual(ends, ['expired asked-ref']);
});

test('a cancelled query ends on both sides before it is answered', async (t) => {
  const cancellation = createCancellation();
  cancellation.cancel('I know it already');
  const { result, ends } = await meet(t, {
    program: ref,
    input: (to) => ({ to, reference: { day: 1 }, within, cancellation }),
    serve: [serving(knows)],
  });
  t.deepEqual(result, { type: 'failed', code: 'cancelled' });
  t.deepEqual(ends, ['done cancelled']);
});
