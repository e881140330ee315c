import { z } from 'zod';
import { amount } from '../../agent-core/protocol/amount.ts';
import { did } from '../../agent-core/protocol/did.ts';
import { defineProtocol } from '../../agent-core/protocol/protocol.ts';
import { timeSchema, tripSchema } from './trip-schema.ts';

/** Bounds of one session: nobody can make a vehicle plan for ever. */
export const EXCHANGE_LIMITS = {
  /** Vehicles of a session, with its chair. */
  members: 32,
  rounds: 100_000,
  /** Trips that are put up in one round. */
  lots: 64,
} as const;

/** At most 28 digits: payments of what so many gain or lose together fit into an amount of money. */
const STAKE = /^(?:0|-?[1-9]\d{0,27})$/;

/** Fares of this many micro-tokens or more are not traded: stakes of a thousand of them fit. */
export const FARE_MAX = 10n ** 24n;

const end = z.object({ place: z.int().nonnegative(), earliest: timeSchema });

/** Where and when trips are looked for: a {@link Topic}. */
const topic = z.object({ pickup: end, dropoff: end });

/** A trip that can change hands, as vehicles tell each other of it. */
const lot = z.object({ trip: tripSchema, rider: did(), fare: amount() });

/** A trip that can change hands. */
export type Lot = z.output<typeof lot>;

/** Trips by number. */
const numbers = z.array(z.int().nonnegative()).max(EXCHANGE_LIMITS.lots);

/** Trips by number, and the data of those that the receiver may not know yet. */
const lots = {
  lots: numbers,
  news: z.array(lot).max(EXCHANGE_LIMITS.lots),
};

/** What became of a round. `best`: kept, and better than every draft before. */
const verdict = z.enum(['none', 'undone', 'kept', 'best']);

/** As the schema says. */
export type Verdict = z.output<typeof verdict>;

/** A payment between two parties of a session. */
const payment = z.object({ party: did(), amount: amount() });

/** As the schema says. */
export type Payment = z.output<typeof payment>;

/** A trip that goes to, or comes from, another party; where nobody served its rider so far, null and the fare to ask for. */
const move = z.object({ trip: z.int().nonnegative(), party: did().nullable(), fare: amount().nullable() });

/** As the schema says. */
export type Move = z.output<typeof move>;

/** By lot, in the order of the call: what it would add to the costs; null where it cannot be served. */
const costs = z.array(z.number().nullable()).max(EXCHANGE_LIMITS.lots);

/**
 * Vehicles exchange trips by ruin and recreate, with messages only (an auction among carriers as in Krajewska and Kopfer 2006;
 * the neighbourhood is that of Christiaens and Vanden Berghe 2020). One chairs. Each round the members release trips near a
 * topic, all bid what each would add to their costs, and the lots are awarded one after another. The routes stay drafts of which
 * nobody tells; the best draft becomes binding at the end, if everybody gains by it.
 */
export const TripExchange = defineProtocol({
  name: 'trip-exchange',
  version: '1.0.0',
  roles: ['chair', 'member'],
  messages: {
    /** `waiting`: trips whose riders nobody serves, as far as the chair knows. */
    convene: {
      from: 'chair',
      as: 'propose',
      body: z.object({ rounds: z.int().positive().max(EXCHANGE_LIMITS.rounds), waiting: numbers }),
    },
    /** `serves`: which of the waiting trips are the member's own by now. */
    join: { from: 'member', as: 'agree', body: z.object({ serves: numbers, idea: topic.nullable() }) },
    decline: { from: 'member', as: 'refuse', body: z.object({ reason: z.string().max(64) }) },
    topic: {
      from: 'chair',
      as: 'query-ref',
      body: z.object({ verdict, topic, nearness: z.enum(['place-and-time', 'time']) }),
    },
    /** Trips that the member would release, and how far the nearest is from the topic; `idea`: a topic for a later round. */
    offer: {
      from: 'member',
      as: 'inform',
      body: z.object({ ...lots, distance: z.number().nullable(), idea: topic.nullable() }),
    },
    auction: { from: 'chair', as: 'cfp', body: z.object(lots) },
    /** `saved`: what the member's own lots cost it so far. */
    bid: { from: 'member', as: 'propose', body: z.object({ saved: z.number(), costs }) },
    /** One lot is the member's: it bids again for those that are still open. */
    award: {
      from: 'chair',
      as: 'accept-proposal',
      body: z.object({ lot: z.int().nonnegative(), open: numbers }),
    },
    rebid: { from: 'member', as: 'propose', body: z.object({ costs }) },
    close: { from: 'chair', as: 'request', body: z.object({ verdict }) },
    /** What the best draft is worth to the member, micro-tokens; below zero where it loses. */
    stake: { from: 'member', as: 'inform', body: z.object({ gain: z.string().regex(STAKE) }) },
    deal: {
      from: 'chair',
      as: 'propose',
      body: z.object({
        /** Names what is set aside for it, so that each payee can look whether it was. */
        name: z.string().regex(/^[A-Za-z0-9._~-]{1,96}$/),
        pays: z.array(payment).max(EXCHANGE_LIMITS.members),
        receives: z.array(payment).max(EXCHANGE_LIMITS.members),
        gives: z.array(move).max(1_024),
        takes: z.array(move).max(1_024),
      }),
    },
    /** What the member pays is set aside. */
    agree: { from: 'member', as: 'accept-proposal', body: z.object({}) },
    commit: { from: 'chair', as: 'confirm', body: z.object({}) },
    abort: { from: 'chair', as: 'cancel', body: z.object({}) },
    leave: { from: 'member', as: 'cancel', body: z.object({ reason: z.string().max(64) }) },
  },
  dialogue: {
    initial: 'idle',
    states: {
      idle: { on: { convene: 'convened' } },
      convened: { on: { join: 'waiting', decline: 'over' } },
      waiting: { on: { topic: 'asked', auction: 'called', award: 'awarded', close: 'closing', abort: 'over' } },
      asked: { on: { offer: 'waiting', leave: 'over' } },
      called: { on: { bid: 'waiting', leave: 'over' } },
      awarded: { on: { rebid: 'waiting', leave: 'over' } },
      closing: { on: { stake: 'staked', leave: 'over' } },
      staked: { on: { deal: 'offered', abort: 'over' } },
      offered: { on: { agree: 'agreed', leave: 'over' } },
      agreed: { on: { commit: 'over', abort: 'over' } },
      over: { type: 'final' },
    },
  },
});
