import test from 'ava';
import * as fc from 'fast-check';
import type { z } from 'zod';
import { defineAgent, type Agent } from '../../../agent-core/agent/agent.ts';
import type { AuctionResult } from '../../../agent-core/protocol/auction.ts';
import { createCancellation } from '../../../agent-core/protocol/cancellation.ts';
import { dutchAuction, type DutchCall } from '../../../agent-core/protocol/dutch-auction.ts';
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

const Sale = dutchAuction({ name: 'sale', version: '1.0.0', lot: Lot });

type Terms = Partial<DutchCall<z.output<typeof Lot>>>;

const honest = (limit: bigint | null) =>
  defineAgent({
    name: 'bidder',
    state: emptyNotes,
    setup: (agent) => Sale.participant(agent, { limit: () => limit, outcome: note }),
  })();

const terms = { lot: VASE, start: 100n, decrement: 10n, floor: 15n, every: '1 s', payWithin: '1 min' } as const;

const sell = (bidders: readonly Agent<unknown, Notes>[], change: Terms = {}, options: HoldOptions = {}) =>
  hold<AuctionResult>(bidders, (to) => auctioneer(Sale.initiator, { ...terms, to, ...change }), options);

/** A bidder by hand that goes wrong in one way. */
type Way =
  'vanishes' | 'throws' | 'garbage' | 'out-of-turn' | 'not-called' | 'twice' | 'late' | 'never-pays' | 'dies-paying';

const bad = (way: Way) =>
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
            if (way === 'not-called') return m.reply('propose', { price: 60n });
            if (way === 'late') {
              await ctx.sleep('6 s');
              if (!m.dialogue.open) return;
            }
            m.reply('propose', { price: 100n });
            if (way === 'twice') m.reply('propose', { price: 100n });
          },
          lower: () => undefined,
          'accept-proposal': (ctx, m) => {
            if (way === 'dies-paying') ctx.stop();
            else if (way !== 'never-pays') m.reply('pay', { reservation: null });
          },
          'reject-proposal': () => undefined,
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

/** The first price of the clock that is not above a limit; null where the clock stops before. */
function clockPrice(
  limit: bigint,
  { start, decrement, floor }: { start: bigint; decrement: bigint; floor: bigint },
): bigint | null {
  for (let price = start; ; price = price - decrement > floor ? price - decrement : floor) {
    if (price <= limit) return price;
    if (price === floor) return null;
  }
}

test('the highest limit wins at the first price that reaches it, and everybody learns it', async (t) => {
  const held = await sell([honest(30n), honest(77n), honest(null)]);
  t.deepEqual(shortly(held), ['sold', 70n]);
  t.deepEqual(held.outcomes, [
    { type: 'lost', winner: held.bidders[1]?.did, price: 70n },
    { type: 'won', price: 70n },
    { type: 'lost', winner: held.bidders[1]?.did, price: 70n },
  ]);
  t.is(held.result?.type === 'sold' ? held.result.bid.payload.includes('"price":"70"') : null, true);
  clean(t, held.place);
});

test('it sells at the clock price of the highest limit, whatever the limits', async (t) => {
  const amount = (min: bigint, max: bigint) => fc.bigInt({ min, max });
  await fc.assert(
    fc.asyncProperty(
      fc.array(amount(0n, 150n), { minLength: 1, maxLength: 6 }),
      fc.record({ start: amount(40n, 100n), decrement: amount(1n, 30n), floor: amount(0n, 40n) }),
      fc.boolean(),
      async (limits, clock, jitter) => {
        const held = await sell(limits.map(honest), clock, jitter ? { latency: ['1 ms', '50 ms'] } : {});
        clean(t, held.place);
        const prices = limits.map((limit) => clockPrice(limit, clock));
        const best = prices.reduce((a, b) => (a === null || (b !== null && b > a) ? b : a), null);
        const { result } = held;
        if (best === null) return result?.type === 'unsold' && result.reason === 'no-bids';
        if (result?.type !== 'sold') return false;
        const winner = held.bidders.findIndex(({ did }) => did === result.winner);
        return result.price === best && prices[winner] === best;
      },
    ),
    { seed: 7, numRuns: 60 },
  );
  t.pass();
});

