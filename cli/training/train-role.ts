import { evolve } from '../../agent-core/adapters/training/evolve.ts';
import type { CurvePoint } from '../../agent-core/adapters/training/run-state.ts';
import type { RunOptions } from '../../agent-core/adapters/training/run.ts';
import { train, type Begun } from '../../agent-core/adapters/training/train.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { trainedNetwork } from '../../agent-core/learning/actor.ts';
import { firstParameters, layersIn } from '../../agent-core/learning/flat-network.ts';
import type { PolicyFile, PolicyOrigin } from '../../agent-core/policy/policy-file.ts';
import { createRandomRoot } from '../../agent-core/random.ts';
import { sourceJson, type InstanceSource } from '../../scenarios/instance-source.ts';
import { scenarioName, withScenario } from '../../scenarios/registry.ts';
import type { Role, Scenario } from '../../scenarios/scenario.ts';
import { netShapes, type Net } from '../../scenarios/learning/net.ts';
import { observedNormaliser } from '../../scenarios/learning/observed.ts';
import { isUnsaid, type EnvironmentPlan, type Plan, type RunsPlan, type WeightsPlan } from './plans.ts';

/** What {@link trainRole} needs beside the plan. */
export interface RoleTraining extends Pick<RunOptions, 'checkpoint' | 'signal' | 'onUpdate'> {
  readonly seed: number;
  readonly source: InstanceSource;
  readonly workers: number;
  /** In the place of the plan's: generations of an evolution, thousands of decisions otherwise. */
  readonly budget: number | null;
  /** That started it, for the policy file. */
  readonly command: string;
  readonly version: string;
  /** Of a training by gradients: which backend does it, and why. */
  readonly onBegin?: (begun: Begun) => void;
}

/** A policy that was trained, and how. */
export interface TrainedRole {
  readonly policy: PolicyFile;
  readonly curve: readonly CurvePoint[];
  readonly stopped: string;
  readonly seconds: number;
}

/** How long a plan learns, in the unit of a {@link CurvePoint}'s `update`, or in decisions. */
export function budgetOf(
  plan: Plan,
  asked: number | null,
): { readonly amount: number; readonly unit: 'updates' | 'decisions' } {
  if (plan.kind === 'runs') return { amount: asked ?? plan.generations, unit: 'updates' };
  if (plan.kind === 'weights') return { amount: asked ?? plan.net.generations, unit: 'updates' };
  return { amount: asked === null ? plan.decisions : asked * 1_000, unit: 'decisions' };
}

/**
 * Trains a policy for a role by its plan. The same seed gives the same weights, whatever the number of workers.
 *
 * @throws HaggleError `bad-training`, `no-such-role`, and whatever runs of the scenario throw
 */
export async function trainRole(plan: Plan, training: RoleTraining): Promise<TrainedRole> {
  const [scenario = '', name = ''] = plan.role.split('/');
  return await withScenario(scenarioName(scenario), async (one) => {
    const role = roleOf(one, name);
    if (plan.kind === 'runs') return await byRuns(one, { plan, role }, training);
    return plan.kind === 'weights' ? await byWeights(plan, role, training) : await byDecisions(plan, role, training);
  });
}

/** Small, so that it begins near the scripted policy: what a net at 0 answers is the middle of its actions. */
const LAST_GAIN = 0.01;

