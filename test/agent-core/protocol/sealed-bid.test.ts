import test from 'ava';
import * as fc from 'fast-check';
import { didOf, type Did } from '../../../agent-core/identity/did-key.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import {
  byBidder,
  checkSealedBidOutcome,
  commitmentOf,
  commitmentsDigest,
  drawNonce,
  hashText,
  sealedBidOutcome,
  SEALED_BID_FAULTS,
  type PublishedBid,
  type SealedBid,
  type SealedBidFault,
  type SealedBidOutcome,
  type SealedBidPublication,
  type SealedBidRule,
} from '../../../agent-core/protocol/sealed-bid.ts';

const SEED = 7;
const RULES: readonly SealedBidRule[] = ['first-price', 'second-price'];
const random = createRandomRoot(SEED).stream('nonces');
const AUCTION = drawNonce(random);
const DIDS = Array.from({ length: 8 }, (_, n) => didOf(new Uint8Array(32).fill(n + 1)));

const did = (n: number): Did => DIDS[n] ?? (DIDS[0] as Did);

const bidsOf = (amounts: readonly bigint[]): SealedBid[] =>
  amounts.map((amount, n) => ({ bidder: did(n), amount, nonce: drawNonce(random) }));

const amounts = fc.array(fc.bigInt({ min: 0n, max: 30n }), { minLength: 1, maxLength: 8 });
const reserves = fc.bigInt({ min: 0n, max: 20n });

test('the highest bid wins and pays its own, or the second highest and at least the reserve', (t) => {
  fc.assert(
    fc.property(amounts, reserves, fc.constantFrom(...RULES), (values, reserve, rule) => {
      const outcome = sealedBidOutcome({ rule, reserve }, bidsOf(values));
      const [highest = 0n, second = 0n] = values.toSorted((a, b) => (a < b ? 1 : -1));
      if (highest < reserve) return outcome === null;
      const winner = values[DIDS.findIndex((candidate) => candidate === outcome?.winner)];
      const price = rule === 'first-price' ? highest : second > reserve ? second : reserve;
      return winner === highest && outcome?.price === price;
    }),
    { seed: SEED, numRuns: 500 },
  );
  t.pass();
});

test('no deviation from the true value gains in a second-price auction', (t) => {
  const utility = (outcome: SealedBidOutcome, who: Did, value: bigint): bigint =>
    outcome?.winner === who ? value - outcome.price : 0n;
  // Every value, every deviation and every pair of other bids from 0 to 5, at two reserves.
  const range = [0n, 1n, 2n, 3n, 4n, 5n];
  const cases = [0n, 2n].flatMap((reserve) => range.flatMap((a) => range.map((b) => ({ reserve, a, b }))));
  const gains = cases.flatMap(({ reserve, a, b }) => {
    const [own, ...others] = bidsOf([0n, a, b]);
    const utilityOf = (value: bigint, amount: bigint): bigint => {
      if (own === undefined) return -1n;
      const outcome = sealedBidOutcome({ rule: 'second-price', reserve }, [{ ...own, amount }, ...others]);
      return utility(outcome, own.bidder, value);
    };
    return range.flatMap((value) => range.map((deviation) => utilityOf(value, deviation) - utilityOf(value, value)));
  });
  t.is(gains.length, 2 * 6 ** 4);
  t.true(gains.every((gain) => gain <= 0n));
});

test('in a first-price auction the true value is not the best bid', (t) => {
  const outcome = (amount: bigint): SealedBidOutcome =>
    sealedBidOutcome({ rule: 'first-price', reserve: 0n }, bidsOf([amount, 3n]));
  t.deepEqual([outcome(10n)?.price, outcome(4n)?.price], [10n, 4n]);
});

test('equal bids are drawn by all nonces together, whatever the order of the list', (t) => {
  const bids = bidsOf([9n, 9n, 9n, 1n]);
  const winner = sealedBidOutcome({ rule: 'first-price', reserve: 0n }, bids)?.winner;
  t.is(sealedBidOutcome({ rule: 'first-price', reserve: 0n }, bids.toReversed())?.winner, winner);
  const wins = new Map<Did, number>();
  for (let round = 0; round < 300; round++) {
    const lucky = sealedBidOutcome({ rule: 'second-price', reserve: 0n }, bidsOf([9n, 9n, 9n, 1n]));
    t.is(lucky?.price, 9n);
    if (lucky !== null) wins.set(lucky.winner, (wins.get(lucky.winner) ?? 0) + 1);
  }
  // 3 standard deviations of a fair draw among three are 25.
  for (const n of [0, 1, 2]) t.true(Math.abs((wins.get(did(n)) ?? 0) - 100) <= 25, `${wins.get(did(n))} of 300`);
});

