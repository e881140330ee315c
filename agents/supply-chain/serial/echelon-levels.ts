import { z } from 'zod';
import { defineProtocol } from '../../../agent-core/protocol/protocol.ts';
import { LAW_POINTS_MAX } from './lattice-law.ts';
import { SCHEDULE_POINTS_MAX } from './penalty-schedule.ts';

/** Bounds of one talk about levels. */
export const LEVEL_LIMITS = {
  /** Schedules that are put up side by side. */
  menu: 16,
  /** Firms of one chain. */
  firms: 64,
  /** Turns of one retailer's talk. */
  turns: 512,
} as const;

const points = z.int().min(-1e9).max(1e9);

const law = z.object({
  step: z.number().positive(),
  first: points,
  masses: z.array(z.number().nonnegative()).min(1).max(LAW_POINTS_MAX).readonly(),
});

const schedule = z.object({
  level: points,
  base: z.number(),
  shortfall: z.array(z.number()).max(SCHEDULE_POINTS_MAX).readonly(),
  tail: z.number(),
  surplus: z.number().nonpositive(),
});

/**
 * Firms of a serial chain agree on their echelon levels. The customer proposes at which level it wants to be kept and what it asks
 * for falling short; the supplier quotes what the chain from here on costs with that, having asked its own supplier first.
 *
 * What a firm tells its supplier: the law of what it orders in a period, its level, and the schedule. Holding costs and lead times are
 * not told, but no secret for whoever reckons: in Clark and Scarf's model the tail of a schedule is the retailer's stock-out cost and the
 * supplier's own holding cost together, so that every supplier learns the former; level and base show how long goods take. What a
 * supplier tells: the expected cost of the chain, one number for each schedule, and in the end its level.
 *
 * Nothing makes a firm tell the truth: who asks more for falling short is kept better, at the cost of its suppliers.
 */
export const EchelonLevels = defineProtocol({
  name: 'echelon-levels',
  version: '1.0.0',
  roles: ['customer', 'supplier'],
  messages: {
    /**
     * Wanted levels and what falling short costs: several, where the customer asks what a change would bring. `turn`: how many firms up
     * the chain the one is that may change its level now, 0 being who reads this; null: all choose what is best for themselves. `follow`:
     * who comes after that one keeps the stock of its own and moves its echelon level with its customer's; otherwise it keeps its level.
     */
    propose: {
      from: 'customer',
      as: 'propose',
      body: z.object({
        law,
        menu: z.array(schedule).min(1).max(LEVEL_LIMITS.menu).readonly(),
        turn: z.int().min(-LEVEL_LIMITS.firms).max(LEVEL_LIMITS.firms).nullable(),
        follow: z.boolean(),
      }),
    },
    /** Money per period of the whole chain, by schedule. `objects`: somebody pays for its own backlog and wants to talk on. `firms`: from here on. */
    quote: {
      from: 'supplier',
      as: 'propose',
      body: z.object({
        costs: z.array(z.number()).min(1).max(LEVEL_LIMITS.menu),
        objects: z.boolean(),
        firms: z.int().positive().max(LEVEL_LIMITS.firms),
      }),
    },
    refuse: { from: 'supplier', as: 'refuse', body: z.object({ reason: z.string().max(64) }) },
    /** The schedule is a contract from now on, until another is accepted. */
    accept: {
      from: 'customer',
      as: 'accept-proposal',
      body: z.object({
        choice: z
          .int()
          .nonnegative()
          .max(LEVEL_LIMITS.menu - 1),
      }),
    },
    /** The level up to which the supplier orders for all who come after it: more than that the customer need not want. */
    confirm: { from: 'supplier', as: 'confirm', body: z.object({ level: points }) },
  },
  dialogue: {
    initial: 'idle',
    states: {
      idle: { on: { propose: 'proposed' } },
      proposed: { on: { quote: 'quoted', refuse: 'over' } },
      quoted: { on: { accept: 'accepted' } },
      accepted: { on: { confirm: 'over' } },
      over: { type: 'final' },
    },
  },
});
