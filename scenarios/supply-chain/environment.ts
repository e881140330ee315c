import { HaggleError, assert } from '../../agent-core/errors.ts';
import { layoutOf, type SupplyLayout } from './layout.ts';
import type { SupplyInstance } from './network.ts';
import { createOutages, type Outages } from './outages.ts';

/** What happened in each period so far; period t of thing i stands at `t * count + i`. */
export interface SupplyHistory {
  /** By lane: what was asked for, and what was shipped of it. */
  readonly ordered: Float64Array;
  readonly shipped: Float64Array;
  /** By item (see {@link SupplyLayout}): what was left at the end. */
  readonly stock: Float64Array;
  /** By lane: what was under way at the end. */
  readonly underWay: Float64Array;
  /** By market lane: what was sold, and what was not. */
  readonly sold: Float64Array;
  readonly unserved: Float64Array;
  /** By node: all that it earned until then, discounted. */
  readonly profit: Float64Array;
}

/**
 * A supply network at work, period by period: as the environment of gym-invmgmt (arXiv 2605.11355) has it, without goodwill.
 *
 * In a period orders are served one after another in the order of the lanes, from what the supplier had at the beginning and has not
 * given away; what was ordered a lead time ago arrives; markets ask, retailers sell; then everything is paid. Beyond that there are stocks
 * for each thing that a node is made from, costs of an order, and outages.
 */
export class SupplyEnvironment {
  readonly instance: SupplyInstance;
  readonly layout: SupplyLayout;
  readonly lanes: number;
  readonly markets: number;
  readonly history: SupplyHistory | null;

  readonly #prices: Prices;
  readonly #outages: Outages;
  readonly #demand: Float64Array;
  readonly #firstStock: Float64Array;
  readonly #stock: Float64Array;
  readonly #room: Float64Array;
  readonly #shipped: Float64Array;
  readonly #underWay: Float64Array;
  readonly #waiting: Float64Array;
  readonly #profit: Float64Array;
  #period = 0;
  #weight = 1;
  #total = 0;

