import { book, microTokens, type FirmContext, type Outage } from './firm-state.ts';
import { beginReports } from './reporting.ts';
import { periodCosts } from './shadow.ts';

/** Begins a period: nothing is shipped, quoted or asked for yet. */
export function beginPeriod(ctx: FirmContext, period: number): void {
  const { params, state } = ctx;
  state.period = period;
  state.shipped = 0;
  state.received.fill(0);
  state.isShipped = false;
  state.quotes.clear();
  beginReports(ctx);
  state.silences.fill(0);
  state.letdowns.fill(0);
  state.compared.clear();
  state.demanded.splice(0, state.demanded.length, ...params.markets.map(() => null));
  if (state.shadow !== null) {
    state.shadow.shipped = 0;
    state.shadow.received.fill(0);
  }
  for (const outage of params.outages) {
    if (outage.from <= period && !state.outages.includes(outage)) learnOf({ params, state }, outage);
  }
}

/** Where several outages strike at once, the smallest share counts. */
function learnOf({ params, state }: Pick<FirmContext, 'params' | 'state'>, outage: Outage): void {
  state.outages.push(outage);
  if (outage.customer !== null) return;
  const left = outage.share === 0 ? 0 : params.capacity * outage.share;
  for (let t = outage.from; t < Math.min(outage.to, params.periods); t += 1) {
    state.capacity[t] = Math.min(state.capacity[t] ?? Infinity, left);
  }
}

/** Pays what the period has cost. */
export async function closePeriod(ctx: FirmContext): Promise<void> {
  const { params, state } = ctx;
  const amount = microTokens(periodCosts(params, state));
  if (state.shadow !== null) state.shadow.profit -= periodCosts(params, state.shadow);
  if (!params.backlog) {
    state.waiting.fill(0);
    state.shadow?.waiting.fill(0);
  }
  if (amount === 0n) return;
  const receipt = await ctx.ledger.transfer({ to: params.costsTo, amount, reference: `costs-${state.period}` });
  if (receipt.type === 'applied') book(state, { partner: params.costsTo, what: 'costs', amount: -amount });
  else ctx.log.warn(`costs of period ${state.period}, ${amount} micro-tokens, were not paid: ${receipt.code}`);
}
