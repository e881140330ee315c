import type { Answer } from '../../agent-core/agent/dialogue.ts';
import { micros, type Micros } from '../../agent-core/clock.ts';
import { addTo, lanesOf, lotsOf, planOf, quoteName, type FirmContext, type KeptQuote } from './firm-state.ts';
import { bestRestock } from './restock.ts';
import { TINY } from './stock-plan.ts';
import { SUPPLY_LIMITS, SupplyContract } from './supply-contract.ts';

/** A quote that does not come, or is not accepted, within this time never was: a lost message must not take up a whole negotiation. */
const QUOTED_WITHIN = micros('30 s');

/** Who says nothing for so long is taken to be silent. */
const SILENT_AFTER = micros('5 s');

/** Calls in a row, in one period, that a supplier may leave without an answer, and acceptances that it may turn down, before it is let alone. */
const SILENCES_MAX = 4;
const LETDOWNS_MAX = 20;

/** Which quotes are wanted. */
export interface QuoteWish {
  readonly lot: number;
  /** What suppliers say counts from this time on. */
  readonly asOf: Micros;
  /** Until when whoever asked this firm waits; left out where nobody did. */
  readonly by?: Micros;
}

/** Contracts that a firm changes of its own accord in one period, at most. */
const RESTOCKS_MAX = 200;

/** A contract to be changed by one lot. */
export interface Deal {
  readonly lane: number;
  readonly kind: 'buy' | 'call-off';
  readonly period: number;
  /** Units. */
  readonly lot: number;
  /** What it is worth to the firm beyond the quote, tokens a unit. */
  readonly gain: number;
}

/** Has a quote for `lot` from each of these suppliers that counts from `asOf` on; who does not answer quotes nothing. */
export async function refreshQuotes(ctx: FirmContext, lanes: readonly number[], wish: QuoteWish): Promise<void> {
  const { state } = ctx;
  const { lot, asOf } = wish;
  for (const lane of lanes) if (isHopeless(ctx, lane)) state.quotes.delete(quoteName(lane, lot));
  const missing = lanes.filter((lane) => {
    if (isHopeless(ctx, lane)) return false;
    const known = state.quotes.get(quoteName(lane, lot));
    return known === undefined || known.dialogue === null || known.asOf < asOf;
  });
  const { period } = state;
  const answers = await Promise.all(missing.map((lane) => call(ctx, lane, wish)));
  if (state.period !== period) return;
  for (const [k, lane] of missing.entries()) {
    const quote = answers[k];
    if (quote === undefined || quote === null) state.quotes.delete(quoteName(lane, lot));
    else state.quotes.set(quoteName(lane, lot), quote);
  }
}

/** Whether a supplier has not answered, or not kept to its quotes, so often in this period that it costs too much time. */
function isHopeless({ state }: FirmContext, lane: number): boolean {
  return (state.silences[lane] ?? 0) >= SILENCES_MAX || (state.letdowns[lane] ?? 0) >= LETDOWNS_MAX;
}

async function call(
  ctx: FirmContext,
  lane: number,
  { lot, asOf, by = Infinity }: QuoteWish,
): Promise<KeptQuote | null> {
  const supplier = ctx.params.suppliers[lane];
  if (supplier === undefined) return null;
  // What it takes of an item may be more, or less, than anybody trades in.
  if (lot < SUPPLY_LIMITS.leastLot || lot > SUPPLY_LIMITS.units) return null;
  const from = ctx.state.period;
  const now = ctx.now();
  const body = { from, lot, asOf };
  // Suppliers have half of the time that the firm has itself: whoever does not hear of one can still answer without it.
  const within = Math.min(QUOTED_WITHIN, Math.floor((by - now) / 2));
  if (within <= 0) return null;
  const answer = await ctx.ask(SupplyContract, 'buyer', supplier.agent, 'call', body, { within });
  if (from !== ctx.state.period) return null;
  if (answer.type !== 'timeout') ctx.state.silences[lane] = 0;
  else if (within >= SILENT_AFTER) addTo(ctx.state.silences, lane, 1);
  if (answer.type !== 'quote') return null;
  const { more, fewer } = answer.body;
  const past = Array.from({ length: from }, () => null);
  return { more: [...past, ...more], fewer: [...past, ...fewer], asOf: now, dialogue: answer.dialogue.id };
}

