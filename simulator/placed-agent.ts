import type { LifecycleState } from '../agent-core/agent/lifecycle.ts';
import type { RuntimeCounters } from '../agent-core/agent/runtime.ts';
import type { Did } from '../agent-core/identity/did-key.ts';

/** An agent that was placed in a world. */
export interface PlacedAgent<State> {
  readonly name: string;
  readonly did: Did;
  /** The agent's live state. Read it between runs. */
  readonly state: State;
  readonly lifecycle: LifecycleState;
  readonly counters: RuntimeCounters;
  /** Stops the agent now, as `ctx.stop()` would. */
  stop(): void;
}
