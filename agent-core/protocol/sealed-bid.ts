/** The pure part of sealed-bid auctions: commitments, the outcome, and the check of an outcome by whoever bid. */
import { z } from 'zod';
import type { Did } from '../identity/did-key.ts';
import type { RandomStream } from '../random.ts';
import type { MicroTokens } from './amount.ts';
import { digestOf } from './digest.ts';

/** What the winner pays: its own bid, or the highest of the other bids (and at least the reserve). */
export type SealedBidRule = 'first-price' | 'second-price';

/** A bid with what opens its commitment. */
export interface SealedBid {
  readonly bidder: Did;
  /** Micro-tokens. */
  readonly amount: MicroTokens;
  /** 32 bytes, base64url. */
  readonly nonce: string;
}

/** One line of the list that an auctioneer publishes. */
export interface PublishedBid {
  readonly bidder: Did;
  readonly commitment: string;
  /** Null where the bidder did not open its commitment: the bid is forfeit and counts for nothing. */
  readonly opened: { readonly amount: MicroTokens; readonly nonce: string } | null;
}

/** Everything that decides a sealed-bid auction. */
export interface SealedBidPublication {
  /** The auction's id, as announced. */
  readonly auction: string;
  readonly rule: SealedBidRule;
  /** Micro-tokens, as announced: the least that wins. */
  readonly reserve: MicroTokens;
  /** What {@link commitmentsDigest} gave before the first bid was revealed. */
  readonly commitments: string;
  /** In ascending order of the bidders' addresses. */
  readonly bids: readonly PublishedBid[];
}

/** Who won and what it pays, micro-tokens; null where no bid reached the reserve. */
export type SealedBidOutcome = { readonly winner: Did; readonly price: MicroTokens } | null;

/** What can be wrong with a published outcome. */
export const SEALED_BID_FAULTS = {
  'commitments-changed': 'the list is not the one that was fixed before the first reveal',
  'not-in-order': 'the bidders are not in ascending order, or one is there twice',
  'bad-opening': 'an amount and nonce do not open the commitment beside them',
  'my-bid-missing': 'the bid of whoever checks is not there as it was revealed',
  'wrong-winner': 'another bidder won',
  'wrong-price': 'the winner pays another price',
  'award-withheld': 'whoever checks is announced as the winner to itself, and awarded nothing',
} as const;

/** A code of {@link SEALED_BID_FAULTS}. */
export type SealedBidFault = keyof typeof SEALED_BID_FAULTS;

/** Schema of a SHA-256 in base64url: commitments, nonces and auction ids. */
export const hashText: z.ZodString = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

const COMMITMENT_TAG = 'haggle/v1/sealed-bid-commitment';
const LIST_TAG = 'haggle/v1/sealed-bid-commitments';
const NONCE_TAG = 'haggle/v1/sealed-bid-nonce';
const TIE_TAG = 'haggle/v1/sealed-bid-tie';

/** Words of 32 bits behind one nonce. */
const NONCE_WORDS = 8;

/**
 * A commitment to a bid: SHA-256 over tag, auction, bidder, amount and nonce. It binds as SHA-256 resists collisions, it hides as
 * the nonce cannot be guessed, and nobody can hand in another bidder's as its own.
 */
export function commitmentOf(auction: string, { bidder, amount, nonce }: SealedBid): string {
  return digestOf({ amount: amount.toString(), auction, bidder, nonce, tag: COMMITMENT_TAG });
}

/** What an auctioneer signs before the first reveal, so that it can add, change and drop no commitment afterwards. */
export function commitmentsDigest(bids: readonly Pick<PublishedBid, 'bidder' | 'commitment'>[]): string {
  return digestOf({ tag: LIST_TAG, bids: bids.map(({ bidder, commitment }) => [bidder, commitment]) });
}

/**
 * 32 bytes of chance, base64url. Hashed, because a nonce is shown in the end, and plain words of a stream would tell whoever
 * sees them all that the stream gives afterwards.
 */
export function drawNonce(random: RandomStream): string {
  return digestOf({ tag: NONCE_TAG, words: Array.from({ length: NONCE_WORDS }, () => random.uint32()) });
}

