import test from 'ava';
import * as fc from 'fast-check';
import type { z } from 'zod';
import { defineAgent, type Agent } from '../../../agent-core/agent/agent.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { createCancellation } from '../../../agent-core/protocol/cancellation.ts';
import {
  sealedBidAuction,
  type SealedBidCall,
  type SealedBidResult,
} from '../../../agent-core/protocol/sealed-bid-auction.ts';
import { commitmentOf, drawNonce, type SealedBidRule } from '../../../agent-core/protocol/sealed-bid.ts';
import {
  auctioneer,
  clean,
  emptyNotes,
  hold,
  Lot,
  note,
  VASE,
  type Held,
  type HoldOptions,
  type Notes,
} from './auction-house.ts';

const Sale = sealedBidAuction({ name: 'sale', version: '1.0.0', lot: Lot });

type Terms = Partial<SealedBidCall<z.output<typeof Lot>>>;

const honest = (amount: bigint | null) =>
  defineAgent({
    name: 'bidder',
    state: emptyNotes,
    setup: (agent) => Sale.participant(agent, { bid: () => amount, outcome: note }),
  })();

const terms = {
  lot: VASE,
  rule: 'second-price',
  commitWithin: '10 s',
  revealWithin: '10 s',
  payWithin: '1 min',
} as const;

const sell = (bidders: readonly Agent<unknown, Notes>[], change: Terms = {}, options: HoldOptions = {}) =>
  hold<SealedBidResult>(bidders, (to) => auctioneer(Sale.initiator, { ...terms, to, ...change }), options);

/** Bidders by hand that go wrong in one way. */
const WAYS = {
  vanishes: 'says nothing to the call',
  throws: 'throws when called',
  garbage: 'commits to something that is no hash',
  'reveals-first': 'reveals instead of committing',
  late: 'commits after the time for it',
  'commits-twice': 'commits twice',
  'never-reveals': 'commits and does not reveal',
  'reveals-late': 'reveals after the time for it',
  'reveals-other': 'reveals another amount than it committed to',
  'reveals-twice': 'reveals twice',
  'dies-revealing': 'stops when reveals are called',
  'never-pays': 'does not pay',
} as const;
type Way = keyof typeof WAYS;

const bad = (way: Way, amount = 100n) =>
  defineAgent({
    name: `bad-${way}`,
    state: emptyNotes,
    setup: (agent) => {
      const nonce = drawNonce(createRandomRoot(1).stream(way));
      agent.play(
        Sale,
        'participant',
        {
          cfp: async (ctx, m) => {
            const raw = m.dialogue as unknown as { send(type: string, body: unknown): void };
            const commitment = commitmentOf(m.body.auction, { bidder: ctx.self, amount, nonce });
            if (way === 'vanishes') return;
            if (way === 'throws') throw new Error('no');
            if (way === 'reveals-first') return raw.send('reveal', { amount, nonce });
            if (way === 'garbage') return m.reply('commit', { commitment: 'high' });
            if (way === 'late') await ctx.sleep('11 s');
            if (!m.dialogue.open) return;
            m.reply('commit', { commitment });
            if (way === 'commits-twice') m.reply('commit', { commitment });
          },
          'call-reveals': async (ctx, m) => {
            if (way === 'never-reveals') return;
            if (way === 'dies-revealing') return ctx.stop();
            if (way === 'reveals-late') await ctx.sleep('30 s');
            if (!m.dialogue.open) return;
            m.reply('reveal', { amount: way === 'reveals-other' ? amount + 1n : amount, nonce });
            if (way === 'reveals-twice') m.reply('reveal', { amount, nonce });
          },
          bids: () => undefined,
          'accept-proposal': (_ctx, m) => {
            if (way !== 'never-pays') m.reply('pay', { reservation: null });
          },
          sold: () => undefined,
          unsold: () => undefined,
          'reject-proposal': (ctx, m) => void ctx.state.ends.push(m.body.reason),
          settled: () => undefined,
          cancel: () => undefined,
        },
        { ended: (ctx, end) => void ctx.state.ends.push(`${end.outcome} ${end.code} ${end.state}`) },
      );
    },
  })();

