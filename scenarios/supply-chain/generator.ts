import { assert } from '../../agent-core/errors.ts';
import type { RandomStream } from '../../agent-core/random.ts';
import { demandFactor, drawDemand } from './demand.ts';
import { drawDisruptions } from './generator-disruptions.ts';
import { supplyParameters, type SupplyParameters } from './generator-parameters.ts';
import { drawStructure, type Structure, type Trade } from './generator-structure.ts';
import { networkFault } from './network-check.ts';
import type { MarketLane, SupplyInstance, SupplyItem, SupplyLane, SupplyNetwork, SupplyNode } from './network.ts';

/**
 * A supply network decided by the draws and the parameters alone: `firms`, `tiers`, `products`, `periods`, `mean`, `suppliers`,
 * `disruptions`, `demand` (such as `trend+seasonal`) and `backlog` (`yes` or `no`). Raw sources supply factories of components, these
 * factories that assemble two or three of them, these distributors, retailers and a market for each; every item has up to `suppliers` of
 * them. At list prices everybody earns; capacities are about one and a half times the mean need, first stocks last a lead time and some.
 *
 * @throws HaggleError `bad-parameter` naming key, value and bound
 */
export function generateSupply(parameters: ReadonlyMap<string, string>, random: RandomStream): SupplyInstance {
  const wanted = supplyParameters(parameters);
  const { periods, backlog } = wanted;
  const structure = drawStructure(wanted, random);
  const prices = drawPrices(structure, random);
  const lanes = drawLanes(wanted, { structure, prices }, random);
  const { markets, means } = drawMarkets(wanted, { structure, prices }, random);
  const needs = needsOf(structure, { lanes, markets, means });
  const average = averageFactor(wanted);
  const nodes = structure.trades.flatMap((trade) =>
    trade.firms.map((id) =>
      drawFirm({ structure, prices, lanes, trade, id, need: needs.get(id) ?? 0, average }, random),
    ),
  );
  const network: SupplyNetwork = { name: `supply_${wanted.firms}_${wanted.products}`, nodes, lanes, markets };
  assert(networkFault(network) === null, `what is generated is a network: ${networkFault(network)?.message ?? ''}`);
  const disruptions = drawDisruptions(wanted, network, random);
  const demand = markets.map(({ market }, index) => {
    const shocks = disruptions.flatMap((one) => (one.kind === 'demand' && one.market === market ? [one] : []));
    const factor = (t: number): number =>
      shocks.reduce((product, { from, to, factor: by }) => (t >= from && t < to ? product * by : product), 1) *
      demandFactor(wanted.demand, t);
    return drawDemand(random, { kind: 'poisson', mean: means[index] ?? 0 }, { periods, factor });
  });
  return { name: network.name, network, periods, backlog, discount: 1, demand, disruptions };
}

/** Money for a unit of each thing, by the level at which it is shipped. */
type Prices = (trade: Trade) => number;

const MARKUP = 1.4;

/** What goes into a thing costs this much; every level adds {@link MARKUP}. */
function drawPrices({ things, trades }: Structure, random: RandomStream): Prices {
  const made = things.map(() => 0);
  // Materials come last: from there to the products.
  for (const [index, { parts }] of [...things.entries()].toReversed()) {
    const inside = parts.reduce((sum, { thing, units }) => sum + units * (made[thing] ?? 0), 0);
    made[index] = (parts.length === 0 ? random.between(0.1, 0.3) : inside) * MARKUP;
  }
  const factory = new Map<number, number>();
  for (const { kind, thing, level } of trades) if (kind === 'factory') factory.set(thing, level);
  return ({ thing, level }) => {
    const storesBelow = Math.max(0, (factory.get(thing) ?? level) - level);
    return (made[thing] ?? 0) * MARKUP ** storesBelow;
  };
}

/** Whole periods, by the kind of who ships. */
const LEAD_TIMES = { raw: [0, 2], factory: [2, 6], distributor: [1, 4], retailer: [0, 0] } as const;
/** Fast lanes cost more: each period less adds this share. */
const HASTE = 0.01;

interface Trading {
  readonly structure: Structure;
  readonly prices: Prices;
}

function drawLanes({ suppliers }: SupplyParameters, trading: Trading, random: RandomStream): readonly SupplyLane[] {
  const { trades } = trading.structure;
  return trades.flatMap((buying) =>
    itemsOf(trading.structure, buying).flatMap(({ thing }) => {
      const selling = trades.find((trade) => trade.level === levelOf(trades, buying, thing) && trade.thing === thing);
      if (selling === undefined) return [];
      return linksBetween(buying, selling, { suppliers, random }).map(([buyer, supplier]) =>
        drawLane(trading, { selling, buyer, supplier }, random),
      );
    }),
  );
}

/** What a trade buys, and how much of it goes into a unit. */
function itemsOf({ things }: Structure, trade: Trade): readonly { readonly thing: number; readonly units: number }[] {
  if (trade.kind === 'raw') return [];
  return trade.kind === 'factory' ? (things[trade.thing]?.parts ?? []) : [{ thing: trade.thing, units: 1 }];
}

/** The level next to a trade at which a thing is shipped. */
function levelOf(trades: readonly Trade[], buying: Trade, thing: number): number {
  const levels = trades.flatMap(({ level, thing: made }) => (made === thing && level > buying.level ? [level] : []));
  return Math.min(...levels);
}

