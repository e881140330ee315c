import type { Micros } from '../../agent-core/clock.ts';
import { assert, HaggleError } from '../../agent-core/errors.ts';
import { checkActions } from '../../agent-core/learning/actions.ts';
import type { Actions, DecisionEnv, Turn, Turns } from '../../agent-core/learning/decision-env.ts';
import type { JsonValue } from '../../agent-core/message/canonical.ts';
import type { ActionSpace, Box } from '../../agent-core/policy/space.ts';
import type { AskedTurn, EndedTurn } from './episode.ts';
import type { FromWorld } from './world-wire.ts';
import { startWorldThread, type WorldLine } from './world-thread.ts';

/** What {@link worldEnv} needs. */
export interface WorldEnvOptions {
  readonly name: string;
  /** The agents that learn, and their spaces. */
  readonly agents: ReadonlyMap<string, { readonly observes: Box; readonly acts: ActionSpace }>;
  /** Of a module that exports `runEpisode`; it is loaded in the thread of the world. */
  readonly module: URL;
  /** Handed to `runEpisode`. */
  readonly options: JsonValue;
  /** Microseconds that `Turn.elapsed` counts as 1; a second if left out. */
  readonly unitMicros?: Micros;
  /** Longest time between two things that the world says, before it counts as hung: a minute if left out. */
  readonly silenceMillis?: number;
}

/** Longest time that the module of a world takes to load. */
const LOAD_MILLIS = 60_000;

/** A world that was told to abandon its episode, and does not come to rest within this time, loses its thread. */
const UNWIND_MILLIS = 1_000;

/**
 * Any world as an environment. It runs in a thread of its own, which sleeps at every decision until `step` brings the action; `reset`
 * and `step` block until the next. As decisions in a world come one after the other, each step asks one agent.
 *
 * The thread is kept from episode to episode. It ends with {@link DecisionEnv.close}, where the world fails, and where an episode
 * that is left unfinished does not come to rest.
 *
 * Errors of `reset` and `step` beside those of every environment: HaggleError `world-failed` where the world throws (its error is
 * the cause), `world-gone` where its thread ends, `world-silent` where it says nothing for too long (or ran out of memory), `world-out-of-line` where it asks
 * an agent that there is not or that has ended, or leaves one without an end; `env-closed`. After any of them `reset` begins anew.
 *
 * @throws HaggleError `bad-world-env` for no agents, or bounds that are not positive
 */
export function worldEnv(options: WorldEnvOptions): DecisionEnv {
  const { silenceMillis = 60_000, unitMicros = 1_000_000 } = options;
  if (options.agents.size === 0) throw new HaggleError('bad-world-env', `${options.name} needs agents that learn`);
  for (const [what, value] of Object.entries({ silenceMillis, unitMicros })) {
    if (Number.isFinite(value) && value > 0) continue;
    throw new HaggleError('bad-world-env', `${what} of ${options.name} must be above 0, got ${value}`);
  }
  return new WorldEnv(options, { silenceMillis, unitMicros });
}

interface Bounds {
  readonly silenceMillis: number;
  readonly unitMicros: Micros;
}

class WorldEnv implements DecisionEnv {
  readonly name: string;
  readonly possibleAgents: readonly string[];
  readonly #options: WorldEnvOptions;
  readonly #bounds: Bounds;
  #line: WorldLine | null = null;
  /** When each agent that lives had its last turn. */
  readonly #livingAt = new Map<string, Micros>();
  readonly #ended = new Set<string>();
  #state: 'new' | 'running' | 'over' | 'broken' | 'closed' = 'new';
  #due: Turns = new Map();

  constructor(options: WorldEnvOptions, bounds: Bounds) {
    this.#options = options;
    this.#bounds = bounds;
    this.name = options.name;
    this.possibleAgents = [...options.agents.keys()];
  }

  observationSpace(agent: string): Box {
    return this.#spaces(agent).observes;
  }

  actionSpace(agent: string): ActionSpace {
    return this.#spaces(agent).acts;
  }

