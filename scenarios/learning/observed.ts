import { HaggleError } from '../../agent-core/errors.ts';
import type { Asked } from '../../agent-core/agent/decision.ts';
import type { Normaliser } from '../../agent-core/policy/network-policy.ts';
import { loadInstance, type InstanceSource } from '../instance-source.ts';
import type { Role, Scenario } from '../scenario.ts';
import { runAgents } from '../simulate.ts';

/** A feature that hardly varies is not blown up. */
const LEAST_DEVIATION = 1e-3;
/** Deviations beyond which a feature counts as so many. */
const CLIP = 5;

/**
 * How a role's observations are scaled: by mean and deviation of what its agents see in runs by their own rules, one a cell.
 *
 * @throws HaggleError `bad-training` where no agent is ever asked in the role
 */
export async function observedNormaliser<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  role: Role,
  { cells, seed }: { readonly cells: readonly InstanceSource[]; readonly seed: number },
): Promise<Normaliser> {
  const sums = role.observes.map(() => 0);
  const squares = role.observes.map(() => 0);
  let count = 0;
  const names = role.observes.map(({ name }) => name).join();
  const decider = ({ policy, observation, mask }: Asked): readonly number[] => {
    if (policy.observes.map(({ name }) => name).join() === names) {
      count += 1;
      for (const [k, value] of observation.entries()) {
        sums[k] = (sums[k] ?? 0) + value;
        squares[k] = (squares[k] ?? 0) + value * value;
      }
    }
    return policy.act(observation, mask);
  };
  for (const [k, cell] of cells.entries()) {
    const instance = loadInstance(scenario, cell, seed + k);
    await runAgents(scenario, instance, { seed: seed + k, sign: 'off', reference: null, decider });
  }
  if (count === 0) {
    throw new HaggleError(
      'bad-training',
      `nobody is asked in the role ${scenario.name}/${role.name} in what it is to learn in`,
    );
  }
  const means = sums.map((sum) => sum / count);
  const deviations = squares.map((square, k) => {
    const mean = means[k] ?? 0;
    const deviation = Math.sqrt(Math.max(0, square / count - mean * mean));
    return deviation < LEAST_DEVIATION ? 1 : deviation;
  });
  return { means, deviations, clip: CLIP };
}
