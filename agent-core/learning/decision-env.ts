import type { ActionSpace, Box, Mask } from '../policy/space.ts';

/**
 * What an agent is told when it must decide, or has ended. Reward and time are those since its own last turn, so that a learner
 * can discount over irregular decision times (a semi-Markov decision process: Sutton, Precup and Singh 1999).
 */
export interface Turn {
  /** In the agent's observation space; of an agent that has ended, what it saw last. */
  readonly observation: readonly number[];
  /** Which choices are open; left out where all are, and where actions are no choices. */
  readonly mask?: Mask;
  /** Since this agent's last turn; 0 at its first. */
  readonly reward: number;
  /** Time since this agent's last turn in the environment's unit, 0 or more; 0 at its first. */
  readonly elapsed: number;
  /** It came to an end of its own: what would have followed is worth nothing. */
  readonly terminated: boolean;
  /** It was cut off: what would have followed is still worth something. */
  readonly truncated: boolean;
  readonly info: Readonly<Record<string, number>>;
}

/** Turns by agent, in the order in which the agents came to decide. */
export type Turns = ReadonlyMap<string, Turn>;

/** Actions by agent. */
export type Actions = ReadonlyMap<string, readonly number[]>;

/**
 * A task of one agent or many, as a learner meets it: only agents that must decide are asked, and each turn says how much time
 * has passed. Everything follows from the seed of `reset`: the same actions give the same turns.
 */
export interface DecisionEnv {
  readonly name: string;
  /** Every agent that may ever have a turn. */
  readonly possibleAgents: readonly string[];
  /** @throws HaggleError `no-such-agent` */
  observationSpace(agent: string): Box;
  /** @throws HaggleError `no-such-agent` */
  actionSpace(agent: string): ActionSpace;
  /** Starts an episode; the turns of the agents that must decide first. */
  reset(seed: number): Turns;
  /**
   * Goes on with one action for exactly the agents that were just returned and have not ended. Returns those that must decide now
   * and those that have ended. The episode is over once every agent that had a turn has ended.
   *
   * @throws HaggleError `bad-action` for an action that is missing, for one too many, and for one outside its space
   */
  step(actions: Actions): Turns;
  /** Lets go of what it holds: processes, threads. */
  close?(): void;
}