/**
 * The outcome of a sealed-bid auction (Vickrey 1961, "Counterspeculation, Auctions, and Competitive Sealed Tenders"; Krishna,
 * "Auction Theory", sections 2.2 and 2.5): the highest bid wins if it reaches the reserve. With `first-price` it pays its bid, with
 * `second-price` the highest other bid or the reserve, whichever is more.
 *
 * Of equal highest bids that of the lowest SHA-256 over all revealed nonces and the bidder wins: no bidder and no auctioneer
 * knows it while a commitment can still be made, so none can be made to win ties.
 */
export function sealedBidOutcome(
  terms: Pick<SealedBidPublication, 'rule' | 'reserve'>,
  bids: readonly SealedBid[],
): SealedBidOutcome {
  let highest: MicroTokens | null = null;
  let second = terms.reserve;
  let tied: SealedBid[] = [];
  for (const bid of bids) {
    if (bid.amount < terms.reserve) continue;
    if (highest === null || bid.amount > highest) {
      second = highest ?? terms.reserve;
      highest = bid.amount;
      tied = [bid];
    } else {
      if (bid.amount > second) second = bid.amount;
      if (bid.amount === highest) tied.push(bid);
    }
  }
  const [first] = tied;
  if (first === undefined || highest === null) return null;
  const winner = tied.length === 1 ? first.bidder : luckiest(tied, bids);
  return { winner, price: terms.rule === 'first-price' ? highest : second };
}

function luckiest(tied: readonly SealedBid[], bids: readonly SealedBid[]): Did {
  const seed = digestOf({
    tag: TIE_TAG,
    nonces: bids.toSorted(byBidder).map(({ bidder, nonce }) => [bidder, nonce]),
  });
  const drawn = tied.map(({ bidder }) => ({ bidder, rank: digestOf({ tag: TIE_TAG, seed, bidder }) }));
  return drawn.reduce((best, other) => (other.rank < best.rank ? other : best)).bidder;
}

/** Ascending order of addresses. */
export function byBidder(a: { readonly bidder: Did }, b: { readonly bidder: Did }): number {
  if (a.bidder === b.bidder) return 0;
  return a.bidder < b.bidder ? -1 : 1;
}

/** The bids that count: those that were opened. */
export function openedBids(bids: readonly PublishedBid[]): SealedBid[] {
  return bids.flatMap(({ bidder, opened }) => (opened === null ? [] : [{ bidder, ...opened }]));
}

/**
 * Checks an outcome from what was published alone: every opening against its commitment, the list against the digest that was
 * fixed before the reveals, winner and price against {@link sealedBidOutcome}, and that the checker's own bid is among them.
 * The first fault found, or null.
 *
 * What no list can show: bidders that the auctioneer plays itself, and other bidders who were told something else (their
 * signed messages prove that once they are laid side by side). See Akbarpour and Li 2020, "Credible Auctions: A Trilemma".
 */
export function checkSealedBidOutcome(
  publication: SealedBidPublication,
  claimed: SealedBidOutcome,
  own?: SealedBid,
): SealedBidFault | null {
  const { auction, bids, commitments } = publication;
  if (commitmentsDigest(bids) !== commitments) return 'commitments-changed';
  if (bids.some((bid, index) => index > 0 && byBidder(bids[index - 1] ?? bid, bid) >= 0)) return 'not-in-order';
  for (const { bidder, commitment, opened } of bids) {
    if (opened !== null && commitmentOf(auction, { bidder, ...opened }) !== commitment) return 'bad-opening';
  }
  const counted = openedBids(bids);
  if (own !== undefined && !counted.some((bid) => sameBid(bid, own))) return 'my-bid-missing';
  const right = sealedBidOutcome(publication, counted);
  if (right?.winner !== claimed?.winner) return 'wrong-winner';
  return right?.price === claimed?.price ? null : 'wrong-price';
}

function sameBid(a: SealedBid, b: SealedBid): boolean {
  return a.bidder === b.bidder && a.amount === b.amount && a.nonce === b.nonce;
}
