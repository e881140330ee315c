import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SupplyInstance } from '../../../scenarios/supply-chain/network.ts';
import { parseTopology } from '../../../scenarios/supply-chain/topology.ts';

/** Where the benchmark of gym-invmgmt is. */
export const INVMGMT = join(process.env['HAGGLE_DATA'] ?? 'data', 'gym-invmgmt');

export const INVMGMT_PRESENT = existsSync(join(INVMGMT, 'per_seed_profit.csv'));

export function invmgmtText(file: string): string {
  return readFileSync(join(INVMGMT, file), 'utf8');
}

/** One of the published runs. */
export interface PublishedRun {
  readonly network: 'serial' | 'divergent';
  readonly demand: string;
  readonly backlog: boolean;
  readonly seed: string;
  /** Of the perfect-information optimum. */
  readonly oracle: number;
}

/** All runs for which the table has an oracle: 8 scenarios of 6 seeds. */
export function publishedRuns(): readonly PublishedRun[] {
  if (!INVMGMT_PRESENT) return [];
  return invmgmtText('per_seed_profit.csv')
    .split('\n')
    .flatMap((line) => {
      const [scenario = '', seed = '', agent, profit] = line.split(',');
      if (agent !== 'Oracle') return [];
      const [, network, demand = '', , backlog] = scenario.split('|');
      return [
        {
          network: network === 'base' ? ('divergent' as const) : ('serial' as const),
          demand,
          backlog: backlog === 'BL:True',
          seed,
          oracle: Number(profit),
        },
      ];
    });
}

/** The instance of a published run. */
export function publishedInstance({ network, demand, backlog, seed }: PublishedRun): SupplyInstance {
  const file = `topologies/${network}.yaml`;
  const row = invmgmtText('demand_traces.csv')
    .split('\n')
    .map((line) => line.trim().split(','))
    .find((cells) => cells[0] === demand && cells[1] === seed);
  const units = row?.slice(2).map(Number) ?? [];
  return {
    name: `${network} ${demand} ${seed}`,
    network: parseTopology(invmgmtText(file), file).network,
    periods: units.length,
    backlog,
    discount: 1,
    demand: [units],
    disruptions: [],
  };
}
