import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import { TOKEN } from '../../agent-core/ledger/operation.ts';
import { did } from '../../agent-core/protocol/did.ts';
import { microTokens, type Outage } from './firm-state.ts';
import { PurchaseOrder } from './purchase-order.ts';
import { SUPPLY_LIMITS, SupplyContract } from './supply-contract.ts';

/** What a raw source remembers. */
export interface RawSourceState {
  /** Micro-tokens. */
  sold: bigint;
  /** By customer. */
  readonly paid: Map<string, bigint>;
}

/**
 * Where materials come from: as much as anybody wants, at the list price of the lane. It keeps no book of contracts, so in an outage
 * it gives no notice: it quotes and ships nothing until the outage is over.
 */
export const rawSource = defineAgent({
  name: 'raw-source',
  params: z.object({
    periods: z.int().positive().max(SUPPLY_LIMITS.periods),
    customers: z.array(z.object({ agent: did(), price: z.number().nonnegative().max(SUPPLY_LIMITS.price) })),
    /** Learned of at the beginning of the period in which they begin; those that leave a share leave as much as anybody wants. */
    outages: z.array(z.custom<Outage>()).default([]),
  }),
  state: (): RawSourceState => ({ sold: 0n, paid: new Map() }),
  setup(agent) {
    agent.play(SupplyContract, 'supplier', {
      call(ctx, m) {
        const { customers, periods, outages } = ctx.params;
        const { from } = m.body;
        const at = customers.findIndex(({ agent: one }) => one === m.from);
        const price = customers[at]?.price;
        if (price === undefined) return m.reply('decline', { reason: 'no customer' });
        const known = outages.filter((one) => one.from <= from);
        const fewer = Array.from({ length: Math.max(0, periods - from) }, () => price);
        const more = fewer.map((_, t) => (isClosed(known, at, from + t) ? null : price));
        m.reply('quote', { more, fewer, penalty: 0 });
      },
      amend(_, m) {
        m.reply('amended', {});
      },
    });
    agent.play(PurchaseOrder, 'supplier', {
      async order(ctx, m) {
        const { period, escrow } = m.body;
        const { customers, outages } = ctx.params;
        const at = customers.findIndex(({ agent: one }) => one === m.from);
        const price = customers[at]?.price;
        if (price === undefined) return m.reply('decline', { reason: 'no customer' });
        const { quantity, alone } = isClosed(outages, at, period) ? NOTHING : m.body;
        const due = microTokens(quantity * price);
        if (due > 0n) {
          const held = escrow === null ? null : await ctx.ledger.reservation(escrow, m.from);
          if (held === null || held.to !== ctx.self || held.asset !== TOKEN || held.remaining < due)
            return m.reply('decline', { reason: 'not secured' });
          const receipt = await ctx.ledger.post({ reservation: held.id, payer: m.from, amount: due });
          if (receipt.type !== 'applied') return m.reply('decline', { reason: 'not secured' });
        }
        ctx.state.sold += due;
        ctx.state.paid.set(m.from, (ctx.state.paid.get(m.from) ?? 0n) + due);
        m.reply('ship', { period, quantity, due, credit: 0n, penalty: 0n, alone });
      },
    });
  },
});

const NOTHING = { quantity: 0, alone: 0 };

/** Whether an outage leaves nothing for a customer in a period. */
function isClosed(outages: readonly Outage[], customer: number, period: number): boolean {
  return outages.some(
    (one) => one.share === 0 && (one.customer ?? customer) === customer && one.from <= period && period < one.to,
  );
}