  /** `history`: keeps what happened, for whoever judges or shows it. */
  constructor(instance: SupplyInstance, { history = false }: { readonly history?: boolean } = {}) {
    const { network, periods, demand } = instance;
    this.instance = instance;
    this.layout = layoutOf(network);
    this.lanes = network.lanes.length;
    this.markets = network.markets.length;
    this.#prices = pricesOf(instance);
    this.#outages = createOutages(instance, this.layout);
    this.#demand = new Float64Array(periods * this.markets);
    for (const [market, series] of demand.entries()) {
      assert(series.length >= periods, `market ${market} has a demand in each of the ${periods} periods`);
      for (let t = 0; t < periods; t++) this.#demand[t * this.markets + market] = series[t] ?? 0;
    }
    this.#firstStock = Float64Array.from(network.nodes.flatMap(({ items }) => items.map(({ stock }) => stock)));
    this.#stock = this.#firstStock.slice();
    this.#room = new Float64Array(network.nodes.length);
    this.#shipped = new Float64Array(periods * this.lanes);
    this.#underWay = new Float64Array(this.lanes);
    this.#waiting = new Float64Array(this.markets);
    this.#profit = new Float64Array(network.nodes.length);
    this.history = history ? emptyHistory(this.#shipped, this) : null;
  }

  /** How many periods are over. */
  get period(): number {
    return this.#period;
  }

  get finished(): boolean {
    return this.#period >= this.instance.periods;
  }

  /** Of the whole network so far, discounted: what raw sources take is lost to it. */
  get profit(): number {
    return this.#total;
  }

  /** Of one node, by its place, discounted. */
  profitOf(node: number): number {
    return this.#profit[node] ?? 0;
  }

  /** Of an item, by its place in the layout. */
  stockOf(item: number): number {
    return this.#stock[item] ?? 0;
  }

  /** What is under way on a lane. */
  underWayOn(lane: number): number {
    return this.#underWay[lane] ?? 0;
  }

  /** Demand of a market lane that waits, or that was lost in the last period where it does not wait. */
  unservedAt(market: number): number {
    return this.#waiting[market] ?? 0;
  }

  /** What was shipped on a lane in a period that is over. */
  shippedOn(lane: number, period: number): number {
    return this.#shipped[period * this.lanes + lane] ?? 0;
  }

  /** Back to the beginning. */
  reset(): void {
    this.#period = 0;
    this.#weight = 1;
    this.#total = 0;
    this.#stock.set(this.#firstStock);
    this.#shipped.fill(0);
    this.#underWay.fill(0);
    this.#waiting.fill(0);
    this.#profit.fill(0);
  }

  /**
   * One period, with what is ordered on each lane. What is below 0 or no number counts as 0.
   *
   * @throws HaggleError `unbounded-order` where something without end is asked of a source without bounds
   */
  step(orders: Float64Array): void {
    assert(!this.finished, `the run has ${this.instance.periods} periods`);
    assert(orders.length === this.lanes, `there is an order for each of the ${this.lanes} lanes`);
    this.history?.ordered.set(orders, this.#period * this.lanes);
    this.#serve(orders);
    this.#receive();
    this.#sell();
    this.#payStorage();
    this.#record();
    this.#period++;
    this.#weight *= this.instance.discount;
  }

  #serve(orders: Float64Array): void {
    const { supplier, itemFrom, perOutput } = this.layout;
    const [stock, room, outages] = [this.#stock, this.#room, this.#outages];
    const at = this.#period * this.lanes;
    outages.begin(this.#period, room);
    for (let lane = 0; lane < this.lanes; lane++) {
      const asked = orders[lane] ?? 0;
      if (!(asked > 0) || outages.cut[lane] === 1) {
        this.#shipped[at + lane] = 0;
        continue;
      }
      const from = supplier[lane] ?? 0;
      const end = itemFrom[from + 1] ?? 0;
      let units = Math.min(asked, room[from] ?? 0);
      for (let item = itemFrom[from] ?? 0; item < end; item++) {
        units = Math.min(units, (stock[item] ?? 0) / (perOutput[item] ?? 1));
      }
      if (units === Infinity) throw unboundedOrder(this.instance, lane);
      room[from] = (room[from] ?? 0) - units;
      // Not below zero by the last bit of a division.
      for (let item = itemFrom[from] ?? 0; item < end; item++) {
        stock[item] = Math.max(0, (stock[item] ?? 0) - units * (perOutput[item] ?? 1));
      }
      this.#shipped[at + lane] = units;
    }
  }

  #receive(): void {
    const { supplier, buyer, item, leadTime } = this.layout;
    const { price, pipeline, order, operating } = this.#prices;
    for (let lane = 0; lane < this.lanes; lane++) {
      const units = this.#shipped[this.#period * this.lanes + lane] ?? 0;
      const sent = this.#period - (leadTime[lane] ?? 0);
      const arrived = sent < 0 ? 0 : (this.#shipped[sent * this.lanes + lane] ?? 0);
      const into = item[lane] ?? 0;
      this.#stock[into] = (this.#stock[into] ?? 0) + arrived;
      // Not below zero by the last bit of a sum.
      const underWay = leadTime[lane] === 0 ? 0 : Math.max(0, (this.#underWay[lane] ?? 0) + units - arrived);
      this.#underWay[lane] = underWay;
      const goods = (price[lane] ?? 0) * units;
      const from = supplier[lane] ?? 0;
      this.#earn(from, goods - (operating[from] ?? 0) * units);
      this.#earn(buyer[lane] ?? 0, -goods - (pipeline[lane] ?? 0) * underWay - (units > 0 ? (order[lane] ?? 0) : 0));
    }
  }

  #sell(): void {
    const { seller, sold } = this.layout;
    const { marketPrice, penalty } = this.#prices;
    for (let market = 0; market < this.markets; market++) {
      const node = seller[market] ?? 0;
      const item = sold[market] ?? 0;
      const waiting = this.instance.backlog ? (this.#waiting[market] ?? 0) : 0;
      const asked = (this.#demand[this.#period * this.markets + market] ?? 0) + waiting;
      const units = Math.min(asked, this.#stock[item] ?? 0, this.#room[node] ?? 0);
      this.#stock[item] = (this.#stock[item] ?? 0) - units;
      this.#room[node] = (this.#room[node] ?? 0) - units;
      this.#waiting[market] = asked - units;
      this.#earn(node, (marketPrice[market] ?? 0) * units - (penalty[market] ?? 0) * (asked - units));
      if (this.history !== null) this.history.sold[this.#period * this.markets + market] = units;
    }
  }

  #payStorage(): void {
    const { items, itemNode, holding } = this.layout;
    for (let item = 0; item < items; item++) {
      this.#earn(itemNode[item] ?? 0, -(holding[item] ?? 0) * (this.#stock[item] ?? 0));
    }
  }

  #earn(node: number, money: number): void {
    const weighted = money * this.#weight;
    this.#profit[node] = (this.#profit[node] ?? 0) + weighted;
    if (this.layout.raw[node] === 0) this.#total += weighted;
  }

  #record(): void {
    const { history } = this;
    if (history === null) return;
    history.stock.set(this.#stock, this.#period * this.layout.items);
    history.underWay.set(this.#underWay, this.#period * this.lanes);
    history.unserved.set(this.#waiting, this.#period * this.markets);
    history.profit.set(this.#profit, this.#period * this.#profit.length);
  }
}

/** Money by lane, node and market lane. */
interface Prices {
  readonly price: Float64Array;
  readonly pipeline: Float64Array;
  readonly order: Float64Array;
  readonly operating: Float64Array;
  readonly marketPrice: Float64Array;
  readonly penalty: Float64Array;
}

function pricesOf({ network: { nodes, lanes, markets } }: SupplyInstance): Prices {
  return {
    price: Float64Array.from(lanes, ({ price }) => price),
    pipeline: Float64Array.from(lanes, ({ pipelineCost }) => pipelineCost),
    order: Float64Array.from(lanes, ({ orderCost }) => orderCost),
    operating: Float64Array.from(nodes, ({ operatingCost }) => operatingCost),
    marketPrice: Float64Array.from(markets, ({ price }) => price),
    penalty: Float64Array.from(markets, ({ penalty }) => penalty),
  };
}

function emptyHistory(shipped: Float64Array, environment: SupplyEnvironment): SupplyHistory {
  const { instance, layout, lanes, markets } = environment;
  const series = (count: number): Float64Array => new Float64Array(instance.periods * count);
  return {
    ordered: series(lanes),
    shipped,
    stock: series(layout.items),
    underWay: series(lanes),
    sold: series(markets),
    unserved: series(markets),
    profit: series(instance.network.nodes.length),
  };
}

function unboundedOrder({ network }: SupplyInstance, lane: number): HaggleError {
  const { supplier = -1, buyer = -1 } = network.lanes[lane] ?? {};
  const message = `node ${buyer} orders without end of node ${supplier}, which nothing bounds`;
  return new HaggleError('unbounded-order', message, { fields: { supplier, buyer } });
}