const shortly = ({ result }: Held<SealedBidResult>): unknown =>
  result === undefined
    ? 'none'
    : result.type === 'unsold'
      ? result.reason
      : [result.type, result.price, ...(result.type === 'unpaid' ? [result.code] : [])];

test('the highest bid wins, pays the second, and all who bid learn and check it', async (t) => {
  const held = await sell([honest(30n), honest(77n), honest(50n), honest(null)]);
  t.deepEqual(shortly(held), ['sold', 50n]);
  const lost = { type: 'lost', winner: held.bidders[1]?.did, price: 50n };
  t.deepEqual(held.outcomes, [lost, { type: 'won', price: 50n }, lost, { type: 'no-outcome', code: 'done' }]);
  t.is(held.result?.bids.length, 3);
  t.deepEqual(held.result?.defaulted, []);
  t.true(held.place.now() < 20_000, 'nobody waits for who has answered');
  clean(t, held.place);
});

test('with the rule first-price the winner pays its own bid', async (t) => {
  const held = await sell([honest(30n), honest(77n)], { rule: 'first-price' });
  t.deepEqual(shortly(held), ['sold', 77n]);
  t.deepEqual(held.outcomes[1], { type: 'won', price: 77n });
});

test('agents come to the outcome of the rule, whatever is bid', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(fc.bigInt({ min: 0n, max: 30n })), { minLength: 1, maxLength: 6 }),
      fc.record({
        rule: fc.constantFrom<SealedBidRule[]>('first-price', 'second-price'),
        reserve: fc.bigInt({ min: 0n, max: 20n }),
      }),
      fc.boolean(),
      async (bids, { rule, reserve }, jitter) => {
        const held = await sell(bids.map(honest), { rule, reserve }, jitter ? { latency: ['1 ms', '50 ms'] } : {});
        clean(t, held.place);
        const amounts = bids.filter((bid) => bid !== null).toSorted((a, b) => (a < b ? 1 : -1));
        const [highest, second = 0n] = amounts;
        const { result } = held;
        if (result === undefined) return false;
        if (highest === undefined || highest < reserve) {
          return result.type === 'unsold' && result.reason === (highest === undefined ? 'no-bids' : 'reserve-not-met');
        }
        if (result.type !== 'sold') return false;
        const winner = bids[held.bidders.findIndex(({ did }) => did === result.winner)];
        const price = rule === 'first-price' ? highest : second > reserve ? second : reserve;
        const verdicts = held.outcomes.filter((outcome) => typeof outcome === 'object' && outcome.type === 'won');
        return winner === highest && result.price === price && verdicts.length === 1;
      },
    ),
    { seed: 7, numRuns: 50 },
  );
  t.pass();
});

test('nobody sees an amount before all commitments are in', async (t) => {
  const held = await sell([honest(30n), honest(77n), bad('vanishes')], {}, { record: true });
  const revealed = held.place.trace.find(({ payload }) => payload.includes('"type":"reveal"'));
  const called = held.place.trace.find(({ payload }) => payload.includes('"type":"call-reveals"'));
  t.is(called?.time, 10_001_000, 'the one that says nothing may still commit until then');
  t.is(revealed?.time, 10_002_000);
  const before = held.place.trace.filter(({ time }) => time < 10_001_000);
  t.false(before.some(({ payload }) => /"amount"|"77"|"30"/.test(payload)));
});

test('below the reserve nothing is sold, and the bidders learn it', async (t) => {
  const held = await sell([honest(30n), honest(20n)], { reserve: 31n });
  t.is(shortly(held), 'reserve-not-met');
  t.deepEqual(held.outcomes, [{ type: 'unsold' }, { type: 'unsold' }]);
});

