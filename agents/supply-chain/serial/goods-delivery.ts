import { z } from 'zod';
import { defineProtocol } from '../../../agent-core/protocol/protocol.ts';

/** Periods of one delivery at most. */
export const PERIODS_MAX = 100_000;

const period = z
  .int()
  .nonnegative()
  .max(PERIODS_MAX - 1);
const units = z.number().nonnegative();

/**
 * A customer orders of one supplier, period by period, and is sent what there is; what there is not waits and comes later. An order
 * is said in the period in which it reaches the supplier, however long it was under way; a shipment when it leaves.
 */
export const GoodsDelivery = defineProtocol({
  name: 'goods-delivery',
  version: '1.0.0',
  roles: ['customer', 'supplier'],
  messages: {
    order: { from: 'customer', as: 'request', body: z.object({ period, units }) },
    /** `owed`: what was ordered by now and is not shipped. */
    shipment: { from: 'supplier', as: 'inform', body: z.object({ period, units, owed: units }) },
    close: { from: 'customer', as: 'cancel', body: z.object({}) },
  },
  dialogue: {
    initial: 'idle',
    states: {
      idle: { on: { order: 'running' } },
      running: { on: { order: 'running', shipment: 'running', close: 'over' } },
      over: { type: 'final' },
    },
  },
});
