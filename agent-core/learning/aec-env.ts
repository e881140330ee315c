import { HaggleError } from '../errors.ts';
import type { ActionSpace, Box } from '../policy/space.ts';
import { checkAction } from './actions.ts';
import type { DecisionEnv, Turn, Turns } from './decision-env.ts';
import { infoOf, notReset, stateOf, type Info } from './parallel-env.ts';

/** What the selected agent is told before it acts: PettingZoo's five values. */
export interface Last {
  /** Null where it was not asked for. */
  readonly observation: readonly number[] | null;
  /** Since this agent acted last. */
  readonly reward: number;
  readonly termination: boolean;
  readonly truncation: boolean;
  readonly info: Info;
}

/**
 * An environment whose agents act one after the other, under the names of PettingZoo's AEC API (Terry et al. 2021).
 *
 * Agents that must decide at the same time are selected in the order in which the environment named them, and none of them sees
 * what the others chose; time goes on once the last has acted. An agent that ended stays in `agents` until it was selected once
 * more and stepped with null, before any other agent acts.
 */
export interface AecEnv {
  readonly possibleAgents: readonly string[];
  /** Every agent that had a turn and was not yet stepped after its end. */
  readonly agents: readonly string[];
  readonly maxNumAgents: number;
  readonly numAgents: number;
  /** Whose turn it is. @throws HaggleError `not-reset`, `episode-over` */
  readonly agentSelection: string;
  /** What the last step brought to each of `agents`. */
  readonly rewards: ReadonlyMap<string, number>;
  /** What each of `agents` got since it acted last. */
  readonly cumulativeRewards: ReadonlyMap<string, number>;
  readonly terminations: ReadonlyMap<string, boolean>;
  readonly truncations: ReadonlyMap<string, boolean>;
  readonly infos: ReadonlyMap<string, Info>;
  /** @throws HaggleError `no-such-agent` */
  observationSpace(agent: string): Box;
  /** @throws HaggleError `no-such-agent` */
  actionSpace(agent: string): ActionSpace;
  /** The last observations of all possible agents, one after the other; an agent without one counts as at its lower bounds. */
  state(): readonly number[];
  /** What an agent saw last. @throws HaggleError `no-such-agent` for one that had no turn in this episode */
  observe(agent: string): readonly number[];
  /** Starts an episode. Without a seed: with the number after the last one's, 0 at first. */
  reset(seed?: number): void;
  /** Of the selected agent. @throws HaggleError `not-reset`, `episode-over` */
  last(observe?: boolean): Last;
  /**
   * The action of the selected agent; null where it has ended.
   *
   * @throws HaggleError `bad-action`; `not-reset`, `episode-over`
   */
  step(action: readonly number[] | null): void;
  /** The selected agent, as often as one is to be stepped. */
  agentIter(maxIter?: number): Iterable<string>;
  close(): void;
}

/** The {@link AecEnv} view of an environment. The view drives it: reset and step it in no other way. */
export function aecEnv(env: DecisionEnv): AecEnv {
  return new AecView(env);
}

/** An agent's last turn, and what of its reward it was not yet told. */
interface Seat {
  turn: Turn;
  owed: number;
}

class AecView implements AecEnv {
  readonly possibleAgents: readonly string[];
  readonly maxNumAgents: number;
  readonly #env: DecisionEnv;
  /** Of every agent that had a turn in this episode. */
  readonly #seen = new Map<string, Seat>();
  /** Those of {@link AecEnv.agents}. */
  readonly #seats = new Map<string, Seat>();
  #actions = new Map<string, readonly number[]>();
  /** To be selected one after the other: first who ended, then who must decide. */
  #queue: readonly string[] = [];
  #at = 0;
  /** What the last step of the environment returned, where the last step of the view made one. */
  #fresh: Turns | null = null;
  #nextSeed = 0;
  #begun = false;

  constructor(env: DecisionEnv) {
    this.#env = env;
    this.possibleAgents = env.possibleAgents;
    this.maxNumAgents = env.possibleAgents.length;
  }

