import test from 'ava';
import { createCancellation } from '../../../agent-core/protocol/cancellation.ts';
import type { IteratedCall } from '../../../agent-core/protocol/iterated-contract-net.ts';
import { Barter } from '../../fixtures/library.ts';
import { meet, type Serve } from '../../fixtures/meeting.ts';

type Task = { readonly tonnes: number };
type Bid = { readonly price: number };
type Call = IteratedCall<Task, Bid>;

const call = {
  task: { tonnes: 10 },
  bidsWithin: '10 s',
  roundsMax: 4,
  resultWithin: '1 h',
} as const;

interface Manner {
  /** Price a tonne, by round; where there is none, it refuses. */
  readonly prices: readonly number[];
  /** Says nothing from this round on. */
  readonly silentFrom?: number;
  readonly fails?: boolean;
  readonly vanishes?: boolean;
}

const carrier = ({ prices, silentFrom, fails, vanishes }: Manner): Serve => {
  return (agent, ended) =>
    agent.play(
      Barter,
      'participant',
      {
        cfp: (_, m) => {
          const { task, round } = m.body;
          if (silentFrom !== undefined && round >= silentFrom) return;
          const price = prices[round - 1];
          if (price === undefined) m.reply('refuse', { reason: 'no lower' });
          else m.reply('propose', { price: price * task.tonnes });
        },
        'accept-proposal': (_, m) => {
          if (vanishes === true) return;
          if (fails === true) m.fail('axle broken');
          else m.reply('inform', { hours: 2 });
        },
        'reject-proposal': () => undefined,
        cancel: () => undefined,
      },
      { ended },
    );
};

/** Calls everybody again until a price is low enough, or the rounds are over. */
const until = (price: number): Call['decide'] => {
  return ({ proposals, task, last }) => {
    const good = proposals.find(({ bid }) => bid.price <= price);
    if (good !== undefined) return { type: 'award', to: good };
    return last ? { type: 'stop' } : { type: 'iterate', task: { tonnes: task.tonnes - 1 }, to: proposals };
  };
};

const play = (t: Parameters<typeof meet>[0], carriers: readonly Manner[], change: Partial<Call>) =>
  meet(t, {
    program: Barter.initiator,
    input: (_, to): Call => ({ ...call, to, decide: () => ({ type: 'stop' }), ...change }),
    serve: carriers.map(carrier),
  });

test('bidders are called again with a revised task until one proposal is good enough', async (t) => {
  const { result, ends } = await play(t, [{ prices: [9, 8, 7] }, { prices: [9, 6, 5] }, { prices: [12, 11] }], {
    decide: until(40),
  });
  t.is(result?.type, 'done');
  if (result?.type !== 'done') return;
  t.is(result.rounds, 3);
  t.deepEqual(result.award.bid, { price: 40 }, 'five a tonne, for the eight of the third round');
  t.deepEqual(result.award.result, { hours: 2 });
  t.deepEqual(
    result.answers.refusals.map(({ reason }) => reason),
    ['no lower'],
  );
  t.deepEqual(ends, ['done rejected', 'done fulfilled', 'done refused']);
});

test('who is not called again is rejected at once', async (t) => {
  const { result, ends } = await play(t, [{ prices: [9, 1] }, { prices: [8, 1] }], {
    decide: ({ number, proposals, task }) =>
      number === 1 ? { type: 'iterate', task, to: proposals.slice(1) } : { type: 'award', to: proposals },
  });
  t.is(result?.type, 'done');
  t.is(result?.type === 'done' && result.awards.length, 1);
  t.is(result?.answers.proposals.length, 2, "each one's last proposal is told");
  t.deepEqual(ends, ['done rejected', 'done fulfilled']);
});

test('an initiator may stop after any round', async (t) => {
  const { result, ends } = await play(t, [{ prices: [9, 9, 9, 9] }], { decide: until(1) });
  t.deepEqual([result?.type, result?.type === 'not-awarded' && result.reason], ['not-awarded', 'stopped']);
  t.is(result?.rounds, 4, 'as many rounds as there may be');
  t.deepEqual(ends, ['done rejected']);
});

test('who does not answer a later round is late, told so, and out', async (t) => {
  const { result, ends } = await play(t, [{ prices: [9, 9], silentFrom: 2 }, { prices: [9, 1] }], { decide: until(9) });
  t.is(result?.type, 'done');
  t.deepEqual(
    result?.answers.silent.map(({ code }) => code),
    ['late'],
  );
  t.deepEqual(ends, ['done cancelled', 'done fulfilled']);
});

