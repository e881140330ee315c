import { z } from 'zod';
import { defineProtocol } from './protocol.ts';

const count = z.int().nonnegative();

/** What an object costs now, and which round the next bid belongs to: 0 where there are no rounds. */
const quote = z.object({ price: count, round: count });

/**
 * One bid of a person (`bidder`) for an object (`seller`), and what becomes of it. The dialogue lasts while the bid is open
 * or holds the object, so that a bidder has one dialogue at a time, however many objects there are. Prices are in scaled
 * cost units (see `assignmentTerms`).
 */
export const ASSIGNMENT_SALE = defineProtocol({
  name: 'assignment-auction',
  version: '1.0.0',
  roles: ['bidder', 'seller'],
  messages: {
    /** I would pay `price`. `phase` is the phase of epsilon scaling that the bid was made in. */
    bid: { from: 'bidder', as: 'propose', body: z.object({ price: count, phase: count, round: count }) },
    /** You hold the object at your price, until somebody bids more. */
    award: { from: 'seller', as: 'accept-proposal', body: z.object({}) },
    /** Too little: the object costs this much already. */
    reject: { from: 'seller', as: 'reject-proposal', body: quote },
    /** You held the object; somebody bid more. */
    outbid: { from: 'seller', as: 'cancel', body: quote },
    /** You held the object when the phase ended; all bid again in the next. */
    release: { from: 'seller', as: 'cancel', body: z.object({ phase: count, round: count }) },
    /** The object is yours for good. */
    settle: { from: 'seller', as: 'confirm', body: z.object({}) },
  },
  dialogue: {
    initial: 'idle',
    states: {
      idle: { on: { bid: 'offered' } },
      offered: { on: { award: 'held', reject: 'rejected' } },
      held: { on: { outbid: 'over', release: 'released', settle: 'settled' } },
      rejected: { type: 'final' },
      over: { type: 'final' },
      released: { type: 'final' },
      settled: { type: 'final' },
    },
  },
});

/**
 * Between the clerk and a seller: the phases of epsilon scaling, and the barrier of each round in synchronous mode. No
 * price and no cost is ever said here.
 */
export const ASSIGNMENT_PHASES = defineProtocol({
  name: 'assignment-phases',
  version: '1.0.0',
  roles: ['clerk', 'seller'],
  messages: {
    /** A phase begins; its first round is `round`. */
    phase: { from: 'clerk', as: 'request', body: z.object({ phase: count, round: count }) },
    /** Asynchronous: the object found its first buyer of the phase. */
    sold: { from: 'seller', as: 'inform', body: z.object({ phase: count }) },
    /** Synchronous: a bid came, and whether it is high enough to be accepted. */
    noted: { from: 'seller', as: 'inform', body: z.object({ round: count, acceptable: z.boolean() }) },
    /** Synchronous: everybody has bid in this round; answer. */
    close: { from: 'clerk', as: 'request', body: z.object({ round: count }) },
    /** The last phase is over: whoever holds an object keeps it. */
    settle: { from: 'clerk', as: 'confirm', body: z.object({}) },
  },
  dialogue: {
    initial: 'idle',
    states: {
      idle: { on: { phase: 'trading' } },
      trading: { on: { phase: 'trading', sold: 'trading', noted: 'trading', close: 'trading', settle: 'settled' } },
      settled: { type: 'final' },
    },
  },
});