test('of simultaneous acceptances the first heard wins, the same one in every run', async (t) => {
  const first = await sell([honest(55n), honest(59n), honest(52n)]);
  const again = await sell([honest(55n), honest(59n), honest(52n)]);
  t.deepEqual(shortly(first), ['sold', 50n]);
  t.is(first.place.fingerprint(), again.place.fingerprint());
  t.deepEqual(first.outcomes.map((outcome) => typeof outcome === 'object' && outcome.type).toSorted(byText), [
    'lost',
    'lost',
    'won',
  ]);
  clean(t, first.place);
});

test('an acceptance binds at the price it names, though the clock fell while it was on its way', async (t) => {
  const held = await sell([honest(85n)], { every: '50 ms' }, { latency: '40 ms' });
  t.deepEqual(shortly(held), ['sold', 80n]);
  t.is(held.place.now(), 300_000, 'called at 100 ms, accepted at 180 ms when 70 was called, then payment and receipt');
});

test('the last price is the floor, and below it nothing is sold', async (t) => {
  t.deepEqual(shortly(await sell([honest(16n)])), ['sold', 15n]);
  const held = await sell([honest(14n), honest(3n)]);
  t.is(shortly(held), 'no-bids');
  t.deepEqual(held.outcomes, [{ type: 'unsold' }, { type: 'unsold' }]);
  clean(t, held.place);
});

test('with nobody invited, nobody there or nobody interested it ends at once', async (t) => {
  t.is(shortly(await sell([])), 'no-bids');
  const uninterested = await sell([honest(null)]);
  t.is(shortly(uninterested), 'no-bids');
  t.true(uninterested.place.now() < 10_000);
  const nobody = await hold<AuctionResult>([], (_, place) =>
    auctioneer(Sale.initiator, { ...terms, to: [place.didOf('ghost')] }),
  );
  t.deepEqual(
    nobody.result?.absent.map(({ code }) => code),
    ['no-such-agent'],
  );
});

const ways: Readonly<Record<string, readonly [Way, unknown, string]>> = {
  'who vanishes after the call still learns the outcome': ['vanishes', ['sold', 50n], 'done done closed'],
  'who throws is absent by name': ['throws', ['sold', 50n], 'failed handler-failed calling'],
  'who bids garbage is absent by name': ['garbage', ['sold', 50n], 'failed handler-failed calling'],
  'who speaks out of turn is absent by name': ['out-of-turn', ['sold', 50n], 'failed handler-failed calling'],
  'who accepts a price that was not called is out, by name': ['not-called', ['sold', 50n], 'done done rejected'],
  'who accepts late learns that it is over': ['late', ['sold', 50n], 'done done closed'],
  'who accepts twice has bought, and owes': [
    'twice',
    ['unpaid', 100n, 'handler-failed'],
    'failed handler-failed accepted',
  ],
  'who does not pay in time has broken its signed bid': [
    'never-pays',
    ['unpaid', 100n, 'not-paid-in-time'],
    'failed failed awarded',
  ],
  'who goes away instead of paying owes': [
    'dies-paying',
    ['unpaid', 100n, 'agent-stopped'],
    'stopped agent-stopped awarded',
  ],
};

for (const [claim, [way, expected, end]] of Object.entries(ways)) {
  test(claim, async (t) => {
    const held = await sell([bad(way), honest(50n)]);
    t.deepEqual(shortly(held), expected);
    t.is(held.outcomes[0], end);
    const codes = (held.result?.absent ?? []).map(({ code }) => code);
    if (end.includes('calling')) t.deepEqual(codes, ['handler-failed']);
    if (way === 'not-called') t.deepEqual(codes, ['price-not-called']);
    clean(t, held.place);
  });
}

