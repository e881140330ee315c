import type { SerialInstance } from './serial-instance.ts';

/** Units to order, of what a stage sees before this period's arrivals; a plain function where speed counts. */
export type FastRule = (
  stage: number,
  view: { readonly stock: number; readonly onOrder: number; readonly ordered: number },
) => number;

/** What a game came to. */
export interface FastGame {
  /** Tokens, by stage. */
  readonly costs: readonly number[];
  /** Tokens, of all periods after the warm-up. */
  readonly cost: number;
}

/**
 * Plays a serial chain without messages: in each period all order, the retailer knowing its customers' demand; then, from the source
 * down, all receive, ship and pay. Only for comparison: it shares no code with the agents.
 */
export function playFast({ stages, demand, warmUp, start }: SerialInstance, rule: FastRule): FastGame {
  const count = stages.length;
  const last = count - 1;
  const horizon =
    demand.length + stages.reduce((most, { orderDelay, shipDelay }) => Math.max(most, orderDelay + shipDelay), 0) + 1;
  const incoming = stages.map(() => new Float64Array(horizon));
  const arrivals = stages.map(() => new Float64Array(horizon));
  const stock = new Float64Array(count).fill(start.stock);
  const onOrder = new Float64Array(count);
  const underWay = new Float64Array(count);
  for (const [k, { orderDelay, shipDelay }] of stages.entries()) {
    const arriving = k === last ? orderDelay + shipDelay : shipDelay;
    arrivals[k]?.fill(start.arriving, 0, arriving);
    if (k < last) incoming[k + 1]?.fill(start.ordered, 0, orderDelay);
    onOrder[k] = arriving * start.arriving + (k < last ? orderDelay * start.ordered : 0);
    if (k < last) underWay[k + 1] = shipDelay * start.arriving;
  }
  const costs = new Float64Array(count);
  for (let t = 0; t < demand.length; t++) {
    put(incoming[0], t, demand[t] ?? 0);
    for (let k = 0; k < count; k++) {
      const view = { stock: at(stock, k), onOrder: at(onOrder, k), ordered: at(incoming[k], t) };
      const units = rule(k, view);
      onOrder[k] = view.onOrder + units;
      const { orderDelay = 0, shipDelay = 1 } = stages[k] ?? {};
      if (k < last) put(incoming[k + 1], t + orderDelay, units);
      else put(arrivals[k], t + orderDelay + shipDelay, units);
    }
    for (let k = last; k >= 0; k--) {
      const arrived = at(arrivals[k], t);
      const asked = at(incoming[k], t);
      const before = at(stock, k);
      const shipped = Math.min(Math.max(0, before) + arrived, Math.max(0, -before) + asked);
      const now = before + arrived - asked;
      stock[k] = now;
      onOrder[k] = at(onOrder, k) - arrived;
      if (k < last) underWay[k + 1] = at(underWay, k + 1) - arrived;
      if (k > 0) {
        put(arrivals[k - 1], t + (stages[k - 1]?.shipDelay ?? 1), shipped);
        underWay[k] = at(underWay, k) + shipped;
      }
    }
    if (t < warmUp) continue;
    // Goods that left in this period are under way at its end.
    for (let k = 0; k < count; k++) {
      const { backlog = 0, holding = 0, underWay: rate = 0 } = stages[k] ?? {};
      const left = at(stock, k);
      costs[k] = at(costs, k) + (backlog * Math.max(0, -left) + holding * Math.max(0, left) + rate * at(underWay, k));
    }
  }
  return { costs: [...costs], cost: costs.reduce((sum, cost) => sum + cost, 0) };
}

/** Orders up to local levels, units. */
export function fastBaseStock(levels: readonly number[]): FastRule {
  return (stage, { stock, onOrder, ordered }) => Math.max(0, (levels[stage] ?? 0) - (stock + onOrder - ordered));
}

/** Sterman's rule with the aims of an instance. */
export function fastSterman({ stages, sterman }: SerialInstance): FastRule {
  const aims = stages.map(({ orderDelay, shipDelay }) => sterman.perPeriod * (orderDelay + shipDelay));
  return (stage, { stock, onOrder, ordered }) =>
    Math.max(0, Math.round(ordered - 0.5 * (stock - sterman.stock) - 0.2 * (onOrder - (aims[stage] ?? 0))));
}

function at(values: Float64Array | undefined, index: number): number {
  return values?.[index] ?? 0;
}

function put(values: Float64Array | undefined, index: number, value: number): void {
  if (values !== undefined) values[index] = value;
}
