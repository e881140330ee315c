import { SUPPLY_LIMITS } from './supply-contract.ts';
import { arrivals, TINY, type StockPlan } from './stock-plan.ts';

/** What one customer has contracted. */
export interface CustomerContract {
  /** Units by ship period. */
  readonly units: readonly number[];
  /** Tokens to be paid for them. */
  readonly tokens: readonly number[];
  /** Periods in which nothing can be shipped to it. */
  readonly isClosed: (period: number) => boolean;
}

/** Units of a contract that will not be shipped. */
export interface Cut {
  readonly customer: number;
  readonly period: number;
  readonly units: number;
  /** Tokens a unit that are no longer due. */
  readonly price: number;
}

/**
 * What must be cut of a firm's contracts before period `until`, so that the rest can be kept: by its capacity, closed lanes, and its stock as
 * it has contracted for it.
 *
 * Shipments are cut in the period in which they cannot be made and in no earlier one: that leaves customers most time to look
 * elsewhere. Of one period, the contracts go first that pay least a unit: they are what the firm loses least by, and since prices
 * hold a share of what a lot is worth to its buyer, mostly what customers lose least by. Of equals, who is served last.
 */
export function unkeepable(plan: StockPlan, contracts: readonly CustomerContract[], until: number): readonly Cut[] {
  const cuts: Cut[] = [];
  const stock = plan.items.map((item) => item.stock);
  for (let period = plan.now; period < Math.min(until, plan.periods); period += 1) {
    const reach = plan.items.map(({ perOutput }, k) => Math.max(0, stock[k] ?? 0) / perOutput);
    const room = Math.min(plan.capacity[period] ?? Infinity, ...reach);
    const made = cutsOf(contracts, period, room);
    cuts.push(...made);
    const kept = contractedIn(contracts, period) - made.reduce((sum, { units }) => sum + units, 0);
    for (const [k, item] of plan.items.entries()) {
      stock[k] = (stock[k] ?? 0) - kept * item.perOutput + arrivals(plan, item, period);
    }
  }
  return cuts;
}

function contractedIn(contracts: readonly CustomerContract[], period: number): number {
  return contracts.reduce((sum, { units }) => sum + (units[period] ?? 0), 0);
}

function cutsOf(contracts: readonly CustomerContract[], period: number, room: number): readonly Cut[] {
  const all = contracts.flatMap(({ units: list, tokens, isClosed }, customer): (Cut & { isClosed: boolean })[] => {
    const units = list[period] ?? 0;
    if (units <= TINY) return [];
    return [{ customer, period, units, price: bounded((tokens[period] ?? 0) / units), isClosed: isClosed(period) }];
  });
  const closed = all.filter((one) => one.isClosed);
  const open = all
    .filter((one) => !one.isClosed)
    .toSorted((a, b) => (Math.abs(a.price - b.price) > TINY ? a.price - b.price : b.customer - a.customer));
  let excess = open.reduce((sum, { units }) => sum + units, 0) - room;
  const cuts = closed.map(plain);
  for (const one of open) {
    if (excess <= TINY) break;
    cuts.push({ ...plain(one), units: Math.min(excess, one.units) });
    excess -= one.units;
  }
  return cuts;
}

/** Where little is left of a contract, what is left to pay may be out of proportion. */
function bounded(price: number): number {
  return Math.max(-SUPPLY_LIMITS.price, Math.min(SUPPLY_LIMITS.price, price));
}

function plain({ customer, period, units, price }: Cut): Cut {
  return { customer, period, units, price };
}
