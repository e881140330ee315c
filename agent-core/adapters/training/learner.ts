import { assert, HaggleError } from '../../errors.ts';
import type { Anatomy, Exploration, Snapshot } from '../../learning/actor.ts';
import { denseShapes } from '../../learning/flat-network.ts';
import { LEAST_DEVIATION, type Moments } from '../../learning/running-normaliser.ts';
import type { SavedArrays } from './checkpoint.ts';
import { savedDoubles, savedFloats } from './saved-column.ts';
import type { Gathering, Harvest, Spaces } from './stage.ts';

/** What an update reports beside its reward: names and numbers for the learning curve. */
export type Losses = Readonly<Record<string, number>>;

/** Learns a policy from episodes: it says how to play, is told what came of it, and again. */
export interface Learner {
  readonly gather: Gathering;
  /** Decisions to gather before each update. */
  readonly decisionsPerUpdate: number;
  snapshot(): Snapshot;
  /** @param progress - share of the training that is done */
  exploration(progress: number): Exploration;
  learn(harvest: readonly Harvest[], at: Moment): Losses;
  /** All that it has learnt and needs to go on to the bit. */
  state(): SavedArrays;
}

/** When an update takes place. */
export interface Moment {
  readonly progress: number;
  /** Names the update's chance. */
  readonly update: number;
}

/** The nets of a policy, with one that judges where `judges` says so. */
export function anatomyOf(
  { observes, acts }: Spaces,
  net: { readonly hidden: readonly number[]; readonly activation: 'relu' | 'tanh'; readonly judges: boolean },
): Anatomy {
  const inputs = observes.features.length;
  const outputs = acts.kind === 'discrete' ? acts.choices.length : acts.features.length;
  return {
    observes,
    acts,
    policy: denseShapes({ ...net, inputs, outputs }),
    value: net.judges ? denseShapes({ ...net, inputs, outputs: 1 }) : [],
  };
}

/** Moments as arrays to save. */
export function momentsSaved(name: string, { count, means, squares }: Moments): SavedArrays {
  return { [`${name}.count`]: Float64Array.of(count), [`${name}.means`]: means, [`${name}.squares`]: squares };
}

/** Moments of vectors of `width` numbers as they were saved. @throws HaggleError `bad-checkpoint` */
export function momentsFrom(name: string, arrays: SavedArrays, width: number): Moments {
  const [count = 0] = savedDoubles(arrays, `${name}.count`, { length: 1, least: 0, isWhole: true });
  return {
    count,
    means: savedDoubles(arrays, `${name}.means`, { length: width }),
    squares: savedDoubles(arrays, `${name}.squares`, { length: width, least: 0 }),
  };
}

/** A snapshot as arrays to save. */
export function snapshotSaved({ policy, value, inputs, worth }: Snapshot): SavedArrays {
  const { means, deviations } = inputs;
  return { policy, value, means, deviations, worth: Float64Array.of(worth.mean, worth.deviation) };
}

/** A snapshot as it was saved, of the sizes of another. @throws HaggleError `bad-checkpoint` */
export function snapshotFrom(arrays: SavedArrays, { policy, value, inputs }: Snapshot): Snapshot {
  const { length } = inputs.means;
  const [mean = 0, deviation = 1] = savedDoubles(arrays, 'worth', { length: 2 });
  if (deviation < LEAST_DEVIATION) {
    throw new HaggleError('bad-checkpoint', `worth[1] must be from ${LEAST_DEVIATION}, is ${deviation}`);
  }
  return {
    policy: savedFloats(arrays, 'policy', { length: policy.length }),
    value: savedFloats(arrays, 'value', { length: value.length }),
    inputs: {
      means: savedDoubles(arrays, 'means', { length }),
      deviations: savedDoubles(arrays, 'deviations', { length, least: LEAST_DEVIATION }),
    },
    worth: { mean, deviation },
  };
}

/** The snapshot that {@link snapshotSaved} made these arrays of. */
export function snapshotOf({ policy, value, means, deviations, worth }: SavedArrays): Snapshot {
  assert(policy instanceof Float32Array && value instanceof Float32Array, 'parameters in 32 bits');
  assert(means instanceof Float64Array && deviations instanceof Float64Array, 'a scale in 64 bits');
  const [mean = 0, deviation = 1] = worth ?? [];
  return { policy, value, inputs: { means, deviations }, worth: { mean, deviation } };
}
