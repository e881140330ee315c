import { micros } from '../../agent-core/clock.ts';
import { refreshAll, strike, voidQuotes } from './buying.ts';
import { unkeepable, type CustomerContract, type Cut } from './cutting.ts';
import { addTo, isClosed, lanesOf, lotsOf, planOf, type FirmBuilder, type FirmContext } from './firm-state.ts';
import { firstShortage, replacement, type Shortage } from './restock.ts';
import { TINY } from './stock-plan.ts';
import { SupplyNotice } from './supply-contract.ts';

/** Notices are given at the beginning of a period, and noted before firms negotiate. */
const NOTED_WITHIN = micros('4 min');

/** Lots that a firm buys in one period in place of others, at most. */
const REPLACEMENTS_MAX = 500;

/** Takes both roles in {@link SupplyNotice}: who is told of a cut looks elsewhere at once, or tells its own customers. */
export function noticing(agent: FirmBuilder): void {
  agent.play(SupplyNotice, 'supplier', {
    noted() {
      // Both books are equal again.
    },
  });
  agent.play(SupplyNotice, 'buyer', {
    async cut(ctx, m) {
      const { params, state } = ctx;
      const lane = params.suppliers.findIndex(({ agent: one }) => one === m.from);
      if (lane < 0) return m.fail('no supplier');
      for (const { period, units, price } of m.body.cuts) {
        if (period < state.period) continue;
        addTo(state.dues[lane], period, -noLongerDue(ctx, lane, { period, units, price }));
        addTo(state.planned[lane], period, -units);
        // More than was contracted cannot be cut: the books differ.
        if ((state.planned[lane]?.[period] ?? 0) < 0) settleEmpty(ctx, lane, period);
      }
      voidQuotes(ctx, lane);
      m.reply('noted', {});
      await mend(ctx);
    },
  });
}

/** Tokens, as a share of what is due, by which the books of both sides may differ from rounding. */
const SAME_DUES = 1e-6;

/** What is no longer due for units that are cut: their part of what was. A supplier that says otherwise has another book, or none. */
function noLongerDue(
  { state }: FirmContext,
  lane: number,
  { period, units, price }: { readonly period: number; readonly units: number; readonly price: number },
): number {
  const planned = state.planned[lane]?.[period] ?? 0;
  const due = (state.dues[lane]?.[period] ?? 0) * (units < planned ? units / planned : 1);
  const told = units * price;
  if (Math.abs(told - due) <= SAME_DUES * (1 + Math.abs(due))) return told;
  state.doubts.add(lane);
  return due;
}

function settleEmpty({ state }: FirmContext, lane: number, period: number): void {
  if ((state.planned[lane]?.[period] ?? 0) < -1e-6) state.doubts.add(lane);
  addTo(state.planned[lane], period, -(state.planned[lane]?.[period] ?? 0));
}

/**
 * Has contracts that can be kept, where firms give notice: what neither capacity nor lanes let through is cut, what stock would not reach
 * for is bought elsewhere where that comes in time and costs less than to fail, and the rest is cut too. Customers are told at once.
 */
export async function mend(ctx: FirmContext): Promise<void> {
  const { params, state } = ctx;
  if (params.trade?.notices !== true || params.customers.length === 0) return;
  state.isBroken = true;
  if (state.mending) return;
  state.mending = true;
  while (state.isBroken) {
    state.isBroken = false;
    const bare = { ...planOf(ctx, 1), items: [] };
    giveNotice(ctx, unkeepable(bare, contractsOf(ctx), params.periods));
    await replaceOrCut(ctx);
  }
  state.mending = false;
}

/** Shortages are mended from the earliest on: what is cut early is there later. */
async function replaceOrCut(ctx: FirmContext): Promise<void> {
  const { state } = ctx;
  const { period } = state;
  for (let k = 0; state.period === period; k += 1) {
    const short = firstShortage(planOf(ctx, 1));
    if (short === null) return;
    if (k < REPLACEMENTS_MAX && (await replaceLot(ctx, short))) continue;
    if (state.period !== period) return;
    const cuts = unkeepable(planOf(ctx, 1), contractsOf(ctx), short.period + 1);
    if (cuts.length === 0) return;
    giveNotice(ctx, cuts);
  }
}

/** Buys the largest lot that is no more than what is short, or a smaller one; false where none is worth its price or comes in time. */
async function replaceLot(ctx: FirmContext, short: Shortage): Promise<boolean> {
  const { params, state } = ctx;
  const { period } = state;
  const lots = lotsOf(ctx);
  const perOutput = params.items[short.item]?.perOutput ?? 1;
  const fitting = lots.filter((lot, k) => lot * perOutput <= short.units + TINY || k === lots.length - 1);
  for (const lot of fitting) {
    await refreshAll(ctx, { lot, asOf: 0 });
    if (state.period !== period) return false;
    const found = replacement(planOf(ctx, lot), short);
    if (found === null) continue;
    const lane = lanesOf(params, short.item)[found.way.lane] ?? -1;
    const deal = { lane, kind: 'buy', period: found.way.period, lot: lot * perOutput, gain: found.gain } as const;
    if (await strike(ctx, deal)) return true;
  }
  return false;
}

function contractsOf({ params, state }: FirmContext): readonly CustomerContract[] {
  return params.customers.map((_, customer) => ({
    units: state.promised[customer] ?? [],
    tokens: state.claims[customer] ?? [],
    isClosed: (period) => isClosed(state, customer, period),
  }));
}

/** Takes cuts out of the firm's book, where the penalty is owed from now on, and tells each customer of its own. */
function giveNotice(ctx: FirmContext, cuts: readonly Cut[]): void {
  const { params, state } = ctx;
  for (const { customer, period, units, price } of cuts) {
    addTo(state.promised[customer], period, -units);
    addTo(state.claims[customer], period, -units * price);
    addTo(state.fines[customer], period, units * (params.trade?.penalty ?? 0));
    state.cutUnits += units;
  }
  for (const [customer, { agent }] of params.customers.entries()) {
    const own = cuts.filter((cut) => cut.customer === customer);
    if (own.length === 0) continue;
    const body = { cuts: own.map(({ period, units, price }) => ({ period, units, price })) };
    ctx.open(SupplyNotice, 'supplier', agent, 'cut', body, { within: NOTED_WITHIN });
  }
}
