import { HaggleError } from '../errors.ts';
import type { DecisionEnv, Turn, Turns } from './decision-env.ts';

/** The protocol of {@link bridge}: docs/gym-bridge.md. */
export const BRIDGE_PROTOCOL = { name: 'haggle-env', version: 1 } as const;

/** Longest request, in UTF-16 code units: actions of some ten thousand agents. */
export const BRIDGE_LINE_CHARS = 1_048_576;

/** Answers requests for one environment. */
export interface Bridge {
  /** Whether a request closed the environment. */
  readonly closed: boolean;
  /** One line of JSON for one line of JSON, both without the line's end. Never throws: what fails is answered. */
  answer(line: string): string;
  /** The answer to a request that was longer than {@link BRIDGE_LINE_CHARS}, of which nobody kept the text. */
  tooLong(): string;
  /** Closes the environment if no request did. */
  close(): void;
}

type Fields = Readonly<Record<string, unknown>>;
type Id = number | string | null;
/** What a request is answered with, as JSON. */
type Operation = (request: Fields) => string;

/** Longest text that may name a request. */
const ID_CHARS = 64;

/**
 * Serves an environment to a learner in another process, one request at a time: the protocol of docs/gym-bridge.md without its
 * streams. Numbers are always finite; agents are named in the order of their turns.
 */
export function bridge(env: DecisionEnv): Bridge {
  let [greeted, closed] = [false, false];
  const episode = episodeOf(env);
  const close = (): void => {
    if (closed) return;
    closed = true;
    env.close?.();
  };
  const operations: ReadonlyMap<string, Operation> = new Map([
    ['spaces', (request: Fields) => spacesText(env, request)],
    ['reset', ({ seed }) => episode.reset(seed)],
    ['step', ({ actions }) => episode.step(actions)],
    [
      'close',
      () => {
        close();
        return '{}';
      },
    ],
  ]);
  const perform = (request: Fields): string => {
    const { op } = request;
    if (closed) throw refused('closed', 'the environment is closed: start another');
    if (op === 'hello') {
      greet(request);
      greeted = true;
      const { name, version } = BRIDGE_PROTOCOL;
      return JSON.stringify({ protocol: name, version, env: env.name, agents: env.possibleAgents });
    }
    const operation = typeof op === 'string' ? operations.get(op) : undefined;
    const known = ['hello', ...operations.keys()].join(', ');
    if (operation === undefined) throw refused('no-such-op', `op must be one of ${known}, got ${shown(op)}`);
    if (!greeted) throw refused('no-hello', `the first request must be hello, got ${shown(op)}`);
    return operation(request);
  };
  return {
    get closed() {
      return closed;
    },
    answer: (line) => {
      let id: Id = null;
      try {
        const request = parsed(line);
        id = idOf(request);
        return `{"id":${JSON.stringify(id)},"ok":${perform(request)}}`;
      } catch (error) {
        return failure(id, error);
      }
    },
    tooLong: () => failure(null, refused('line-too-long', `a request has at most ${BRIDGE_LINE_CHARS} characters`)),
    close,
  };
}

/** Resets and steps, and knows who has not ended. */
function episodeOf(env: DecisionEnv): { reset(seed: unknown): string; step(actions: unknown): string } {
  const living = new Set<string>();
  let begun = false;
  const told = (turns: Turns): string => {
    for (const [agent, turn] of turns) {
      if (turn.terminated || turn.truncated) living.delete(agent);
      else living.add(agent);
    }
    return `{"over":${living.size === 0},"turns":${turnsText(turns)}}`;
  };
  return {
    reset: (seed) => {
      if (typeof seed !== 'number' || !Number.isSafeInteger(seed)) {
        throw refused('bad-request', `seed must be a whole number that a double holds exactly, got ${shown(seed)}`);
      }
      begun = false;
      const turns = env.reset(seed);
      if (turns.size === 0) throw nobodyAsked(env, seed);
      begun = true;
      living.clear();
      return told(turns);
    },
    step: (actions) => {
      if (!begun) throw refused('not-reset', 'step needs an episode: reset first');
      return told(env.step(actionsOf(actions)));
    },
  };
}

