import { HaggleError } from '../../agent-core/errors.ts';
import { demandEffects, type DemandEffect } from './demand.ts';

/** What a generated supply network is made of. */
export interface SupplyParameters {
  /** Nodes, with raw sources and without markets. */
  readonly firms: number;
  /** Levels of firms that hold stock, from those next to the raw sources to the retailers. */
  readonly tiers: number;
  /** Things that retailers sell. */
  readonly products: number;
  readonly periods: number;
  /** Units that a market asks for in a period, on average over the markets and without effects. */
  readonly mean: number;
  /** How many suppliers an item has at most. */
  readonly suppliers: number;
  readonly disruptions: number;
  readonly demand: readonly DemandEffect[];
  readonly backlog: boolean;
}

type NumberKey = 'firms' | 'tiers' | 'products' | 'periods' | 'mean' | 'suppliers' | 'disruptions';

/** Bounds of every number, and what holds where it is not given. */
const BOUNDS: Readonly<Record<NumberKey, readonly [min: number, max: number, usual: number]>> = {
  firms: [5, 1_000, 20],
  tiers: [2, 6, 4],
  products: [1, 50, 2],
  periods: [5, 1_000, 60],
  mean: [1, 1_000, 20],
  suppliers: [1, 5, 3],
  disruptions: [0, 50, 0],
};

const KEYS: readonly string[] = [...Object.keys(BOUNDS), 'demand', 'backlog'];

/**
 * Reads `key=value` parameters of a supply network.
 *
 * @throws HaggleError `bad-parameter` naming key, value and bound
 */
export function supplyParameters(parameters: ReadonlyMap<string, string>): SupplyParameters {
  for (const key of parameters.keys()) {
    if (KEYS.includes(key)) continue;
    throw badParameter(key, `a generated supply network takes the parameters ${KEYS.join(', ')}, got ${shown(key)}`);
  }
  const wanted = {
    firms: read(parameters, 'firms'),
    tiers: read(parameters, 'tiers'),
    products: read(parameters, 'products'),
    periods: read(parameters, 'periods'),
    mean: read(parameters, 'mean'),
    suppliers: read(parameters, 'suppliers'),
    disruptions: read(parameters, 'disruptions'),
    demand: demandEffects(parameters.get('demand') ?? 'stationary'),
    backlog: readBacklog(parameters.get('backlog') ?? 'yes'),
  };
  const least = leastFirms(wanted);
  if (wanted.firms >= least) return wanted;
  const why = `${wanted.products} products in ${wanted.tiers} tiers`;
  throw badParameter('firms', `firms must be at least ${least} for ${why}, got ${wanted.firms}`);
}

/** How many different things each level makes, from what retailers sell up to raw materials. */
export function thingsByLevel({ tiers, products }: Pick<SupplyParameters, 'tiers' | 'products'>): readonly number[] {
  // Each level of factories makes one thing more than the level that it supplies needs at least; materials are fewer again.
  const factories = factoryLevels(tiers);
  const made = Array.from({ length: factories }, (_, level) => products + level);
  return [...made, factories === 1 ? products + 1 : Math.ceil((products + factories) / 2)];
}

/** How many of the tiers make something; the others store it. */
export function factoryLevels(tiers: number): number {
  return tiers <= 3 ? 1 : tiers === 4 ? 2 : 3;
}

/** One firm for each thing at each level, stores for each product. */
function leastFirms(wanted: Pick<SupplyParameters, 'tiers' | 'products'>): number {
  const stores = wanted.tiers - factoryLevels(wanted.tiers);
  return thingsByLevel(wanted).reduce((sum, things) => sum + things, 0) + stores * wanted.products;
}

function read(parameters: ReadonlyMap<string, string>, key: NumberKey): number {
  const [min, max, usual] = BOUNDS[key];
  const text = parameters.get(key);
  if (text === undefined) return usual;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw badParameter(key, `${key} must be a whole number from ${min} to ${max}, got ${shown(text)}`);
}

function readBacklog(text: string): boolean {
  if (text === 'yes' || text === 'no') return text === 'yes';
  throw badParameter('backlog', `backlog must be yes or no, got ${shown(text)}`);
}

function shown(text: string): string {
  return `"${text.length > 40 ? `${text.slice(0, 40)}...` : text}"`;
}

function badParameter(key: string, message: string): HaggleError {
  return new HaggleError('bad-parameter', message, { fields: { key } });
}
