import { checkActions } from '../../learning/actions.ts';
import type { DecisionEnv, Turn, Turns } from '../../learning/decision-env.ts';
import { HaggleError } from '../../errors.ts';
import type { ActionSpace, Box } from '../../policy/space.ts';
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
  let due: Turns = new Map();
  const turn = (next: Turn): Turns => {
    due = new Map([[agent, next]]);
    return due;
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
      checkActions({ actionSpace: () => task.acts }, due, actions);
      const action = actions.get(agent);
      if (action === undefined) throw new HaggleError('bad-action', `${name} has no episode on`);
      return turn(task.act(action));
    },
  };
}
