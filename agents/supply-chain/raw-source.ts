import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import { TOKEN } from '../../agent-core/ledger/operation.ts';
import { did } from '../../agent-core/protocol/did.ts';
import { microTokens } from './firm-state.ts';
import { PurchaseOrder } from './purchase-order.ts';
import { SUPPLY_LIMITS, SupplyContract } from './supply-contract.ts';

/** What a raw source remembers. */
export interface RawSourceState {
  /** Micro-tokens. */
  sold: bigint;
  /** By customer. */
  readonly paid: Map<string, bigint>;
}

/** Where materials come from: as much as anybody wants, at the list price of the lane. */
export const rawSource = defineAgent({
  name: 'raw-source',
  params: z.object({
    periods: z.int().positive().max(SUPPLY_LIMITS.periods),
    customers: z.array(z.object({ agent: did(), price: z.number().nonnegative().max(SUPPLY_LIMITS.price) })),
  }),
  state: (): RawSourceState => ({ sold: 0n, paid: new Map() }),
  setup(agent) {
    agent.play(SupplyContract, 'supplier', {
      call(ctx, m) {
        const customer = ctx.params.customers.find(({ agent: one }) => one === m.from);
        if (customer === undefined) return m.reply('decline', { reason: 'no customer' });
        const left = Math.max(0, ctx.params.periods - m.body.from);
        const prices = Array.from({ length: left }, () => customer.price);
        m.reply('quote', { more: prices, fewer: prices, penalty: 0 });
      },
      amend(_, m) {
        m.reply('amended', {});
      },
    });
    agent.play(PurchaseOrder, 'supplier', {
      async order(ctx, m) {
        const { quantity, alone, escrow } = m.body;
        const customer = ctx.params.customers.find(({ agent: one }) => one === m.from);
        if (customer === undefined) return m.reply('decline', { reason: 'no customer' });
        const due = microTokens(quantity * customer.price);
        if (due > 0n) {
          const held = escrow === null ? null : await ctx.ledger.reservation(escrow, m.from);
          if (held === null || held.to !== ctx.self || held.asset !== TOKEN || held.remaining < due)
            return m.reply('decline', { reason: 'not secured' });
          const receipt = await ctx.ledger.post({ reservation: held.id, payer: m.from, amount: due });
          if (receipt.type !== 'applied') return m.reply('decline', { reason: 'not secured' });
        }
        ctx.state.sold += due;
        ctx.state.paid.set(m.from, (ctx.state.paid.get(m.from) ?? 0n) + due);
        m.reply('ship', { period: m.body.period, quantity, due, credit: 0n, penalty: 0n, alone });
      },
    });
  },
});