test('where nobody proposes any more nothing is awarded', async (t) => {
  const { result, ends } = await play(t, [{ prices: [9] }, { prices: [] }], { decide: until(1) });
  t.deepEqual([result?.type === 'not-awarded' && result.reason, result?.rounds], ['no-proposals', 2]);
  t.deepEqual(ends, ['done refused', 'done refused']);
});

const unfulfilled: Readonly<Record<string, readonly [Manner, code: string, end: string]>> = {
  'a winner that gives the award back has failed it': [{ prices: [1], fails: true }, 'failed', 'failed awarded'],
  'a winner that never delivers has failed it at the deadline': [
    { prices: [1], vanishes: true },
    'deadline-passed',
    'expired awarded',
  ],
};

for (const [claim, [manner, code, end]] of Object.entries(unfulfilled)) {
  test(claim, async (t) => {
    const { result, ends } = await play(t, [manner, { prices: [1] }], {
      decide: ({ proposals }) => ({ type: 'award', to: proposals }),
    });
    t.is(result?.type, 'failed');
    t.deepEqual(
      result?.type === 'failed' &&
        result.awards.map((award) => (award.type === 'unfulfilled' ? award.code : 'fulfilled')),
      [code, 'fulfilled'],
    );
    t.deepEqual(ends, [end, 'done fulfilled']);
  });
}

test('a cancelled net ends on every side, in whatever round it is', async (t) => {
  const cancellation = createCancellation();
  const { result, ends } = await play(t, [{ prices: [9, 9], silentFrom: 2 }, { prices: [9, 9] }], {
    cancellation,
    decide: ({ task, proposals }) => {
      cancellation.cancel('the goods are gone');
      return { type: 'iterate', task, to: proposals };
    },
  });
  t.deepEqual([result?.type === 'not-awarded' && result.reason, result?.rounds], ['cancelled', 2]);
  t.deepEqual(ends, ['done cancelled', 'done cancelled']);
});

test('a cancelled award is not fulfilled', async (t) => {
  const cancellation = createCancellation();
  const { result, ends } = await play(t, [{ prices: [1], vanishes: true }], {
    cancellation,
    decide: ({ proposals }) => {
      cancellation.cancel('the goods are gone');
      return { type: 'award', to: proposals };
    },
  });
  t.deepEqual(result?.type === 'failed' && result.awards.map((award) => award.type === 'unfulfilled' && award.code), [
    'cancelled',
  ]);
  t.deepEqual(ends, ['done cancelled']);
});

test('a call of nobody ends at once', async (t) => {
  const { result } = await play(t, [], {});
  t.deepEqual([result?.type === 'not-awarded' && result.reason, result?.rounds], ['no-proposals', 1]);
});

const wrong: Readonly<Record<string, readonly [Partial<Call>, code: string]>> = {
  'refuses more rounds than there may be': [{ roundsMax: 1_001 }, 'bad-rounds'],
  'refuses a number of rounds that is no count': [{ roundsMax: 0 }, 'bad-rounds'],
  'refuses a result that is due before the rounds can be over': [{ resultWithin: '40 s' }, 'bad-duration'],
  'refuses to iterate after the last round': [
    { roundsMax: 1, decide: ({ task, proposals }) => ({ type: 'iterate', task, to: proposals }) },
    'bad-choice',
  ],
  'refuses an award to nobody': [{ decide: () => ({ type: 'award', to: [] }) }, 'bad-choice'],
  'refuses an award of what was not proposed': [
    { decide: ({ proposals }) => ({ type: 'award', to: proposals.map((proposal) => ({ ...proposal })) }) },
    'bad-choice',
  ],
};

for (const [claim, [change, code]] of Object.entries(wrong)) {
  test(claim, async (t) => {
    const { result, error } = await play(t, [{ prices: [1] }], change);
    t.deepEqual([result, error], [undefined, code]);
  });
}

test('refuses to call a participant twice', async (t) => {
  const { error } = await meet(t, {
    program: Barter.initiator,
    input: (to): Call => ({ ...call, to: [to, to], decide: () => ({ type: 'stop' }) }),
    serve: [carrier({ prices: [] })],
  });
  t.is(error, 'duplicate-peer');
});
