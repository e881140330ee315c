import type { Micros } from '../../agent-core/clock.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { DecisionEnv } from '../../agent-core/learning/decision-env.ts';
import type { InstanceSource } from '../instance-source.ts';
import { withScenario, type ScenarioName } from '../registry.ts';
import { SCENARIO_EPISODE, scenarioEpisodeOptions, settleToLearn, type ScenarioReward } from './scenario-episode.ts';
import { worldEnv } from './world-env.ts';

/** What {@link scenarioEnv} needs. */
export interface ScenarioEnvOptions {
  readonly scenario: ScenarioName;
  /** The role that learns. In others the scenario's own policies decide, or those of the source. */
  readonly role: string;
  /** The instance; a generated one is drawn anew from the seed of each reset. */
  readonly source: InstanceSource;
  /** What is learned for; `objective` if left out. */
  readonly reward?: ScenarioReward;
  /** Microseconds that `Turn.elapsed` counts as 1; a second if left out. */
  readonly unitMicros?: Micros;
  /** See `WorldEnvOptions`. */
  readonly silenceMillis?: number;
}

/** Seed of the instance from which the names of the agents are taken. */
const NAMING_SEED = 1;

/**
 * A scenario as an environment: its world runs in a thread, and whoever plays the role is asked. The possible agents are all of the
 * scenario's, whether or not they play it, as an instance of {@link NAMING_SEED} has them.
 *
 * @throws HaggleError `no-such-role`; what the scenario throws for the source; see `worldEnv` for what `reset` and `step` throw
 */
export function scenarioEnv(options: ScenarioEnvOptions): DecisionEnv {
  const { scenario: scenarioName, role: roleName, source, reward = 'objective' } = options;
  const { role, names } = withScenario(scenarioName, (scenario) => {
    const found = scenario.roles.find(({ name }) => name === roleName);
    if (found === undefined) {
      const known = scenario.roles.map(({ name }) => name).join(', ') || 'none';
      throw new HaggleError('no-such-role', `${scenarioName} has no role "${roleName}"; it has: ${known}`);
    }
    const { place } = settleToLearn(scenario, { role: found, source, seed: NAMING_SEED, decider: () => [] });
    return { role: found, names: place.agents.map(({ name }) => name) };
  });
  const spaces = { observes: { kind: 'box', features: role.observes }, acts: role.acts } as const;
  const { unitMicros, silenceMillis } = options;
  return worldEnv({
    name: `${scenarioName}/${roleName}`,
    agents: new Map(names.map((name) => [name, spaces])),
    module: SCENARIO_EPISODE,
    options: scenarioEpisodeOptions({ scenario: scenarioName, role: roleName, source, reward }),
    ...(unitMicros === undefined ? {} : { unitMicros }),
    ...(silenceMillis === undefined ? {} : { silenceMillis }),
  });
}
