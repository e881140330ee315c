import test from 'ava';
import * as fc from 'fast-check';
import type { z } from 'zod';
import { defineAgent, type Agent } from '../../../agent-core/agent/agent.ts';
import type { AuctionResult } from '../../../agent-core/protocol/auction.ts';
import { createCancellation } from '../../../agent-core/protocol/cancellation.ts';
import { englishAuction, type EnglishCall } from '../../../agent-core/protocol/english-auction.ts';
import {
  auctioneer,
  byText,
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

const Sale = englishAuction({ name: 'sale', version: '1.0.0', lot: Lot });

type Terms = Partial<EnglishCall<z.output<typeof Lot>>>;

const honest = (value: bigint | null) =>
  defineAgent({
    name: 'bidder',
    state: emptyNotes,
    setup: (agent) => Sale.participant(agent, { value: () => value, outcome: note }),
  })();

const terms = {
  lot: VASE,
  start: 10n,
  increment: 1n,
  closing: '10 s',
  within: '1 h',
  payWithin: '1 min',
} as const;

const sell = (bidders: readonly Agent<unknown, Notes>[], change: Terms = {}, options: HoldOptions = {}) =>
  hold<AuctionResult>(bidders, (to) => auctioneer(Sale.initiator, { ...terms, to, ...change }), options);

/** A bidder by hand that goes wrong in one way when it is called, or later. */
type Way =
  | 'vanishes'
  | 'throws'
  | 'garbage'
  | 'out-of-turn'
  | 'late'
  | 'twice'
  | 'dies-leading'
  | 'never-pays'
  | 'after-refusing';

const bad = (way: Way, price: bigint) =>
  defineAgent({
    name: `bad-${way}`,
    state: emptyNotes,
    setup: (agent) =>
      agent.play(
        Sale,
        'participant',
        {
          cfp: async (ctx, m) => {
            const raw = m.dialogue as unknown as { send(type: string, body: unknown): void };
            if (way === 'vanishes') return;
            if (way === 'throws') throw new Error('no');
            if (way === 'out-of-turn') return raw.send('pay', { reservation: null });
            if (way === 'garbage') return raw.send('propose', { price: -1n });
            if (way === 'late') {
              await ctx.sleep('20 s');
              if (!m.dialogue.open) return;
            }
            m.reply('propose', { price });
            if (way === 'twice') m.reply('propose', { price: price + 5n });
            if (way === 'after-refusing') {
              m.reply('refuse', { reason: 'enough' });
              raw.send('propose', { price: price + 5n });
            }
          },
          raise: () => undefined,
          'accept-proposal': (ctx) => {
            if (way === 'dies-leading') ctx.stop();
          },
          'reject-proposal': (ctx, m) => void ctx.state.ends.push(`rejected ${m.body.reason}`),
          award: (_ctx, m) => {
            if (way !== 'never-pays') m.reply('pay', { reservation: null });
          },
          settled: () => undefined,
          sold: () => undefined,
          unsold: () => undefined,
          cancel: () => undefined,
        },
        { ended: (ctx, end) => void ctx.state.ends.push(`${end.outcome} ${end.code} ${end.state}`) },
      ),
  })();

const shortly = ({ result }: Held<AuctionResult>): unknown =>
  result === undefined
    ? 'none'
    : result.type === 'unsold'
      ? result.reason
      : [result.type, result.price, ...(result.type === 'unpaid' ? [result.code] : [])];

test('the highest value wins at about the second highest, and everybody learns it', async (t) => {
  const held = await sell([honest(30n), honest(20n), honest(5n), honest(null)]);
  const [winner] = held.bidders;
  t.deepEqual(shortly(held), ['sold', 20n]);
  t.deepEqual(held.result?.type === 'sold' && held.result.winner, winner?.did ?? false);
  t.deepEqual(held.outcomes[0], { type: 'won', price: 20n });
  for (const outcome of held.outcomes.slice(1)) t.deepEqual(outcome, { type: 'lost', winner: winner?.did, price: 20n });
  t.is(held.bidders[0]?.state.attended[0]?.auctioneer, held.hammer.did);
  t.deepEqual(held.bidders[0]?.state.attended[0]?.lot, VASE);
  clean(t, held.place);
});

test('it sells within one increment of the second highest value, whatever the values', async (t) => {
  const any = fc.array(fc.bigInt({ min: 0n, max: 120n }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        values: any,
        increment: fc.bigInt({ min: 1n, max: 15n }),
        reserve: fc.bigInt({ min: 0n, max: 60n }),
      }),
      fc.boolean(),
      async ({ values, increment, reserve }, jitter) => {
        const held = await sell(
          values.map(honest),
          { increment, reserve },
          jitter ? { latency: ['1 ms', '50 ms'] } : {},
        );
        const { result } = held;
        clean(t, held.place);
        const sorted = values.toSorted((a, b) => (a < b ? 1 : -1));
        const [highest = 0n, second = 0n] = sorted;
        if (result === undefined) throw new Error('no result');
        if (result.type !== 'sold') {
          if (highest < 10n) return result.type === 'unsold' && result.reason === 'no-bids';
          // Who would have paid the reserve is never asked to bid against itself.
          return result.type === 'unsold' && result.reason === 'reserve-not-met' && second < reserve + increment;
        }
        const winner = held.bidders.findIndex(({ did }) => did === result.winner);
        const value = values[winner] ?? -1n;
        const others = values.filter((_, index) => index !== winner);
        return (
          result.price <= value &&
          result.price >= reserve &&
          others.every((other) => other < result.price + increment) &&
          result.price < (second > 10n ? second : 10n) + increment + 1n
        );
      },
    ),
    { seed: 7, numRuns: 60 },
  );
  t.pass();
});

