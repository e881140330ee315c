/** What a policy is worth by whole runs of a scenario: a training module for an evolution, loaded by each of its workers. */
import { z } from 'zod';
import { assert, HaggleError } from '../../agent-core/errors.ts';
import { layersIn } from '../../agent-core/learning/flat-network.ts';
import { networkPolicy } from '../../agent-core/policy/network-policy.ts';
import { instanceSourceSchema, loadInstance } from '../instance-source.ts';
import { scenarioName, withScenario } from '../registry.ts';
import type { Assessment, Scenario } from '../scenario.ts';
import { gapTo, runAgents } from '../simulate.ts';
import { netShapes, netSchema } from './net.ts';

/** What {@link evaluate} is told beside weights and seed. */
export const fitnessOptions = z.strictObject({
  scenario: z.string(),
  role: z.string(),
  /** Each seed plays one of them, in turn. */
  cells: z.array(instanceSourceSchema).min(1),
  net: netSchema,
});

/** Optima that are kept: every candidate of a generation meets the same instances. */
const KEPT = 256;
const references = new Map<string, Promise<Assessment<unknown> | null>>();

/**
 * Fitness of a policy's parameters in the run of one seed: minus the gap to the optimum in percent. All agents in the role decide by it.
 *
 * @throws HaggleError `bad-training` for options that are none, a role or an optimum that there is not
 */
export async function evaluate(weights: Float32Array, seed: number, options: unknown): Promise<number> {
  const read = fitnessOptions.safeParse(options);
  if (!read.success) {
    throw new HaggleError('bad-training', `a fitness by runs: ${read.error.issues[0]?.message ?? 'bad options'}`);
  }
  const { data } = read;
  return await withScenario(scenarioName(data.scenario), (scenario) => fitnessIn(scenario, data, { weights, seed }));
}

async function fitnessIn<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  { role: name, cells, net }: z.output<typeof fitnessOptions>,
  { weights, seed }: { readonly weights: Float32Array; readonly seed: number },
): Promise<number> {
  const role = scenario.roles.find((one) => one.name === name);
  if (role === undefined) throw new HaggleError('bad-training', `${scenario.name} has no role "${name}"`);
  const { observes, acts } = role;
  const layers = layersIn(netShapes(role, net), weights);
  const policy = networkPolicy({ name: 'candidate', observes, acts, normaliser: net.normaliser, network: { layers } });
  const at = seed % cells.length;
  const cell = cells[at];
  assert(cell !== undefined, 'there is a cell for every seed');
  const instance = loadInstance(scenario, cell, seed);
  const best = await reference(`${scenario.name} ${at} ${seed}`, async () => await scenario.optimum(instance));
  const { agents } = await runAgents(scenario, scenario.withPolicies(instance, new Map([[name, policy]])), {
    seed,
    sign: 'off',
    reference: null,
  });
  const objective = scenario.objectiveOf?.(instance) ?? scenario.objective;
  const gap = gapTo(objective, agents.kpis, best?.kpis);
  if (gap !== null) return -100 * gap;
  throw new HaggleError('bad-training', `${scenario.label(instance)} has no optimum to measure a policy by`);
}

function reference(key: string, find: () => Promise<Assessment<unknown> | null>): Promise<Assessment<unknown> | null> {
  const known = references.get(key);
  if (known !== undefined) return known;
  if (references.size >= KEPT) references.clear();
  const found = find();
  references.set(key, found);
  return found;
}
