import { assert } from '../../../agent-core/errors.ts';
import { orderBy } from './order-policies.ts';
import { scheduleCost } from './penalty-schedule.ts';
import { policyOf, type StageContext, type StageParams, type StageState } from './stage-state.ts';

/** What a stage says at the end of a period. */
export interface PeriodOutcome {
  readonly period: number;
  /** The order that reaches the supplier now, units. */
  readonly order: number;
  readonly shipped: number;
  readonly owed: number;
}

/** True where the next period can be played: the stage knows how it orders, what was ordered, and what arrives. */
export function canPlay({ waiting, agreed, arrivals, period }: StageState): boolean {
  return agreed && waiting.length > 0 && arrivals.length > period;
}

/**
 * Plays one period: order, receive, ship, pay for what is left. This is the order of the published beer game; all others may do
 * the same at the same time, as nothing that is shipped arrives in the period.
 */
export function playPeriod(ctx: StageContext): PeriodOutcome {
  const { params, state } = ctx;
  const { period } = state;
  const ordered = state.waiting.shift();
  const arrived = state.arrivals[period];
  assert(ordered !== undefined && arrived !== undefined, 'a period is played when all is known');
  const order = orderBy(
    policyOf(params, state),
    { stock: state.stock, onOrder: state.onOrder, ordered },
    (policy, seen) => ctx.decide(policy, seen),
  );
  state.orders.push(order);
  state.onOrder += order;
  state.letters.push(order);
  if (params.supplier === null) state.arrivals.push(order);
  const before = state.stock;
  state.stock = before + arrived - ordered;
  state.onOrder -= arrived;
  const shipped = Math.min(Math.max(0, before) + arrived, Math.max(0, -before) + ordered);
  state.shipped.push(shipped);
  state.stocks.push(state.stock);
  state.costs.push(costOf(params, state));
  state.period++;
  const letter = state.letters[period];
  assert(letter !== undefined, 'there is a letter for each period');
  return { period, order: letter, shipped, owed: Math.max(0, -state.stock) };
}

function costOf(
  { backlog, holding, underWay, customerShipDelay }: StageParams,
  { stock, shipped }: StageState,
): number {
  const cost = backlog * Math.max(0, -stock) + holding * Math.max(0, stock);
  if (underWay === 0 || customerShipDelay === 0) return cost;
  return cost + underWay * shipped.slice(-customerShipDelay).reduce((sum, units) => sum + units, 0);
}

/**
 * What the contract promises the customer for falling short by so many units, micro-tokens: what the chain after it expects to lose. It
 * shares the cost of falling short alone; for storage everybody pays where it stands.
 */
export function compensation({ contract, customerLevel, step }: StageState, owed: number): bigint {
  if (contract === null || step === 0 || owed <= 0) return 0n;
  const short = Math.round(owed / step);
  const more = scheduleCost(contract, customerLevel - short) - scheduleCost(contract, customerLevel);
  return BigInt(Math.max(0, Math.round(more * 1_000_000)));
}
