import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Context } from '../../../agent-core/agent/context.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { createCancellation } from '../../../agent-core/protocol/cancellation.ts';
import { contractNet, type ContractNetResult } from '../../../agent-core/protocol/contract-net.ts';
import { world, type World } from '../../../simulator/world.ts';

const Haul = contractNet({
  name: 'haul',
  version: '1.0.0',
  task: z.object({ tonnes: z.number().positive() }),
  bid: z.object({ price: z.number() }),
  result: z.object({ hours: z.number() }),
});

type Bid = { price: number };
type Outcome = ContractNetResult<Bid, { hours: number }>;

/** Ways to take part. The dialogues of every participant must end by themselves. */
const WAYS = {
  /** Bids its price and delivers. */
  honest: 'bids and delivers',
  refuses: 'refuses',
  /** Answers nothing. */
  vanishes: 'says nothing',
  /** Answers the call after the time for bids. */
  late: 'bids late',
  twice: 'bids twice',
  /** Delivers before it was asked to. */
  'out-of-turn': 'delivers instead of bidding',
  throws: 'throws when called',
  'fails-award': 'gives the award back',
  'throws-award': 'throws when awarded',
  'sleeps-award': 'never delivers',
} as const;
type Way = keyof typeof WAYS;

const carrier = defineAgent({
  name: 'carrier',
  params: z.object({ price: z.number(), way: z.custom<Way>() }),
  state: () => ({ ends: [] as string[] }),
  setup(agent) {
    agent.play(
      Haul,
      'participant',
      {
        cfp: async (ctx, m) => {
          const { way, price } = ctx.params;
          if (way === 'vanishes') return;
          if (way === 'throws') throw new Error('no bid from me');
          if (way === 'refuses') return m.reply('refuse', { reason: 'full' });
          if (way === 'late') await ctx.sleep('11 s');
          if (!m.dialogue.open) return;
          if (way === 'out-of-turn') {
            // The compiler refuses it, and so does the runtime.
            (m.dialogue as unknown as { send(type: string, body: unknown): void }).send('inform', { hours: 1 });
          }
          m.reply('propose', { price });
          if (way === 'twice') m.reply('propose', { price });
        },
        'accept-proposal': async (ctx, m) => {
          const { way } = ctx.params;
          if (way === 'fails-award') return m.fail('axle broken');
          if (way === 'throws-award') throw new Error('axle broken');
          if (way === 'sleeps-award') return;
          await ctx.sleep('2 h');
          m.reply('inform', { hours: 2 });
        },
        'reject-proposal': () => undefined,
        cancel: () => undefined,
      },
      { ended: (ctx, end) => void ctx.state.ends.push(`${end.outcome} ${end.state}`) },
    );
  },
});

interface Shipping {
  readonly results: Outcome[];
}

function shipper(to: readonly Did[], change: (ctx: Context<void, Shipping>) => void = () => undefined) {
  return defineAgent({
    name: 'shipper',
    state: (): Shipping => ({ results: [] }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        change(ctx);
        ctx.state.results.push(
          await ctx.run(Haul.initiator, {
            task: { tonnes: 20 },
            to,
            bidsWithin: '10 s',
            resultWithin: '12 h',
            choose: (proposals) => proposals.toSorted((a, b) => a.bid.price - b.bid.price)[0] ?? null,
          }),
        );
      }),
  })();
}

interface Played {
  readonly result: Outcome | undefined;
  readonly ends: readonly string[];
  readonly place: World;
}

async function play(t: ExecutionContext, ways: readonly Way[], missing = 0): Promise<Played> {
  const place = world({ seed: 1 });
  const carriers = ways.map((way, index) => place.spawn(carrier({ price: 10 + index, way })));
  const to = [
    ...carriers.map(({ did }) => did),
    ...Array.from({ length: missing }, (_, n) => place.didOf(`nobody-${n}`)),
  ];
  const placed = place.spawn(shipper(to));
  await place.run();
  for (const { counters, name } of place.agents) {
    t.is(counters.dialoguesOpen, 0, `${name} has no open dialogue`);
    t.is(counters.timersPending, 0, `${name} has no pending timer`);
  }
  return { result: placed.state.results[0], ends: carriers.map(({ state }) => state.ends.join('; ')), place };
}