async function byRuns<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  { plan, role }: { readonly plan: RunsPlan; readonly role: Role },
  training: RoleTraining,
): Promise<TrainedRole> {
  const { seed, source } = training;
  const cells = plan.cells(source);
  const normaliser = await observedNormaliser(scenario, role, { cells, seed });
  const { means, deviations, clip } = normaliser;
  const net: Net = {
    hidden: [...plan.hidden],
    activation: 'tanh',
    normaliser: { means: [...means], deviations: [...deviations], clip },
  };
  const shapes = netShapes(role, net);
  const options = { scenario: scenario.name, role: role.name, cells: cells.map(sourceJson), net };
  const found = await evolve({
    ...shared(training),
    module: { url: plan.module.href, options },
    start: firstParameters(shapes, createRandomRoot(seed).stream('policy'), LAST_GAIN),
    deviation: plan.deviation,
    generations: budgetOf(plan, training.budget).amount,
    seedsPerCandidate: plan.seedsPerCandidate,
    evaluation: plan.evaluation,
  });
  const { curve, stopped, seconds, best } = found;
  const origin = originOf(training, {
    algorithm: 'separable natural evolution strategy',
    backend: 'none',
    score: scoreText({ plan, curve, score: best.score, after: `${best.generation} generations` }),
  });
  const network = { layers: layersIn(shapes, best.weights) };
  return { curve, stopped, seconds, policy: { ...partsOf(plan, role), normaliser, network, origin } };
}

async function byWeights(plan: WeightsPlan, role: Role, training: RoleTraining): Promise<TrainedRole> {
  if (!isUnsaid(training.source)) {
    const problem = `${plan.role} learns in instances of its own: leave out --instance, --generate and --set`;
    throw new HaggleError('bad-parameter', problem);
  }
  const { start, deviation, population, seedsPerCandidate, spec } = plan.net;
  const found = await evolve({
    ...shared(training),
    module: { url: plan.module.href, options: plan.options },
    start,
    deviation,
    population,
    seedsPerCandidate,
    generations: budgetOf(plan, training.budget).amount,
    evaluation: plan.evaluation,
  });
  const { curve, stopped, seconds, best } = found;
  const origin = originOf(training, {
    algorithm: 'separable natural evolution strategy',
    backend: 'none',
    score: scoreText({ plan, curve, score: best.score, after: `${best.generation} generations` }),
  });
  return { curve, stopped, seconds, policy: { ...spec(best.weights), ...partsOf(plan, role), origin } };
}

async function byDecisions(plan: EnvironmentPlan, role: Role, training: RoleTraining): Promise<TrainedRole> {
  const { source, onBegin } = training;
  const found = await train({
    ...shared(training),
    module: { url: plan.module.href, options: plan.options(source) },
    algorithm: plan.algorithm,
    decisions: budgetOf(plan, training.budget).amount,
    evaluation: plan.evaluation,
    ...(onBegin === undefined ? {} : { onBegin }),
  });
  const { anatomy, best, curve, stopped, seconds, backend } = found;
  const origin = originOf(training, {
    algorithm: plan.algorithm.kind,
    backend,
    score: scoreText({ plan, curve, score: best.score, after: `${best.update} updates` }),
  });
  const { normaliser, network } = trainedNetwork(anatomy, best.snapshot);
  return { curve, stopped, seconds, policy: { ...partsOf(plan, role), normaliser, network, origin } };
}

function shared({
  seed,
  workers,
  checkpoint,
  signal,
  onUpdate,
}: RoleTraining): Pick<RunOptions, 'seed' | 'checkpoint' | 'signal' | 'onUpdate'> & { readonly workers: number } {
  return {
    seed,
    workers,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(signal === undefined ? {} : { signal }),
    ...(onUpdate === undefined ? {} : { onUpdate }),
  };
}

function partsOf({ role }: Plan, { observes, acts }: Role): Pick<PolicyFile, 'name' | 'role' | 'observes' | 'acts'> {
  return { name: role.replace('/', '-'), role, observes, acts };
}

function scoreText(of: {
  readonly plan: Plan;
  readonly curve: readonly CurvePoint[];
  readonly score: number;
  readonly after: string;
}): string {
  const before = of.curve[0]?.score?.toFixed(3) ?? 'unknown';
  const { episodes } = of.plan.evaluation;
  return `score ${of.score.toFixed(3)} in ${episodes} episodes that were not learnt from, after ${of.after}; ${before} before`;
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
