import { SUPPLY_LIMITS } from '../../agents/supply-chain/supply-contract.ts';
import type { MarketLane, SupplyLane, SupplyNetwork, SupplyNode } from './network.ts';

/** Largest networks that are read and made; periods and prices as far as firms plan and pay. */
export const NETWORK_LIMITS = {
  nodes: 2_000,
  lanes: 20_000,
  items: 16,
  periods: SUPPLY_LIMITS.periods,
  leadTime: SUPPLY_LIMITS.periods,
  /** Units, and tokens a unit. */
  number: SUPPLY_LIMITS.price,
} as const;

/** What is wrong with a network: a list of it and a place there, where it is about one thing. */
export interface NetworkFault {
  readonly in: 'nodes' | 'lanes' | 'markets' | 'network';
  readonly at: number;
  readonly message: string;
}

/** The first thing that is wrong with a network; null where everything holds that an environment takes for granted. It never throws. */
export function networkFault(network: SupplyNetwork): NetworkFault | null {
  const { nodes } = network;
  const checks: readonly [NetworkFault['in'], readonly (string | null)[]][] = [
    ['network', [sizeFault(network)]],
    ['nodes', nodes.map(nodeFault)],
    [
      'nodes',
      nodes.map(({ id }, at) => (nodes.findIndex((node) => node.id === id) < at ? `two nodes are called ${id}` : null)),
    ],
    ['lanes', laneFaults(network)],
    ['markets', marketFaults(network)],
    ['nodes', linkFaults(network)],
  ];
  for (const [list, faults] of checks) {
    const at = faults.findIndex((fault) => fault !== null);
    const message = faults[at];
    if (message !== undefined && message !== null) return { in: list, at, message };
  }
  return null;
}

function sizeFault({ nodes, lanes, markets }: SupplyNetwork): string | null {
  if (nodes.length > NETWORK_LIMITS.nodes)
    return `a network has at most ${NETWORK_LIMITS.nodes} nodes, got ${nodes.length}`;
  const links = lanes.length + markets.length;
  if (links > NETWORK_LIMITS.lanes) return `a network has at most ${NETWORK_LIMITS.lanes} lanes, got ${links}`;
  return markets.length === 0 ? 'a network needs a market, got none' : null;
}

function nodeFault(node: SupplyNode): string | null {
  const { id, kind, items, capacity } = node;
  if (!Number.isSafeInteger(id) || id < 0) return `a node id is a whole number from 0, got ${id}`;
  if (!(capacity > 0)) return `node ${id}: the capacity must be above 0, got ${capacity}`;
  const cost = outOfRange(node.operatingCost);
  if (cost) return `node ${id}: the operating cost ${cost}`;
  if (kind === 'retailer' && capacity !== Infinity)
    return `node ${id}: nothing bounds what a retailer sells, got ${capacity}`;
  if (kind === 'raw' && capacity !== Infinity) return `node ${id}: nothing bounds a raw source, got ${capacity}`;
  if (kind === 'raw') return items.length === 0 ? null : `node ${id}: a raw source stocks nothing`;
  const least = items.length > 0 && items.length <= NETWORK_LIMITS.items;
  if (!least) return `node ${id} must stock from 1 to ${NETWORK_LIMITS.items} things, got ${items.length}`;
  if (new Set(items.map(({ product }) => product)).size < items.length) return `node ${id} stocks the same thing twice`;
  if (kind !== 'factory' && (items.length !== 1 || items[0]?.perOutput !== 1)) {
    return `node ${id}: only a factory makes one thing of others, a ${kind} ships what it stocks`;
  }
  for (const item of items) {
    const range = outOfRange(item.stock) || outOfRange(item.holding) || outOfRange(item.perOutput);
    if (range) return `node ${id}, item ${item.product}: stock, holding cost or need of it ${range}`;
    if (item.perOutput < 1e-6)
      return `node ${id}, item ${item.product}: what goes into a unit must be 0.000001 or more`;
  }
  return null;
}

function outOfRange(value: number): string {
  if (value >= 0 && value <= NETWORK_LIMITS.number) return '';
  return `must be from 0 to ${NETWORK_LIMITS.number}, got ${value}`;
}

function laneFaults({ nodes, lanes }: SupplyNetwork): readonly (string | null)[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const seen = new Set<string>();
  return lanes.map((lane) => {
    const name = `lane ${lane.supplier} to ${lane.buyer}`;
    const [supplier, buyer] = [byId.get(lane.supplier), byId.get(lane.buyer)];
    if (supplier === undefined || buyer === undefined) return `${name}: there is no such node`;
    if (seen.has(name)) return `${name} is there twice`;
    seen.add(name);
    if (buyer.kind === 'raw') return `${name}: a raw source buys nothing`;
    if (supplier.kind === 'retailer')
      return `${name}: node ${lane.supplier} sells to a market, so it cannot supply nodes as well`;
    if (!buyer.items.some(({ product }) => product === supplier.product)) {
      return `${name}: node ${lane.buyer} has no use for ${supplier.product}`;
    }
    return laneNumbers(lane, name);
  });
}

