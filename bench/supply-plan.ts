/** A chain that plans by its firms' quotes, as the agents do, without agents, messages or money: for tuning the forecast. */
import { assert } from '../agent-core/errors.ts';
import { createRandomRoot } from '../agent-core/random.ts';
import type { RetailView } from '../agents/supply-chain/arrival-value.ts';
import type { DemandPrior } from '../agents/supply-chain/demand-curve.ts';
import { demandPaths, observeDemand, startForecast } from '../agents/supply-chain/demand-forecast.ts';
import { bestRestock } from '../agents/supply-chain/restock.ts';
import { bestAmendment } from '../agents/supply-chain/retail-plan.ts';
import { stockQuotes, type LotPrices, type StockPlan, type StockQuotes } from '../agents/supply-chain/stock-plan.ts';
import { SupplyEnvironment } from '../scenarios/supply-chain/environment.ts';
import type { SupplyInstance, SupplyLane, SupplyNode } from '../scenarios/supply-chain/network.ts';

/** How the retailer forecasts. */
export interface PlanSettings {
  readonly prior: DemandPrior;
  readonly paths: number;
  readonly seed: number;
  /** Draws the demand of a period from the truth, in place of a forecast: the bound of what a forecast could do. */
  readonly told?: (period: number) => number;
}

const LOTS = [16, 4, 1];

/** Profit of a network with one retailer and one market, whose firms plan at the start of each period. */
export function plannedProfit(instance: SupplyInstance, settings: PlanSettings): number {
  const chain = new Chain(instance);
  const { retailer } = chain;
  const longest = Math.max(...retailer.inbound.map((lane) => chain.lane(lane).leadTime));
  const level = (retailer.node.items[0]?.stock ?? 0) / (longest + 1);
  const forecast = startForecast({ periods: instance.periods, level, seed: settings.seed, prior: settings.prior });
  const random = createRandomRoot(settings.seed).stream('paths');
  for (const units of instance.demand[0] ?? []) {
    const { told } = settings;
    const left = instance.periods - forecast.history.length;
    const paths =
      told === undefined
        ? demandPaths(forecast, settings.paths, random)
        : Array.from({ length: settings.paths }, () =>
            Array.from({ length: left }, (_, t) => told(forecast.history.length + t)),
          );
    chain.plan(paths);
    chain.step();
    observeDemand(forecast, units);
  }
  return chain.profit;
}

interface Firm {
  readonly place: number;
  readonly node: SupplyNode;
  readonly inbound: readonly number[];
  readonly outbound: readonly number[];
}

class Chain {
  readonly #instance: SupplyInstance;
  readonly #environment: SupplyEnvironment;
  readonly #firms: readonly Firm[];
  /** Units contracted by lane and ship period. */
  readonly #planned: readonly number[][];
  /** Quotes of each firm by lot, until a contract changes. */
  readonly #quotes = new Map<string, StockQuotes>();
  readonly retailer: Firm;

