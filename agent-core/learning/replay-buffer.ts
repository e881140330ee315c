import { assert, HaggleError } from '../errors.ts';
import type { RandomStream } from '../random.ts';

/** How wide one transition is. */
export interface ReplayShape {
  readonly features: number;
  readonly choices: number;
}

/** Transitions, one column a fact; each row says `worth(observation, action) = reward + discount * worth(next)`. */
export interface Transitions {
  readonly observations: Float32Array;
  /** Index of the choice taken. */
  readonly actions: Float32Array;
  readonly rewards: Float32Array;
  /** gamma^elapsed; 0 where the path terminated. */
  readonly discounts: Float32Array;
  readonly nextObservations: Float32Array;
  /** 1 where a choice is open in the next state. */
  readonly nextMasks: Float32Array;
}

/** Where a buffer stands, as plain data. */
export interface ReplayState extends Transitions {
  readonly at: number;
}

/** The latest transitions, to learn from more than once and out of order (Lin 1992; Mnih and others 2015). */
export interface ReplayBuffer {
  readonly length: number;
  add(batch: Transitions): void;
  /** Rows drawn evenly with replacement. @throws HaggleError `empty-replay` */
  draw(count: number, random: RandomStream): Transitions;
  state(): ReplayState;
}

const COLUMNS = ['observations', 'actions', 'rewards', 'discounts', 'nextObservations', 'nextMasks'] as const;

/** A ring of `capacity` rows. @throws HaggleError `bad-training` for a capacity below 1 */
export function createReplay(capacity: number, shape: ReplayShape, from?: ReplayState): ReplayBuffer {
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw new HaggleError('bad-training', `a replay buffer must hold at least 1 transition, got ${capacity}`);
  }
  const widths = widthsOf(shape);
  const rows = emptyRows(capacity, widths);
  let length = 0;
  let at = 0;
  const add = (batch: Transitions): void => {
    for (let row = 0; row < batch.actions.length; row++) {
      for (const column of COLUMNS) copyRow(batch[column], row, { to: rows[column], row: at, width: widths[column] });
      at = (at + 1) % capacity;
      length = Math.min(capacity, length + 1);
    }
  };
  if (from !== undefined) {
    assert(from.actions.length <= capacity, 'a saved buffer fits');
    add(from);
    at = from.at;
  }
  return {
    get length() {
      return length;
    },
    add,
    draw: (count, random) => {
      if (length === 0) throw new HaggleError('empty-replay', 'nothing can be drawn before something was added');
      const drawn = emptyRows(count, widths);
      for (let k = 0; k < count; k++) {
        const row = random.integer(0, length - 1);
        for (const column of COLUMNS) copyRow(rows[column], row, { to: drawn[column], row: k, width: widths[column] });
      }
      return drawn;
    },
    state: () => {
      const kept = emptyRows(length, widths);
      for (const column of COLUMNS) kept[column].set(rows[column].subarray(0, length * widths[column]));
      return { ...kept, at };
    },
  };
}

/** Batches as one, in their order. */
export function joinTransitions(batches: readonly Transitions[], shape: ReplayShape): Transitions {
  const widths = widthsOf(shape);
  const count = batches.reduce((sum, { actions }) => sum + actions.length, 0);
  const joined = emptyRows(count, widths);
  let at = 0;
  for (const batch of batches) {
    for (const column of COLUMNS) joined[column].set(batch[column], at * widths[column]);
    at += batch.actions.length;
  }
  return joined;
}

type Widths = Readonly<Record<(typeof COLUMNS)[number], number>>;

function widthsOf({ features, choices }: ReplayShape): Widths {
  return {
    observations: features,
    actions: 1,
    rewards: 1,
    discounts: 1,
    nextObservations: features,
    nextMasks: choices,
  };
}

function emptyRows(count: number, widths: Widths): Transitions {
  const column = (name: (typeof COLUMNS)[number]): Float32Array => new Float32Array(count * widths[name]);
  return {
    observations: column('observations'),
    actions: column('actions'),
    rewards: column('rewards'),
    discounts: column('discounts'),
    nextObservations: column('nextObservations'),
    nextMasks: column('nextMasks'),
  };
}

function copyRow(
  from: Float32Array,
  row: number,
  target: { readonly to: Float32Array; readonly row: number; readonly width: number },
): void {
  const { to, width } = target;
  for (let k = 0; k < width; k++) to[target.row * width + k] = from[row * width + k] as number;
}
