/** The conversation of a sealed-bid auction, and what its two roles read from it. */
import { z } from 'zod';
import { amount, type MicroTokens } from './amount.ts';
import { paymentWay, reason, time, type AuctionSpec } from './auction.ts';
import { did } from './did.ts';
import { settlementMessages } from './auction-settlement.ts';
import { defineProtocol } from './protocol.ts';
import { hashText, type PublishedBid } from './sealed-bid.ts';

/** Bids in one message: with two hashes, an address and 30 digits each they stay below `LIMITS.payloadBytes`. */
export const BIDS_PER_MESSAGE = 256;

/** A line of the published list as it travels: bidder, commitment, amount and nonce. Arrays, as member names would double it. */
const line = z.tuple([did(), hashText, amount().nullable(), hashText.nullable()]);

/** What is announced with the lot. */
export const terms = {
  /** Names the auction in every commitment. */
  auction: hashText,
  rule: z.enum(['first-price', 'second-price']),
  /** Public, because a reserve that is named after the reveals could be any. */
  reserve: amount(),
  /** Absolute times by which commitment and reveal must have reached the auctioneer. */
  commitBy: time,
  revealBy: time,
  payment: paymentWay,
};

/** Makes the conversation of a sealed-bid auction. @throws HaggleError `bad-protocol` */
// oxlint-disable-next-line typescript/explicit-module-boundary-types -- a protocol is its inferred type
export function sealedBidProtocol<Lot extends z.ZodType>(spec: AuctionSpec<Lot>) {
  return defineProtocol({
    name: spec.name,
    version: spec.version,
    roles: ['initiator', 'participant'],
    messages: {
      cfp: { from: 'initiator', as: 'cfp', body: z.object({ lot: spec.lot, ...terms }) },
      /** A sealed bid. It binds: who does not reveal it in time has forfeited it. */
      commit: { from: 'participant', as: 'propose', body: z.object({ commitment: hashText }) },
      refuse: { from: 'participant', as: 'refuse', body: reason },
      /** No more commitments. `commitments` is the digest of those that are in, `count` how many. */
      'call-reveals': {
        from: 'initiator',
        as: 'request',
        body: z.object({ commitments: hashText, count: z.int().positive() }),
      },
      reveal: { from: 'participant', as: 'inform', body: z.object({ amount: amount(), nonce: hashText }) },
      /** The bid is out: it was not revealed in time, or what was revealed does not open the commitment. */
      'reject-proposal': {
        from: 'initiator',
        as: 'reject-proposal',
        body: z.object({ reason: z.enum(['not-revealed', 'bad-reveal']) }),
      },
      /** A part of the list of all bids. */
      bids: { from: 'initiator', as: 'inform', body: z.object({ bids: z.array(line).min(1).max(BIDS_PER_MESSAGE) }) },
      /** The lot is yours at this price. */
      'accept-proposal': { from: 'initiator', as: 'accept-proposal', body: z.object({ price: amount(), payBy: time }) },
      sold: { from: 'initiator', as: 'inform', body: z.object({ winner: did(), price: amount() }) },
      unsold: { from: 'initiator', as: 'inform', body: z.object({}) },
      /** Withdrawn, or said to who has not committed in time. Not any more once reveals were called. */
      cancel: { from: 'initiator', as: 'cancel', body: reason },
      ...settlementMessages,
    },
    dialogue: {
      initial: 'idle',
      states: {
        idle: { on: { cfp: 'called' } },
        called: { on: { commit: 'committed', refuse: 'refused', cancel: 'cancelled' } },
        committed: { on: { 'call-reveals': 'revealing', cancel: 'cancelled' } },
        revealing: { on: { reveal: 'revealed', 'reject-proposal': 'rejected' } },
        revealed: {
          on: {
            bids: 'revealed',
            'accept-proposal': 'awarded',
            sold: 'closed',
            unsold: 'closed',
            'reject-proposal': 'rejected',
          },
        },
        awarded: { on: { pay: 'paid' } },
        paid: { on: { settled: 'settled' } },
        refused: { type: 'final' },
        cancelled: { type: 'final' },
        rejected: { type: 'final' },
        closed: { type: 'final' },
        settled: { type: 'final' },
      },
    },
  });
}

/** A sealed-bid auction's conversation. */
export type SealedBidProtocol<Lot extends z.ZodType> = ReturnType<typeof sealedBidProtocol<Lot>>;

type Line = z.output<typeof line>;

/** A bid as it travels. */
export function toLine({ bidder, commitment, opened }: PublishedBid): Line {
  return [bidder, commitment, opened?.amount ?? null, opened?.nonce ?? null];
}

/** A bid as it is checked; one that is half open is not open. */
export function fromLine([bidder, commitment, revealed, nonce]: Line): PublishedBid {
  const opened = revealed === null || nonce === null ? null : { amount: revealed, nonce };
  return { bidder, commitment, opened };
}

/** What every bidder is told before it bids. */
export interface SealedBidTerms<Lot> {
  readonly lot: Lot;
  readonly rule: 'first-price' | 'second-price';
  /** Micro-tokens. */
  readonly reserve: MicroTokens;
}
