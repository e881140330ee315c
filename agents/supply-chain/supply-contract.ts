import { z } from 'zod';
import { defineProtocol } from '../../agent-core/protocol/protocol.ts';

/** Bounds of a game: nobody can be made to plan for ever. */
export const SUPPLY_LIMITS = {
  periods: 1_000,
  /** Units of one contract, stock or demand. */
  units: 1e9,
  /** Units of the smallest lot: far above what rounding makes of sums. */
  leastLot: 1e-6,
  /** Tokens a unit. */
  price: 1e6,
} as const;

const period = z
  .int()
  .nonnegative()
  .max(SUPPLY_LIMITS.periods - 1);

const units = z.number().positive().max(SUPPLY_LIMITS.units);

const price = z.number().min(-SUPPLY_LIMITS.price).max(SUPPLY_LIMITS.price);

/** By ship period, the first of which is `from` of the call; null where it cannot be. */
const schedule = z.array(price.nullable()).max(SUPPLY_LIMITS.periods);

/**
 * How a buyer and a supplier come to contracts for future periods, and change them: a contract net (FIPA 00029) with one
 * participant, in which the supplier proposes for every due date at once. What a lot more costs it, and what a lot fewer saves
 * it, it works out from its own stock and from what its own suppliers propose. Accepting names the period, and a price at which
 * both gain: a share of what the buyer gains goes to the supplier.
 */
export const SupplyContract = defineProtocol({
  name: 'supply-contract',
  version: '1.0.0',
  roles: ['buyer', 'supplier'],
  messages: {
    /** `asOf`: nothing that the supplier was told by its own suppliers before this time is to be used. */
    call: {
      from: 'buyer',
      as: 'cfp',
      body: z.object({ from: period, lot: units.min(SUPPLY_LIMITS.leastLot), asOf: z.int().nonnegative() }),
    },
    /** `penalty`: tokens for each unit that is not delivered as contracted. */
    quote: {
      from: 'supplier',
      as: 'propose',
      body: z.object({ more: schedule, fewer: schedule, penalty: z.number().nonnegative().max(SUPPLY_LIMITS.price) }),
    },
    decline: { from: 'supplier', as: 'refuse', body: z.object({ reason: z.string().max(64) }) },
    /** The lot more (`buy`) or fewer (`call-off`) in a ship period, and what is paid for it, or given back, a unit. */
    amend: {
      from: 'buyer',
      as: 'accept-proposal',
      body: z.object({ kind: z.enum(['buy', 'call-off']), period, price }),
    },
    amended: { from: 'supplier', as: 'inform', body: z.object({}) },
    /** Nothing is changed: it would cost more, or save less, by now. */
    stale: { from: 'supplier', as: 'refuse', body: z.object({ reason: z.string().max(64) }) },
  },
  dialogue: {
    initial: 'start',
    states: {
      start: { on: { call: 'called' } },
      called: { on: { quote: 'quoted', decline: 'declined' } },
      quoted: { on: { amend: 'amending' } },
      amending: { on: { amended: 'agreed', stale: 'declined' } },
      agreed: { type: 'final' },
      declined: { type: 'final' },
    },
  },
});

/**
 * A supplier that cannot deliver as contracted says so before the due date, so that its customer can look elsewhere. It owes the
 * penalty, and gives back what was to be paid.
 */
export const SupplyNotice = defineProtocol({
  name: 'supply-notice',
  version: '1.0.0',
  roles: ['supplier', 'buyer'],
  messages: {
    /** Units fewer in a ship period, and the tokens a unit that are no longer due for them. The penalty comes with the shipment of that period. */
    cut: {
      from: 'supplier',
      as: 'inform',
      body: z.object({ cuts: z.array(z.object({ period, units, price })).min(1).max(SUPPLY_LIMITS.periods) }),
    },
    noted: { from: 'buyer', as: 'agree', body: z.object({}) },
  },
  dialogue: {
    initial: 'start',
    states: { start: { on: { cut: 'told' } }, told: { on: { noted: 'done' } }, done: { type: 'final' } },
  },
});