  reset(seed: number): Turns {
    if (this.#state === 'closed') throw this.#closed('resetting');
    if (this.#state === 'running') this.#abandon();
    this.#livingAt.clear();
    this.#ended.clear();
    const line = this.#line ?? this.#start();
    line.tell({ type: 'start', seed });
    this.#state = 'running';
    return this.#listen(line);
  }

  step(actions: Actions): Turns {
    if (this.#state === 'closed') throw this.#closed('stepping');
    if (this.#state === 'new' || this.#state === 'broken') {
      throw new HaggleError('not-reset', `stepping ${this.name}, which has no episode: reset it first`);
    }
    checkActions(this, this.#due, actions);
    const [action] = actions.values();
    // Nobody is asked once an episode is over.
    if (action === undefined || this.#line === null) return new Map();
    this.#line.tell({ type: 'action', action });
    return this.#listen(this.#line);
  }

  close(): void {
    this.#hangUp('closed');
  }

  #start(): WorldLine {
    const line = startWorldThread(this.#options);
    this.#line = line;
    const said = this.#hear(line, LOAD_MILLIS);
    if (said.type === 'failed') throw this.#failed(said);
    assert(said.type === 'ready', `a world began with ${said.type}`);
    return line;
  }

  /** What the world says up to its next question, or its end. */
  #listen(line: WorldLine): Turns {
    const turns = new Map<string, Turn>();
    for (;;) {
      const said = this.#hear(line, this.#bounds.silenceMillis);
      assert(said.type !== 'ready', 'a world began twice');
      if (said.type === 'failed') throw this.#failed(said);
      if (said.type === 'done') {
        this.#finish();
        break;
      }
      const { agent } = said.turn;
      if (said.type === 'ended') {
        if (this.#livingAt.has(agent)) turns.set(agent, this.#ending(said.turn));
        continue;
      }
      turns.set(agent, this.#asking(said.turn));
      break;
    }
    this.#due = turns;
    return turns;
  }

  #hear(line: WorldLine, millis: number): FromWorld {
    let said: FromWorld | null;
    try {
      said = line.hear(millis);
    } catch (error) {
      this.#hangUp('broken');
      throw error;
    }
    if (said !== null) return said;
    this.#hangUp('broken');
    throw new HaggleError('world-silent', `the world of ${this.name} said nothing for ${millis} ms`);
  }

  #asking(asked: AskedTurn): Turn {
    const { agent } = asked;
    if (!this.#options.agents.has(agent)) throw this.#outOfLine(`asked ${agent}, which is none of its agents`);
    if (this.#ended.has(agent)) throw this.#outOfLine(`asked ${agent} after its end`);
    return this.#turn(asked, { terminated: false, truncated: false });
  }

  #ending(ended: EndedTurn): Turn {
    const { agent, truncated } = ended;
    const turn = this.#turn(ended, { terminated: !truncated, truncated });
    this.#livingAt.delete(agent);
    this.#ended.add(agent);
    return turn;
  }

  #turn({ agent, at, observation, mask, reward, info }: AskedTurn, end: Pick<Turn, 'terminated' | 'truncated'>): Turn {
    const before = this.#livingAt.get(agent);
    this.#livingAt.set(agent, at);
    return {
      observation,
      ...(mask === undefined ? {} : { mask }),
      reward: before === undefined ? 0 : reward,
      elapsed: before === undefined ? 0 : (at - before) / this.#bounds.unitMicros,
      ...end,
      info: info ?? {},
    };
  }

  #finish(): void {
    this.#state = 'over';
    if (this.#livingAt.size === 0) return;
    throw this.#outOfLine(`came to its end, and never ended ${[...this.#livingAt.keys()].join(', ')}`);
  }

  /** Lets an unfinished episode come to rest, or takes its thread away. */
  #abandon(): void {
    const line = this.#line;
    if (line === null) return;
    line.tell({ type: 'abandon' });
    try {
      for (;;) {
        const said = line.hear(UNWIND_MILLIS);
        if (said?.type === 'done') return;
        if (said === null || said.type === 'failed') break;
      }
    } catch {
      // Its thread has ended.
    }
    this.#hangUp('broken');
  }

  #hangUp(state: 'broken' | 'closed'): void {
    this.#line?.end();
    this.#line = null;
    this.#due = new Map();
    this.#state = state;
  }

  #failed({ code, message, stack }: FromWorld & { readonly type: 'failed' }): HaggleError {
    this.#hangUp('broken');
    const cause = new HaggleError(code ?? 'not-ours', message);
    cause.stack = stack;
    return new HaggleError('world-failed', `the world of ${this.name} failed: ${message}`, { cause });
  }

  #outOfLine(problem: string): HaggleError {
    this.#hangUp('broken');
    return new HaggleError('world-out-of-line', `the world of ${this.name} ${problem}`);
  }

  #closed(action: string): HaggleError {
    return new HaggleError('env-closed', `${action} ${this.name}, which is closed`);
  }

  #spaces(agent: string): { readonly observes: Box; readonly acts: ActionSpace } {
    const spaces = this.#options.agents.get(agent);
    if (spaces !== undefined) return spaces;
    throw new HaggleError('no-such-agent', `${agent} is none of the agents of ${this.name}`);
  }
}
