import type { Algorithm } from '../../agent-core/adapters/training/options.ts';
import type { DecisionEnv } from '../../agent-core/learning/decision-env.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { NetworkPolicySpec } from '../../agent-core/policy/network-policy.ts';
import { sourceJson, type InstanceSource } from '../../scenarios/instance-source.ts';
import { RIDE_NETS, type RideTrainingRole } from '../../scenarios/ride-sharing/training.ts';

/** How a role learns. */
export type Plan = RunsPlan | WeightsPlan | EnvironmentPlan;

/** By whole runs: an evolution whose fitness is what its agents agree. */
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

/** By an evolution of a net that says itself where it begins, with a fitness of its own. */
export interface WeightsPlan {
  readonly kind: 'weights';
  readonly role: string;
  /** Exports `evaluate(weights, seed, options)`. */
  readonly module: URL;
  readonly options: unknown;
  readonly net: TrainedNet;
  readonly evaluation: { readonly episodes: number; readonly every: number };
}

/** A net whose weights are searched for. */
export interface TrainedNet {
  readonly start: readonly number[];
  readonly deviation: number;
  readonly generations: number;
  readonly population: number;
  readonly seedsPerCandidate: number;
  readonly spec: (weights: Float32Array) => NetworkPolicySpec;
}

/** Decision by decision, in an environment of its own. */
export interface EnvironmentPlan {
  readonly kind: 'environment';
  readonly role: string;
  /** Exports `createEnv(options)`. */
  readonly module: URL;
  readonly algorithm: Algorithm;
  /** Decisions to learn from. */
  readonly decisions: number;
  /** Episodes to judge by, none of which is learnt from, and updates between them. */
  readonly evaluation: { readonly episodes: number; readonly every: number };
  /** What the module is told, for what was asked for. */
  options(asked: InstanceSource): unknown;
}

/** Half as many as retailers draw otherwise: runs take half the time, and candidates are told apart as well. */
const PATHS = 40;

/** Every kind of demand that the folders know: a policy expects the changes that it has learned in. */
const DEMANDS = ['stationary', 'trend', 'seasonal', 'trend+seasonal', 'trend+seasonal+shock', 'shock'];

/** Networks to learn in: of a folder of topologies, each with every kind of demand and of unserved demand; or generated ones. */
function supplyCells(asked: InstanceSource): readonly InstanceSource[] {
  if (asked.type !== 'folder' || asked.settings.size > 0) return [asked];
  return ['divergent', 'serial'].flatMap((network) =>
    DEMANDS.flatMap((demand) =>
      ['yes', 'no'].map((backlog) => {
        const settings = new Map(Object.entries({ network, demand, paths: String(PATHS), backlog }));
        return { ...asked, settings };
      }),
    ),
  );
}

/** Firms learn for what all of them earn: at the end they share out what they gained. */
function supplyPlan(
  role: 'order' | 'quote',
  { deviation, generations }: Pick<RunsPlan, 'deviation' | 'generations'>,
): RunsPlan {
  return {
    kind: 'runs',
    role: `supply-chain/${role}`,
    module: new URL('../../scenarios/learning/run-fitness.js', import.meta.url),
    hidden: [],
    deviation,
    generations,
    // Every candidate meets every cell once.
    seedsPerCandidate: 24,
    evaluation: { episodes: 24, every: 5 },
    cells: supplyCells,
  };
}

const home: EnvironmentPlan = {
  kind: 'environment',
  role: 'energy/home',
  module: new URL('../../scenarios/energy/community/home-env.js', import.meta.url),
  // By whole episodes: what a correction of the plan is worth shows days later, in what all homes pay.
  algorithm: { kind: 'evolution', hidden: [], deviation: 0.02, episodes: 6 },
  decisions: 4_000_000,
  evaluation: { episodes: 16, every: 5 },
  // Nothing asked for means neighbourhoods that differ from episode to episode.
  options: (asked) => ({ days: 10, source: isUnsaid(asked) ? null : sourceJson(asked) }),
};

function ridePlan(role: RideTrainingRole): WeightsPlan {
  return {
    kind: 'weights',
    role: `ride-sharing/${role}`,
    module: new URL('../../scenarios/ride-sharing/training.js', import.meta.url),
    options: { role },
    net: RIDE_NETS[role],
    evaluation: { episodes: 60, every: 2 },
  };
}

/** Whether nothing was asked for: an instance, parameters or settings. */
export function isUnsaid(asked: InstanceSource): boolean {
  return asked.type === 'generated' && asked.parameters.size === 0 && asked.settings.size === 0;
}

/** The environment that a role learns in without a world, where its plan has one. */
export async function fastEnvironment(role: string, asked: InstanceSource): Promise<DecisionEnv | null> {
  if (role !== home.role) return null;
  const { createEnv } = await import('../../scenarios/energy/community/home-env.ts');
  return createEnv(home.options(asked));
}

/** How each role learns, by its name. */
const PLANS: ReadonlyMap<string, Plan> = new Map(
  [
    supplyPlan('order', { deviation: 0.1, generations: 20 }),
    supplyPlan('quote', { deviation: 0.3, generations: 5 }),
    home,
    ridePlan('reposition'),
    ridePlan('shading'),
  ].map((plan) => [plan.role, plan]),
);

/** The plan of a role. @throws HaggleError `no-such-role` naming those that learn */
export function planOf(role: string): Plan {
  const plan = PLANS.get(role);
  if (plan !== undefined) return plan;
  throw new HaggleError('no-such-role', `no training is known for ${role}; there is ${[...PLANS.keys()].join(', ')}`);
}