/** An episode without a step would look like one that was played. */
function nobodyAsked({ name }: DecisionEnv, seed: number): HaggleError {
  const why = 'what is played, and by which rules, leaves nothing to whoever learns';
  return refused('nobody-to-act', `nobody is asked to act in the episode of seed ${seed} of ${name}: ${why}`);
}

function greet({ version }: Fields): void {
  if (version === BRIDGE_PROTOCOL.version) return;
  throw refused('bad-version', `hello must name version ${BRIDGE_PROTOCOL.version}, got ${shown(version)}`);
}

function spacesText(env: DecisionEnv, { agents = env.possibleAgents }: Fields): string {
  if (!Array.isArray(agents) || !agents.every((agent) => typeof agent === 'string')) {
    throw refused('bad-request', `agents must be a list of names, got ${shown(agents)}`);
  }
  const spaces = agents.map((agent) => {
    const own = { observation: env.observationSpace(agent), action: env.actionSpace(agent) };
    return `${JSON.stringify(agent)}:${JSON.stringify(own)}`;
  });
  return `{"spaces":{${spaces.join(',')}}}`;
}

/** Written entry by entry: an object would put names that look like numbers first. */
function turnsText(turns: Turns): string {
  return `{${[...turns].map(([agent, turn]) => `${JSON.stringify(agent)}:${turnText(agent, turn)}`).join(',')}}`;
}

function turnText(agent: string, turn: Turn): string {
  const { observation, mask, reward, elapsed, terminated, truncated, info } = turn;
  for (const value of [...observation, reward, elapsed, ...Object.values(info)]) {
    if (Number.isFinite(value)) continue;
    throw refused('bad-turn', `a turn of ${agent} holds ${value}, which JSON cannot say`);
  }
  const open = mask === undefined ? {} : { mask: mask.map(Number) };
  return JSON.stringify({ observation, ...open, reward, elapsed, terminated, truncated, info });
}

function actionsOf(value: unknown): ReadonlyMap<string, readonly number[]> {
  if (!isFields(value)) throw refused('bad-request', `actions must be an object by agent, got ${shown(value)}`);
  const actions = new Map<string, readonly number[]>();
  for (const [agent, action] of Object.entries(value)) {
    if (!Array.isArray(action) || !action.every((number) => typeof number === 'number')) {
      throw refused('bad-request', `the action of ${agent} must be a list of numbers, got ${shown(action)}`);
    }
    actions.set(agent, action);
  }
  return actions;
}

function parsed(line: string): Fields {
  if (line.length > BRIDGE_LINE_CHARS) {
    throw refused('line-too-long', `a request has at most ${BRIDGE_LINE_CHARS} characters, got ${line.length}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw refused('bad-json', `a request must be one line of JSON, got ${shown(line)}`, cause);
  }
  if (!isFields(value)) throw refused('bad-request', `a request must be an object, got ${shown(value)}`);
  return value;
}

function idOf({ id = null }: Fields): Id {
  if (id === null || Number.isSafeInteger(id) || (typeof id === 'string' && id.length <= ID_CHARS)) return id as Id;
  throw refused('bad-request', `id must be a whole number or a text of up to ${ID_CHARS} characters, got ${shown(id)}`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Enough of a value to know it again. */
const SHOWN_CHARS = 80;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? 'nothing');
  return text.length <= SHOWN_CHARS ? text : `${text.slice(0, SHOWN_CHARS)}…`;
}

function refused(code: string, message: string, cause?: unknown): HaggleError {
  return new HaggleError(code, message, { cause });
}

function failure(id: Id, error: unknown): string {
  const code = error instanceof HaggleError ? error.code : 'env-failed';
  const message = error instanceof Error ? error.message : String(error);
  return JSON.stringify({ id, error: { code, message } });
}
