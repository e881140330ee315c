import test from 'ava';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { sealedBidAuction } from '../../../agent-core/protocol/sealed-bid-auction.ts';
import { transcript } from '../../../agent-core/testing/transcript.ts';
import { auctioneer, emptyNotes, hold, Lot, note, VASE } from './auction-house.ts';

const Sale = sealedBidAuction({ name: 'sale', version: '1.0.0', lot: Lot });

const bidder = (amount: bigint | null) =>
  defineAgent({
    name: 'bidder',
    state: emptyNotes,
    setup: (agent) => Sale.participant(agent, { bid: () => amount, outcome: note }),
  })();

const TERMS = 'rule: "second-price", reserve: 5, commitBy: 10000000, revealBy: 20000000, payment: "elsewhere"';
const CALL = `{ lot: { name: "vase" }, auction: "hash", ${TERMS} }`;
const LIST = '{ bids: [[@bidder-2, "hash", 77, "hash"], [@bidder-1, "hash", 30, "hash"]] }';

/** Amounts in whole tokens; every hash stands as its kind. */
const VICKREY = `\
0.001 s  auctioneer-1 → bidder-1  d1  sale/cfp                     ${CALL}
0.001 s  auctioneer-1 → bidder-2  d2  sale/cfp                     ${CALL}
0.001 s  auctioneer-1 → bidder-3  d3  sale/cfp                     ${CALL}
0.002 s  bidder-1 → auctioneer-1  d1  sale/commit (propose)        { commitment: "hash" }
0.002 s  bidder-2 → auctioneer-1  d2  sale/commit (propose)        { commitment: "hash" }
0.002 s  bidder-3 → auctioneer-1  d3  sale/refuse                  { reason: "not interested" }
0.003 s  auctioneer-1 → bidder-1  d1  sale/call-reveals (request)  { commitments: "hash", count: 2 }
0.003 s  auctioneer-1 → bidder-2  d2  sale/call-reveals (request)  { commitments: "hash", count: 2 }
0.004 s  bidder-1 → auctioneer-1  d1  sale/reveal (inform)         { amount: 30, nonce: "hash" }
0.004 s  bidder-2 → auctioneer-1  d2  sale/reveal (inform)         { amount: 77, nonce: "hash" }
0.005 s  auctioneer-1 → bidder-1  d1  sale/bids (inform)           ${LIST}
0.005 s  auctioneer-1 → bidder-1  d1  sale/sold (inform)           { winner: @bidder-2, price: 30 }
0.005 s  auctioneer-1 → bidder-2  d2  sale/bids (inform)           ${LIST}
0.005 s  auctioneer-1 → bidder-2  d2  sale/accept-proposal         { price: 30, payBy: 60004000 }
0.006 s  bidder-2 → auctioneer-1  d2  sale/pay (inform)            { reservation: null }
0.007 s  auctioneer-1 → bidder-2  d2  sale/settled (inform)        {}
`;

const TOKEN_MICROS = 1_000_000n;

test('a Vickrey auction, as it is spoken', async (t) => {
  const held = await hold(
    [bidder(30n * TOKEN_MICROS), bidder(77n * TOKEN_MICROS), bidder(null)],
    (to) =>
      auctioneer(Sale.initiator, {
        lot: VASE,
        to,
        rule: 'second-price',
        reserve: 5n * TOKEN_MICROS,
        commitWithin: '10 s',
        revealWithin: '10 s',
        payWithin: '1 min',
      }),
    { record: true },
  );
  const text = transcript(held.place.trace, { protocols: [Sale] });
  const said = text.replaceAll(/[A-Za-z0-9_-]{43}/g, 'hash');
  t.is(said, VICKREY);
});
