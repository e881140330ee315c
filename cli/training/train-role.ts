import { evolve } from '../../agent-core/adapters/training/evolve.ts';
import type { CurvePoint, RunOptions } from '../../agent-core/adapters/training/run.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { firstParameters, layersIn } from '../../agent-core/learning/flat-network.ts';
import type { PolicyFile, PolicyOrigin } from '../../agent-core/policy/policy-file.ts';
import { createRandomRoot } from '../../agent-core/random.ts';
import { sourceJson, type InstanceSource } from '../../scenarios/instance-source.ts';
import { scenarioName, withScenario } from '../../scenarios/registry.ts';
import type { Role, Scenario } from '../../scenarios/scenario.ts';
import { netShapes, type Net } from '../../scenarios/training/net.ts';
import { observedNormaliser } from '../../scenarios/training/observed.ts';
import type { RunsPlan } from '../../scenarios/training/plans.ts';

/** What {@link trainRole} needs beside the plan. */
export interface RoleTraining extends Pick<RunOptions, 'checkpoint' | 'signal' | 'onUpdate'> {
  readonly seed: number;
  readonly source: InstanceSource;
  readonly workers: number;
  /** In the place of the plan's. */
  readonly generations?: number;
  /** That started it, for the policy file. */
  readonly command: string;
  readonly version: string;
}

/** A policy that was trained, and how. */
export interface TrainedRole {
  readonly policy: PolicyFile;
  readonly curve: readonly CurvePoint[];
  readonly stopped: string;
  readonly seconds: number;
}

/** Small, so that it begins near the scripted policy: what a net at 0 answers is the middle of its actions. */
const LAST_GAIN = 0.01;

/**
 * Trains a policy for a role by its plan. The same seed gives the same weights, whatever the number of workers.
 *
 * @throws HaggleError `bad-training`, and whatever runs of the scenario throw
 */
export async function trainRole(plan: RunsPlan, training: RoleTraining): Promise<TrainedRole> {
  const [scenario = '', name = ''] = plan.role.split('/');
  return await withScenario(scenarioName(scenario), async (one) => await byRuns(one, plan, { ...training, name }));
}

async function byRuns<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  plan: RunsPlan,
  training: RoleTraining & { readonly name: string },
): Promise<TrainedRole> {
  const { seed, source, name, workers, generations = plan.generations } = training;
  const role = roleOf(scenario, name);
  const cells = plan.cells(source);
  const normaliser = await observedNormaliser(scenario, role, { cells, seed });
  const net: Net = {
    hidden: [...plan.hidden],
    activation: 'tanh',
    normaliser: { means: [...normaliser.means], deviations: [...normaliser.deviations], clip: normaliser.clip },
  };
  const shapes = netShapes(role, net);
  const { checkpoint, signal, onUpdate } = training;
  const found = await evolve({
    module: {
      url: plan.module.href,
      options: { scenario: scenario.name, role: name, cells: cells.map(sourceJson), net },
    },
    start: firstParameters(shapes, createRandomRoot(seed).stream('policy'), LAST_GAIN),
    deviation: plan.deviation,
    generations,
    seedsPerCandidate: plan.seedsPerCandidate,
    seed,
    evaluation: plan.evaluation,
    workers,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(signal === undefined ? {} : { signal }),
    ...(onUpdate === undefined ? {} : { onUpdate }),
  });
  const [first] = found.curve;
  const { observes, acts } = role;
  return {
    curve: found.curve,
    stopped: found.stopped,
    seconds: found.seconds,
    policy: {
      name: `${scenario.name}-${name}`,
      role: plan.role,
      observes,
      acts,
      normaliser,
      network: { layers: layersIn(shapes, found.best.weights) },
      origin: originOf(training, {
        algorithm: 'separable natural evolution strategy',
        backend: 'none',
        score: `fitness ${found.best.score.toFixed(3)} in ${plan.evaluation.episodes} runs that were not learnt from, after ${found.best.generation} generations; ${first?.score?.toFixed(3) ?? 'unknown'} before`,
      }),
    },
  };
}

function originOf(
  { command, seed, version }: RoleTraining,
  known: Pick<PolicyOrigin, 'algorithm' | 'backend' | 'score'>,
): PolicyOrigin {
  return { ...known, command, seeds: [seed], haggle: version };
}

function roleOf({ name: scenario, roles }: Pick<Scenario<unknown, unknown>, 'name' | 'roles'>, name: string): Role {
  const role = roles.find((one) => one.name === name);
  if (role !== undefined) return role;
  const known = roles.map((one) => one.name).join(', ');
  throw new HaggleError('no-such-role', `${scenario} has no role "${name}"; it has ${known === '' ? 'none' : known}`);
}