test('of two bids at the same price the first heard leads, the same one in every run', async (t) => {
  const first = await sell([honest(10n), honest(10n)]);
  const again = await sell([honest(10n), honest(10n)]);
  t.deepEqual(shortly(first), ['sold', 10n]);
  t.is(first.place.fingerprint(), again.place.fingerprint());
  t.deepEqual(first.outcomes.map((outcome) => typeof outcome === 'object' && outcome.type).toSorted(byText), [
    'lost',
    'won',
  ]);
});

test('below the reserve nothing is sold, and the bidders learn it', async (t) => {
  const held = await sell([honest(30n), honest(20n)], { reserve: 25n });
  t.is(shortly(held), 'reserve-not-met');
  t.deepEqual(held.outcomes, [{ type: 'unsold' }, { type: 'unsold' }]);
  clean(t, held.place);
});

test('with nobody invited, nobody there or nobody interested it ends at once', async (t) => {
  t.is(shortly(await sell([])), 'no-bids');
  const uninterested = await sell([honest(null), honest(3n)]);
  t.is(shortly(uninterested), 'no-bids');
  t.true(uninterested.place.now() < 10_000);
  const nobody = await hold<AuctionResult>([], (_, place) =>
    auctioneer(Sale.initiator, { ...terms, to: [place.didOf('ghost')] }),
  );
  t.is(shortly(nobody), 'no-bids');
  t.deepEqual(
    nobody.result?.absent.map(({ code }) => code),
    ['no-such-agent'],
  );
});

test('it closes once no bid came for the closing time, which every bid extends', async (t) => {
  const held = await sell([bad('late', 40n), bad('vanishes', 0n), honest(30n)], { closing: '30 s' });
  t.deepEqual(shortly(held), ['sold', 40n]);
  t.is(held.place.now(), 50_005_000, 'bid at 20 s, heard 2 ms later, 30 s more, then award, payment and receipt');
  const short = await sell([bad('late', 40n), honest(30n)]);
  t.deepEqual(shortly(short), ['sold', 10n], 'a bid after the closing time counts for nothing');
  clean(t, short.place);
});

test('it closes after `within`, whatever is bid', async (t) => {
  const held = await sell([honest(1_000_000n), honest(1_000_000n)], { within: '1 s' });
  t.is(held.result?.type, 'sold');
  t.true(held.place.now() < 1_100_000);
  clean(t, held.place);
});

const ways: Readonly<Record<string, readonly [Way, unknown, string]>> = {
  'who vanishes after the call still learns the outcome': ['vanishes', ['sold', 10n], 'done done closed'],
  'who throws is absent by name': ['throws', ['sold', 10n], 'failed handler-failed bidding'],
  'who bids garbage is absent by name': ['garbage', ['sold', 10n], 'failed handler-failed bidding'],
  'who speaks out of turn is absent by name': ['out-of-turn', ['sold', 10n], 'failed handler-failed bidding'],
  'who bids late learns that it is over': ['late', ['sold', 10n], 'done done closed'],
  'who bids against itself stays at its bid': ['twice', ['sold', 100n], 'rejected leading'],
  'who goes away while it leads has bought, and owes': [
    'dies-leading',
    ['unpaid', 100n, 'agent-stopped'],
    'stopped agent-stopped bidding',
  ],
  'who does not pay in time has broken its signed bid': [
    'never-pays',
    ['unpaid', 100n, 'not-paid-in-time'],
    'failed failed awarded',
  ],
  'who bids after it refused is out, but its bid binds': [
    'after-refusing',
    ['unpaid', 100n, 'handler-failed'],
    'failed handler-failed watching',
  ],
};

for (const [claim, [way, expected, end]] of Object.entries(ways)) {
  test(claim, async (t) => {
    const held = await sell([bad(way, 100n), honest(50n)]);
    t.deepEqual(shortly(held), expected);
    t.is(held.outcomes[0], end);
    const absent = held.result?.absent ?? [];
    if (end.includes('handler-failed')) t.deepEqual(absent, [{ peer: held.bidders[0]?.did, code: 'handler-failed' }]);
    clean(t, held.place);
  });
}