test('an auctioneer that stops leaves nobody waiting', async (t) => {
  const held = await sell(
    [honest(30n), honest(20n)],
    {},
    {
      during: async ({ place, hammer }) => {
        await place.run({ until: '3 s' });
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

test('an auction can be taken back before it is decided', async (t) => {
  const cancellation = createCancellation();
  const held = await sell(
    [honest(30n)],
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
  const late = createCancellation();
  const sold = await sell([honest(30n)], { cancellation: late });
  late.cancel('too late');
  t.deepEqual(shortly(sold), ['sold', 30n]);
});

/** An auctioneer by hand that breaks its own rules. */
const cheat = (way: 'other-price' | 'denies' | 'withholds' | 'no-receipt') => (to: readonly string[]) =>
  defineAgent({
    name: 'cheat',
    state: () => ({ results: [] as AuctionResult[], errors: [] as string[] }),
    setup: (agent) => {
      agent.play(Sale, 'initiator', {
        propose: (_ctx, m) => {
          if (way === 'denies') return m.reply('reject-proposal', { reason: 'never said that' });
          if (way === 'withholds') return m.dialogue.send('sold', { winner: m.from, price: m.body.price });
          m.reply('accept-proposal', { price: m.body.price + (way === 'other-price' ? 1n : 0n), payBy: 1_000_000 });
        },
        refuse: () => undefined,
        pay: () => undefined,
      });
      agent.start((ctx) => {
        const body = { lot: VASE, price: 10n, payment: 'elsewhere' as const };
        for (const peer of to) ctx.open(Sale, 'initiator', peer as typeof ctx.self, 'cfp', body, { within: '1 min' });
      });
    },
  })();

test('a bidder names an auctioneer that awards at another price, denies a price that it called, or tells it as a loser that it won', async (t) => {
  const dear = await hold<AuctionResult>([honest(30n)], cheat('other-price'));
  const denied = await hold<AuctionResult>([honest(30n)], cheat('denies'));
  const withheld = await hold<AuctionResult>([honest(30n)], cheat('withholds'));
  const faults = [dear, denied, withheld].map(({ outcomes: [outcome] }) =>
    typeof outcome === 'object' && outcome.type === 'cheated' ? outcome.fault : outcome,
  );
  t.deepEqual(faults, ['not-my-bid', 'called-price-denied', 'award-withheld']);
  clean(t, dear.place);
});

test('an auctioneer that says nothing after the award leaves the winner unsettled at the deadline', async (t) => {
  const held = await hold<AuctionResult>([honest(30n)], cheat('no-receipt'));
  t.deepEqual(held.outcomes, [{ type: 'unsettled', price: 10n, code: 'deadline-passed' }]);
  t.is(held.place.now(), 60_000_000);
  clean(t, held.place);
});

test('an auction that makes no sense is not held', async (t) => {
  const codes = async (change: Terms): Promise<readonly string[]> =>
    (await sell([honest(1n)], change)).hammer.state.errors;
  t.deepEqual(await codes({ decrement: 0n }), ['bad-auction']);
  t.deepEqual(await codes({ start: 14n }), ['bad-auction']);
  t.deepEqual(await codes({ floor: -1n }), ['bad-auction']);
  t.deepEqual(await codes({ every: 0 }), ['bad-auction']);
  t.deepEqual(await codes({ start: 1_000_000n, decrement: 1n }), ['bad-auction']);
});

test('a thousand bidders', async (t) => {
  const bidders = Array.from({ length: 1_000 }, (_, n) => honest(BigInt(n)));
  const held = await sell(bidders, { start: 2_000n, decrement: 100n });
  t.deepEqual(shortly(held), ['sold', 900n]);
  clean(t, held.place);
});