test('a commitment hides nothing else than auction, bidder, amount and nonce, each of which changes it', (t) => {
  const bid: SealedBid = { bidder: did(0), amount: 5n, nonce: drawNonce(random) };
  const all = [
    commitmentOf(AUCTION, bid),
    commitmentOf(drawNonce(random), bid),
    commitmentOf(AUCTION, { ...bid, bidder: did(1) }),
    commitmentOf(AUCTION, { ...bid, amount: 6n }),
    commitmentOf(AUCTION, { ...bid, nonce: drawNonce(random) }),
  ];
  t.is(new Set(all).size, all.length);
  t.true(all.every((text) => hashText.safeParse(text).success));
  t.is(commitmentOf(AUCTION, { ...bid }), all[0] ?? '');
});

test('no nonce is the same twice, and none shows a word of its stream', (t) => {
  const nonces = Array.from({ length: 100 }, () => drawNonce(random));
  t.is(new Set(nonces).size, 100);
  t.not(drawNonce(createRandomRoot(1).stream('a')), drawNonce(createRandomRoot(1).stream('b')));
});

function publicationOf(bids: readonly SealedBid[], rule: SealedBidRule, reserve = 0n): SealedBidPublication {
  const published: PublishedBid[] = bids
    .map((bid) => ({
      bidder: bid.bidder,
      commitment: commitmentOf(AUCTION, bid),
      opened: { amount: bid.amount, nonce: bid.nonce },
    }))
    .toSorted(byBidder);
  return { auction: AUCTION, rule, reserve, commitments: commitmentsDigest(published), bids: published };
}

test('a right outcome has no fault, with or without a bid of one’s own', (t) => {
  fc.assert(
    fc.property(amounts, reserves, fc.constantFrom(...RULES), (values, reserve, rule) => {
      const bids = bidsOf(values);
      const publication = publicationOf(bids, rule, reserve);
      const outcome = sealedBidOutcome({ rule, reserve }, bids);
      return (
        checkSealedBidOutcome(publication, outcome) === null &&
        bids.every((own) => checkSealedBidOutcome(publication, outcome, own) === null)
      );
    }),
    { seed: SEED, numRuns: 100 },
  );
  t.pass();
});

const BIDS = bidsOf([10n, 7n, 3n]);
const HONEST = publicationOf(BIDS, 'second-price');
const WON: SealedBidOutcome = { winner: did(0), price: 7n };
const own = BIDS[2];
const changed = (n: number, change: Partial<PublishedBid>): readonly PublishedBid[] =>
  HONEST.bids.map((bid) => (bid.bidder === did(n) ? { ...bid, ...change } : bid));
const relisted = (bids: readonly PublishedBid[]): SealedBidPublication => ({
  ...HONEST,
  bids,
  commitments: commitmentsDigest(bids),
});
const shill: SealedBid = { bidder: did(4), amount: 9n, nonce: drawNonce(random) };
const shillLine = { bidder: did(4), commitment: commitmentOf(AUCTION, shill), opened: shill };

const faults: Readonly<Record<string, readonly [SealedBidFault, SealedBidPublication, SealedBidOutcome]>> = {
  'a bid added after the reveals': [
    'commitments-changed',
    { ...HONEST, bids: [...HONEST.bids, shillLine].toSorted(byBidder) },
    { winner: did(0), price: 9n },
  ],
  'a bid dropped after the reveals': [
    'commitments-changed',
    { ...HONEST, bids: HONEST.bids.filter(({ bidder }) => bidder !== did(1)) },
    { winner: did(0), price: 3n },
  ],
  'a bidder listed twice': ['not-in-order', relisted(HONEST.bids.flatMap((bid) => [bid, bid])), WON],
  'a list out of order': ['not-in-order', relisted(HONEST.bids.toReversed()), WON],
  'an amount that opens no commitment': [
    'bad-opening',
    relisted(changed(1, { opened: { amount: 9n, nonce: BIDS[1]?.nonce ?? '' } })),
    { winner: did(0), price: 9n },
  ],
  'a reveal of mine that is denied': ['my-bid-missing', relisted(changed(2, { opened: null })), WON],
  'another winner': ['wrong-winner', HONEST, { winner: did(1), price: 7n }],
  'no winner where there is one': ['wrong-winner', HONEST, null],
  'another price': ['wrong-price', HONEST, { winner: did(0), price: 10n }],
};

for (const [claim, [fault, publication, outcome]] of Object.entries(faults)) {
  test(`names ${claim}`, (t) => {
    t.is(checkSealedBidOutcome(publication, outcome, own), fault);
    t.true(fault in SEALED_BID_FAULTS);
  });
}

test('a forfeit bid counts for nothing', (t) => {
  const publication = relisted(changed(1, { opened: null }));
  t.is(checkSealedBidOutcome(publication, { winner: did(0), price: 3n }, own), null);
});
