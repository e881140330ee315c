import type { Mask } from '../policy/space.ts';
import type { Chosen } from './actor.ts';
import type { Turn } from './decision-env.ts';
import { advantagesOf, lookAhead } from './discounting.ts';
import type { Transitions } from './replay-buffer.ts';
import { joinColumns } from './rows.ts';

/** How wide the columns of a path are. */
export interface PathShape {
  readonly features: number;
  /** Numbers an action. */
  readonly actions: number;
  /** Entries of a mask; 0 where actions are no choices. */
  readonly choices: number;
}

/** One agent's decisions in one episode, one column a fact. Observations, masks and values have one row more: where it ended. */
export interface Path {
  readonly observations: Float32Array;
  readonly masks: Float32Array;
  readonly actions: Float32Array;
  readonly logChances: Float32Array;
  readonly values: Float64Array;
  readonly rewards: Float64Array;
  readonly elapsed: Float64Array;
  /** Nothing would have followed; else it was cut off. */
  readonly terminated: boolean;
}

/** Where an agent stands when it decides or ends. */
export interface Standpoint {
  readonly observation: readonly number[];
  readonly mask: Mask | undefined;
}

/** Writes down one agent's way. */
export interface PathRecorder {
  /** Decisions whose outcome is known. */
  readonly length: number;
  /** The agent decided at this turn. */
  decided(at: Standpoint, chosen: Chosen, value: number): void;
  /** What came of the decision before. */
  came(turn: Turn): void;
  /** It ends here; `value` is that of what would have followed, which is not read where it terminated. */
  ended(at: Standpoint, end: { readonly terminated: boolean; readonly value: number }): void;
  /** It is cut where it decided last, whose outcome is not known. */
  cut(): void;
  finish(): Path;
}

/** An empty path. */
export function recordPath(shape: PathShape): PathRecorder {
  const observations = createColumn();
  const masks = createColumn();
  const actions = createColumn();
  const logChances = createColumn();
  const values: number[] = [];
  const rewards: number[] = [];
  const elapsed: number[] = [];
  let terminated = false;
  const stand = ({ observation, mask }: Standpoint): void => {
    for (let k = 0; k < shape.features; k++) observations.push(observation[k] as number);
    for (let choice = 0; choice < shape.choices; choice++) masks.push(mask?.[choice] === false ? 0 : 1);
  };
  return {
    get length() {
      return rewards.length;
    },
    decided: (at, { drawn, logChance }, value) => {
      stand(at);
      for (let k = 0; k < shape.actions; k++) actions.push(drawn[k] as number);
      logChances.push(logChance);
      values.push(value);
    },
    came: (turn) => {
      rewards.push(turn.reward);
      elapsed.push(turn.elapsed);
    },
    ended: (at, end) => {
      stand(at);
      values.push(end.terminated ? 0 : end.value);
      terminated = end.terminated;
    },
    cut: () => {
      actions.cut(rewards.length * shape.actions);
      logChances.cut(rewards.length);
    },
    finish: () => ({
      observations: observations.taken(),
      masks: masks.taken(),
      actions: actions.taken(),
      logChances: logChances.taken(),
      values: Float64Array.from(values),
      rewards: Float64Array.from(rewards),
      elapsed: Float64Array.from(elapsed),
      terminated,
    }),
  };
}

/** Numbers in f32 as they come. */
interface Column {
  push(value: number): void;
  cut(length: number): void;
  taken(): Float32Array;
}

const COLUMN_START = 64;

function createColumn(): Column {
  let values = new Float32Array(COLUMN_START);
  let length = 0;
  return {
    push: (value) => {
      if (length === values.length) {
        const more = new Float32Array(2 * length);
        more.set(values);
        values = more;
      }
      values[length++] = value;
    },
    cut: (to) => {
      length = to;
    },
    taken: () => values.slice(0, length),
  };
}

/** Decisions as policy optimisation learns from them, one row each. */
export interface Experience {
  readonly observations: Float32Array;
  readonly masks: Float32Array;
  readonly actions: Float32Array;
  readonly logChances: Float32Array;
  readonly advantages: Float32Array;
  readonly returns: Float32Array;
}

const COLUMNS = ['observations', 'masks', 'actions', 'logChances', 'advantages', 'returns'] as const;

/** A path with what each decision turned out to be worth; see {@link advantagesOf}. */
export function experienceOf(
  path: Path,
  rates: { readonly gamma: number; readonly lambda: number },
  shape: PathShape,
): Experience {
  const count = path.rewards.length;
  const { advantages, returns } = advantagesOf(path, rates);
  return {
    observations: path.observations.subarray(0, count * shape.features),
    masks: path.masks.subarray(0, count * shape.choices),
    actions: path.actions,
    logChances: path.logChances,
    advantages: Float32Array.from(advantages),
    returns: Float32Array.from(returns),
  };
}

/** Batches as one, in their order. */
export function joinExperience(batches: readonly Experience[]): Experience {
  const column = (name: (typeof COLUMNS)[number]): Float32Array => joinColumns(batches.map((batch) => batch[name]));
  return {
    observations: column('observations'),
    masks: column('masks'),
    actions: column('actions'),
    logChances: column('logChances'),
    advantages: column('advantages'),
    returns: column('returns'),
  };
}

/** A path as transitions of up to `steps` decisions; see {@link lookAhead}. */
export function transitionsOf(
  path: Path,
  { steps, gamma }: { readonly steps: number; readonly gamma: number },
  shape: PathShape,
): Transitions {
  const count = path.rewards.length;
  const ahead = Array.from({ length: count }, (_, from) => lookAhead(path, { from, steps, gamma }));
  const rowsAt = (table: Float32Array, width: number): Float32Array =>
    joinColumns(ahead.map(({ next }) => table.subarray(next * width, (next + 1) * width)));
  return {
    observations: path.observations.subarray(0, count * shape.features),
    actions: path.actions,
    rewards: Float32Array.from(ahead, ({ reward }) => reward),
    discounts: Float32Array.from(ahead, (one) => (path.terminated && one.next === count ? 0 : one.discount)),
    nextObservations: rowsAt(path.observations, shape.features),
    nextMasks: rowsAt(path.masks, shape.choices),
  };
}
