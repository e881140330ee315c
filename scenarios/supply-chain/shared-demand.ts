import { assert } from '../../agent-core/errors.ts';
import { supplierScore, type SharedDemand } from '../../agents/supply-chain/local-rule.ts';
import type { SupplyEnvironment } from './environment.ts';
import type { SupplyInstance } from './network.ts';

/** What a firm, named by its place in the network's list, would be told, were everything downstream of it open to it. */
export type DemandSharing = (place: number) => SharedDemand;

/**
 * What a firm takes for its own of the demand downstream: the `whole`, whoever else could serve it, as the published rules do (which then
 * order far too much where many suppliers share a market), or its `share` of it, as its customers divide their orders.
 */
export type DemandPart = 'whole' | 'share';

/** How many units of a firm's product are in one of what is somewhere downstream. */
interface Content {
  /** Place of the item in the layout, or of the lane or market lane in the network's list. */
  readonly at: number;
  readonly units: number;
}

/** Who lies downstream of a firm, and how much of its product is in what they have. */
interface Downstream {
  /** The firm's own items and the lanes to it are not among these. */
  readonly perItem: readonly Content[];
  readonly perLane: readonly Content[];
  /** By market lane; the firm's own are among them. */
  readonly perSale: readonly Content[];
  readonly leadTimeToMarket: number;
  readonly holdingBelow: number;
  readonly expected: number;
}

/**
 * Opens stocks, ways and demand downstream of every firm, for rules that need them: a reference, since nobody in the network sees all
 * that without being told.
 */
export function shareDemand(environment: SupplyEnvironment, part: DemandPart): DemandSharing {
  const { instance, layout } = environment;
  const order = customersLast(instance, environment);
  const shares = part === 'whole' ? null : laneShares(environment);
  const firms = instance.network.nodes.map((_, place) => downstreamOf(environment, { place, order, shares }));
  const asked: number[][] = firms.map(() => []);
  return (place) => {
    const firm = firms[place];
    const series = asked[place];
    assert(firm !== undefined && series !== undefined, `there is a node at place ${place}`);
    const { perItem, perLane, perSale, leadTimeToMarket, holdingBelow, expected } = firm;
    for (let period = series.length; period < environment.period; period++) {
      series.push(sum(perSale.map(({ at, units }) => units * (instance.demand[at]?.[period] ?? 0))));
    }
    const waits = perSale.filter(({ at }) => instance.backlog && layout.seller[at] !== place);
    const positionBelow =
      sum(perItem.map(({ at, units }) => units * environment.stockOf(at))) +
      sum(perLane.map(({ at, units }) => units * environment.underWayOn(at))) -
      sum(waits.map(({ at, units }) => units * environment.unservedAt(at)));
    return { asked: [...series], expected, positionBelow, leadTimeToMarket, holdingBelow };
  };
}

/** Places of all nodes, suppliers before their customers. */
function customersLast({ network }: SupplyInstance, { layout }: SupplyEnvironment): readonly number[] {
  const waitsFor = network.nodes.map(() => 0);
  for (const buyer of layout.buyer) waitsFor[buyer] = (waitsFor[buyer] ?? 0) + 1;
  const order = [...waitsFor.keys()].filter((place) => waitsFor[place] === 0);
  for (const place of order) {
    for (const lane of network.lanes.keys()) {
      if (layout.supplier[lane] !== place) continue;
      const buyer = layout.buyer[lane] ?? 0;
      waitsFor[buyer] = (waitsFor[buyer] ?? 0) - 1;
      if (waitsFor[buyer] === 0) order.push(buyer);
    }
  }
  assert(order.length === network.nodes.length, 'no node supplies itself, over whatever others');
  return order;
}

interface Firm {
  readonly place: number;
  /** Suppliers before customers. */
  readonly order: readonly number[];
  /** Of each lane in what its buyer orders of the item; null: all of it. */
  readonly shares: readonly number[] | null;
}

function downstreamOf({ instance, layout }: SupplyEnvironment, { place, order, shares }: Firm): Downstream {
  const { lanes, markets, nodes } = instance.network;
  /** Units of the firm's product in one that a node ships. */
  const perOutput = new Map([[place, 1]]);
  const perItem = new Map<number, number>();
  const periodsTo = new Map([[place, 0]]);
  for (const supplier of order) {
    const content = perOutput.get(supplier);
    if (content === undefined) continue;
    for (const lane of lanesFrom(layout.supplier, supplier)) {
      const item = layout.item[lane] ?? 0;
      const buyer = layout.buyer[lane] ?? 0;
      const known = perItem.get(item) ?? 0;
      // Of two suppliers of one thing each counts by its share, or else that with the most of the product in it as if it were alone.
      const more = shares === null ? Math.max(0, content - known) : content * (shares[lane] ?? 0);
      perItem.set(item, known + more);
      perOutput.set(buyer, (perOutput.get(buyer) ?? 0) + more * (layout.perOutput[item] ?? 1));
      const periods = (periodsTo.get(supplier) ?? 0) + (lanes[lane]?.leadTime ?? 0);
      periodsTo.set(buyer, Math.max(periods, periodsTo.get(buyer) ?? 0));
    }
  }
  const perSale = [...markets.keys()].flatMap((at) => contentAt(perOutput, { at, of: layout.seller[at] ?? -1 }));
  const perLane = [...lanes.keys()].flatMap((at) => contentAt(perItem, { at, of: layout.item[at] ?? -1 }));
  const longest = lanes.reduce((most, { leadTime }) => Math.max(most, leadTime), 0);
  // As published the longest lane of the network counts for all; a retailer that tells what it reckons with knows its own.
  const longestTo = (seller: number): number =>
    Math.max(0, ...lanes.filter((_, at) => layout.buyer[at] === seller).map(({ leadTime }) => leadTime));
  const sellers = [...new Set(perSale.map(({ at }) => layout.seller[at] ?? 0))];
  const opening = (seller: number): number => (perOutput.get(seller) ?? 0) * (nodes[seller]?.items[0]?.stock ?? 0);
  const customers = new Set(lanesFrom(layout.supplier, place).map((lane) => layout.item[lane] ?? 0));
  return {
    perItem: [...perItem].map(([at, units]) => ({ at, units })),
    perLane,
    perSale,
    leadTimeToMarket: Math.max(0, ...sellers.map((seller) => periodsTo.get(seller) ?? 0)),
    holdingBelow: sum([...customers].map((item) => layout.holding[item] ?? 0)),
    expected: sum(sellers.map((seller) => opening(seller) / ((shares === null ? longest : longestTo(seller)) + 1))),
  };
}

/** By lane: the part that it has in what its buyer orders of the item. */
function laneShares({ instance, layout }: SupplyEnvironment): readonly number[] {
  const { lanes } = instance.network;
  const score = (lane: number): number => {
    const terms = lanes[lane];
    return terms === undefined ? 0 : supplierScore(terms);
  };
  const whole = new Map<number, number>();
  for (const [lane, item] of layout.item.entries()) whole.set(item, (whole.get(item) ?? 0) + score(lane));
  return lanes.map((_, lane) => score(lane) / (whole.get(layout.item[lane] ?? 0) ?? 1));
}

function contentAt(
  contents: ReadonlyMap<number, number>,
  { at, of }: { readonly at: number; readonly of: number },
): readonly Content[] {
  const units = contents.get(of);
  return units === undefined ? [] : [{ at, units }];
}

function lanesFrom(suppliers: Int32Array, place: number): readonly number[] {
  return [...suppliers.keys()].filter((lane) => suppliers[lane] === place);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
