import type { Agent } from '../agent-core/agent/agent.ts';
import type { Host } from '../agent-core/agent/host.ts';
import { AgentRuntime } from '../agent-core/agent/runtime.ts';
import { HaggleError } from '../agent-core/errors.ts';
import type { PlacedAgent } from './placed-agent.ts';

/** A placed agent as its world drives it. */
export interface Placement<State> {
  /** What the world's user sees. */
  readonly placed: PlacedAgent<State>;
  /** Whether this part of the world runs it. */
  readonly here: boolean;
  readonly stuck: boolean;
  flush(): void;
  /** Ends the agent as by a cut of power; false where it is over already. */
  crash(): boolean;
  /** Starts a crashed agent anew; false where it has not crashed. */
  restart(): boolean;
}

/** What a placement needs of its world. */
export interface Ground {
  readonly host: Host;
  /** Schedules the start of a runtime at the present time. */
  readonly soonStart: (start: () => void) => void;
  /** Runs an action between two events: at once where no event runs. */
  readonly betweenEvents: (action: () => void) => void;
  /** The agent was cut off. */
  readonly crashed?: () => void;
}

/** Numbers that one life of an agent may give to its messages to a peer. */
const SEQ_PER_LIFE = 2 ** 32;

/** Sets an agent up and connects it; what its setup throws is thrown, and nothing remains. */
export function place<Params, State>(agent: Agent<Params, State>, ground: Ground): Placement<State> {
  const { host, soonStart, betweenEvents } = ground;
  let lives = 0;
  const live = (): AgentRuntime<Params, State> => {
    const next = new AgentRuntime(agent, { ...host, firstSeq: lives * SEQ_PER_LIFE + 1 });
    lives += 1;
    next.connect();
    soonStart(() => next.start());
    return next;
  };
  let runtime = live();
  const crash = (): boolean => {
    const before = runtime.lifecycle;
    runtime.crash();
    if (runtime.lifecycle !== 'crashed') return false;
    if (before !== 'crashed') ground.crashed?.();
    return true;
  };
  const restart = (): boolean => {
    if (runtime.lifecycle !== 'crashed') return false;
    runtime = live();
    return true;
  };
  return {
    placed: {
      name: host.name,
      did: host.self,
      here: true,
      get state() {
        return runtime.state;
      },
      get lifecycle() {
        return runtime.lifecycle;
      },
      get counters() {
        return runtime.counters;
      },
      stop: () => runtime.stop(),
      crash: () => betweenEvents(() => void crash()),
      restart: () =>
        betweenEvents(() => {
          if (restart()) return;
          throw new HaggleError('not-crashed', `restarting "${host.name}": it is ${runtime.lifecycle}, not crashed`);
        }),
    },
    here: true,
    get stuck() {
      return runtime.stuck;
    },
    flush: () => runtime.flush(),
    crash,
    restart,
  };
}