/** Changes a contract by a lot at the kept quote and a share of the gain. False where the supplier's terms have changed by now. */
export async function strike(ctx: FirmContext, deal: Deal): Promise<boolean> {
  const { params, state } = ctx;
  const { lane, kind, period, lot } = deal;
  const supplier = params.suppliers[lane];
  const kept = state.quotes.get(quoteName(lane, lot));
  const quoted = kept?.[kind === 'buy' ? 'more' : 'fewer'][period] ?? null;
  if (supplier === undefined || kept === undefined || kept.dialogue === null || quoted === null) return false;
  const name = { peer: supplier.agent, id: kept.dialogue };
  const dialogue = ctx.dialogue(SupplyContract, 'buyer', name);
  // Whatever it quoted for other lots counts no more either.
  voidQuotes(ctx, lane);
  if (dialogue === undefined) return false;
  const share = supplier.listed ? 0 : shareOf(ctx, deal.gain) * deal.gain;
  const limit = SUPPLY_LIMITS.price;
  const price = kind === 'buy' ? Math.min(quoted + share, limit) : Math.max(quoted - share, -limit);
  // The supplier may have it in its book even if its answer never comes.
  addTo(state.tradedIn[lane], period, Math.abs(lot * price));
  const answer: Answer<typeof SupplyContract, 'buyer', 'amend'> = await dialogue.ask('amend', { kind, period, price });
  if (answer.type !== 'amended') {
    if (answer.type !== 'stale') state.doubts.add(lane);
    addTo(state.letdowns, lane, 1);
    return false;
  }
  state.letdowns[lane] = 0;
  const sign = kind === 'buy' ? 1 : -1;
  addTo(state.planned[lane], period, sign * lot);
  addTo(state.dues[lane], period, sign * lot * price);
  state.trades += 1;
  return true;
}

/** Quotes of a supplier are void once a contract with it has changed. */
export function voidQuotes({ state }: FirmContext, lane: number): void {
  for (const [name, quote] of state.quotes) if (name.startsWith(`${lane} `)) quote.dialogue = null;
}

function shareOf(ctx: FirmContext, gain: number): number {
  const { params, state } = ctx;
  if (params.trade === null || gain <= 0) return 0;
  const timeLeft = (params.periods - state.period) / params.periods;
  return ctx.decide(params.trade.share, [gain, timeLeft])[0] ?? 0;
}

/** Improves the firm's own contracts: replaces what will not come, calls off what nobody needs, moves lots to where they cost less. */
export async function restock(ctx: FirmContext, until: Micros): Promise<void> {
  const { params, state } = ctx;
  const lot = lotsOf(ctx).at(-1) ?? 1;
  const { period } = state;
  for (let k = 0; k < RESTOCKS_MAX && ctx.now() < until && state.period === period; k += 1) {
    await refreshAll(ctx, { lot, asOf: 0 });
    const change = bestRestock(planOf(ctx, lot), lot);
    if (change === null) return;
    const units = lot * (params.items[change.item]?.perOutput ?? 1);
    const lanes = lanesOf(params, change.item);
    const shared = change.add !== null && change.drop !== null ? change.gain / 2 : change.gain;
    const done = { lot: units, gain: Math.max(0, shared - TINY) };
    const { add, drop } = change;
    if (add !== null) {
      const lane = lanes[add.lane] ?? -1;
      if (!(await strike(ctx, { lane, kind: 'buy', period: add.period, ...done }))) continue;
    }
    if (drop !== null) {
      const lane = lanes[drop.lane] ?? -1;
      await refreshQuotes(ctx, [lane], { lot: units, asOf: 0 });
      await strike(ctx, { lane, kind: 'call-off', period: drop.period, ...done });
    }
  }
}

/** Quotes of all suppliers for what `lot` units of the firm's product take of each item. */
export async function refreshAll(ctx: FirmContext, wish: QuoteWish): Promise<void> {
  const { items } = ctx.params;
  await Promise.all(
    items.map(({ perOutput }, item) =>
      refreshQuotes(ctx, lanesOf(ctx.params, item), { ...wish, lot: wish.lot * perOutput }),
    ),
  );
}
