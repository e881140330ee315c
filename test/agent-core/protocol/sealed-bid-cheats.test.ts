import test from 'ava';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { sealedBidAuction, type SealedBidResult } from '../../../agent-core/protocol/sealed-bid-auction.ts';
import { toLine } from '../../../agent-core/protocol/sealed-bid-protocol.ts';
import {
  byBidder,
  commitmentOf,
  commitmentsDigest,
  drawNonce,
  sealedBidOutcome,
  type PublishedBid,
} from '../../../agent-core/protocol/sealed-bid.ts';
import { testAgent } from '../../../agent-core/testing/bench.ts';
import { clean, emptyNotes, hold, Lot, note, VASE } from './auction-house.ts';

const Sale = sealedBidAuction({ name: 'sale', version: '1.0.0', lot: Lot });

const honest = (amount: bigint) =>
  defineAgent({
    name: 'bidder',
    state: emptyNotes,
    setup: (agent) => Sale.participant(agent, { bid: () => amount, outcome: note }),
  })();

/** An auctioneer by hand, who knows the rules and breaks one. */
type Trick =
  'none' | 'shill' | 'drops' | 'wrong-winner' | 'wrong-price' | 'denies' | 'floods' | 'unsold' | 'withholds' | 'silent';

const trickster = (trick: Trick) => (to: readonly Did[]) =>
  defineAgent({
    name: 'trickster',
    state: () => ({ results: [] as SealedBidResult[], errors: [] as string[], bids: [] as PublishedBid[] }),
    setup: (agent) => {
      const auction = drawNonce(createRandomRoot(1).stream('auction'));
      agent.play(Sale, 'initiator', {
        commit: (ctx, m) => {
          ctx.state.bids.push({ bidder: m.from, commitment: m.body.commitment, opened: null });
          if (ctx.state.bids.length < to.length) return;
          const commitments = commitmentsDigest(ctx.state.bids.toSorted(byBidder));
          for (const dialogue of dialogues) dialogue.send('call-reveals', { commitments, count: to.length });
        },
        refuse: () => undefined,
        reveal: (ctx, m) => {
          if (trick === 'denies') return m.reply('reject-proposal', { reason: 'bad-reveal' });
          const at = ctx.state.bids.findIndex(({ bidder }) => bidder === m.from);
          ctx.state.bids.splice(at, 1, { ...(ctx.state.bids[at] as PublishedBid), opened: m.body });
          const { bids } = ctx.state;
          if (trick === 'silent' || bids.some(({ opened }) => opened === null)) return;
          const opened = bids.flatMap((bid) => (bid.opened === null ? [] : [{ bidder: bid.bidder, ...bid.opened }]));
          const outcome = sealedBidOutcome({ rule: 'second-price', reserve: 0n }, opened);
          const winner = trick === 'wrong-winner' ? to.find((peer) => peer !== outcome?.winner) : outcome?.winner;
          const price = (outcome?.price ?? 0n) + (trick === 'wrong-price' ? 1n : 0n);
          const shill = { bidder: ctx.self, amount: 29n, nonce: auction };
          const line = { bidder: shill.bidder, commitment: commitmentOf(auction, shill), opened: shill };
          const list = (
            trick === 'shill' ? [...bids.slice(1), line] : trick === 'drops' ? bids.slice(1) : bids
          ).toSorted(byBidder);
          for (const dialogue of dialogues) {
            dialogue.send('bids', { bids: list.map(toLine) });
            if (trick === 'floods') dialogue.send('bids', { bids: list.map(toLine) });
            if (trick === 'withholds') dialogue.send('sold', { winner: dialogue.peer, price });
            else if (trick === 'unsold') dialogue.send('unsold', {});
            else if (dialogue.peer === winner) dialogue.send('accept-proposal', { price, payBy: 1 });
            else if (winner !== undefined) dialogue.send('sold', { winner, price });
          }
        },
        pay: () => undefined,
      });
      const dialogues: {
        readonly peer: Did;
        send(type: string, body: unknown): unknown;
      }[] = [];
      agent.start((ctx) => {
        const times = { commitBy: 1_000_000, revealBy: 2_000_000 };
        const body = { lot: VASE, auction, rule: 'second-price', reserve: 0n, payment: 'elsewhere', ...times } as const;
        for (const peer of to) {
          const dialogue = ctx.open(Sale, 'initiator', peer, 'cfp', body, { within: '1 min' });
          dialogues.push(dialogue);
        }
      });
    },
  })();

const tricks: Readonly<Record<Exclude<Trick, 'none' | 'silent'>, string>> = {
  shill: 'commitments-changed',
  drops: 'commitments-changed',
  'wrong-winner': 'wrong-winner',
  'wrong-price': 'wrong-price',
  denies: 'my-bid-missing',
  floods: 'commitments-changed',
  unsold: 'wrong-winner',
  withholds: 'award-withheld',
};

for (const [trick, fault] of Object.entries(tricks) as [Trick, string][]) {
  test(`an auctioneer that cheats by "${trick}" is named by every bidder, with what it signed`, async (t) => {
    const held = await hold<SealedBidResult>([honest(30n), honest(20n), honest(10n)], trickster(trick));
    for (const outcome of held.outcomes) {
      t.true(
        typeof outcome === 'object' && outcome.type === 'cheated' && outcome.fault === fault,
        JSON.stringify(outcome),
      );
      if (typeof outcome === 'object' && outcome.type === 'cheated') {
        t.true(outcome.evidence.length >= 3);
        t.true(outcome.evidence.every(({ payload }) => payload.includes(held.hammer.did)));
      }
    }
    t.true(held.bidders.every(({ state }) => state.attended[0]?.auctioneer === held.hammer.did));
    clean(t, held.place);
  });
}

test('an auctioneer that claims more bidders than it can have is not listened to', (t) => {
  const bench = testAgent(honest(30n));
  const hammer = bench.peer('hammer');
  const auction = drawNonce(createRandomRoot(1).stream('auction'));
  const times = { commitBy: 1_000_000, revealBy: 2_000_000 };
  const body = { lot: VASE, auction, rule: 'second-price', reserve: 0n, payment: 'elsewhere', ...times } as const;
  for (const [count, answer] of [
    [65_536, 'reveal'],
    [65_537, 'failure'],
    [Number.MAX_SAFE_INTEGER, 'failure'],
  ] as const) {
    const dialogue = hammer.open(Sale, 'initiator', 'cfp', body, { within: '1 min' });
    dialogue.send('call-reveals', { commitments: auction, count });
    t.is(hammer.heard().at(-1)?.type, answer);
  }
});

test('an auctioneer that falls silent after reveals or payment leaves named outcomes at the deadline', async (t) => {
  const silent = await hold<SealedBidResult>([honest(30n), honest(20n)], trickster('silent'));
  t.deepEqual(silent.outcomes, [
    { type: 'no-outcome', code: 'deadline-passed' },
    { type: 'no-outcome', code: 'deadline-passed' },
  ]);
  const unpaid = await hold<SealedBidResult>([honest(30n), honest(20n)], trickster('none'));
  t.deepEqual(unpaid.outcomes[0], { type: 'unsettled', price: 20n, code: 'deadline-passed' });
  clean(t, silent.place);
  clean(t, unpaid.place);
});
