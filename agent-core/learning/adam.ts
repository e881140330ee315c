import { assert, HaggleError } from '../errors.ts';

/** Where an {@link createAdam | optimiser} stands, as plain data. */
export interface AdamState {
  /** Powers of the two decay rates: one factor a step. */
  readonly decays: readonly [number, number];
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** Moves parameters against their gradient. */
export interface Adam {
  /** Changes `parameters` in place. */
  step(parameters: Float32Array, gradient: Float32Array, rate: number): void;
  state(): AdamState;
}

const BETA_1 = 0.9;
const BETA_2 = 0.999;
/** Larger than the paper's 1e-8, as is usual in policy optimisation: it keeps steps small where gradients are nearly zero. */
const EPSILON = 1e-5;

/**
 * Adam (Kingma and Ba 2015, algorithm 1) on a flat vector. It is ours and not the one of tfjs so that its state can be saved and
 * taken up again to the bit, whatever computes the gradient.
 *
 * @param from - a saved state to go on from
 */
export function createAdam(size: number, from?: AdamState): Adam {
  assert(from === undefined || (from.first.length === size && from.second.length === size), 'a state of this size');
  const first = from?.first.slice() ?? new Float32Array(size);
  const second = from?.second.slice() ?? new Float32Array(size);
  let [firstDecay, secondDecay] = from?.decays ?? [1, 1];
  return {
    step: (parameters, gradient, rate) => {
      assert(parameters.length === size && gradient.length === size, 'one gradient a parameter');
      firstDecay *= BETA_1;
      secondDecay *= BETA_2;
      const firstScale = 1 / (1 - firstDecay);
      const secondScale = 1 / (1 - secondDecay);
      for (let k = 0; k < size; k++) {
        const g = gradient[k] as number;
        const m = BETA_1 * (first[k] as number) + (1 - BETA_1) * g;
        const v = BETA_2 * (second[k] as number) + (1 - BETA_2) * g * g;
        first[k] = m;
        second[k] = v;
        const step = (rate * m * firstScale) / (Math.sqrt(v * secondScale) + EPSILON);
        parameters[k] = (parameters[k] as number) - step;
      }
    },
    state: () => ({ decays: [firstDecay, secondDecay], first: first.slice(), second: second.slice() }),
  };
}

/**
 * Scales a gradient in place so that its Euclidean norm is at most `most` (Pascanu, Mikolov and Bengio 2013); returns the norm it had.
 *
 * @throws HaggleError `training-diverged` for one that is not finite: a step by it would leave nothing of the net
 */
export function clipNorm(gradient: Float32Array, most: number): number {
  let squares = 0;
  for (const value of gradient) squares += value * value;
  const norm = Math.sqrt(squares);
  if (!Number.isFinite(norm)) {
    throw new HaggleError(
      'training-diverged',
      'a gradient is not finite: lower the learning rate, or scale the rewards',
    );
  }
  if (norm > most) for (let k = 0; k < gradient.length; k++) gradient[k] = ((gradient[k] as number) * most) / norm;
  return norm;
}
