import type { LifecycleState } from '../../agent-core/agent/lifecycle.ts';
import type { RuntimeCounters } from '../../agent-core/agent/runtime.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import type { PlacedAgent } from '../placed-agent.ts';
import type { Placement } from '../placement.ts';

/** What the part of a world that ran an agent says of it at the end. */
export interface AgentReport {
  readonly name: string;
  readonly lifecycle: LifecycleState;
  readonly counters: RuntimeCounters;
  /** Gives the state, or throws why it could not travel. */
  readonly state: () => unknown;
}

/** An agent that another part of the world runs. */
export interface AbsentAgent extends Placement<unknown> {
  /** From now on it can be read here. */
  tell(report: AgentReport): void;
}

/** The place of an agent that runs elsewhere: nothing of it can be read before the end, and nothing done to it. */
export function absentAgent<State>(name: string, did: Did): AbsentAgent & Placement<State> {
  let report: AgentReport | null = null;
  const told = (what: string): AgentReport => {
    if (report !== null) return report;
    throw notHere(`reading the ${what} of "${name}"`);
  };
  const placed: PlacedAgent<State> = {
    name,
    did,
    get here() {
      return report !== null;
    },
    get state() {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the state of the same agent, as the worker that ran it wrote it
      return told('state').state() as State;
    },
    get lifecycle() {
      return told('lifecycle').lifecycle;
    },
    get counters() {
      return told('counters').counters;
    },
    stop: () => refuse(`stopping "${name}"`),
    crash: () => refuse(`crashing "${name}"`),
    restart: () => refuse(`restarting "${name}"`),
  };
  return {
    placed,
    here: false,
    stuck: false,
    flush: () => undefined,
    crash: () => false,
    restart: () => false,
    tell: (said) => {
      report = said;
    },
  };
}

function refuse(action: string): never {
  throw notHere(action);
}

function notHere(action: string): HaggleError {
  return new HaggleError('not-here', `${action}: another worker runs it; its state is here once the run is over`);
}
