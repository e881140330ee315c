import test from 'ava';
import type { z } from 'zod';
import { defineAgent, type Agent } from '../../../agent-core/agent/agent.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import type { AuctionResult } from '../../../agent-core/protocol/auction.ts';
import { dutchAuction } from '../../../agent-core/protocol/dutch-auction.ts';
import { englishAuction } from '../../../agent-core/protocol/english-auction.ts';
import { sealedBidAuction, type SealedBidCall } from '../../../agent-core/protocol/sealed-bid-auction.ts';
import {
  auctioneer,
  clean,
  emptyNotes,
  hold,
  Lot,
  note,
  VASE,
  type Hammer,
  type Held,
  type Notes,
} from './auction-house.ts';

const named = (name: string) => ({ name, version: '1.0.0', lot: Lot });
const English = englishAuction(named('english'));
const Dutch = dutchAuction(named('dutch'));
const Sealed = sealedBidAuction(named('sealed'));

/** Takes part in all three, at one value. */
const bidder = (value: bigint) =>
  defineAgent({
    name: 'bidder',
    state: emptyNotes,
    setup: (agent) => {
      English.participant(agent, { value: () => value, outcome: note });
      Dutch.participant(agent, { limit: () => value, outcome: note });
      Sealed.participant(agent, { bid: () => value, outcome: note });
    },
  })();

const common = { lot: VASE, payWithin: '1 min', payment: 'ledger' } as const;

type Hold = (to: readonly Did[]) => Agent<void, Hammer<AuctionResult>>;

const AUCTIONS: Readonly<Record<'english' | 'dutch' | 'sealed', Hold>> = {
  english: (to) =>
    auctioneer(English.initiator, { ...common, to, start: 10n, increment: 5n, closing: '5 s', within: '1 h' }),
  dutch: (to) => dutch(to),
  sealed: (to) =>
    auctioneer<SealedBidCall<z.output<typeof Lot>>, AuctionResult>(Sealed.initiator, {
      ...common,
      to,
      rule: 'second-price',
      commitWithin: '5 s',
      revealWithin: '5 s',
    }),
};

function dutch(to: readonly Did[], payWithin: '1 min' | '1 ms' = '1 min') {
  const clock = { start: 100n, decrement: 10n, floor: 10n, every: '1 s' } as const;
  return auctioneer(Dutch.initiator, { ...common, ...clock, to, payWithin });
}

const prices = { english: 40n, dutch: 60n, sealed: 40n };

const available = ({ place, bidders, hammer }: Held<AuctionResult>): readonly bigint[] => [
  ...bidders.map(({ did }) => place.ledger.balance(did).available),
  place.ledger.balance(hammer.did).available,
];

for (const [kind, hammer] of Object.entries(AUCTIONS) as [keyof typeof AUCTIONS, Hold][]) {
  test(`${kind}: the winner pays from the ledger, exactly the price, and nobody else anything`, async (t) => {
    const held = await hold<AuctionResult>([bidder(60n), bidder(40n)], hammer, { funds: 100n });
    const price = prices[kind];
    t.deepEqual(held.hammer.state.errors, []);
    t.is(held.result?.type, 'sold');
    t.deepEqual(held.outcomes[0], { type: 'won', price });
    t.deepEqual(available(held), [100n - price, 100n, price]);
    t.is(held.place.ledger.balance(held.bidders[0]?.did ?? held.hammer.did).reserved, 0n);
    t.deepEqual(held.place.ledger.audit().faults, []);
    clean(t, held.place);
  });

  test(`${kind}: a winner without the money is named, and its signed bid kept`, async (t) => {
    const held = await hold<AuctionResult>([bidder(60n), bidder(40n)], hammer, { funds: 30n });
    const { result } = held;
    t.is(result?.type, 'unpaid');
    t.is(result?.type === 'unpaid' && result.code, 'failed');
    t.true(result?.type === 'unpaid' && result.bid.payload.includes(held.bidders[0]?.did ?? 'nobody'));
    t.deepEqual(held.outcomes[0], { type: 'unsettled', price: prices[kind], code: 'failed' });
    t.deepEqual(available(held), [30n, 30n, 0n]);
    clean(t, held.place);
  });

  test(`${kind}: payment by ledger is not announced in a world without money`, async (t) => {
    const held = await hold<AuctionResult>([bidder(60n)], hammer, { money: false });
    t.deepEqual(held.hammer.state.errors, ['no-ledger']);
    t.deepEqual(held.bidders[0]?.state.attended, []);
  });
}

