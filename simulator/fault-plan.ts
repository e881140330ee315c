import { micros, type Duration, type Micros } from '../agent-core/clock.ts';
import { HaggleError } from '../agent-core/errors.ts';
import { checkPartition, type Partition } from './link.ts';

/**
 * A fault that happens at a set time, as plain data. Agents are named as in the world; times count from its start.
 *
 * - `crash`: the agent ends as by a cut of power. Its timers, dialogues and inbox are gone, and nobody is told.
 * - `restart`: a crashed agent comes back with its key, in its initial state. Host's matters last: which messages it took
 *   before, so that none is taken twice, and that no number is said twice. Its dialogues are gone.
 * - `partition`: see {@link Partition}.
 */
export type PlannedFault =
  | { readonly type: 'crash'; readonly agent: string; readonly at: Duration }
  | { readonly type: 'restart'; readonly agent: string; readonly at: Duration }
  | ({ readonly type: 'partition' } & Partition);

/** One thing to do at one time. */
export interface FaultStep {
  readonly at: Micros;
  readonly type: PlannedFault['type'];
  /** Agents that must be placed by then. */
  readonly agents: readonly string[];
}

/** A fault plan, checked and laid out in time. */
export interface FaultCourse {
  /** By time; at one time as in the plan. */
  readonly steps: readonly FaultStep[];
  readonly partitions: readonly Partition[];
}

/**
 * Checks a plan.
 *
 * @throws HaggleError `bad-fault-plan` where an agent crashes twice without a restart between, or restarts without a crash
 * before; `bad-partition`, `bad-duration`
 */
export function layOut(plan: readonly PlannedFault[]): FaultCourse {
  const steps = plan.map(stepOf).toSorted((a, b) => a.at - b.at);
  const partitions = plan.filter((fault) => fault.type === 'partition');
  for (const partition of partitions) checkPartition(partition);
  const down = new Set<string>();
  for (const { type, agents, at } of steps) {
    if (type === 'partition') continue;
    for (const agent of agents) {
      if (down.has(agent) === (type === 'crash')) {
        const why = type === 'crash' ? 'it has crashed already' : 'it has not crashed before';
        throw badPlan(`${type} of "${agent}" at ${at} us: ${why}`);
      }
      if (type === 'crash') down.add(agent);
      else down.delete(agent);
    }
  }
  return { steps, partitions };
}

function stepOf(fault: PlannedFault): FaultStep {
  switch (fault.type) {
    case 'crash':
    case 'restart':
      return { at: micros(fault.at), type: fault.type, agents: [fault.agent] };
    case 'partition':
      return { at: micros(fault.from), type: fault.type, agents: fault.groups.flat() };
    default:
      // Plans come from files too.
      throw badPlan(`there is no fault ${JSON.stringify(Reflect.get(fault, 'type'))}`);
  }
}

/** The error of a plan that cannot be followed. */
export function badPlan(problem: string): HaggleError {
  return new HaggleError('bad-fault-plan', `fault plan: ${problem}`);
}
