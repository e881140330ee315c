import { z } from 'zod';
import { amount } from '../../agent-core/protocol/amount.ts';
import { defineProtocol } from '../../agent-core/protocol/protocol.ts';
import { SUPPLY_LIMITS } from './supply-contract.ts';

const period = z
  .int()
  .nonnegative()
  .max(SUPPLY_LIMITS.periods - 1);

/** Firms between one and its farthest market, at most. */
const TIERS_MAX = 1_000;
/** A position is that of many firms. */
export const POSITION_MAX = SUPPLY_LIMITS.units * TIERS_MAX;

const units = z.number().nonnegative().max(SUPPLY_LIMITS.units);

/**
 * What a customer tells a supplier, in units of what the supplier ships: of all that lies behind the customer, the part for which it
 * turns to this supplier. It is the customer's word; nobody checks it.
 */
const toldDemand = z.object({
  period,
  /** What the markets asked for in the period before; 0 in the first. */
  asked: units,
  /** Units a period that were reckoned with before anything was asked. */
  expected: units,
  /** In stock and under way there, less what waits. */
  position: z.number().min(-POSITION_MAX).max(POSITION_MAX),
  /** What it costs the customer to hold a unit of what the supplier ships. */
  holding: z.number().nonnegative().max(SUPPLY_LIMITS.price),
  /** Periods from the supplier to the farthest market behind the customer. */
  leadTime: z
    .int()
    .nonnegative()
    .max(SUPPLY_LIMITS.periods * TIERS_MAX),
  /** What the retailers expect the markets to ask for, from the present period on, and its standard deviation; null where that is not told. */
  forecast: z
    .object({ mean: z.array(units).max(SUPPLY_LIMITS.periods), deviation: z.array(units).max(SUPPLY_LIMITS.periods) })
    .nullable(),
});

/** A report, as the supplier keeps it. */
export type ToldDemand = z.output<typeof toldDemand>;

/**
 * A supplier buys of a customer what lies behind it, each period before it orders. The customer names its fee, the supplier sets that
 * aside, the customer takes it and reports. Each can leave it: who keeps its numbers to itself declines, who finds them too dear rejects.
 */
export const DemandReport = defineProtocol({
  name: 'demand-report',
  version: '1.0.0',
  roles: ['supplier', 'customer'],
  messages: {
    inquire: { from: 'supplier', as: 'query-ref', body: z.object({ period }) },
    /** `fee`: for one report, in micro-tokens. `tiers`: firms one behind the other between the customer and its farthest market. */
    offer: {
      from: 'customer',
      as: 'propose',
      body: z.object({ fee: amount(), tiers: z.int().nonnegative().max(TIERS_MAX) }),
    },
    /** `escrow`: the reservation, null where nothing is owed. */
    accept: {
      from: 'supplier',
      as: 'accept-proposal',
      body: z.object({ escrow: z.string().max(192).nullable() }),
    },
    reject: { from: 'supplier', as: 'reject-proposal', body: z.object({ reason: z.string().max(64) }) },
    report: { from: 'customer', as: 'inform', body: toldDemand },
    decline: { from: 'customer', as: 'refuse', body: z.object({ reason: z.string().max(64) }) },
  },
  dialogue: {
    initial: 'start',
    states: {
      start: { on: { inquire: 'asked' } },
      asked: { on: { offer: 'offered', decline: 'declined' } },
      offered: { on: { accept: 'accepted', reject: 'declined' } },
      accepted: { on: { report: 'told', decline: 'declined' } },
      told: { type: 'final' },
      declined: { type: 'final' },
    },
  },
});
