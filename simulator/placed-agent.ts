import type { LifecycleState } from '../agent-core/agent/lifecycle.ts';
import type { RuntimeCounters } from '../agent-core/agent/runtime.ts';
import type { Did } from '../agent-core/identity/did-key.ts';

/** An agent that was placed in a world. */
export interface PlacedAgent<State> {
  readonly name: string;
  readonly did: Did;
  /** False while another worker runs it: what it is like can be read once the run is over. */
  readonly here: boolean;
  /** The agent's live state, since its last restart. Read it between runs. */
  readonly state: State;
  readonly lifecycle: LifecycleState;
  readonly counters: RuntimeCounters;
  /** Stops the agent now, as `ctx.stop()` would. */
  stop(): void;
  /**
   * Ends the agent as a cut of power would: no stop handler runs, no peer is told, its timers, dialogues and inbox are gone.
   * While the world runs it takes effect before the next event; an agent that is over stays as it is.
   */
  crash(): void;
  /**
   * Starts a crashed agent anew: the same key, the initial state, no dialogue and no timer. Messages that it took before the
   * crash are still refused as replays. While the world runs it takes effect before the next event.
   *
   * @throws HaggleError `not-crashed`, from the run where the world runs
   */
  restart(): void;
}
