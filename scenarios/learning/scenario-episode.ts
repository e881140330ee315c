import { z } from 'zod';
import type { Decider } from '../../agent-core/agent/decision.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { JsonValue } from '../../agent-core/message/canonical.ts';
import { definePolicy, type Policy } from '../../agent-core/policy/policy.ts';
import type { World } from '../../simulator/world.ts';
import { instanceSourceSchema, loadInstance, sourceJson, type InstanceSource } from '../instance-source.ts';
import { scenarioName, withScenario, type ScenarioName } from '../registry.ts';
import type { Population, Role, Scenario } from '../scenario.ts';
import { settle } from '../settle.ts';
import type { Asker, RunEpisode } from './episode.ts';

/** This module, for `worldEnv`. */
export const SCENARIO_EPISODE = new URL(import.meta.url);

/**
 * What an agent of a scenario learns for: the scenario's `objective`, signed so that more is better, which each gets at its end; or its own
 * `balance`, in tokens, as it changes from decision to decision.
 */
export type ScenarioReward = 'objective' | 'balance';

/** Which scenario, which role in it, and for what. */
export interface ScenarioEpisode {
  readonly scenario: ScenarioName;
  readonly role: string;
  readonly source: InstanceSource;
  readonly reward: ScenarioReward;
}

const schema = z.strictObject({
  scenario: z.string(),
  role: z.string(),
  source: instanceSourceSchema,
  reward: z.enum(['objective', 'balance']),
});

/** Options of {@link runEpisode}, as JSON. */
export function scenarioEpisodeOptions({ scenario, role, source, reward }: ScenarioEpisode): JsonValue {
  return { scenario, role, source: sourceJson(source), reward };
}

/** What {@link settleToLearn} needs. */
export interface LearningPlace {
  readonly role: Role;
  readonly source: InstanceSource;
  readonly seed: number;
  /** Answers for those who play the role, and for nobody else. */
  readonly decider: Decider;
}

/** A scenario's world in which others answer for those who play a role. */
export function settleToLearn<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  { role, source, seed, decider }: LearningPlace,
): { readonly place: World; readonly population: Population<Solution>; readonly instance: Instance } {
  const pupil = pupilOf(scenario.name, role);
  const instance = scenario.withPolicies(loadInstance(scenario, source, seed), new Map([[role.name, pupil]]));
  const { place, population } = settle(scenario, instance, {
    seed,
    // Signatures change nothing of what happens.
    sign: 'off',
    decider: (asked) =>
      asked.policy.hash === pupil.hash ? decider(asked) : asked.policy.act(asked.observation, asked.mask),
  });
  return { place, population, instance };
}

/** Stands in a role for whoever learns it. */
function pupilOf(scenario: string, role: Role): Policy {
  return definePolicy({
    name: `pupil of ${scenario}/${role.name}`,
    observes: role.observes,
    acts: role.acts,
    parameters: {},
    act: () => {
      throw new HaggleError(
        'pupil-asked',
        `the role ${role.name} of ${scenario} is being learned: it has no policy yet`,
      );
    },
  });
}

/** An episode of a scenario; its options are those of {@link scenarioEpisodeOptions}. */
export const runEpisode: RunEpisode = async (options, seed, asker) => {
  const { scenario: name, role: roleName, source, reward } = schema.parse(options);
  await withScenario(scenarioName(name), async (scenario) => {
    const role = scenario.roles.find((one) => one.name === roleName);
    if (role === undefined) throw new HaggleError('no-such-role', `${name} has no role "${roleName}"`);
    await runScenario(scenario, { role, source, seed, reward, asker });
  });
};

interface Running {
  readonly role: Role;
  readonly source: InstanceSource;
  readonly seed: number;
  readonly reward: ScenarioReward;
  readonly asker: Asker;
}

async function runScenario<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  { role, source, seed, reward, asker }: Running,
): Promise<void> {
  const seen = new Map<string, readonly number[]>();
  const earned = new Map<string, number>();
  const earnings = (agent: string): number => {
    if (reward === 'objective') return 0;
    const balance = tokensOf(place, agent);
    const before = earned.get(agent) ?? balance;
    earned.set(agent, balance);
    return balance - before;
  };
  const { place, population, instance } = settleToLearn(scenario, {
    role,
    source,
    seed,
    decider: ({ agent, at, observation, mask }) => {
      seen.set(agent, observation);
      const open = mask === undefined ? {} : { mask };
      return asker.decide({ agent, at, observation, ...open, reward: earnings(agent) });
    },
  });
  await place.run();
  if (!population.finished()) throw new HaggleError('no-agreement', 'the agents fell silent before they agreed');
  const { kpis } = scenario.assess(instance, population.agreement(), null);
  const objective = scenario.objectiveOf?.(instance) ?? scenario.objective;
  const value = kpis[objective.name] ?? 0;
  const shared = objective.sense === 'max' ? value : -value;
  for (const [agent, observation] of seen) {
    asker.end({
      agent,
      at: place.now(),
      observation,
      reward: reward === 'objective' ? shared : earnings(agent),
      truncated: false,
      info: { [objective.name]: value },
    });
  }
}

const MICRO_TOKENS_PER_TOKEN = 1e6;

/** What an agent has or has set aside. */
function tokensOf(place: World, agent: string): number {
  const { available, reserved } = place.ledger.balance(place.didOf(agent));
  return Number(available + reserved) / MICRO_TOKENS_PER_TOKEN;
}
