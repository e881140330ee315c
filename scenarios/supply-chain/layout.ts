import { assert } from '../../agent-core/errors.ts';
import type { SupplyNetwork } from './network.ts';

/**
 * A network as arrays: nodes, lanes and markets stand at their place in the network's lists, the items of all nodes in one list of their
 * own, node after node.
 */
export interface SupplyLayout {
  readonly nodeOf: ReadonlyMap<number, number>;
  /** Items of node n are those from `itemFrom[n]` to before `itemFrom[n + 1]`. */
  readonly itemFrom: Int32Array;
  readonly items: number;
  readonly itemNode: Int32Array;
  readonly perOutput: Float64Array;
  readonly holding: Float64Array;
  /** By lane: the places of its supplier, of its buyer, and of what it fills. */
  readonly supplier: Int32Array;
  readonly buyer: Int32Array;
  readonly item: Int32Array;
  readonly leadTime: Int32Array;
  /** By market lane: the places of its retailer and of what that sells. */
  readonly seller: Int32Array;
  readonly sold: Int32Array;
  /** By node: 1 for a raw source, whose money is not the network's. */
  readonly raw: Uint8Array;
}

/** The layout of a network that holds what `networkFault` asks of one. */
export function layoutOf(network: SupplyNetwork): SupplyLayout {
  const { nodes, lanes, markets } = network;
  const nodeOf = new Map(nodes.map(({ id }, index) => [id, index]));
  const itemFrom = new Int32Array(nodes.length + 1);
  for (const [index, { items }] of nodes.entries()) itemFrom[index + 1] = (itemFrom[index] ?? 0) + items.length;
  const items = nodes.flatMap((node) => node.items);
  const placeOf = (id: number): number => {
    const place = nodeOf.get(id);
    assert(place !== undefined, `there is a node ${id}`);
    return place;
  };
  const itemOf = (buyer: number, product: string | undefined): number => {
    const at = nodes[buyer]?.items.findIndex((item) => item.product === product) ?? -1;
    assert(at >= 0, `what a lane brings is an item of its buyer, ${product ?? 'nothing'} is not`);
    return (itemFrom[buyer] ?? 0) + at;
  };
  const supplier = Int32Array.from(lanes, (lane) => placeOf(lane.supplier));
  const buyer = Int32Array.from(lanes, (lane) => placeOf(lane.buyer));
  const seller = Int32Array.from(markets, (market) => placeOf(market.retailer));
  return {
    nodeOf,
    itemFrom,
    items: items.length,
    itemNode: Int32Array.from(nodes.flatMap((node, index) => node.items.map(() => index))),
    perOutput: Float64Array.from(items, (item) => item.perOutput),
    holding: Float64Array.from(items, (item) => item.holding),
    supplier,
    buyer,
    item: Int32Array.from(lanes, (_, lane) => itemOf(buyer[lane] ?? 0, nodes[supplier[lane] ?? 0]?.product)),
    leadTime: Int32Array.from(lanes, (lane) => lane.leadTime),
    seller,
    sold: Int32Array.from(markets, (_, market) => itemFrom[seller[market] ?? 0] ?? 0),
    raw: Uint8Array.from(nodes, ({ kind }) => (kind === 'raw' ? 1 : 0)),
  };
}