test('a bid so high that no other could follow is refused, and the sale goes on', async (t) => {
  const held = await sell([bad('never-pays', 10n ** 30n - 1n), honest(50n)]);
  t.is(held.outcomes[0], 'rejected too-high');
  t.deepEqual(shortly(held), ['sold', 10n]);
});

test('a bid below the price asked is refused', async (t) => {
  const held = await sell([bad('never-pays', 9n), honest(50n)]);
  t.is(held.outcomes[0], 'rejected too-low');
});

test('an auctioneer that stops leaves nobody waiting', async (t) => {
  const held = await sell(
    [honest(300n), honest(200n)],
    {},
    {
      during: async ({ place, hammer }) => {
        await place.run({ until: '5 ms' });
        hammer.stop();
      },
    },
  );
  t.deepEqual(held.outcomes, [
    { type: 'no-outcome', code: 'agent-stopped' },
    { type: 'no-outcome', code: 'agent-stopped' },
  ]);
  clean(t, held.place);
});

test('an auction can be taken back before it closes', async (t) => {
  const cancellation = createCancellation();
  const held = await sell(
    [honest(30n), bad('vanishes', 0n)],
    { cancellation },
    {
      during: async ({ place }) => {
        await place.run({ until: '1 s' });
        cancellation.cancel('withdrawn');
      },
    },
  );
  t.is(shortly(held), 'cancelled');
  t.deepEqual(held.outcomes[0], { type: 'cancelled', reason: 'withdrawn' });
  clean(t, held.place);
});

/** An auctioneer by hand that breaks its own rules. */
const cheat = (way: 'other-price' | 'below' | 'withholds' | 'no-receipt') => (to: readonly string[]) =>
  defineAgent({
    name: 'cheat',
    state: () => ({ results: [] as AuctionResult[], errors: [] as string[] }),
    setup: (agent) => {
      agent.play(Sale, 'initiator', {
        propose: (ctx, m) => {
          const price = m.body.price;
          if (way === 'withholds') return m.dialogue.send('sold', { winner: m.from, price });
          if (way === 'other-price') return m.reply('award', { price: price + 1n, payBy: 1_000_000 });
          m.reply('accept-proposal', { price });
          if (way === 'below') m.dialogue.send('sold', { winner: ctx.self, price });
          else m.dialogue.send('award', { price, payBy: 1_000_000 });
        },
        refuse: () => undefined,
        pay: (ctx) => ctx.stop(),
      });
      agent.start((ctx) => {
        const body = { lot: VASE, ask: 10n, increment: 1n, endsBy: 1_000_000, payment: 'elsewhere' as const };
        for (const peer of to) ctx.open(Sale, 'initiator', peer as typeof ctx.self, 'cfp', body, { within: '1 min' });
      });
    },
  })();

test('a bidder names an auctioneer that awards at another price, sells below its leading bid, or tells it as a loser that it won', async (t) => {
  const dear = await hold<AuctionResult>([honest(30n)], cheat('other-price'));
  const below = await hold<AuctionResult>([honest(30n)], cheat('below'));
  const withheld = await hold<AuctionResult>([honest(30n)], cheat('withholds'));
  const faults = [dear, below, withheld].map(({ outcomes: [outcome] }) =>
    typeof outcome === 'object' && outcome.type === 'cheated' ? [outcome.fault, outcome.evidence.length] : outcome,
  );
  t.deepEqual(faults, [
    ['not-my-bid', 1],
    ['sold-below-my-bid', 2],
    ['award-withheld', 1],
  ]);
  clean(t, dear.place);
});

test('an auctioneer that stops after the award leaves the winner unsettled', async (t) => {
  const held = await hold<AuctionResult>([honest(30n)], cheat('no-receipt'));
  t.deepEqual(held.outcomes, [{ type: 'unsettled', price: 10n, code: 'agent-stopped' }]);
  clean(t, held.place);
});

test('an auction that makes no sense is not held', async (t) => {
  const codes = async (change: Terms): Promise<readonly string[]> =>
    (await sell([honest(1n)], change)).hammer.state.errors;
  t.deepEqual(await codes({ increment: 0n }), ['bad-auction']);
  t.deepEqual(await codes({ start: -1n }), ['bad-auction']);
  t.deepEqual(await codes({ closing: 0 }), ['bad-auction']);
  t.deepEqual(await codes({ payWithin: 0 }), ['bad-auction']);
  const twice = await hold<AuctionResult>([honest(1n)], ([to]) =>
    auctioneer(Sale.initiator, { ...terms, to: to === undefined ? [] : [to, to] }),
  );
  t.deepEqual(twice.hammer.state.errors, ['duplicate-peer']);
});

test('a thousand bidders', async (t) => {
  const bidders = Array.from({ length: 1_000 }, (_, n) => honest(BigInt(n)));
  const held = await sell(bidders, { start: 100n, increment: 100n });
  t.deepEqual(shortly(held), ['sold', 900n]);
  clean(t, held.place);
});
