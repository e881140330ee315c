import type { MarketDemand } from './market-demand.ts';
import { NETWORK_LIMITS, networkFault } from './network-check.ts';
import type { Disruption, MarketLane, SupplyItem, SupplyLane, SupplyNetwork, SupplyNode } from './network.ts';
import { readDemand } from './topology-demand.ts';
import { readDisruptions } from './topology-disruptions.ts';
import { need, readGraph, type EdgeEntry, type Fields, type NodeEntry, type TopologyGraph } from './topology-graph.ts';
import { createYamlReader, type YamlPart, type YamlReader } from './yaml-reader.ts';

/** What a topology file says: who supplies whom, how demand comes about, what goes wrong; and rules where it names them. */
export interface SupplyTopology {
  readonly network: SupplyNetwork;
  /** By market lane. */
  readonly demand: readonly MarketDemand[];
  readonly disruptions: readonly Disruption[];
  readonly periods: number | null;
  readonly backlog: boolean | null;
  readonly discount: number;
}

const TOP_KEYS = ['name', 'description', 'nodes', 'edges', 'disruptions', 'periods', 'backlog', 'discount'];
const COST = { min: 0, max: NETWORK_LIMITS.number };
/** Least share of what goes in that comes out; least units that go into one. */
const SMALLEST = 1e-6;
/** What a node ships where nothing is said. */
const GOODS = 'goods';

/**
 * Reads a topology in YAML as gym-invmgmt writes them, with our extensions (see README.md). Roles follow from the graph: a market supplies
 * nobody, a raw source is supplied by nobody, a factory has a capacity `C`, a retailer supplies a market, all others are distributors.
 *
 * @throws HaggleError `bad-topology` naming file, line, column, what was found and what is allowed
 */
export function parseTopology(text: string, file: string): SupplyTopology {
  const reader = createYamlReader(text, file);
  const top = reader.map(reader.root, TOP_KEYS);
  const graph = readGraph(reader, top);
  const firms = new Map<number, SupplyNode>();
  for (const entry of graph.order) {
    const firm = readFirm(reader, { entry, graph, firms });
    if (firm !== null) firms.set(firm.id, firm);
  }
  const nodes = [...graph.byId.keys()].flatMap((id) => firms.get(id) ?? []);
  const links = graph.edges.filter(({ to }) => !graph.markets.has(to));
  const sales = graph.edges.filter(({ to }) => graph.markets.has(to));
  const named = top.get('name');
  const network: SupplyNetwork = {
    name: named === undefined ? nameOfFile(file) : reader.text(named),
    nodes,
    lanes: links.map((edge) => readLane(reader, edge)),
    markets: sales.map((edge) => readMarket(reader, edge)),
  };
  const parts = {
    nodes: nodes.map(({ id }) => graph.byId.get(id)?.part),
    lanes: links.map(({ part }) => part),
    markets: sales.map(({ part }) => part),
    network: [],
  };
  const fault = networkFault(network);
  if (fault !== null) {
    const part = parts[fault.in][fault.at] ?? reader.root;
    throw reader.fault({ ...part, name: fault.message }, '');
  }
  return {
    network,
    demand: sales.map((edge) => readDemand(reader, edge)),
    disruptions: readDisruptions(reader, top.get('disruptions'), network),
    ...readRules(reader, top),
  };
}

function nameOfFile(file: string): string {
  const base = file.slice(file.lastIndexOf('/') + 1);
  return base.replace(/\.ya?ml$/, '');
}

function readRules(reader: YamlReader, top: Fields): Pick<SupplyTopology, 'periods' | 'backlog' | 'discount'> {
  const [periods, backlog, discount] = [top.get('periods'), top.get('backlog'), top.get('discount')];
  return {
    periods:
      periods === undefined ? null : reader.number(periods, { min: 1, max: NETWORK_LIMITS.periods, whole: true }),
    backlog: backlog === undefined ? null : reader.flag(backlog),
    discount: discount === undefined ? 1 : reader.number(discount, { min: SMALLEST, max: 1 }),
  };
}

/** Where a firm is read: its entry, the graph around it, and the firms before it. */
interface FirmPlace {
  readonly entry: NodeEntry;
  readonly graph: TopologyGraph;
  readonly firms: ReadonlyMap<number, SupplyNode>;
}

/** The firm that a node is; null for a market. */
function readFirm(reader: YamlReader, place: FirmPlace): SupplyNode | null {
  const { entry, graph } = place;
  const { id, part, fields } = entry;
  if (graph.markets.has(id)) {
    refuseFields(reader, entry, { kind: 'market', allowed: ['id'] });
    return null;
  }
  const buyers = graph.buyers.get(id) ?? [];
  const selling = buyers.filter((buyer) => graph.markets.has(buyer)).length;
  if (selling > 0 && selling < buyers.length) {
    throw reader.fault(part, 'both sells to a market and supplies nodes; give the market a retailer of its own');
  }
  if (!graph.suppliers.has(id)) {
    if (selling > 0) throw reader.fault(part, 'sells to a market and has no supplier');
    refuseFields(reader, entry, { kind: 'raw source', allowed: ['id', 'product'] });
    return {
      id,
      kind: 'raw',
      product: productOr(reader, fields, GOODS),
      items: [],
      capacity: Infinity,
      operatingCost: 0,
    };
  }
  return fields.has('C') ? readFactory(reader, place, selling > 0) : readStore(reader, place, selling > 0);
}