/** Pairs of buyer and supplier: every buyer has from two to so many suppliers, where there are, and every supplier a buyer. */
function linksBetween(
  buying: Trade,
  selling: Trade,
  { suppliers, random }: { readonly suppliers: number; readonly random: RandomStream },
): readonly (readonly [buyer: number, supplier: number])[] {
  const links: (readonly [number, number])[] = [];
  const idle = new Set(selling.firms);
  for (const buyer of buying.firms) {
    const count = random.integer(Math.min(2, suppliers), suppliers);
    for (const supplier of random.shuffle(selling.firms).slice(0, count)) {
      links.push([buyer, supplier]);
      idle.delete(supplier);
    }
  }
  for (const supplier of idle) links.push([random.pick(buying.firms), supplier]);
  return links;
}

function drawLane(
  { prices }: Trading,
  { selling, buyer, supplier }: { readonly selling: Trade; readonly buyer: number; readonly supplier: number },
  random: RandomStream,
): SupplyLane {
  const [least, most] = LEAD_TIMES[selling.kind];
  const leadTime = random.integer(least, most);
  const list = prices(selling) * random.between(0.95, 1.05) * (1 + HASTE * (most - leadTime));
  const price = rounded(list);
  return {
    supplier,
    buyer,
    leadTime,
    price,
    pipelineCost: rounded(price * random.between(0.004, 0.008)),
    orderCost: 0,
  };
}

function drawMarkets(
  { firms, mean }: SupplyParameters,
  { structure, prices }: Trading,
  random: RandomStream,
): { readonly markets: readonly MarketLane[]; readonly means: readonly number[] } {
  const shops = structure.trades.flatMap((trade) =>
    trade.kind === 'retailer' ? trade.firms.map((retailer) => ({ retailer, list: prices(trade) })) : [],
  );
  const markets = shops.map(({ retailer, list }) => {
    const price = rounded(list * random.between(0.95, 1.05));
    return { retailer, market: firms + retailer, price, penalty: rounded(price * random.between(0.04, 0.08)) };
  });
  return { markets, means: shops.map(() => rounded(mean * random.between(0.5, 1.5))) };
}

/** Units that each firm ships in a period on average, where every buyer shares what it needs equally among its suppliers. */
function needsOf(
  structure: Structure,
  sales: {
    readonly lanes: readonly SupplyLane[];
    readonly markets: readonly MarketLane[];
    readonly means: readonly number[];
  },
): ReadonlyMap<number, number> {
  const needs = new Map<number, number>(
    sales.markets.map(({ retailer }, index) => [retailer, sales.means[index] ?? 0]),
  );
  // From the retailers upwards: whoever buys comes before those who sell to it.
  for (const trade of structure.trades) {
    for (const buyer of trade.firms) {
      for (const { thing, units } of itemsOf(structure, trade)) {
        const lanes = sales.lanes.filter((lane) => lane.buyer === buyer && shipsThing(structure, lane.supplier, thing));
        const each = ((needs.get(buyer) ?? 0) * units) / lanes.length;
        for (const { supplier } of lanes) needs.set(supplier, (needs.get(supplier) ?? 0) + each);
      }
    }
  }
  return needs;
}

function shipsThing({ trades }: Structure, id: number, thing: number): boolean {
  return trades.some((trade) => trade.thing === thing && trade.firms.includes(id));
}

/** What demand is on average, in multiples of its mean without effects. */
function averageFactor({ periods, demand }: SupplyParameters): number {
  let sum = 0;
  for (let t = 0; t < periods; t++) sum += demandFactor(demand, t);
  return sum / periods;
}

interface FirmDraft extends Trading {
  readonly lanes: readonly SupplyLane[];
  readonly trade: Trade;
  readonly id: number;
  /** Units in a period, without effects. */
  readonly need: number;
  readonly average: number;
}

const CAPACITY_SHARE = 1.5;
/** Periods beyond the longest lead time for which the first stock lasts. */
const STOCK_PERIODS = 3;

function drawFirm(draft: FirmDraft, random: RandomStream): SupplyNode {
  const { structure, prices, trade, id, need, average } = draft;
  const product = structure.things[trade.thing]?.name ?? '';
  if (trade.kind === 'raw') return { id, kind: 'raw', product, items: [], capacity: Infinity, operatingCost: 0 };
  const items = itemsOf(structure, trade).map(({ thing, units }): SupplyItem => {
    const lanes = draft.lanes.filter((lane) => lane.buyer === id && shipsThing(structure, lane.supplier, thing));
    const longest = lanes.reduce((most, { leadTime }) => Math.max(most, leadTime), 0);
    const cheapest = lanes.reduce((least, { price }) => Math.min(least, price), Infinity);
    return {
      product: structure.things[thing]?.name ?? '',
      stock: Math.ceil(need * units * (longest + STOCK_PERIODS)),
      holding: rounded(cheapest * random.between(0.01, 0.02)),
      perOutput: units,
    };
  });
  const factory = trade.kind === 'factory';
  const capacity = factory ? Math.ceil(need * average * CAPACITY_SHARE * random.between(0.9, 1.2)) : Infinity;
  const operatingCost = factory ? rounded(prices(trade) * random.between(0.01, 0.03)) : 0;
  return { id, kind: trade.kind, product, items, capacity, operatingCost };
}

/** To a hundredth of a percent of a token. */
function rounded(money: number): number {
  return Math.max(1e-4, Math.round(money * 1e4) / 1e4);
}