function laneNumbers({ leadTime, price, pipelineCost, orderCost }: SupplyLane, name: string): string | null {
  if (!Number.isInteger(leadTime) || leadTime < 0 || leadTime > NETWORK_LIMITS.leadTime) {
    return `${name}: the lead time must be a whole number from 0 to ${NETWORK_LIMITS.leadTime}, got ${leadTime}`;
  }
  const range = outOfRange(price) || outOfRange(pipelineCost) || outOfRange(orderCost);
  return range ? `${name}: a price or cost ${range}` : null;
}

function marketFaults({ nodes, markets }: SupplyNetwork): readonly (string | null)[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const seen = new Set<string>();
  return markets.map(({ retailer, market, price, penalty }: MarketLane) => {
    const name = `market lane ${retailer} to ${market}`;
    if (seen.has(name)) return `${name} is there twice`;
    seen.add(name);
    if (byId.get(retailer)?.kind !== 'retailer') return `${name}: node ${retailer} is no retailer`;
    if (byId.has(market)) return `${name}: the market is called as a node`;
    const range = outOfRange(price) || outOfRange(penalty);
    return range ? `${name}: the price or the penalty ${range}` : null;
  });
}

/** By node: goods reach it from a raw source, what it ships reaches a market, and nothing comes back to it. */
function linkFaults({ nodes, lanes, markets }: SupplyNetwork): readonly (string | null)[] {
  const selling = new Set(markets.map(({ retailer }) => retailer));
  const raw = nodes.flatMap(({ id, kind }) => (kind === 'raw' ? [id] : []));
  const onward = lanesBy(lanes, 'supplier');
  const backward = lanesBy(lanes, 'buyer');
  const fed = reached(raw, (id) => (onward.get(id) ?? []).map(({ buyer }) => buyer));
  const needed = reached([...selling], (id) => (backward.get(id) ?? []).map(({ supplier }) => supplier));
  const products = new Map(nodes.map(({ id, product }) => [id, product]));
  const cyclic = inCircles(nodes, lanes);
  return nodes.map(({ id, kind, items }) => {
    if (cyclic.has(id)) return `node ${id} is part of a circle or behind one: lanes must not lead back`;
    if (kind === 'retailer' && !selling.has(id)) return `node ${id} is a retailer without a market`;
    if (!fed.has(id)) return `node ${id} cannot be reached from any raw source`;
    if (!needed.has(id)) return `what node ${id} ships reaches no market`;
    const brought = new Set((backward.get(id) ?? []).map(({ supplier }) => products.get(supplier)));
    const missing = items.find(({ product }) => !brought.has(product));
    return missing === undefined ? null : `node ${id} needs ${missing.product}, which nobody supplies to it`;
  });
}

function lanesBy(lanes: readonly SupplyLane[], end: 'supplier' | 'buyer'): ReadonlyMap<number, readonly SupplyLane[]> {
  const found = new Map<number, SupplyLane[]>();
  for (const lane of lanes) {
    const list = found.get(lane[end]);
    if (list === undefined) found.set(lane[end], [lane]);
    else list.push(lane);
  }
  return found;
}

function reached(from: readonly number[], next: (id: number) => readonly number[]): ReadonlySet<number> {
  const seen = new Set(from);
  for (const id of seen) for (const each of next(id)) seen.add(each);
  return seen;
}

/** Nodes that are never free of suppliers as those without any are taken away, again and again. */
function inCircles(nodes: readonly SupplyNode[], lanes: readonly SupplyLane[]): ReadonlySet<number> {
  const open = new Map(nodes.map(({ id }) => [id, 0]));
  for (const { buyer } of lanes) open.set(buyer, (open.get(buyer) ?? 0) + 1);
  const onward = lanesBy(lanes, 'supplier');
  const free = new Set(nodes.flatMap(({ id }) => (open.get(id) === 0 ? [id] : [])));
  for (const id of free) {
    for (const { buyer } of onward.get(id) ?? []) {
      const left = (open.get(buyer) ?? 0) - 1;
      open.set(buyer, left);
      if (left === 0) free.add(buyer);
    }
  }
  return new Set(nodes.flatMap(({ id }) => (free.has(id) ? [] : [id])));
}