test('with nobody invited, nobody there or nobody interested it ends at once', async (t) => {
  t.is(shortly(await sell([])), 'no-bids');
  t.is(shortly(await sell([honest(null)])), 'no-bids');
  const nobody = await hold<SealedBidResult>([], (_, place) =>
    auctioneer(Sale.initiator, { ...terms, to: [place.didOf('ghost')] }),
  );
  t.deepEqual(
    nobody.result?.absent.map(({ code }) => code),
    ['no-such-agent'],
  );
});

interface Expected {
  readonly result: unknown;
  readonly end: string;
  readonly absent?: string;
  readonly defaulted?: string;
}

const SOLD = ['sold', 20n];

const ways: Readonly<Record<Way, Expected>> = {
  vanishes: { result: SOLD, end: 'done done cancelled', absent: 'late' },
  throws: { result: SOLD, end: 'failed handler-failed called', absent: 'handler-failed' },
  garbage: { result: SOLD, end: 'failed handler-failed called', absent: 'handler-failed' },
  'reveals-first': { result: SOLD, end: 'failed handler-failed called', absent: 'handler-failed' },
  late: { result: SOLD, end: 'done done cancelled', absent: 'late' },
  'commits-twice': {
    result: SOLD,
    end: 'failed handler-failed committed',
    absent: 'handler-failed',
    defaulted: 'handler-failed',
  },
  'never-reveals': { result: SOLD, end: 'not-revealed', defaulted: 'not-revealed' },
  'reveals-late': { result: SOLD, end: 'not-revealed', defaulted: 'not-revealed' },
  'reveals-other': { result: SOLD, end: 'bad-reveal', defaulted: 'bad-reveal' },
  'reveals-twice': {
    result: ['unpaid', 30n, 'handler-failed'],
    end: 'failed handler-failed revealed',
    absent: 'handler-failed',
  },
  'dies-revealing': {
    result: SOLD,
    end: 'stopped agent-stopped revealing',
    absent: 'agent-stopped',
    defaulted: 'agent-stopped',
  },
  'never-pays': { result: ['unpaid', 30n, 'not-paid-in-time'], end: 'failed failed awarded' },
};

for (const [way, expected] of Object.entries(ways) as [Way, Expected][]) {
  test(`who ${WAYS[way]} changes nothing for the others, and is named`, async (t) => {
    const held = await sell([bad(way), honest(30n), honest(20n)]);
    const peer = held.bidders[0]?.did;
    t.deepEqual(shortly(held), expected.result);
    t.is(held.outcomes[0], expected.end);
    t.deepEqual(held.result?.absent, expected.absent === undefined ? [] : [{ peer, code: expected.absent }]);
    t.deepEqual(held.result?.defaulted, expected.defaulted === undefined ? [] : [{ peer, code: expected.defaulted }]);
    const types = held.outcomes.slice(1).map((outcome) => typeof outcome === 'object' && outcome.type);
    t.deepEqual(types, expected.result === SOLD ? ['won', 'lost'] : ['lost', 'lost']);
    clean(t, held.place);
  });
}

test('a ready bidder that cannot reveal in time has forfeited, and knows', async (t) => {
  const held = await sell([honest(30n)], { commitWithin: '1 s', revealWithin: '1 ms' }, { latency: '100 ms' });
  t.deepEqual(held.outcomes, [{ type: 'won', price: 0n }], 'everybody committed early, so there is time until 1.001 s');
  const late = await sell(
    [honest(30n), bad('vanishes')],
    { commitWithin: '1 s', revealWithin: '1 ms' },
    { latency: '100 ms' },
  );
  t.deepEqual(late.outcomes[0], { type: 'forfeited' });
  t.is(shortly(late), 'no-bids');
  clean(t, late.place);
});