test('a price of 0 needs no reservation', async (t) => {
  const held = await hold<AuctionResult>([bidder(60n)], AUCTIONS.sealed);
  t.deepEqual(held.outcomes, [{ type: 'won', price: 0n }]);
});

test('an auctioneer that stops before it takes the money leaves it to the winner, once the dialogue would have ended', async (t) => {
  const held = await hold<AuctionResult>([bidder(60n)], AUCTIONS.dutch, {
    funds: 100n,
    during: async ({ place, bidders, hammer }) => {
      // Accepted at 4.002 s, awarded one way later, reserved another later: then the auctioneer is gone.
      await place.run({ until: '4004 ms' });
      t.is(place.ledger.balance(bidders[0]?.did ?? hammer.did).reserved, 60n);
      hammer.stop();
    },
  });
  t.deepEqual(held.outcomes, [{ type: 'unsettled', price: 60n, code: 'agent-stopped' }]);
  t.is(held.place.ledger.balance(held.bidders[0]?.did ?? held.hammer.did).available, 40n);
  await held.place.run({ until: '10 min' });
  t.deepEqual(available(held), [100n, 0n]);
  clean(t, held.place);
});

/** What a winner by hand hands in instead of a proper reservation. */
const TRICKS = {
  nothing: 'no-reservation',
  unknown: 'wrong-reservation',
  'too little': 'wrong-reservation',
  'another asset': 'wrong-reservation',
  'another payee': 'wrong-reservation',
  'another reference': 'wrong-reservation',
  'its own word to release': 'not-allowed',
} as const;
type Trick = keyof typeof TRICKS | 'twice';

const tricky = (trick: Trick, other: Did): Agent<void, Notes> =>
  defineAgent({
    name: 'tricky',
    state: emptyNotes,
    setup: (agent) =>
      agent.play(
        Dutch,
        'participant',
        {
          cfp: (_ctx, m) => m.reply('propose', { price: m.body.price }),
          lower: () => undefined,
          'accept-proposal': async (ctx, m) => {
            const held = await ctx.ledger.reserve({
              to: trick === 'another payee' ? other : m.from,
              amount: trick === 'too little' ? 99n : 100n,
              asset: trick === 'another asset' ? 'stone' : 'token',
              release: trick === 'its own word to release' ? 'payer' : 'payee',
              within: '1 h',
              reference: trick === 'another reference' ? 'another' : m.dialogue.id,
            });
            const id = held.type === 'applied' ? held.id : held.code;
            m.reply('pay', { reservation: trick === 'nothing' ? null : trick === 'unknown' ? 'unknown' : id });
            if (trick === 'twice') m.reply('pay', { reservation: id });
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

const trying = async (trick: Trick): Promise<Held<AuctionResult>> => {
  const others = await hold<AuctionResult>([bidder(0n)], (to) => dutch(to));
  return hold<AuctionResult>([tricky(trick, others.bidders[0]?.did ?? others.hammer.did)], (to) => dutch(to), {
    funds: { token: 200n, stone: 200n },
  });
};

for (const [trick, code] of Object.entries(TRICKS) as [keyof typeof TRICKS, string][]) {
  test(`a winner that hands in ${trick} has not paid`, async (t) => {
    const held = await trying(trick);
    t.deepEqual(held.result?.type === 'unpaid' && held.result.code, code);
    t.is(held.outcomes[0], 'failed failed paid');
    t.is(held.place.ledger.balance(held.hammer.did).available, 0n);
    clean(t, held.place);
  });
}

test('money that is being taken when the winner goes wrong is taken, and the lot sold', async (t) => {
  const held = await trying('twice');
  t.is(held.outcomes[0], 'failed handler-failed paid');
  t.is(held.result?.type, 'sold');
  t.is(held.place.ledger.balance(held.hammer.did).available, 100n);
  clean(t, held.place);
});

test('a payment that comes too late is not taken', async (t) => {
  const held = await hold<AuctionResult>([bidder(100n)], (to) => dutch(to, '1 ms'), { funds: 100n });
  t.is(held.result?.type === 'unpaid' && held.result.code, 'not-paid-in-time');
  await held.place.run({ until: '10 min' });
  t.deepEqual(available(held), [100n, 0n]);
});