  get agents(): readonly string[] {
    return [...this.#seats.keys()];
  }

  get numAgents(): number {
    return this.#seats.size;
  }

  get agentSelection(): string {
    return this.#selected('asking for the agent of').agent;
  }

  get rewards(): ReadonlyMap<string, number> {
    return this.#each((_, agent) => this.#fresh?.get(agent)?.reward ?? 0);
  }

  get cumulativeRewards(): ReadonlyMap<string, number> {
    return this.#each(({ owed }) => owed);
  }

  get terminations(): ReadonlyMap<string, boolean> {
    return this.#each(({ turn }) => turn.terminated);
  }

  get truncations(): ReadonlyMap<string, boolean> {
    return this.#each(({ turn }) => turn.truncated);
  }

  get infos(): ReadonlyMap<string, Info> {
    return this.#each(({ turn }) => infoOf(turn));
  }

  observationSpace(agent: string): Box {
    return this.#env.observationSpace(agent);
  }

  actionSpace(agent: string): ActionSpace {
    return this.#env.actionSpace(agent);
  }

  state(): readonly number[] {
    return stateOf(this.#env, (agent) => this.#seen.get(agent)?.turn.observation);
  }

  observe(agent: string): readonly number[] {
    const seat = this.#seen.get(agent);
    if (seat !== undefined) return seat.turn.observation;
    throw new HaggleError('no-such-agent', `observing ${agent}, which has had no turn in this episode`);
  }

  reset(seed: number = this.#nextSeed): void {
    const turns = this.#env.reset(seed);
    this.#begun = true;
    this.#nextSeed = seed + 1;
    this.#seen.clear();
    this.#seats.clear();
    this.#take(turns);
    this.#fresh = null;
  }

  last(observe = true): Last {
    const { seat } = this.#selected('asking for the last turn of');
    const { turn, owed } = seat;
    return {
      observation: observe ? turn.observation : null,
      reward: owed,
      termination: turn.terminated,
      truncation: turn.truncated,
      info: infoOf(turn),
    };
  }

  step(action: readonly number[] | null): void {
    const { agent, seat } = this.#selected('stepping');
    const { turn } = seat;
    if (turn.terminated || turn.truncated) {
      if (action !== null) throw badAction(agent, 'has ended: it is stepped with null and nothing else');
      this.#seats.delete(agent);
      this.#at++;
      this.#fresh = null;
      return;
    }
    if (action === null) throw badAction(agent, 'has not ended: null is no action of it');
    checkAction(this.#env.actionSpace(agent), action, { agent, mask: turn.mask });
    this.#actions.set(agent, action);
    if (this.#at === this.#queue.length - 1) {
      this.#advance(agent);
      return;
    }
    seat.owed = 0;
    this.#at++;
    this.#fresh = null;
  }

  *agentIter(maxIter = Infinity): Iterable<string> {
    for (let left = maxIter; left > 0; left--) {
      const agent = this.#queue[this.#at];
      if (agent === undefined) return;
      yield agent;
    }
  }

  close(): void {
    this.#env.close?.();
  }

  /** The last of those whose turn it is has acted. Where the environment refuses, it may act again. */
  #advance(agent: string): void {
    const actions = this.#actions;
    try {
      this.#fresh = this.#env.step(actions);
    } catch (error) {
      actions.delete(agent);
      throw error;
    }
    for (const acted of actions.keys()) {
      const seat = this.#seats.get(acted);
      if (seat !== undefined) seat.owed = 0;
    }
    this.#take(this.#fresh);
  }

  #take(turns: Turns): void {
    const [ended, due]: [string[], string[]] = [[], []];
    for (const [agent, turn] of turns) {
      const seat: Seat = { turn, owed: turn.reward };
      this.#seen.set(agent, seat);
      this.#seats.set(agent, seat);
      (turn.terminated || turn.truncated ? ended : due).push(agent);
    }
    this.#actions = new Map();
    this.#queue = ended.length === 0 ? due : [...ended, ...due];
    this.#at = 0;
  }

  #selected(action: string): { readonly agent: string; readonly seat: Seat } {
    if (!this.#begun) throw notReset(action);
    const agent = this.#queue[this.#at];
    const seat = agent === undefined ? undefined : this.#seats.get(agent);
    if (agent !== undefined && seat !== undefined) return { agent, seat };
    throw new HaggleError('episode-over', `${action} an episode that is over: reset the environment`);
  }

  #each<T>(of: (seat: Seat, agent: string) => T): ReadonlyMap<string, T> {
    return new Map([...this.#seats].map(([agent, seat]) => [agent, of(seat, agent)]));
  }
}

function badAction(agent: string, problem: string): HaggleError {
  return new HaggleError('bad-action', `${agent} ${problem}`, { fields: { agent } });
}