  constructor(instance: SupplyInstance) {
    this.#instance = instance;
    this.#environment = new SupplyEnvironment(instance);
    const { nodes, lanes } = instance.network;
    const places = (side: 'supplier' | 'buyer', id: number): number[] =>
      lanes.flatMap((lane, index) => (lane[side] === id ? [index] : []));
    this.#firms = nodes.map((node, place) => ({
      place,
      node,
      inbound: places('buyer', node.id),
      outbound: places('supplier', node.id),
    }));
    this.#planned = lanes.map(() => Array.from({ length: instance.periods }, () => 0));
    const retailer = this.#firms.find(({ node }) => node.kind === 'retailer');
    assert(retailer !== undefined, 'the network has a retailer');
    this.retailer = retailer;
  }

  get profit(): number {
    return this.#environment.profit;
  }

  lane(lane: number): SupplyLane {
    const found = this.#instance.network.lanes[lane];
    assert(found !== undefined, `there is a lane ${lane}`);
    return found;
  }

  plan(paths: readonly (readonly number[])[]): void {
    this.#quotes.clear();
    for (const lot of LOTS) {
      for (;;) {
        const quotes = this.retailer.inbound.map((lane) => {
          const { leadTime, pipelineCost } = this.lane(lane);
          return { leadTime, pipelineCost, ...this.#prices(lane, lot), planned: this.#planned[lane] ?? [] };
        });
        const change = bestAmendment(this.#view(paths), quotes, lot);
        if (change === null) break;
        const { buy, cancel } = change;
        if (cancel !== null) this.#amend(this.retailer.inbound[cancel.lane] ?? -1, cancel.period, -lot);
        if (buy !== null) this.#amend(this.retailer.inbound[buy.lane] ?? -1, buy.period, lot);
      }
    }
    for (const firm of this.#firms) this.#restock(firm);
  }

  step(): void {
    const { period } = this.#environment;
    this.#environment.step(Float64Array.from(this.#planned, (units) => units[period] ?? 0));
  }

  #restock(firm: Firm): void {
    if (firm.node.kind === 'raw' || firm === this.retailer) return;
    for (let changes = 0; changes < 200; changes++) {
      const change = bestRestock(this.#stockPlan(firm, 1), 1);
      if (change === null || change.gain === Infinity) break;
      const { add, drop } = change;
      if (drop !== null) this.#amend(firm.inbound[drop.lane] ?? -1, drop.period, -1);
      if (add !== null) this.#amend(firm.inbound[add.lane] ?? -1, add.period, 1);
    }
  }

  /** A lot more, or fewer where it is negative, on a lane, and all that follows from it upstream. */
  #amend(lane: number, period: number, units: number): void {
    const lot = Math.abs(units);
    const firm = this.#firmOf(this.lane(lane).supplier);
    if (firm.node.kind !== 'raw') {
      const ways = this.#quotesOf(firm, lot)[units > 0 ? 'more' : 'fewer'][period]?.ways ?? [];
      for (const way of ways) {
        if (way !== null) this.#amend(firm.inbound[way.lane] ?? -1, way.period, units * perOutput(firm));
      }
    }
    const row = this.#planned[lane] ?? [];
    row[period] = (row[period] ?? 0) + units;
    this.#quotes.clear();
  }

  /** What lots cost on a lane: only raw sources ask a price, since all others are of the network. */
  #prices(lane: number, lot: number): LotPrices {
    const firm = this.#firmOf(this.lane(lane).supplier);
    if (firm.node.kind === 'raw') {
      const list = Array.from({ length: this.#instance.periods }, () => this.lane(lane).price);
      return { more: list, fewer: list };
    }
    const quotes = this.#quotesOf(firm, lot);
    return {
      more: quotes.more.map((way) => way?.unit ?? null),
      fewer: quotes.fewer.map((way) => way?.unit ?? null),
    };
  }

  #quotesOf(firm: Firm, lot: number): StockQuotes {
    const name = `${firm.place} ${lot}`;
    const known = this.#quotes.get(name);
    if (known !== undefined) return known;
    const quotes = stockQuotes(this.#stockPlan(firm, lot), lot);
    this.#quotes.set(name, quotes);
    return quotes;
  }

  #stockPlan(firm: Firm, lot: number): StockPlan {
    const { periods } = this.#instance;
    const { node, inbound, outbound, place } = firm;
    const shipping = Array.from({ length: periods }, (_, t) =>
      outbound.reduce((sum, lane) => sum + (this.#planned[lane]?.[t] ?? 0), 0),
    );
    const item = {
      stock: this.#environment.stockOf(this.#environment.layout.itemFrom[place] ?? 0),
      holding: node.items[0]?.holding ?? 0,
      perOutput: perOutput(firm),
      arriving: this.#arrivals(firm, false),
      inbound: inbound.map((lane) => ({
        leadTime: this.lane(lane).leadTime,
        pipelineCost: this.lane(lane).pipelineCost,
        planned: this.#planned[lane] ?? [],
        prices: this.#prices(lane, lot * perOutput(firm)),
      })),
    };
    const capacity = Array.from({ length: periods }, () => node.capacity);
    const { operatingCost } = node;
    const worth = shipping.map(() => Infinity);
    return { now: this.#environment.period, periods, operatingCost, capacity, shipping, worth, items: [item] };
  }

  #view(paths: readonly (readonly number[])[]): RetailView {
    const { backlog, network, periods } = this.#instance;
    const environment = this.#environment;
    const waiting = backlog ? environment.unservedAt(0) : 0;
    return {
      now: environment.period,
      periods,
      backlog,
      stock: environment.stockOf(environment.layout.itemFrom[this.retailer.place] ?? 0),
      holding: this.retailer.node.items[0]?.holding ?? 0,
      markets: network.markets.map(({ price, penalty }) => ({ price, penalty, waiting, paths })),
      arrivals: this.#arrivals(this.retailer, true),
    };
  }

  /** Units by period of arrival: what has left, and with `contracted` what is to leave. */
  #arrivals({ inbound }: Firm, contracted: boolean): readonly number[] {
    const environment = this.#environment;
    return Array.from({ length: this.#instance.periods }, (_, t) =>
      inbound.reduce((sum, lane) => {
        const left = t - this.lane(lane).leadTime;
        if (left < 0) return sum;
        if (left < environment.period) return sum + environment.shippedOn(lane, left);
        return contracted ? sum + (this.#planned[lane]?.[left] ?? 0) : sum;
      }, 0),
    );
  }

  #firmOf(id: number): Firm {
    const firm = this.#firms.find(({ node }) => node.id === id);
    assert(firm !== undefined, `there is a node ${id}`);
    return firm;
  }
}

function perOutput({ node }: Firm): number {
  return node.items[0]?.perOutput ?? 1;
}
