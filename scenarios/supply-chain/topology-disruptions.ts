import { NETWORK_LIMITS } from './network-check.ts';
import type { Disruption, SupplyNetwork } from './network.ts';
import { need, type Fields } from './topology-graph.ts';
import type { YamlPart, YamlReader } from './yaml-reader.ts';

/** Most things that may go wrong in one topology. */
const DISRUPTIONS_MAX = 1_000;
const PERIOD = { min: 0, max: NETWORK_LIMITS.periods, whole: true };
const ID = { min: 0, max: 1e9, whole: true };
const FACTOR_MAX = 1_000;
const KINDS = ['plant', 'lane', 'market'] as const;

/**
 * Reads our `disruptions`: `{plant: id, share: 0..1}`, `{lane: [from, to]}` or `{market: id, factor: x}`, each with periods `from` and `to`
 * (from 0, without `to`).
 *
 * @throws HaggleError `bad-topology`
 */
export function readDisruptions(
  reader: YamlReader,
  part: YamlPart | undefined,
  network: SupplyNetwork,
): readonly Disruption[] {
  if (part === undefined) return [];
  return reader.list(part, DISRUPTIONS_MAX).map((entry) => readDisruption(reader, entry, network));
}

function readDisruption(reader: YamlReader, part: YamlPart, network: SupplyNetwork): Disruption {
  const fields = reader.map(part, [...KINDS, 'from', 'to', 'share', 'factor']);
  const named = KINDS.filter((kind) => fields.has(kind));
  const [kind] = named;
  if (kind === undefined || named.length > 1) throw reader.fault(part, `needs exactly one of ${KINDS.join(', ')}`);
  const stray = kind === 'plant' ? 'factor' : kind === 'market' ? 'share' : fields.has('share') ? 'share' : 'factor';
  if (fields.has(stray)) throw reader.fault(part, `has ${kind}, which takes no ${stray}`);
  const at = { part, fields };
  const from = reader.number(need(reader, at, 'from'), PERIOD);
  const to = reader.number(need(reader, at, 'to'), PERIOD);
  if (to <= from) throw reader.fault(part, `must end after period ${from}, got ${to}`);
  const subject = need(reader, at, kind);
  if (kind === 'lane') return { kind, ...laneIn(reader, subject, network), from, to };
  const id = reader.number(subject, ID);
  if (kind === 'plant') {
    if (!network.nodes.some((node) => node.id === id))
      throw reader.fault(subject, `must be the id of a firm, got ${id}`);
    return { kind, node: id, from, to, share: numberOr(reader, at, { key: 'share', otherwise: 0, max: 1 }) };
  }
  if (!network.markets.some(({ market }) => market === id)) throw reader.fault(subject, `must be a market, got ${id}`);
  const factor = numberOr(reader, at, { key: 'factor', otherwise: 2, max: FACTOR_MAX });
  return { kind: 'demand', market: id, from, to, factor };
}

function laneIn(reader: YamlReader, part: YamlPart, { lanes }: SupplyNetwork): { supplier: number; buyer: number } {
  const [supplier, buyer, more] = reader.list(part, 2).map((end) => reader.number(end, ID));
  if (supplier !== undefined && buyer !== undefined && more === undefined) {
    if (lanes.some((lane) => lane.supplier === supplier && lane.buyer === buyer)) return { supplier, buyer };
    throw reader.fault(part, `must be an edge between firms, there is none from ${supplier} to ${buyer}`);
  }
  throw reader.fault(part, 'must be two node ids');
}

function numberOr(
  reader: YamlReader,
  at: { readonly part: YamlPart; readonly fields: Fields },
  { key, otherwise, max }: { readonly key: string; readonly otherwise: number; readonly max: number },
): number {
  return at.fields.has(key) ? reader.number(need(reader, at, key), { min: 0, max }) : otherwise;
}
