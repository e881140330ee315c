import { assert } from '../../agent-core/errors.ts';
import type { SharedDemand } from '../../agents/supply-chain/local-rule.ts';
import type { SupplyEnvironment } from './environment.ts';
import type { SupplyInstance } from './network.ts';

/** What a firm, named by its place in the network's list, would be told, were everything downstream of it open to it. */
export type DemandSharing = (place: number) => SharedDemand;

/** Who lies downstream of a firm, and how much of its product is in what they have. */
interface Downstream {
  /** Units of the firm's product in a unit of each item below, by the item's place in the layout; the firm's own are not in it. */
  readonly perItem: ReadonlyMap<number, number>;
  /** The same in a unit that is sold, by market lane; the firm's own markets are in it. */
  readonly perSale: ReadonlyMap<number, number>;
  readonly leadTimeToMarket: number;
  readonly holdingBelow: number;
  readonly expected: number;
}

/**
 * Opens stocks, ways and demand downstream of every firm, for rules that need them: a reference, since nobody in the network sees all
 * that without being told.
 */
export function shareDemand(environment: SupplyEnvironment): DemandSharing {
  const { instance, layout } = environment;
  const { lanes, markets, nodes } = instance.network;
  const order = customersLast(instance, environment);
  const firms = nodes.map((_, place) => downstreamOf(environment, { place, order }));
  return (place) => {
    const firm = firms[place];
    assert(firm !== undefined, `there is a node at place ${place}`);
    const { perItem, perSale, leadTimeToMarket, holdingBelow, expected } = firm;
    let positionBelow = 0;
    for (const [item, units] of perItem) positionBelow += units * environment.stockOf(item);
    for (const lane of lanes.keys()) {
      positionBelow += (perItem.get(layout.item[lane] ?? -1) ?? 0) * environment.underWayOn(lane);
    }
    for (const market of markets.keys()) {
      if (!instance.backlog || layout.seller[market] === place) continue;
      positionBelow -= (perSale.get(market) ?? 0) * environment.unservedAt(market);
    }
    const asked = Array.from({ length: environment.period }, (_, period) =>
      sum([...perSale].map(([market, units]) => units * (instance.demand[market]?.[period] ?? 0))),
    );
    return { asked, expected, positionBelow, leadTimeToMarket, holdingBelow };
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
}

function downstreamOf({ instance, layout }: SupplyEnvironment, { place, order }: Firm): Downstream {
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
      // Two suppliers of one thing: that with the most of the product in it counts.
      const more = Math.max(0, content - (perItem.get(item) ?? 0));
      perItem.set(item, (perItem.get(item) ?? 0) + more);
      perOutput.set(buyer, (perOutput.get(buyer) ?? 0) + more * (layout.perOutput[item] ?? 1));
      const periods = (periodsTo.get(supplier) ?? 0) + (lanes[lane]?.leadTime ?? 0);
      periodsTo.set(buyer, Math.max(periods, periodsTo.get(buyer) ?? 0));
    }
  }
  const perSale = new Map<number, number>();
  for (const market of markets.keys()) {
    const content = perOutput.get(layout.seller[market] ?? -1);
    if (content !== undefined) perSale.set(market, content);
  }
  const longest = lanes.reduce((most, { leadTime }) => Math.max(most, leadTime), 0);
  const sellers = [...new Set([...perSale.keys()].map((market) => layout.seller[market] ?? 0))];
  const opening = (seller: number): number => (perOutput.get(seller) ?? 0) * (nodes[seller]?.items[0]?.stock ?? 0);
  const customers = new Set(lanesFrom(layout.supplier, place).map((lane) => layout.item[lane] ?? 0));
  return {
    perItem,
    perSale,
    leadTimeToMarket: Math.max(0, ...sellers.map((seller) => periodsTo.get(seller) ?? 0)),
    holdingBelow: sum([...customers].map((item) => layout.holding[item] ?? 0)),
    expected: sum(sellers.map(opening)) / (longest + 1),
  };
}

function lanesFrom(suppliers: Int32Array, place: number): readonly number[] {
  return [...suppliers.keys()].filter((lane) => suppliers[lane] === place);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
