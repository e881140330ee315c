import { HaggleError } from '../../agent-core/errors.ts';
import type { InstanceSource } from '../instance-source.ts';

/** How a role learns by whole runs: an evolution whose fitness is what its agents agree. */
export interface RunsPlan {
  readonly kind: 'runs';
  /** As a policy file names it: `supply-chain/order`. */
  readonly role: string;
  /** Exports `evaluate(weights, seed, options)` for the options of `run-fitness.ts`. */
  readonly module: URL;
  readonly hidden: readonly number[];
  /** How far from the scripted policy the search looks at first, in parameters. */
  readonly deviation: number;
  readonly generations: number;
  readonly seedsPerCandidate: number;
  /** Runs to judge by, none of which is learnt from, and generations between them. */
  readonly evaluation: { readonly episodes: number; readonly every: number };
  /** What is played, for what was asked for. */
  cells(asked: InstanceSource): readonly InstanceSource[];
}

/** Half as many as retailers draw otherwise: runs take half the time, and candidates are told apart as well. */
const PATHS = 40;

const DEMANDS = ['stationary', 'trend+seasonal'];

/** Networks to learn to order in: of a folder of topologies, each with both kinds of demand and of unserved demand; or generated ones. */
function orderCells(asked: InstanceSource): readonly InstanceSource[] {
  const settings = ['yes', 'no'].map((backlog) => [['backlog', backlog]] as const);
  if (asked.type === 'generated') return [asked];
  if (asked.type === 'file' || asked.settings.size > 0) return [asked];
  return ['divergent', 'serial'].flatMap((network) =>
    DEMANDS.flatMap((demand) =>
      settings.map((one) => ({
        ...asked,
        settings: new Map([['network', network], ['demand', demand], ['paths', String(PATHS)], ...one]),
      })),
    ),
  );
}

/** How each role learns, by its name. */
export const PLANS: ReadonlyMap<string, RunsPlan> = new Map(
  [
    {
      kind: 'runs',
      role: 'supply-chain/order',
      module: new URL('./run-fitness.js', import.meta.url),
      hidden: [],
      deviation: 0.3,
      generations: 30,
      seedsPerCandidate: 8,
      evaluation: { episodes: 24, every: 5 },
      cells: orderCells,
    } satisfies RunsPlan,
  ].map((plan) => [plan.role, plan]),
);

/** The plan of a role. @throws HaggleError `no-such-role` naming those that learn */
export function planOf(role: string): RunsPlan {
  const plan = PLANS.get(role);
  if (plan !== undefined) return plan;
  throw new HaggleError('no-such-role', `no training is known for ${role}; there is ${[...PLANS.keys()].join(', ')}`);
}
