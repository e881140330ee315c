import { clipNorm, type Adam } from '../../learning/adam.ts';
import type { Anatomy } from '../../learning/actor.ts';
import type { Transitions } from '../../learning/replay-buffer.ts';
import type { Tensorflow } from './load.ts';
import { parameterTensors, passForward, slopeOf } from './network-weights.ts';
import { oneHot } from './one-hot.ts';

/** The nets of {@link stepByDqn}: one that is learnt, in place, and an older one that says what the next state is worth. */
export interface DqnState {
  readonly scores: Float32Array;
  readonly target: Float32Array;
  readonly adam: Adam;
}

/**
 * One gradient step of Q-learning with a target net (Mnih and others 2015), double (van Hasselt, Guez and Silver 2016, equation 4):
 * the net that is learnt picks the best open choice of the next state, the older one says what it is worth. What lies ahead counts by the transition's own
 * discount, gamma^elapsed. Huber loss (Huber 1964) with its bend at 1.
 *
 * @param batch - observations standardised already
 * @returns the mean loss
 */
export function stepByDqn(
  { tf, anatomy }: { readonly tf: Tensorflow; readonly anatomy: Anatomy },
  state: DqnState,
  { batch, rate, norm }: { readonly batch: Transitions; readonly rate: number; readonly norm: number },
): number {
  const count = batch.actions.length;
  const width = anatomy.observes.features.length;
  const shapes = anatomy.policy;
  const targets = targetsOf({ tf, anatomy }, state, batch);
  const slope = slopeOf(
    tf,
    () => parameterTensors(tf, shapes, state.scores),
    (variables) => {
      const scores = passForward(shapes, variables, tf.tensor2d(batch.observations, [count, width]));
      const taken = tf.tensor2d(oneHot(batch.actions, scores.shape[1]), scores.shape);
      const off = scores.mul(taken).sum(1).sub(tf.tensor1d(targets)).abs();
      // 0.5 x^2 up to 1, then x - 0.5: in this form it has a gradient on every backend.
      const near = off.minimum(1);
      return near.square().mul(0.5).add(off.sub(near)).mean();
    },
  );
  clipNorm(slope.gradient, norm);
  state.adam.step(state.scores, slope.gradient, rate);
  return slope.loss;
}

function targetsOf(
  { tf, anatomy }: { readonly tf: Tensorflow; readonly anatomy: Anatomy },
  state: DqnState,
  batch: Transitions,
): Float32Array {
  const count = batch.actions.length;
  const shapes = anatomy.policy;
  let picking: Float32Array = new Float32Array(0);
  let judging = picking;
  tf.tidy(() => {
    const next = tf.tensor2d(batch.nextObservations, [count, anatomy.observes.features.length]);
    const scoresBy = (flat: Float32Array): Float32Array =>
      passForward(shapes, parameterTensors(tf, shapes, flat), next).dataSync<'float32'>();
    picking = scoresBy(state.scores);
    judging = scoresBy(state.target);
  });
  const choices = picking.length / count;
  return batch.rewards.map((reward, row) => {
    let best = -1;
    for (let at = row * choices; at < (row + 1) * choices; at++) {
      if (batch.nextMasks[at] === 1 && (best < 0 || (picking[at] ?? 0) > (picking[best] ?? 0))) best = at;
    }
    return reward + (batch.discounts[row] ?? 0) * (judging[best] ?? 0);
  });
}
