import { serveEnv } from '../../agent-core/adapters/gym-bridge.ts';
import type { DecisionEnv } from '../../agent-core/learning/decision-env.ts';
import { scenarioEnv } from '../../scenarios/learning/scenario-env.ts';
import type { ScenarioReward } from '../../scenarios/learning/scenario-episode.ts';
import { scenarioName } from '../../scenarios/registry.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { chosenPolicies, instanceSource, type CommandFlags } from '../instance-flags.ts';
import { fastEnvironment } from '../training/plans.ts';

/** `haggle env <scenario> --role R`: serves a role as an environment over standard input and output. */
export async function envCommand(name: string, flags: CommandFlags): Promise<ExitCode> {
  const env = await environmentOf(name, flags);
  try {
    await serveEnv({ env, input: process.stdin, output: process.stdout });
    return EXIT.ok;
  } finally {
    env.close?.();
  }
}

async function environmentOf(name: string, flags: CommandFlags): Promise<DecisionEnv> {
  const scenario = scenarioName(name);
  const role = String(flags['role']);
  const policies = chosenPolicies(scenario, flags['policy']).sources;
  const source = instanceSource(flags, policies);
  const reward = rewardOf(flags['reward']);
  // The model has neither a balance of agents nor other roles: what asks for one asks for the world.
  const asksWorld = flags['world'] === true || reward === 'balance' || policies.length > 0;
  const fast = asksWorld ? null : await fastEnvironment(`${scenario}/${role}`, source);
  return fast ?? scenarioEnv({ scenario, role, source, reward });
}

function rewardOf(flag: string | true | undefined): ScenarioReward {
  if (flag === 'objective' || flag === 'balance') return flag;
  throw new HaggleError('bad-flag', `--reward must be objective or balance, got "${String(flag)}"`);
}