test('the cheapest of three bidders gets the award and its result comes back', async (t) => {
  const { result, ends } = await play(t, ['honest', 'honest', 'refuses']);
  t.is(result?.type, 'done');
  if (result?.type !== 'done') return;
  t.deepEqual(result.award.bid, { price: 10 });
  t.deepEqual(result.award.result, { hours: 2 });
  t.is(result.awards.length, 1);
  t.is(result.answers.proposals.length, 2);
  t.deepEqual(
    result.answers.refusals.map(({ reason }) => reason),
    ['full'],
  );
  t.deepEqual(ends, ['done fulfilled', 'done rejected', 'done refused']);
});

const silentAs: Readonly<Record<string, readonly [Way, string, string]>> = {
  'who vanishes is late, and learns it': ['vanishes', 'late', 'done cancelled'],
  'who answers late is told so, and its proposal does not count': ['late', 'late', 'done cancelled'],
  'who throws has failed on both sides': ['throws', 'handler-failed', 'failed called'],
  'who speaks out of turn is out, and told by name': ['out-of-turn', 'handler-failed', 'failed called'],
};

for (const [claim, [way, code, end]] of Object.entries(silentAs)) {
  test(claim, async (t) => {
    const { result, ends } = await play(t, [way, 'honest']);
    t.is(result?.type, 'done');
    t.deepEqual(
      result?.answers.silent.map((answer) => answer.code),
      [code],
    );
    t.deepEqual(ends, [end, 'done fulfilled']);
  });
}

test('who does not exist is named at once, and with nobody else there is no award', async (t) => {
  const { result, place } = await play(t, [], 2);
  t.deepEqual([result?.type, result?.type === 'not-awarded' && result.reason], ['not-awarded', 'no-proposals']);
  t.deepEqual(
    result?.answers.silent.map(({ code }) => code),
    ['no-such-agent', 'no-such-agent'],
  );
  t.is(place.now(), 1_000, 'known after one way there and back on the bus');
});

const broken: Readonly<Record<string, readonly [Way, string, string]>> = {
  'who bids twice cannot keep the award': ['twice', 'handler-failed', 'failed proposed'],
  'a winner that gives the award back has failed it': ['fails-award', 'failed', 'failed awarded'],
  'a winner that throws has failed the award': ['throws-award', 'handler-failed', 'failed awarded'],
  'a winner that never delivers has failed it at the deadline': ['sleeps-award', 'deadline-passed', 'expired awarded'],
};

for (const [claim, [way, code, end]] of Object.entries(broken)) {
  test(claim, async (t) => {
    const { result, ends } = await play(t, [way, 'refuses']);
    t.is(result?.type, 'failed');
    if (result?.type !== 'failed') return;
    t.deepEqual(
      result.awards.map((award) => award.type === 'unfulfilled' && award.code),
      [code],
    );
    t.is(ends[0], end);
  });
}

test('an initiator that stops awards nothing any more', async (t) => {
  const place = world({ seed: 1 });
  const idler = place.spawn(carrier({ price: 1, way: 'vanishes' }));
  const bidder = place.spawn(carrier({ price: 1, way: 'honest' }));
  const stopping = place.spawn(shipper([idler.did, bidder.did]));
  await place.run({ until: '1 s' });
  stopping.stop();
  await place.run();
  t.deepEqual([idler.state.ends, bidder.state.ends], [['failed called'], ['failed proposed']]);
});

test('a cancelled call ends on every side before anything is awarded', async (t) => {
  const place = world({ seed: 1 });
  const bidder = place.spawn(carrier({ price: 1, way: 'honest' }));
  const idler = place.spawn(carrier({ price: 1, way: 'vanishes' }));
  const cancellation = createCancellation();
  const canceller = defineAgent({
    name: 'canceller',
    state: (): Shipping => ({ results: [] }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        const running = ctx.run(Haul.initiator, {
          task: { tonnes: 20 },
          to: [bidder.did, idler.did],
          bidsWithin: '10 s',
          resultWithin: '12 h',
          choose: ([first]) => first ?? null,
          cancellation,
        });
        await ctx.sleep('1 s');
        cancellation.cancel('the goods are gone');
        cancellation.cancel('twice changes nothing');
        ctx.state.results.push(await running);
      }),
  });
  const { state } = place.spawn(canceller());
  await place.run();
  const [result] = state.results;
  t.is(result?.type === 'not-awarded' && result.reason, 'cancelled');
  t.is(result?.answers.proposals.length, 1);
  t.deepEqual([...bidder.state.ends, ...idler.state.ends], ['done cancelled', 'done cancelled']);
  t.is(cancellation.reason, 'the goods are gone');
});
