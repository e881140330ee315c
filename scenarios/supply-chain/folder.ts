import { HaggleError } from '../../agent-core/errors.ts';
import type { RandomStream } from '../../agent-core/random.ts';
import { demandEffects, demandFactor, drawDemand, type DemandEffect } from './demand.ts';
import { parseDemandTraces, type DemandTrace } from './demand-traces.ts';
import { NETWORK_LIMITS } from './network-check.ts';
import type { SupplyInstance } from './network.ts';
import { parseTopology, type SupplyTopology } from './topology.ts';

/** Networks and demands, of which a {@link SupplyChoice} makes an instance. */
export interface SupplyFolder {
  /** By name: that of the file without its ending. */
  readonly topologies: ReadonlyMap<string, SupplyTopology>;
  readonly traces: readonly DemandTrace[];
}

/** Which instance of a folder is meant; null: what the folder or the usual says. */
export interface SupplyChoice {
  readonly network: string | null;
  /** Such as `trend+seasonal`. */
  readonly demand: string;
  /** Seed of a trace of the folder. */
  readonly trace: string | null;
  /** Unserved demand waits (true) or is lost. */
  readonly backlog: boolean | null;
  readonly periods: number | null;
}

/** What is chosen where nothing is said. */
export const DEFAULT_CHOICE: SupplyChoice = {
  network: null,
  demand: 'stationary',
  trace: null,
  backlog: null,
  periods: null,
};

const PERIODS_USUAL = 30;

const TOPOLOGY = /^(?:topologies\/)?[^/]+\.ya?ml$/;

/**
 * Reads a folder with topologies (`*.yaml`, also in a folder `topologies`) and, where there is one, `demand_traces.csv`.
 *
 * @throws HaggleError `bad-supply-folder` where no topology is there, `bad-topology`, `bad-trace`
 */
export function parseSupplyFolder(files: ReadonlyMap<string, string>, folder: string): SupplyFolder {
  const topologies = new Map<string, SupplyTopology>();
  for (const [file, text] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!TOPOLOGY.test(file)) continue;
    const name = baseName(file);
    if (topologies.has(name)) {
      throw new HaggleError('bad-supply-folder', `${folder} holds two topologies called ${name}`, { fields: { name } });
    }
    topologies.set(name, parseTopology(text, file));
  }
  if (topologies.size === 0) {
    throw new HaggleError('bad-supply-folder', `${folder} holds no topology (*.yaml)`, { fields: { folder } });
  }
  const traces = files.get('demand_traces.csv');
  return { topologies, traces: traces === undefined ? [] : parseDemandTraces(traces, 'demand_traces.csv') };
}

/** A topology that stands alone. @throws HaggleError `bad-topology` */
export function parseSupplyFile(text: string, file: string): SupplyFolder {
  return { topologies: new Map([[baseName(file), parseTopology(text, file)]]), traces: [] };
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1).replace(/\.ya?ml$/, '');
}

/** Settings by which an instance is chosen. */
export const CHOICE_KEYS: readonly string[] = ['network', 'demand', 'trace', 'backlog', 'periods'];

/** A choice changed by one setting of {@link CHOICE_KEYS}. @throws HaggleError `bad-parameter` naming key, value and bound */
export function chosenWith(choice: SupplyChoice, key: string, value: string): SupplyChoice {
  switch (key) {
    case 'network':
      return { ...choice, network: value };
    case 'demand':
      demandEffects(value);
      return { ...choice, demand: value };
    case 'trace':
      return { ...choice, trace: value };
    case 'backlog':
      if (value !== 'yes' && value !== 'no') throw badParameter(key, `must be yes or no, got ${shown(value)}`);
      return { ...choice, backlog: value === 'yes' };
    case 'periods': {
      const periods = /^\d{1,5}$/.test(value) ? Number(value) : 0;
      if (periods >= 1 && periods <= NETWORK_LIMITS.periods) return { ...choice, periods };
      throw badParameter(key, `must be a whole number from 1 to ${NETWORK_LIMITS.periods}, got ${shown(value)}`);
    }
    default:
      throw badParameter(key, `is no setting of a supply network; there is ${CHOICE_KEYS.join(', ')}`);
  }
}

/**
 * The instance that a choice means. Demand is the trace that is named, or else the first one of this demand, or else it is drawn; for
 * networks with several markets it is always drawn.
 *
 * @throws HaggleError `bad-parameter` naming key, value and what there is
 */
export function chosenInstance(folder: SupplyFolder, choice: SupplyChoice, random: RandomStream): SupplyInstance {
  const [name, topology] = chosenTopology(folder, choice);
  const trace = chosenTrace(folder, choice, topology);
  const periods = choice.periods ?? topology.periods ?? trace?.units.length ?? PERIODS_USUAL;
  const backlog = choice.backlog ?? topology.backlog ?? true;
  const drawn = drawnDemand(topology, { effects: demandEffects(choice.demand), periods }, random);
  const { network, disruptions, discount } = topology;
  const parts = [choice.demand, backlog ? 'backlog' : 'lost sales', ...(trace === null ? [] : [`trace ${trace.seed}`])];
  if (trace !== null && trace.units.length < periods) {
    throw badParameter('periods', `must be at most the ${trace.units.length} of the trace, got ${periods}`);
  }
  return {
    name: `${name}, ${parts.join(', ')}`,
    network,
    periods,
    backlog,
    discount,
    demand: trace === null ? drawn : [trace.units.slice(0, periods)],
    disruptions,
  };
}

function drawnDemand(
  { network, demand, disruptions }: SupplyTopology,
  { effects, periods }: { readonly effects: readonly DemandEffect[]; readonly periods: number },
  random: RandomStream,
): readonly (readonly number[])[] {
  return demand.map((each, index) => {
    const market = network.markets[index]?.market;
    const shocks = disruptions.filter((one) => one.kind === 'demand' && one.market === market);
    const factor = (t: number): number =>
      shocks.reduce(
        (product, shock) =>
          shock.kind === 'demand' && t >= shock.from && t < shock.to ? product * shock.factor : product,
        demandFactor(effects, t),
      );
    return drawDemand(random, each, { periods, factor });
  });
}

function chosenTopology({ topologies }: SupplyFolder, { network }: SupplyChoice): readonly [string, SupplyTopology] {
  const names = [...topologies.keys()];
  const name = network ?? (names.length === 1 ? names[0] : undefined);
  const topology = name === undefined ? undefined : topologies.get(name);
  if (name !== undefined && topology !== undefined) return [name, topology];
  throw badParameter(
    'network',
    `must be one of ${names.join(', ')}, got ${network === null ? 'none' : shown(network)}`,
  );
}

function chosenTrace(
  { traces }: SupplyFolder,
  { demand, trace }: SupplyChoice,
  { network }: SupplyTopology,
): DemandTrace | null {
  const fitting = traces.filter((one) => one.demand === demand);
  if (network.markets.length > 1) {
    if (trace === null) return null;
    throw badParameter('trace', `is the demand of one market, ${network.name} has ${network.markets.length}`);
  }
  if (trace === null) return fitting[0] ?? null;
  const found = fitting.find(({ seed }) => seed === trace);
  if (found !== undefined) return found;
  const known = fitting.map(({ seed }) => seed).slice(0, 20);
  throw badParameter('trace', `of ${demand} must be one of ${known.join(', ') || 'none'}, got ${shown(trace)}`);
}

function badParameter(key: string, problem: string): HaggleError {
  return new HaggleError('bad-parameter', `${key} ${problem}`, { fields: { key } });
}

function shown(value: string): string {
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
}
