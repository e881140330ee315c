/** What the benches read of the gym-invmgmt benchmark (arXiv 2605.11355), in the folder that HAGGLE_DATA names. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HaggleError } from '../agent-core/errors.ts';
import type { SupplyInstance } from '../scenarios/supply-chain/network.ts';
import { parseTopology, type SupplyTopology } from '../scenarios/supply-chain/topology.ts';

const DATA = join(process.env['HAGGLE_DATA'] ?? 'data', 'gym-invmgmt');

/** One scenario of the published runs, in the order in which the file has them. */
export interface PublishedScenario {
  /** As the file calls it. */
  readonly topology: string;
  readonly demand: string;
  readonly backlog: boolean;
  /** Tokens by agent and seed. */
  readonly profits: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** By seed. */
  readonly instances: ReadonlyMap<string, SupplyInstance>;
}

/** The text of a file. @throws HaggleError `no-input` where it is not there */
export function readData(...path: readonly string[]): string {
  const file = join(DATA, ...path);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  throw new HaggleError('no-input', `there is no ${file}: set HAGGLE_DATA to the folder of the benchmark data`);
}

/** A topology by the name of its file; `base` is what the published runs call `divergent`. @throws HaggleError `no-input` */
export function topologyOf(name: string): SupplyTopology {
  const file = `${name === 'base' ? 'divergent' : name}.yaml`;
  return parseTopology(readData('topologies', file), file);
}

/** The scenarios whose demand and profits are given. @throws HaggleError `no-input` */
export function publishedScenarios(): readonly PublishedScenario[] {
  const demands = new Map(
    rowsOf('demand_traces.csv').map(([kind, seed, ...units]) => [`${kind} ${seed}`, units.map(Number)]),
  );
  const rows = rowsOf('per_seed_profit.csv');
  return [...new Set(rows.map(([key = '']) => key))].map((key) => {
    const [, topology = '', demand = '', , waits] = key.split('|');
    const backlog = waits === 'BL:True';
    const { network } = topologyOf(topology);
    const profits = new Map<string, Map<string, number>>();
    const instances = new Map<string, SupplyInstance>();
    for (const [of, seed = '', agent = '', profit] of rows) {
      if (of !== key) continue;
      const bySeed = profits.get(agent) ?? new Map<string, number>();
      profits.set(agent, bySeed.set(seed, Number(profit)));
      const units = demands.get(`${demand} ${seed}`);
      if (units === undefined) throw new HaggleError('no-input', `there is no demand ${demand} of seed ${seed}`);
      const name = `${topology} ${demand} ${backlog ? 'BL' : 'LS'} ${seed}`;
      const rest = { periods: units.length, backlog, discount: 1, demand: [units], disruptions: [] };
      instances.set(seed, { name, network, ...rest });
    }
    return { topology, demand, backlog, profits, instances };
  });
}

function rowsOf(file: string): readonly (readonly string[])[] {
  const lines = readData(file).trim().split('\n').slice(1);
  return lines.map((line) => line.trim().split(','));
}

/** The mean of some numbers; NaN of none. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