function refuseFields(
  reader: YamlReader,
  { part, fields }: NodeEntry,
  { kind, allowed }: { readonly kind: string; readonly allowed: readonly string[] },
): void {
  const stray = [...fields.keys()].find((key) => !allowed.includes(key));
  if (stray !== undefined) throw reader.fault(fields.get(stray) ?? part, `is not for a ${kind}`);
}

function productOr(reader: YamlReader, fields: Fields, otherwise: string): string {
  const part = fields.get('product');
  return part === undefined ? otherwise : productName(reader, part, reader.text(part));
}

function productName(reader: YamlReader, part: YamlPart, name: string): string {
  if (/^[\w .-]{1,60}$/.test(name)) return name;
  throw reader.fault(part, 'must be a product: 1 to 60 letters, digits, blanks, points, _ or -');
}

/** A distributor or a retailer: what it stocks is what it ships. */
function readStore(reader: YamlReader, place: FirmPlace, selling: boolean): SupplyNode {
  const { entry } = place;
  const kind = selling ? 'retailer' : 'distributor';
  refuseFields(reader, entry, { kind: `${kind} (a factory has a capacity C)`, allowed: ['id', 'product', 'I0', 'h'] });
  const product = productOr(reader, entry.fields, broughtTo(reader, place));
  const item = {
    product,
    stock: reader.number(need(reader, entry, 'I0'), COST),
    holding: reader.number(need(reader, entry, 'h'), COST),
    perOutput: 1,
  };
  return { id: entry.id, kind, product, items: [item], capacity: Infinity, operatingCost: 0 };
}

/** What the suppliers of a node ship, where all ship the same. */
function broughtTo(reader: YamlReader, { entry, graph, firms }: FirmPlace): string {
  const products = new Set((graph.suppliers.get(entry.id) ?? []).map((id) => firms.get(id)?.product ?? GOODS));
  const [product = GOODS] = products;
  if (products.size <= 1) return product;
  throw reader.fault(entry.part, `is supplied with ${[...products].join(' and ')}, so it needs a bom`);
}

function readFactory(reader: YamlReader, place: FirmPlace, selling: boolean): SupplyNode {
  const { entry } = place;
  const { id, part, fields } = entry;
  if (selling)
    throw reader.fault(part, 'has a capacity C, so it is a factory, and sells to a market: it needs a retailer');
  const yieldShare = reader.number(need(reader, entry, 'v'), { min: SMALLEST, max: 1 });
  return {
    id,
    kind: 'factory',
    product: productOr(reader, fields, GOODS),
    items: readItems(reader, place).map((item) => ({ ...item, perOutput: item.perOutput / yieldShare })),
    capacity: reader.number(need(reader, entry, 'C'), { min: SMALLEST, max: NETWORK_LIMITS.number }),
    operatingCost: reader.number(need(reader, entry, 'o'), COST) / yieldShare,
  };
}

/** What a factory stocks: one pool, or one stock for each product of its `bom`. */
function readItems(reader: YamlReader, place: FirmPlace): readonly SupplyItem[] {
  const { entry } = place;
  const bom = entry.fields.get('bom');
  const [stock, holding] = [need(reader, entry, 'I0'), need(reader, entry, 'h')];
  if (bom === undefined) {
    const product = broughtTo(reader, place);
    return [{ product, stock: reader.number(stock, COST), holding: reader.number(holding, COST), perOutput: 1 }];
  }
  const needs = reader.map(bom, null);
  if (needs.size === 0 || needs.size > NETWORK_LIMITS.items) {
    throw reader.fault(bom, `has from 1 to ${NETWORK_LIMITS.items} products, got ${needs.size}`);
  }
  const names = [...needs.keys()];
  const amount = (part: YamlPart, product: string): number => {
    if (reader.isNumber(part)) return reader.number(part, COST);
    return reader.number(need(reader, { part, fields: reader.map(part, names) }, product), COST);
  };
  return [...needs].map(([name, part]) => ({
    product: productName(reader, part, name),
    stock: amount(stock, name),
    holding: amount(holding, name),
    perOutput: reader.number(part, { min: SMALLEST, max: 1_000 }),
  }));
}

function readLane(reader: YamlReader, edge: EdgeEntry): SupplyLane {
  refuseEdgeFields(reader, edge, ['from', 'to', 'L', 'p', 'g', 'K']);
  const order = edge.fields.get('K');
  return {
    supplier: edge.from,
    buyer: edge.to,
    leadTime: reader.number(need(reader, edge, 'L'), { min: 0, max: NETWORK_LIMITS.leadTime, whole: true }),
    price: reader.number(need(reader, edge, 'p'), COST),
    pipelineCost: reader.number(need(reader, edge, 'g'), COST),
    orderCost: order === undefined ? 0 : reader.number(order, COST),
  };
}

function readMarket(reader: YamlReader, edge: EdgeEntry): MarketLane {
  refuseEdgeFields(reader, edge, ['from', 'to', 'p', 'b', 'demand_dist', 'dist_param', 'user_D']);
  return {
    retailer: edge.from,
    market: edge.to,
    price: reader.number(need(reader, edge, 'p'), COST),
    penalty: reader.number(need(reader, edge, 'b'), COST),
  };
}

function refuseEdgeFields(reader: YamlReader, { part, fields, to }: EdgeEntry, allowed: readonly string[]): void {
  const stray = [...fields.keys()].find((key) => !allowed.includes(key));
  if (stray === undefined) return;
  const kind = allowed.includes('L')
    ? `an edge between firms, and ${to} is one`
    : `an edge to a market, and ${to} is one`;
  throw reader.fault(fields.get(stray) ?? part, `is not for ${kind}`);
}
