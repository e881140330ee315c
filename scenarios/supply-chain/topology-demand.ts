import type { MarketDemand } from './market-demand.ts';
import { NETWORK_LIMITS } from './network-check.ts';
import { need, type EdgeEntry, type Fields } from './topology-graph.ts';
import type { YamlPart, YamlReader } from './yaml-reader.ts';

const UNITS = { min: 0, max: NETWORK_LIMITS.number };
/** A gamma deviate has no shape of 0. */
const SHAPE_MIN = 1e-3;

/** How the demand of a market lane comes about: `user_D`, or `demand_dist` with `dist_param`. @throws HaggleError `bad-topology` */
export function readDemand(reader: YamlReader, edge: EdgeEntry): MarketDemand {
  const given = edge.fields.get('user_D');
  if (given !== undefined) {
    return {
      kind: 'given',
      units: reader.list(given, NETWORK_LIMITS.periods).map((part) => reader.number(part, UNITS)),
    };
  }
  const kindPart = need(reader, edge, 'demand_dist');
  const kind = reader.text(kindPart);
  const draw = DRAWS.get(kind);
  if (draw === undefined) {
    throw reader.fault(kindPart, `must be ${[...DRAWS.keys()].join(', ')}, got ${JSON.stringify(kind.slice(0, 40))}`);
  }
  const part = need(reader, edge, 'dist_param');
  const fields = reader.map(part, draw.keys);
  return draw.read((key, otherwise) => parameter(reader, { part, fields }, { key, otherwise }));
}

/** A parameter by its name; what stands in for it where it is not given, unless it has to be. */
type Parameter = (key: string, otherwise?: number) => number;

interface Draw {
  readonly keys: readonly string[];
  readonly read: (parameter: Parameter) => MarketDemand;
}

/** Names and parameters are those of scipy.stats, which gym-invmgmt takes; `gamma` and `constant` are ours. */
const DRAWS: ReadonlyMap<string, Draw> = new Map<string, Draw>([
  ['poisson', { keys: ['mu'], read: (of) => ({ kind: 'poisson', mean: of('mu') }) }],
  ['normal', { keys: ['loc', 'scale'], read: (of) => ({ kind: 'normal', mean: of('loc'), deviation: of('scale') }) }],
  [
    'uniform',
    { keys: ['loc', 'scale'], read: (of) => ({ kind: 'uniform', from: of('loc', 0), to: of('loc', 0) + of('scale') }) },
  ],
  ['gamma', { keys: ['a', 'scale'], read: (of) => ({ kind: 'gamma', shape: of('a'), scale: of('scale') }) }],
  ['constant', { keys: ['value'], read: (of) => ({ kind: 'constant', units: of('value') }) }],
]);

function parameter(
  reader: YamlReader,
  at: { readonly part: YamlPart; readonly fields: Fields },
  { key, otherwise }: { readonly key: string; readonly otherwise: number | undefined },
): number {
  if (otherwise !== undefined && !at.fields.has(key)) return otherwise;
  return reader.number(need(reader, at, key), key === 'a' ? { ...UNITS, min: SHAPE_MIN } : UNITS);
}
