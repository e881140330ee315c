import { micros } from '../../agent-core/clock.ts';
import type { FirmBuilder, FirmContext } from './firm-state.ts';
import { noteShipment } from './ordering.ts';
import { ContractReview } from './contract-review.ts';

/** Books are compared at the beginning of a period, before anything is contracted. */
const COMPARED_WITHIN = micros('1 min');

/** Takes both roles in {@link ContractReview}. */
export function reviewing(agent: FirmBuilder): void {
  agent.play(ContractReview, 'supplier', {
    compare(ctx, m) {
      const { params, state } = ctx;
      const customer = params.customers.findIndex(({ agent: one }) => one === m.from);
      const isTime = m.body.from === state.period && !state.compared.has(customer);
      if (customer < 0 || !isTime) return m.reply('decline', { reason: 'not now' });
      state.compared.add(customer);
      const promised = state.promised[customer] ?? [];
      const claims = state.claims[customer] ?? [];
      for (let t = state.period; t < params.periods; t += 1) {
        const buyer = { units: m.body.planned[t - state.period] ?? 0, tokens: m.body.dues[t - state.period] ?? 0 };
        const own = { units: Math.max(0, promised[t] ?? 0), tokens: claims[t] ?? 0 };
        const agreed = lesser(own, buyer);
        if (!isBelievable(agreed, own, state.tradedOut[customer]?.[t] ?? 0)) continue;
        promised[t] = agreed.units;
        claims[t] = agreed.tokens;
      }
      m.reply('agreed', {
        planned: promised.slice(state.period),
        dues: claims.slice(state.period),
        shipped: state.lastShipped[customer] ?? null,
      });
    },
  });
  agent.play(ContractReview, 'buyer', {
    agreed() {
      // Heard where it was asked for.
    },
    decline() {
      // It is asked again in the next period.
    },
  });
}

/** Units and tokens that one side has in its book for a period. */
interface Entry {
  readonly units: number;
  readonly tokens: number;
}

/** What both sides believe in: the fewer units at that side's price; where only the money differs, the less of it. */
export function lesser(supplier: Entry, buyer: Entry): Entry {
  if (supplier.units !== buyer.units) return supplier.units < buyer.units ? supplier : buyer;
  return { units: supplier.units, tokens: Math.min(supplier.tokens, buyer.tokens) };
}

/** Tokens that rounding may make of sums. */
const ROUNDING = 1e-6;

/** Whether the other side's tokens can come from lots of which one side did not hear: they differ by no more than all lots were worth. */
function isBelievable(agreed: Entry, own: Entry, traded: number): boolean {
  return Math.abs(agreed.tokens - own.tokens) <= traded + ROUNDING;
}

/** Compares books with each supplier whose book may differ, and takes what both believe in; learns of a shipment that it was not told of. */
export async function review(ctx: FirmContext): Promise<void> {
  const { params, state } = ctx;
  if (params.trade === null) return;
  for (const [lane, open] of state.unanswered.entries()) if (open !== null) state.doubts.add(lane);
  await Promise.all([...state.doubts].map((lane) => compare(ctx, lane)));
}

async function compare(ctx: FirmContext, lane: number): Promise<void> {
  const { params, state } = ctx;
  const supplier = params.suppliers[lane];
  const planned = state.planned[lane];
  const dues = state.dues[lane];
  if (supplier === undefined || planned === undefined || dues === undefined) return;
  if (supplier.listed) {
    // It keeps no book: it ships what it is asked for.
    state.doubts.delete(lane);
    return;
  }
  const { period } = state;
  const body = {
    from: period,
    planned: planned.slice(period).map((one) => Math.max(0, one)),
    dues: dues.slice(period),
  };
  const answer = await ctx.ask(ContractReview, 'buyer', supplier.agent, 'compare', body, { within: COMPARED_WITHIN });
  if (answer.type !== 'agreed' || state.period !== period) return;
  state.doubts.delete(lane);
  for (let t = period; t < params.periods; t += 1) {
    const told = { units: answer.body.planned[t - period] ?? 0, tokens: answer.body.dues[t - period] ?? 0 };
    const own = { units: planned[t] ?? 0, tokens: dues[t] ?? 0 };
    const agreed = lesser(told, own);
    if (!isBelievable(agreed, own, state.tradedIn[lane]?.[t] ?? 0)) continue;
    planned[t] = agreed.units;
    dues[t] = agreed.tokens;
  }
  if (answer.body.shipped !== null) noteShipment(ctx, lane, answer.body.shipped);
  state.unanswered[lane] = null;
}
