import type { DecisionEnv, Turn, Turns } from '../../learning/decision-env.ts';
import { HaggleError } from '../../errors.ts';
import { held, type ActionSpace, type Box } from '../../policy/space.ts';
import { createRandomRoot, type RandomStream } from '../../random.ts';

/** Where a task of one agent stands. */
export interface SoloTask {
  readonly name: string;
  readonly agent: string;
  readonly observes: Box;
  readonly acts: ActionSpace;
  /** Starts an episode; its first turn. */
  begin(random: RandomStream): Turn;
  /** What comes of an action, which is within its space and open. */
  act(action: readonly number[]): Turn;
}

/** The environment of a task that one agent has for itself. */
export function soloEnv(task: SoloTask): DecisionEnv {
  const { name, agent } = task;
  let open: Turn | null = null;
  const turn = (next: Turn): Turns => {
    open = next.terminated || next.truncated ? null : next;
    return new Map([[agent, next]]);
  };
  const known = <Value>(asked: string, value: Value): Value => {
    if (asked === agent) return value;
    throw new HaggleError('no-such-agent', `${name} has the agent ${agent} only, got ${asked}`);
  };
  return {
    name,
    possibleAgents: [agent],
    observationSpace: (asked) => known(asked, task.observes),
    actionSpace: (asked) => known(asked, task.acts),
    reset: (seed) => turn(task.begin(createRandomRoot(seed).stream(name))),
    step: (actions) => {
      const action = actions.get(agent);
      if (open === null || action === undefined || actions.size !== 1) {
        throw new HaggleError(
          'bad-action',
          `${name} takes one action of ${agent} while its episode is on, got ${actions.size}`,
        );
      }
      return turn(
        task.act(held(task.acts, action, { code: 'bad-action', what: `what ${agent} does`, mask: open.mask })),
      );
    },
  };
}
