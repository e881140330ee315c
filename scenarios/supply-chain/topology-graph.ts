import { NETWORK_LIMITS } from './network-check.ts';
import type { YamlPart, YamlReader } from './yaml-reader.ts';

/** Attributes by name. */
export type Fields = ReadonlyMap<string, YamlPart>;

/** A node as it is written. */
export interface NodeEntry {
  readonly id: number;
  readonly part: YamlPart;
  readonly fields: Fields;
}

/** An edge as it is written. */
export interface EdgeEntry {
  readonly from: number;
  readonly to: number;
  readonly part: YamlPart;
  readonly fields: Fields;
}

/** The graph as it is written. */
export interface TopologyGraph {
  readonly byId: ReadonlyMap<number, NodeEntry>;
  readonly edges: readonly EdgeEntry[];
  readonly markets: ReadonlySet<number>;
  readonly suppliers: ReadonlyMap<number, readonly number[]>;
  readonly buyers: ReadonlyMap<number, readonly number[]>;
  /** Nodes, suppliers before those whom they supply. */
  readonly order: readonly NodeEntry[];
}

const ID = { min: 0, max: 1e9, whole: true };
const NODE_KEYS = ['id', 'product', 'bom', 'I0', 'h', 'C', 'o', 'v'];
const EDGE_KEYS = ['from', 'to', 'L', 'p', 'g', 'K', 'b', 'demand_dist', 'dist_param', 'user_D'];

/** Reads nodes and edges. @throws HaggleError `bad-topology` for ids that are unknown or come twice, for circles, for nodes alone */
export function readGraph(reader: YamlReader, top: Fields): TopologyGraph {
  const byId = new Map<number, NodeEntry>();
  for (const entry of reader.list(need(reader, { part: reader.root, fields: top }, 'nodes'), NETWORK_LIMITS.nodes)) {
    const fields = reader.map(entry, NODE_KEYS);
    const id = reader.number(need(reader, { part: entry, fields }, 'id'), ID);
    const part = { ...entry, name: `node ${id}` };
    if (byId.has(id)) throw reader.fault(part, 'is there twice');
    byId.set(id, { id, part, fields });
  }
  const list = need(reader, { part: reader.root, fields: top }, 'edges');
  const edges = reader.list(list, NETWORK_LIMITS.lanes).map((entry) => readEdge(reader, entry, byId));
  const suppliers = neighbours(edges.map(({ from, to }) => ({ of: to, is: from })));
  const buyers = neighbours(edges.map(({ from, to }) => ({ of: from, is: to })));
  for (const { id, part } of byId.values()) {
    if (!suppliers.has(id) && !buyers.has(id)) throw reader.fault(part, 'is on no edge');
  }
  const markets = new Set([...byId.keys()].filter((id) => !buyers.has(id)));
  const order = suppliersFirst(byId, suppliers, buyers);
  const rest = [...byId.values()].find((node) => !order.includes(node));
  if (rest !== undefined) throw reader.fault(rest.part, 'is part of a circle or behind one: edges must not lead back');
  return { byId, edges, markets, suppliers, buyers, order };
}

function readEdge(reader: YamlReader, entry: YamlPart, nodes: ReadonlyMap<number, NodeEntry>): EdgeEntry {
  const fields = reader.map(entry, EDGE_KEYS);
  const end = (key: string): number => {
    const part = need(reader, { part: entry, fields }, key);
    const id = reader.number(part, ID);
    if (!nodes.has(id)) throw reader.fault(part, `must be the id of a node, got ${id}`);
    return id;
  };
  const [from, to] = [end('from'), end('to')];
  return { from, to, part: { ...entry, name: `edge ${from} to ${to}` }, fields };
}

/** An attribute that has to be there. @throws HaggleError `bad-topology` */
export function need(
  reader: YamlReader,
  { part, fields }: { readonly part: YamlPart; readonly fields: Fields },
  key: string,
): YamlPart {
  const found = fields.get(key);
  if (found === undefined) throw reader.fault(part, `needs ${key}`);
  return { ...found, name: `${part === reader.root ? '' : `${part.name}: `}${key}` };
}

function neighbours(
  links: readonly { readonly of: number; readonly is: number }[],
): ReadonlyMap<number, readonly number[]> {
  const known = new Map<number, number[]>();
  for (const link of links) {
    const list = known.get(link.of);
    if (list === undefined) known.set(link.of, [link.is]);
    else list.push(link.is);
  }
  return known;
}

/** Nodes whose suppliers are all before them; those in circles are left out. */
function suppliersFirst(
  byId: ReadonlyMap<number, NodeEntry>,
  suppliers: ReadonlyMap<number, readonly number[]>,
  buyers: ReadonlyMap<number, readonly number[]>,
): readonly NodeEntry[] {
  const open = new Map([...byId.keys()].map((id) => [id, suppliers.get(id)?.length ?? 0]));
  const order = new Set([...byId.values()].filter(({ id }) => open.get(id) === 0));
  for (const { id } of order) {
    for (const buyer of buyers.get(id) ?? []) {
      const left = (open.get(buyer) ?? 0) - 1;
      open.set(buyer, left);
      const node = byId.get(buyer);
      if (left === 0 && node !== undefined) order.add(node);
    }
  }
  return [...order];
}
