import { z } from 'zod';
import { amount } from '../../agent-core/protocol/amount.ts';
import { defineProtocol } from '../../agent-core/protocol/protocol.ts';
import { SUPPLY_LIMITS } from './supply-contract.ts';

const period = z
  .int()
  .nonnegative()
  .max(SUPPLY_LIMITS.periods - 1);

const units = z.number().nonnegative().max(SUPPLY_LIMITS.units);

/**
 * What came of an order. `due`: micro-tokens taken of what the buyer has set aside; `credit`: what the supplier has paid; `penalty`: how much
 * the supplier owed for what it failed to deliver, which is counted in those. `alone`: units that the order of the local rule would have brought.
 */
export const shippedOrder = z.object({
  period,
  quantity: units,
  due: amount(),
  credit: amount(),
  penalty: amount(),
  alone: units,
});

/**
 * An order for the present period, and what is shipped on it. The buyer sets aside what it will owe; the supplier takes what is due
 * as it ships.
 */
export const PurchaseOrder = defineProtocol({
  name: 'purchase-order',
  version: '1.0.0',
  roles: ['buyer', 'supplier'],
  messages: {
    /** `escrow`: the reservation, null where nothing is owed. `alone`: what the buyer would have ordered by its local rule. */
    order: {
      from: 'buyer',
      as: 'request',
      body: z.object({ period, quantity: units, alone: units, escrow: z.string().max(192).nullable() }),
    },
    /** Units that are shipped, and what was paid for them. */
    ship: { from: 'supplier', as: 'inform', body: shippedOrder },
    decline: { from: 'supplier', as: 'refuse', body: z.object({ reason: z.string().max(64) }) },
  },
  dialogue: {
    initial: 'start',
    states: {
      start: { on: { order: 'ordered' } },
      ordered: { on: { ship: 'shipped', decline: 'declined' } },
      shipped: { type: 'final' },
      declined: { type: 'final' },
    },
  },
});

/** What a market asks of a retailer in a period, and what it gets and has to pay. */
export const MarketSale = defineProtocol({
  name: 'market-sale',
  version: '1.0.0',
  roles: ['market', 'retailer'],
  messages: {
    demand: { from: 'market', as: 'request', body: z.object({ period, quantity: units }) },
    /** `sold`: with what waited before. `waiting`: what is left of it. */
    sale: { from: 'retailer', as: 'inform', body: z.object({ sold: units, waiting: units, due: amount() }) },
    paid: { from: 'market', as: 'confirm', body: z.object({}) },
  },
  dialogue: {
    initial: 'start',
    states: {
      start: { on: { demand: 'asked' } },
      asked: { on: { sale: 'sold' } },
      sold: { on: { paid: 'paid' } },
      paid: { type: 'final' },
    },
  },
});
