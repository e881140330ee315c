import { HaggleError } from '../../agent-core/errors.ts';
import type { Kpis } from '../scenario.ts';
import { SupplyEnvironment, type SupplyHistory } from './environment.ts';
import type { SupplyInstance } from './network.ts';
import { laneName, type SupplySolution } from './solution.ts';

/** What the orders of a solution come to when they are played. */
export interface Replay {
  readonly environment: SupplyEnvironment;
  readonly history: SupplyHistory;
}

/**
 * Plays the orders of a solution. Lanes that it does not name order nothing.
 *
 * @throws HaggleError `bad-orders` where a lane has another number of orders than there are periods, or one that is no number;
 * `unbounded-order`
 */
export function replay(instance: SupplyInstance, { orders }: Pick<SupplySolution, 'orders'>): Replay {
  const environment = new SupplyEnvironment(instance, { history: true });
  const known = new Set(instance.network.lanes.map(laneName));
  for (const [name, units] of Object.entries(orders)) {
    const wrong = units.findIndex((each) => !Number.isFinite(each));
    if (known.has(name) && units.length === instance.periods && wrong < 0) continue;
    const problem = !known.has(name)
      ? 'is no lane'
      : wrong < 0
        ? `has ${units.length} orders, there are ${instance.periods} periods`
        : `orders ${units[wrong]} in period ${wrong}`;
    throw new HaggleError('bad-orders', `${name} ${problem}`, { fields: { lane: name } });
  }
  const lanes = instance.network.lanes.map((lane) => orders[laneName(lane)] ?? []);
  const asked = new Float64Array(lanes.length);
  for (let t = 0; t < instance.periods; t++) {
    for (const [lane, units] of lanes.entries()) asked[lane] = units[t] ?? 0;
    environment.step(asked);
  }
  const { history } = environment;
  if (history === null) throw new HaggleError('bad-orders', 'a replay keeps its history');
  return { environment, history };
}

/** What was shipped in an environment that has come to its end, as a solution without agents. */
export function solutionOf(environment: SupplyEnvironment): SupplySolution {
  const { network } = environment.instance;
  const orders = network.lanes.map((lane, index): [string, readonly number[]] => [
    laneName(lane),
    Array.from({ length: environment.period }, (_, t) => environment.shippedOn(index, t)),
  ]);
  return { orders: Object.fromEntries(orders), profit: environment.profit, firms: {}, payments: [] };
}

/**
 * Key figures of a replay. Money is discounted as profit is, and profit is revenue minus the seven costs. `servedShare` and `inTimeShare`:
 * demand that was served at all and in its own period; `serviceLevel`: periods and markets in which nothing was short; `unfilledUnits`: what firms ordered of each other and did not get.
 */
export function supplyKpis({ environment, history }: Replay): Kpis {
  const { instance, markets } = environment;
  let [asked, sold, late, short] = [0, 0, 0, 0];
  for (const [market, series] of instance.demand.entries()) {
    for (let t = 0; t < instance.periods; t++) {
      const demand = series[t] ?? 0;
      const unserved = history.unserved[t * markets + market] ?? 0;
      asked += demand;
      sold += history.sold[t * markets + market] ?? 0;
      late += Math.min(demand, unserved);
      if (unserved > UNITS_TOLERANCE) short++;
    }
  }
  const last = (instance.periods - 1) * markets;
  const stock = history.stock.reduce((sum, units) => sum + units, 0);
  return {
    profit: environment.profit,
    ...money({ environment, history }),
    servedShare: asked === 0 ? 1 : sold / asked,
    inTimeShare: asked === 0 ? 1 : 1 - late / asked,
    serviceLevel: 1 - short / (instance.periods * markets),
    lostUnits: instance.backlog ? 0 : Math.max(0, asked - sold),
    waitingUnits: instance.backlog ? history.unserved.subarray(last).reduce((sum, units) => sum + units, 0) : 0,
    unfilledUnits: history.ordered.reduce((sum, units, at) => sum + Math.max(0, units - (history.shipped[at] ?? 0)), 0),
    averageStock: stock / instance.periods,
    ...bullwhip({ environment, history }),
  };
}

/** Less than this is not short: it comes from rounding. */
const UNITS_TOLERANCE = 1e-9;

function money({ environment, history }: Replay): Kpis {
  const { instance, layout, lanes, markets } = environment;
  const { network } = instance;
  const sums = {
    revenue: 0,
    purchaseCost: 0,
    holdingCost: 0,
    pipelineCost: 0,
    operatingCost: 0,
    orderCost: 0,
    penaltyCost: 0,
  };
  let weight = 1;
  for (let t = 0; t < instance.periods; t++) {
    for (const [index, lane] of network.lanes.entries()) {
      const units = history.shipped[t * lanes + index] ?? 0;
      const supplier = layout.supplier[index] ?? 0;
      if (layout.raw[supplier] === 1) sums.purchaseCost += weight * lane.price * units;
      else sums.operatingCost += weight * (network.nodes[supplier]?.operatingCost ?? 0) * units;
      sums.pipelineCost += weight * lane.pipelineCost * (history.underWay[t * lanes + index] ?? 0);
      if (units > 0) sums.orderCost += weight * lane.orderCost;
    }
    for (const [index, market] of network.markets.entries()) {
      sums.revenue += weight * market.price * (history.sold[t * markets + index] ?? 0);
      sums.penaltyCost += weight * market.penalty * (history.unserved[t * markets + index] ?? 0);
    }
    for (let item = 0; item < layout.items; item++) {
      sums.holdingCost += weight * (layout.holding[item] ?? 0) * (history.stock[t * layout.items + item] ?? 0);
    }
    weight *= instance.discount;
  }
  return sums;
}

/**
 * How far each node is from the markets, at most, in lanes: 1 for retailers. By place in the network.
 */
export function tiersOf({ nodes, lanes }: SupplyInstance['network']): readonly number[] {
  const tier = new Map(nodes.map(({ id }) => [id, 1]));
  // Lanes lead nowhere back, so a way has at most as many lanes as there are nodes.
  for (let changed = true; changed;) {
    changed = false;
    for (const { supplier, buyer } of lanes) {
      const behind = (tier.get(buyer) ?? 1) + 1;
      if (behind <= (tier.get(supplier) ?? 1)) continue;
      tier.set(supplier, behind);
      changed = true;
    }
  }
  return nodes.map(({ id }) => tier.get(id) ?? 1);
}

/** By tier, the variance over the periods of all that its firms order, over that of all demand (Chen et al. 2000). */
function bullwhip({ environment, history }: Replay): Kpis {
  const { instance, layout, lanes } = environment;
  const base = variance(Array.from({ length: instance.periods }, (_, t) => sumOf(instance.demand, t)));
  if (base === 0) return {};
  const tiers = tiersOf(instance.network);
  const ratios: Record<string, number> = {};
  for (const tier of [...new Set(tiers)].toSorted((a, b) => a - b)) {
    const mine = Array.from({ length: lanes }, (_, lane) => lane).filter(
      (lane) => tiers[layout.buyer[lane] ?? 0] === tier,
    );
    if (mine.length === 0) continue;
    const ordered = Array.from({ length: instance.periods }, (_, t) =>
      mine.reduce((sum, lane) => sum + Math.max(0, history.ordered[t * lanes + lane] ?? 0), 0),
    );
    ratios[`bullwhipTier${tier}`] = variance(ordered) / base;
  }
  return ratios;
}

function sumOf(series: readonly (readonly number[])[], period: number): number {
  return series.reduce((sum, each) => sum + (each[period] ?? 0), 0);
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
