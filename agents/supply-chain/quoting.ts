import type { Dialogue } from '../../agent-core/agent/dialogue.ts';
import type { Micros } from '../../agent-core/clock.ts';
import { stockQuotes, TINY, type LotWays, type StockQuotes } from './stock-plan.ts';
import { refreshAll, strike } from './buying.ts';
import {
  addTo,
  isClosed,
  lanesOf,
  noteLot,
  planOf,
  quoteName,
  type FirmBuilder,
  type FirmContext,
} from './firm-state.ts';
import { SUPPLY_LIMITS, SupplyContract } from './supply-contract.ts';

/** A price may be off by this much, tokens a unit: sums in another order. */
const PRICE_SLACK = 1e-9;

/** Calls of one customer that may wait for an answer: more than anybody makes at a time, and few enough to be no burden to others. */
const WAITING_MAX = 16;

/** Takes the supplier's role in {@link SupplyContract}: quotes what a lot costs or saves, and makes contracts at such prices. */
export function quoting(agent: FirmBuilder): void {
  agent.play(
    SupplyContract,
    'supplier',
    {
      async call(ctx, m) {
        const { state, params } = ctx;
        const customer = params.customers.findIndex(({ agent: one }) => one === m.from);
        if (params.trade === null || customer < 0) return m.reply('decline', { reason: 'no customer' });
        if (m.body.from !== state.period) return m.reply('decline', { reason: 'another period' });
        if (state.calls.filter((one) => one.customer === customer).length >= WAITING_MAX) {
          return m.reply('decline', { reason: 'too many calls' });
        }
        const { lot, asOf, from } = m.body;
        noteLot(state, lot);
        state.calls.push({ peer: m.from, dialogue: m.dialogue.id, lot, asOf, from, customer, by: m.dialogue.deadline });
        if (state.quoting) return;
        state.quoting = true;
        try {
          while (state.calls.length > 0) await answerCalls(ctx);
        } finally {
          state.quoting = false;
        }
      },
      async amend(ctx, m) {
        const { state, params } = ctx;
        const customer = params.customers.findIndex(({ agent: one }) => one === m.from);
        const lot = state.quoted.get(m.dialogue.key);
        state.quoted.delete(m.dialogue.key);
        if (lot === undefined || customer < 0) return m.reply('stale', { reason: 'another period' });
        state.amendments.push({ peer: m.from, dialogue: m.dialogue.id, customer, lot, ...m.body });
        if (state.amending) return;
        state.amending = true;
        try {
          while (state.amendments.length > 0) await amendNext(ctx);
        } finally {
          state.amending = false;
        }
      },
    },
    { ended: (ctx, end) => void ctx.state.quoted.delete(end.key) },
  );
}

/** Answers all calls for the lot of the first one: whoever calls meanwhile is answered with them. */
async function answerCalls(ctx: FirmContext): Promise<void> {
  const { state } = ctx;
  const isWaiting = ({ peer, dialogue: id }: (typeof state.calls)[number]): boolean =>
    ctx.dialogue(SupplyContract, 'supplier', { peer, id })?.state === 'called';
  // Whoever does not wait any more must not keep the others waiting.
  state.calls.splice(0, state.calls.length, ...state.calls.filter(isWaiting));
  const [first] = state.calls;
  if (first === undefined) return;
  const { lot, asOf } = first;
  // Nor must one who waits for a moment only leave them with quotes in which suppliers had no say.
  const by = Math.max(...state.calls.filter((one) => one.lot === lot).map((one) => one.by));
  await refreshAll(ctx, { lot, asOf, by });
  const quotes = stockQuotes(planOf(ctx, lot), lot);
  const isAnswered = (one: (typeof state.calls)[number]): boolean => one.lot === lot && one.asOf <= asOf;
  const answered = state.calls.filter(isAnswered);
  state.calls.splice(0, state.calls.length, ...state.calls.filter((one) => !isAnswered(one)));
  for (const { peer, dialogue: id, from, customer } of answered) {
    const dialogue = ctx.dialogue(SupplyContract, 'supplier', { peer, id });
    if (dialogue?.state !== 'called') continue;
    if (from !== state.period) dialogue.send('decline', { reason: 'another period' });
    else {
      state.quoted.set(dialogue.key, lot);
      dialogue.send('quote', {
        ...scheduleFor(ctx, quotes, { customer, lot }),
        penalty: ctx.params.trade?.penalty ?? 0,
      });
    }
  }
}

