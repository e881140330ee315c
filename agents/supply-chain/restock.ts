import { leftOver, TINY, type ItemPlan, type StockPlan, type Way } from './stock-plan.ts';

/** A change of what a firm itself has contracted with its suppliers: a lot more, a lot fewer, or one for the other. */
export interface Restock {
  readonly item: number;
  readonly add: Way | null;
  readonly drop: Way | null;
  /** Money a unit that it saves; `Infinity` where contracts could not be kept without it. */
  readonly gain: number;
}

/** A gain below this, in money a unit, is not worth a message. */
const GAIN_MIN = 1e-6;

/**
 * The best such change, or null where there is none. Where an item runs short (a supplier fails, a plant is down), the cheapest lot
 * that comes in time, or else as soon as can be; otherwise lots are called off that nobody needs, or moved to where they cost less.
 */
export function bestRestock(plan: StockPlan, lot: number): Restock | null {
  let best: Restock | null = null;
  for (const [k, item] of plan.items.entries()) {
    const left = leftOver(plan, item);
    const short = left.findIndex((units, t) => t >= plan.now && units < -TINY);
    const change =
      short >= 0 ? replacement(plan, { item, k, short }) : saving(plan, { item, k, left, lot: lot * item.perOutput });
    if (change !== null && (best === null || change.gain > best.gain)) best = change;
  }
  return best;
}

/** A lot on a lane: what it costs or gives back with its way, and from when it is, or was to be, in stock. */
interface Option extends Way {
  readonly value: number;
  readonly from: number;
}

function replacement(
  plan: StockPlan,
  { item, k, short }: { readonly item: ItemPlan; readonly k: number; readonly short: number },
): Restock | null {
  const bought = options(plan, item, 'more');
  const inTime = bought.filter(({ from }) => from <= short);
  const cost = ({ value, from }: Option): number => value - item.holding * from;
  const add =
    inTime.toSorted((a, b) => cost(a) - cost(b))[0] ??
    bought.toSorted((a, b) => a.from - b.from || a.value - b.value)[0];
  return add === undefined ? null : { item: k, add: wayOf(add), drop: null, gain: Infinity };
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
