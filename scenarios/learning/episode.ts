import type { Micros } from '../../agent-core/clock.ts';
import type { JsonValue } from '../../agent-core/message/canonical.ts';
import type { Mask } from '../../agent-core/policy/space.ts';

/** A decision that an episode asks of whoever learns. */
export interface AskedTurn {
  readonly agent: string;
  readonly at: Micros;
  readonly observation: readonly number[];
  /** Which choices are open; left out where all are, and where actions are no choices. */
  readonly mask?: Mask;
  /** Since this agent's last decision; of no account at its first. */
  readonly reward: number;
  readonly info?: Readonly<Record<string, number>>;
}

/** The end of an agent that was asked before. */
export interface EndedTurn extends AskedTurn {
  /** It was cut off: what would have followed is still worth something. False for an end of its own. */
  readonly truncated: boolean;
}

/** Who answers for the agents that learn. */
export interface Asker {
  /** What the agent is to do. Blocks, or answers at once: either way nothing else happens meanwhile. */
  decide(asked: AskedTurn): readonly number[];
  /** Tells that an agent decides no more. Of one that was never asked, nothing is told. */
  end(ended: EndedTurn): void;
}

/**
 * Makes a world from options and a seed, runs it to its end, asks for every decision and ends every agent that was asked. What an
 * asker throws ends the episode: it is to be let through, as a strict world does.
 *
 * A module that exports a function of this type as `runEpisode` is an environment: see `worldEnv`. Called with an asker of its own,
 * the same function trains in one thread.
 */
export type RunEpisode = (options: JsonValue, seed: number, asker: Asker) => Promise<void> | void;
