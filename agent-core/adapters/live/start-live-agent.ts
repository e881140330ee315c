import type { Agent } from '../../agent/agent.ts';
import type { LiveAgent, LiveOptions } from './live-agent.ts';
import { Supervisor } from './supervisor.ts';

/**
 * Runs an agent live: the same agent as in a simulation, on a real bus and the machine's clock. Resolves once it listens and
 * its first input is on the way.
 *
 * @throws what the agent's setup throws, and HaggleError `bad-realm`, `bus-closed`
 */
export async function startLiveAgent<Params, State>(
  agent: Agent<Params, State>,
  options: LiveOptions,
): Promise<LiveAgent> {
  const supervisor = new Supervisor(agent, options);
  await supervisor.begin();
  return supervisor;
}