test('an auctioneer that stops leaves nobody waiting, before and after the award', async (t) => {
  const stopAt = (until: `${number} ms`) =>
    sell(
      [honest(30n), honest(20n)],
      {},
      {
        during: async ({ place, hammer }) => {
          await place.run({ until });
          hammer.stop();
        },
      },
    );
  const early = await stopAt('2 ms');
  t.deepEqual(early.outcomes, [
    { type: 'no-outcome', code: 'agent-stopped' },
    { type: 'no-outcome', code: 'agent-stopped' },
  ]);
  const late = await stopAt('5 ms');
  t.deepEqual(late.outcomes[0], { type: 'unsettled', price: 20n, code: 'agent-stopped' });
  t.is(typeof late.outcomes[1] === 'object' && late.outcomes[1].type, 'lost');
  clean(t, early.place);
  clean(t, late.place);
});

test('an auctioneer that crashes after the award, or a bidder before it, is missed at the deadline and no longer', async (t) => {
  const held = await sell(
    [honest(30n), honest(20n)],
    {},
    {
      during: async ({ place, hammer }) => {
        await place.run({ until: '5 ms' });
        hammer.crash();
      },
    },
  );
  t.deepEqual(held.outcomes[0], { type: 'unsettled', price: 20n, code: 'deadline-passed' });
  t.is(typeof held.outcomes[1] === 'object' && held.outcomes[1].type, 'lost');
  const bereft = await sell(
    [honest(30n), honest(20n)],
    {},
    {
      during: async ({ place, bidders }) => {
        await place.run({ until: '2 ms' });
        bidders[0]?.crash();
      },
    },
  );
  t.deepEqual(shortly(bereft), ['sold', 0n]);
  t.deepEqual(bereft.result?.defaulted, [{ peer: bereft.bidders[0]?.did, code: 'not-revealed' }]);
  for (const { counters, lifecycle } of [...held.place.agents, ...bereft.place.agents]) {
    if (lifecycle !== 'crashed') t.deepEqual([counters.dialoguesOpen, counters.timersPending], [0, 0]);
  }
});

test('an auction can be taken back until reveals are called, not after', async (t) => {
  const cancelAt = async (until: `${number} ms`) => {
    const cancellation = createCancellation();
    return sell(
      [honest(30n), honest(20n)],
      { cancellation },
      {
        during: async ({ place }) => {
          await place.run({ until });
          cancellation.cancel('withdrawn');
        },
      },
    );
  };
  const early = await cancelAt('1 ms');
  t.is(shortly(early), 'cancelled');
  t.deepEqual(early.outcomes[0], { type: 'cancelled', reason: 'withdrawn' });
  clean(t, early.place);
  t.deepEqual(shortly(await cancelAt('3 ms')), ['sold', 20n]);
});

test('an auction that makes no sense is not held, and a bid that is no amount not made', async (t) => {
  const codes = async (change: Terms): Promise<readonly string[]> =>
    (await sell([honest(1n)], change)).hammer.state.errors;
  t.deepEqual(await codes({ reserve: -1n }), ['bad-auction']);
  t.deepEqual(await codes({ commitWithin: 0 }), ['bad-auction']);
  t.deepEqual(await codes({ revealWithin: 0 }), ['bad-auction']);
  t.deepEqual(await codes({ payWithin: 0 }), ['bad-auction']);
  const held = await sell([honest(-1n)]);
  t.deepEqual(held.outcomes, [{ type: 'no-outcome', code: 'handler-failed' }]);
});

test('three hundred bidders, each of whom checks all bids', async (t) => {
  const held = await sell(Array.from({ length: 300 }, (_, n) => honest(BigInt(n))));
  t.deepEqual(shortly(held), ['sold', 298n]);
  const lost = held.outcomes.filter((outcome) => typeof outcome === 'object' && outcome.type === 'lost');
  t.is(lost.length, 299);
  clean(t, held.place);
});
