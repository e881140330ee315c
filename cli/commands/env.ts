import { serveEnv } from '../../agent-core/adapters/gym-bridge.ts';
import type { DecisionEnv } from '../../agent-core/learning/decision-env.ts';
import { scenarioEnv } from '../../scenarios/learning/scenario-env.ts';
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
  const source = instanceSource(flags, chosenPolicies(scenario, flags['policy']).sources);
  const fast = flags['world'] === true ? null : await fastEnvironment(`${scenario}/${role}`, source);
  if (fast !== null) return fast;
  const { reward } = flags;
  if (reward === 'objective' || reward === 'balance') return scenarioEnv({ scenario, role, source, reward });
  throw new HaggleError('bad-flag', `--reward must be objective or balance, got "${String(reward)}"`);
}
