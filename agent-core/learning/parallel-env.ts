import { HaggleError } from '../errors.ts';
import type { ActionSpace, Box, Mask } from '../policy/space.ts';
import type { Actions, DecisionEnv, Turn, Turns } from './decision-env.ts';

/** What is known beside observation and reward; of the environment's own facts, those with other names. */
export interface Info {
  /** Time since this agent's last turn, in the environment's unit. */
  readonly elapsed: number;
  /** Which choices are open; left out where all are. PettingZoo's name. */
  readonly action_mask?: Mask;
  readonly [fact: string]: number | Mask | undefined;
}

/** Observations of the agents that act first, by agent. */
export interface ParallelReset {
  readonly observations: ReadonlyMap<string, readonly number[]>;
  readonly infos: ReadonlyMap<string, Info>;
}

/** What a step brought, by agent: those that act now and those that ended. */
export interface ParallelStep extends ParallelReset {
  readonly rewards: ReadonlyMap<string, number>;
  readonly terminations: ReadonlyMap<string, boolean>;
  readonly truncations: ReadonlyMap<string, boolean>;
}

/**
 * An environment whose agents act at once, under the names of PettingZoo's Parallel API (Terry et al. 2021).
 *
 * One thing differs. There every agent that lives acts in every step; here `agents` are those that must act now, and the maps
 * hold these and the ones that just ended. An agent that is not asked for some steps comes back with all the reward and time since
 * its last turn. Where every agent acts in every step the two are the same, and the usual loop (actions for all of `agents`, until
 * there are none) runs on both.
 */
export interface ParallelEnv {
  readonly possibleAgents: readonly string[];
  /** Those that must act now; empty before the first reset and after the end. */
  readonly agents: readonly string[];
  readonly maxNumAgents: number;
  readonly numAgents: number;
  /** @throws HaggleError `no-such-agent` */
  observationSpace(agent: string): Box;
  /** @throws HaggleError `no-such-agent` */
  actionSpace(agent: string): ActionSpace;
  /** The last observations of all possible agents, one after the other; an agent without one counts as at its lower bounds. */
  state(): readonly number[];
  /** Starts an episode. Without a seed: with the number after the last one's, 0 at first. */
  reset(seed?: number): ParallelReset;
  /** One action for each of `agents`. @throws HaggleError `bad-action`; `not-reset` before the first reset */
  step(actions: Actions): ParallelStep;
  close(): void;
}

/** The {@link ParallelEnv} view of an environment. The view drives it: reset and step it in no other way. */
export function parallelEnv(env: DecisionEnv): ParallelEnv {
  return new ParallelView(env);
}

/** What PettingZoo calls `infos`, of one agent. */
export function infoOf({ info, elapsed, mask }: Turn): Info {
  return mask === undefined ? { ...info, elapsed } : { ...info, elapsed, action_mask: mask };
}

/** What the views call the state: the last observations of all possible agents, one after the other. */
export function stateOf(env: DecisionEnv, last: (agent: string) => readonly number[] | undefined): readonly number[] {
  return env.possibleAgents.flatMap(
    (agent) => last(agent) ?? env.observationSpace(agent).features.map(({ min }) => min),
  );
}

class ParallelView implements ParallelEnv {
  readonly possibleAgents: readonly string[];
  readonly maxNumAgents: number;
  readonly #env: DecisionEnv;
  readonly #last = new Map<string, Turn>();
  #agents: readonly string[] = [];
  #nextSeed = 0;
  #begun = false;

  constructor(env: DecisionEnv) {
    this.#env = env;
    this.possibleAgents = env.possibleAgents;
    this.maxNumAgents = env.possibleAgents.length;
  }

  get agents(): readonly string[] {
    return this.#agents;
  }

  get numAgents(): number {
    return this.#agents.length;
  }

  observationSpace(agent: string): Box {
    return this.#env.observationSpace(agent);
  }

  actionSpace(agent: string): ActionSpace {
    return this.#env.actionSpace(agent);
  }

  state(): readonly number[] {
    return stateOf(this.#env, (agent) => this.#last.get(agent)?.observation);
  }

  reset(seed: number = this.#nextSeed): ParallelReset {
    const turns = this.#env.reset(seed);
    this.#begun = true;
    this.#nextSeed = seed + 1;
    this.#last.clear();
    const { observations, infos } = this.#take(turns);
    return { observations, infos };
  }

  step(actions: Actions): ParallelStep {
    if (!this.#begun) throw notReset('stepping');
    return this.#take(this.#env.step(actions));
  }

  close(): void {
    this.#env.close?.();
  }

  #take(turns: Turns): ParallelStep {
    const observations = new Map<string, readonly number[]>();
    const rewards = new Map<string, number>();
    const terminations = new Map<string, boolean>();
    const truncations = new Map<string, boolean>();
    const infos = new Map<string, Info>();
    const agents: string[] = [];
    for (const [agent, turn] of turns) {
      this.#last.set(agent, turn);
      observations.set(agent, turn.observation);
      rewards.set(agent, turn.reward);
      terminations.set(agent, turn.terminated);
      truncations.set(agent, turn.truncated);
      infos.set(agent, infoOf(turn));
      if (!turn.terminated && !turn.truncated) agents.push(agent);
    }
    this.#agents = agents;
    return { observations, rewards, terminations, truncations, infos };
  }
}

/** For a view that is asked before its first reset. */
export function notReset(action: string): HaggleError {
  return new HaggleError('not-reset', `${action} an environment that was never reset: reset it first`);
}