/** What one customer is told: from the present period on, fewer only of what it has contracted itself. */
function scheduleFor(
  { params, state }: FirmContext,
  { more, fewer }: StockQuotes,
  { customer, lot }: { readonly customer: number; readonly lot: number },
): { readonly more: (number | null)[]; readonly fewer: (number | null)[] } {
  const own = state.promised[customer] ?? [];
  const canCallOff = params.trade?.renegotiate === true;
  return {
    more: more.slice(state.period).map((one, t) => (isClosed(state, customer, state.period + t) ? null : priceOf(one))),
    fewer: fewer
      .slice(state.period)
      .map((one, t) => (!canCallOff || (own[state.period + t] ?? 0) < lot - TINY ? null : priceOf(one))),
  };
}

/** The price of a quote; null where there is none, or where it is beyond all reason. */
function priceOf(ways: LotWays | null): number | null {
  return ways === null || Math.abs(ways.unit) > SUPPLY_LIMITS.price ? null : ways.unit;
}

type Amendment = FirmContext['state']['amendments'][number];

async function amendNext(ctx: FirmContext): Promise<void> {
  const { state } = ctx;
  const next = state.amendments.shift();
  if (next === undefined) return;
  const find = (): Amending => ctx.dialogue(SupplyContract, 'supplier', { peer: next.peer, id: next.dialogue });
  const by = find()?.deadline;
  if (by === undefined) return;
  const reason = await amended(ctx, { ...next, by });
  const dialogue = find();
  // Who does not hear of the contract any more must not be held to it. What was bought for it is called off by `restock`, or sold.
  if (dialogue?.state !== 'amending') return;
  if (reason !== null) return void dialogue.send('stale', { reason });
  const sign = next.kind === 'buy' ? 1 : -1;
  addTo(state.promised[next.customer], next.period, sign * next.lot);
  addTo(state.claims[next.customer], next.period, sign * next.lot * next.price);
  addTo(state.tradedOut[next.customer], next.period, Math.abs(next.lot * next.price));
  state.trades += 1;
  dialogue.send('amended', {});
}

type Amending = Dialogue<typeof SupplyContract, 'supplier'> | undefined;

/** Has what a contract takes, or gives back what it frees. Null once it holds, or why it does not. */
async function amended(ctx: FirmContext, amendment: Amendment & { readonly by: Micros }): Promise<string | null> {
  const { state } = ctx;
  const { kind, lot, period, price, customer } = amendment;
  if (period < state.period) return 'over';
  // Quotes say so too, but nobody has to keep to them.
  const isPossible = kind === 'buy' ? !isClosed(state, customer, period) : ctx.params.trade?.renegotiate === true;
  if (!isPossible) return 'not to be had';
  await refreshAll(ctx, { lot, asOf: 0, by: amendment.by });
  const { more, fewer } = stockQuotes(planOf(ctx, lot), lot);
  const ways = (kind === 'buy' ? more : fewer)[period] ?? null;
  if (ways === null) return 'not to be had';
  if (kind === 'call-off' && (state.promised[customer]?.[period] ?? 0) < lot - TINY) return 'not contracted';
  const gain = kind === 'buy' ? price - ways.unit : ways.unit - price;
  if (gain < -PRICE_SLACK) return 'other prices';
  return (await passOn(ctx, ways, { amendment, gain: Math.max(0, gain) })) ? null : 'other prices';
}

/** The same change with the firm's own suppliers, for each item that does not come from, or go to, stock. */
async function passOn(
  ctx: FirmContext,
  { ways }: LotWays,
  { amendment: { kind, lot }, gain }: { readonly amendment: Amendment; readonly gain: number },
): Promise<boolean> {
  const { params } = ctx;
  const sharers = ways.filter((way) => way !== null).length;
  for (const [item, way] of ways.entries()) {
    if (way === null) continue;
    const perOutput = params.items[item]?.perOutput ?? 1;
    const lane = lanesOf(params, item)[way.lane] ?? -1;
    const done = await strike(ctx, {
      lane,
      kind,
      period: way.period,
      lot: lot * perOutput,
      gain: gain / sharers / perOutput,
    });
    // What was bought for other items before stays in the plan, and is called off again by `restock` where nobody needs it.
    if (!done) {
      ctx.state.quotes.delete(quoteName(lane, lot * perOutput));
      return false;
    }
  }
  return true;
}
