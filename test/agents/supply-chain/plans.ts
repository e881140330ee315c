/** Small plans of stock, and what they cost, worked out without the code under test. */
import * as fc from 'fast-check';
import type { StockPlan } from '../../../agents/supply-chain/stock-plan.ts';

/** A lane: its lead time, what a unit costs by ship period, and what a unit costs under way. */
interface DrawnLane {
  readonly leadTime: number;
  readonly pipelineCost: number;
  readonly prices: readonly number[];
}

/** An item of a drawn plan; stock and buys in lots. */
export interface DrawnItem {
  readonly stock: number;
  readonly holding: number;
  readonly perOutput: number;
  readonly lanes: readonly DrawnLane[];
}

/** A plan before anything is bought for it. */
export interface DrawnPlan {
  readonly now: number;
  readonly periods: number;
  readonly operatingCost: number;
  /** Lots to be shipped, by period. */
  readonly shipping: readonly number[];
  readonly items: readonly DrawnItem[];
  /** Units of the product. */
  readonly lot: number;
}

/** Lots bought, by item, lane and ship period. */
export type Buys = readonly (readonly (readonly number[])[])[];

const tenths = (most: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: most }).map((one) => one / 10);

/** Plans of a few periods, one or two items and lanes. */
export const drawnPlans: fc.Arbitrary<DrawnPlan> = fc
  .record({ periods: fc.integer({ min: 2, max: 5 }), now: fc.integer({ min: 0, max: 1 }) })
  .chain(({ periods, now }) => {
    const list = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
      fc.array(one, { minLength: periods, maxLength: periods });
    const lane = fc.record({
      leadTime: fc.integer({ min: 0, max: 2 }),
      pipelineCost: tenths(3),
      prices: list(tenths(50)),
    });
    const item = fc.record({
      stock: fc.integer({ min: 0, max: 4 }),
      holding: tenths(10),
      perOutput: fc.constantFrom(1, 2),
      lanes: fc.array(lane, { minLength: 0, maxLength: 2 }),
    });
    return fc.record({
      now: fc.constant(now),
      periods: fc.constant(periods),
      operatingCost: tenths(5),
      shipping: list(fc.integer({ min: 0, max: 2 })).map((all) => all.map((one, t) => (t < now ? 0 : one))),
      items: fc.array(item, { minLength: 1, maxLength: 2 }),
      lot: fc.constantFrom(1, 4),
    });
  });

/** Lots that are worth trying to buy in a period. */
const MOST = 8;

/** What the cheapest way to ship costs, in money, and by item how many lots arrive in each period; null where it cannot be done. */
export function optimal(
  drawn: DrawnPlan,
): { readonly cost: number; readonly arrivals: readonly (readonly number[])[] } | null {
  const { lot, operatingCost, shipping } = drawn;
  let cost = operatingCost * lot * shipping.reduce((sum, one) => sum + one, 0);
  const arrivals: (readonly number[])[] = [];
  for (const item of drawn.items) {
    const found = cheapest(drawn, item, { t: drawn.now, stock: item.stock });
    if (found === null) return null;
    cost += found.cost * lot * item.perOutput;
    arrivals.push([...Array.from({ length: drawn.now }, () => 0), ...found.arrivals]);
  }
  return { cost, arrivals };
}

/** By trying everything: what each period begins with, and how many lots arrive in it. Money a unit of a lot. */
function cheapest(
  drawn: DrawnPlan,
  item: DrawnItem,
  { t, stock }: { readonly t: number; readonly stock: number },
): { readonly cost: number; readonly arrivals: readonly number[] } | null {
  if (t === drawn.periods) return { cost: 0, arrivals: [] };
  const left = stock - (drawn.shipping[t] ?? 0);
  if (left < 0) return null;
  const price = priceOfArrival(drawn, item, t);
  const later = drawn.shipping.slice(t + 1).reduce((sum, one) => sum + one, 0);
  let best: { cost: number; arrivals: readonly number[] } | null = null;
  for (let count = 0; count <= Math.min(MOST, later); count += 1) {
    if (count > 0 && price === null) break;
    const rest = cheapest(drawn, item, { t: t + 1, stock: left + count });
    if (rest === null) continue;
    const cost = rest.cost + count * (price?.money ?? 0) + item.holding * (left + count);
    if (best === null || cost < best.cost - 1e-9) best = { cost, arrivals: [count, ...rest.arrivals] };
  }
  return best;
}

/** The cheapest lane on which a unit can arrive in a period. */
function priceOfArrival(
  { now }: DrawnPlan,
  { lanes }: DrawnItem,
  t: number,
): { readonly lane: number; readonly money: number } | null {
  let best: { lane: number; money: number } | null = null;
  for (const [lane, { leadTime, pipelineCost, prices }] of lanes.entries()) {
    if (t - leadTime < now) continue;
    const money = (prices[t - leadTime] ?? 0) + pipelineCost * leadTime;
    if (best === null || money < best.money) best = { lane, money };
  }
  return best;
}

/** On which lanes such arrivals are bought. */
export function buysFor(drawn: DrawnPlan, arrivals: readonly (readonly number[])[]): Buys {
  return drawn.items.map((item, k) => {
    const buys = item.lanes.map(() => Array.from({ length: drawn.periods }, () => 0));
    for (const [t, count] of (arrivals[k] ?? []).entries()) {
      const best = priceOfArrival(drawn, item, t);
      const list = buys[best?.lane ?? -1];
      const shipped = t - (item.lanes[best?.lane ?? -1]?.leadTime ?? 0);
      if (list !== undefined) list[shipped] = (list[shipped] ?? 0) + count;
    }
    return buys;
  });
}

/** The plan as a firm has it. */
export function planWith(drawn: DrawnPlan, buys: Buys): StockPlan {
  const { now, periods, operatingCost, shipping, lot } = drawn;
  return {
    now,
    periods,
    operatingCost,
    capacity: shipping.map(() => Infinity),
    shipping: shipping.map((one) => one * lot),
    worth: shipping.map(() => 1_000),
    items: drawn.items.map((item, k) => ({
      stock: item.stock * lot * item.perOutput,
      holding: item.holding,
      perOutput: item.perOutput,
      arriving: shipping.map(() => 0),
      inbound: item.lanes.map(({ leadTime, pipelineCost, prices }, lane) => ({
        leadTime,
        pipelineCost,
        planned: (buys[k]?.[lane] ?? []).map((one) => one * lot * item.perOutput),
        prices: { more: prices, fewer: prices },
      })),
    })),
  };
}

/** What a plan costs as it stands; null where it runs short. */
export function costOf(drawn: DrawnPlan, buys: Buys): number | null {
  const { now, periods, shipping, lot } = drawn;
  let cost = drawn.operatingCost * lot * shipping.reduce((sum, one) => sum + one, 0);
  for (const [k, item] of drawn.items.entries()) {
    let stock = item.stock;
    for (let t = now; t < periods; t += 1) {
      stock -= shipping[t] ?? 0;
      if (stock < 0) return null;
      for (const [lane, { leadTime, pipelineCost, prices }] of item.lanes.entries()) {
        const count = t - leadTime >= now ? (buys[k]?.[lane]?.[t - leadTime] ?? 0) : 0;
        stock += count;
        cost += count * lot * item.perOutput * ((prices[t - leadTime] ?? 0) + pipelineCost * leadTime);
      }
      cost += stock * lot * item.perOutput * item.holding;
    }
  }
  return cost;
}
