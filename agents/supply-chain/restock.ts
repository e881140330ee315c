import { outlookOf, TINY, type ItemPlan, type StockPlan, type Way } from './stock-plan.ts';

/** A change of what a firm itself has contracted with its suppliers: a lot more, a lot fewer, or one for the other. */
export interface Restock {
  readonly item: number;
  readonly add: Way | null;
  readonly drop: Way | null;
  /** Money a unit that it saves. */
  readonly gain: number;
}

/** A gain below this, in money a unit, is not worth a message. */
const GAIN_MIN = 1e-6;

/**
 * The best such change, or null where there is none. Where an item runs short (a supplier fails, a plant is down), the cheapest lot
 * that comes in time and costs less than to fail; otherwise lots are called off that nobody needs, or moved to where they cost less.
 */
export function bestRestock(plan: StockPlan, lot: number): Restock | null {
  let best: Restock | null = null;
  for (const [k, item] of plan.items.entries()) {
    const { left, missing } = outlookOf(plan, item);
    const change = inPlace(plan, { k, missing }) ?? saving(plan, { item, k, left, lot: lot * item.perOutput });
    if (change !== null && (best === null || change.gain > best.gain)) best = change;
  }
  return best;
}

/** A lot on a lane: what it costs or gives back with its way, and from when it is, or was to be, in stock. */
interface Option extends Way {
  readonly value: number;
  readonly from: number;
}

/** Units of an item that are short in a period. */
export interface Shortage {
  readonly item: number;
  readonly period: number;
  readonly units: number;
}

/** The earliest shortage of a plan; null where all contracts can be kept. */
export function firstShortage(plan: StockPlan): Shortage | null {
  let first: Shortage | null = null;
  for (const [k, item] of plan.items.entries()) {
    const { missing } = outlookOf(plan, item);
    const period = missing.findIndex((units) => units > 0);
    if (period >= 0 && (first === null || period < first.period))
      first = { item: k, period, units: missing[period] ?? 0 };
  }
  return first;
}

/** The cheapest lot in place of what is short, where it comes in time and costs less than to fail; with what it saves a unit of the item. */
export function replacement(plan: StockPlan, short: Shortage): { readonly way: Way; readonly gain: number } | null {
  const item = plan.items[short.item];
  if (item === undefined) return null;
  const cost = ({ value, from }: Option): number => value + item.holding * (short.period + 1 - from);
  const best = options(plan, item, 'more')
    .filter(({ from }) => from <= short.period)
    .toSorted((a, b) => cost(a) - cost(b))[0];
  if (best === undefined) return null;
  const gain = ((plan.worth?.[short.period] ?? Infinity) - plan.operatingCost) / item.perOutput - cost(best);
  return gain > GAIN_MIN ? { way: wayOf(best), gain } : null;
}

/** What replaces the earliest units that can be replaced. */
function inPlace(
  plan: StockPlan,
  { k, missing }: { readonly k: number; readonly missing: readonly number[] },
): Restock | null {
  for (const [period, units] of missing.entries()) {
    if (units <= 0) continue;
    const found = replacement(plan, { item: k, period, units });
    if (found !== null) return { item: k, add: found.way, drop: null, gain: found.gain };
  }
  return null;
}

function saving(
  plan: StockPlan,
  {
    item,
    k,
    left,
    lot,
  }: { readonly item: ItemPlan; readonly k: number; readonly left: readonly number[]; readonly lot: number },
): Restock | null {
  const { periods } = plan;
  let best: Restock | null = null;
  const bought = options(plan, item, 'more');
  for (const drop of options(plan, item, 'fewer')) {
    if ((item.inbound[drop.lane]?.planned[drop.period] ?? 0) < lot - TINY) continue;
    // Until when the stock can do without the lot.
    let bearable = drop.from;
    while (bearable < periods && (left[bearable] ?? 0) >= lot - TINY) bearable += 1;
    if (bearable === periods) {
      const gain = drop.value + item.holding * (periods + 1 - drop.from);
      if (gain > (best?.gain ?? GAIN_MIN)) best = { item: k, add: null, drop: wayOf(drop), gain };
    }
    for (const add of bought) {
      if (add.from > bearable || (add.lane === drop.lane && add.period === drop.period)) continue;
      const gain = drop.value - add.value + item.holding * (add.from - drop.from);
      if (gain > (best?.gain ?? GAIN_MIN)) best = { item: k, add: wayOf(add), drop: wayOf(drop), gain };
    }
  }
  return best;
}

function options({ now, periods }: StockPlan, { inbound }: ItemPlan, direction: 'more' | 'fewer'): readonly Option[] {
  const found: Option[] = [];
  for (const [lane, { leadTime, pipelineCost, prices }] of inbound.entries()) {
    for (let period = now; period + leadTime < periods; period += 1) {
      const price = prices?.[direction][period] ?? null;
      if (price === null) continue;
      found.push({ lane, period, value: price + pipelineCost * leadTime, from: period + leadTime + 1 });
    }
  }
  return found;
}

function wayOf({ lane, period }: Way): Way {
  return { lane, period };
}
