import { z } from 'zod';
import { defineProtocol } from '../../agent-core/protocol/protocol.ts';
import { shippedOrder } from './purchase-order.ts';
import { SUPPLY_LIMITS } from './supply-contract.ts';

const price = SUPPLY_LIMITS.price * SUPPLY_LIMITS.units;
const units = z.array(z.number().nonnegative().max(SUPPLY_LIMITS.units)).max(SUPPLY_LIMITS.periods);
const tokens = z.array(z.number().min(-price).max(price)).max(SUPPLY_LIMITS.periods);

/**
 * How a buyer and a supplier come to have the same contracts in their books again after messages between them were lost: the buyer tells
 * what it believes in, by ship period from `from` on, and both keep what both believe in. A lot of which one side never heard is
 * forgotten, and can be contracted anew. What was shipped last is told once more.
 */
export const ContractReview = defineProtocol({
  name: 'contract-review',
  version: '1.0.0',
  roles: ['buyer', 'supplier'],
  messages: {
    compare: {
      from: 'buyer',
      as: 'query-ref',
      body: z.object({
        from: z
          .int()
          .nonnegative()
          .max(SUPPLY_LIMITS.periods - 1),
        planned: units,
        dues: tokens,
      }),
    },
    agreed: {
      from: 'supplier',
      as: 'inform',
      body: z.object({ planned: units, dues: tokens, shipped: shippedOrder.nullable() }),
    },
    decline: { from: 'supplier', as: 'refuse', body: z.object({ reason: z.string().max(64) }) },
  },
  dialogue: {
    initial: 'start',
    states: {
      start: { on: { compare: 'compared' } },
      compared: { on: { agreed: 'same', decline: 'declined' } },
      same: { type: 'final' },
      declined: { type: 'final' },
    },
  },
});
