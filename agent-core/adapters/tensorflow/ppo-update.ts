import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import { clipNorm, type Adam } from '../../learning/adam.ts';
import type { Anatomy } from '../../learning/actor.ts';
import { standardise } from '../../learning/discounting.ts';
import type { Experience } from '../../learning/path.ts';
import { rowsOf } from '../../learning/rows.ts';
import type { RandomStream } from '../../random.ts';
import type { Tensorflow } from './load.ts';
import { parameterTensors, passForward, slopeOf, type Slope } from './network-weights.ts';
import { oneHot } from './one-hot.ts';

/** How much may change in one update of {@link updateByPpo}. */
export interface PpoSettings {
  readonly epochs: number;
  /** Decisions a gradient is taken over. */
  readonly minibatch: number;
  /** How far the ratio of new to old chances may leave 1 before it stops paying. */
  readonly clip: number;
  /** Weight of the entropy bonus. */
  readonly entropy: number;
  readonly policyRate: number;
  readonly valueRate: number;
  /** Longest gradient. */
  readonly norm: number;
  /** Estimated Kullback-Leibler divergence from the old policy past which the update stops. */
  readonly divergence: number;
}

/** Parameters and optimisers that an update changes in place. */
export interface PpoState {
  readonly policy: Float32Array;
  readonly value: Float32Array;
  readonly policyAdam: Adam;
  readonly valueAdam: Adam;
}

/** What an update did: means over its minibatches. */
export interface PpoLosses {
  readonly policy: number;
  /** In squared deviations of the returns. */
  readonly value: number;
  readonly entropy: number;
  /** At its end. */
  readonly divergence: number;
  /** Share of ratios beyond the clip. */
  readonly clipped: number;
  /** Gradients taken of the policy. */
  readonly steps: number;
}

/**
 * One update by proximal policy optimisation (Schulman, Wolski, Dhariwal, Radford and Klimov 2017, equations 7 and 9) with nets of
 * their own for policy and value: clipped objective, entropy bonus, clipped gradients, and an end to the policy's epochs once it has moved
 * too far. Masked choices have no chance; actions in a box are normal with a deviation that does not depend on the observation.
 *
 * @param experience - observations and returns standardised already; advantages are standardised here
 */
export function updateByPpo(
  { tf, anatomy }: { readonly tf: Tensorflow; readonly anatomy: Anatomy },
  state: PpoState,
  about: { readonly experience: Experience; readonly settings: PpoSettings; readonly random: RandomStream },
): PpoLosses {
  const { experience, settings, random } = about;
  const count = experience.logChances.length;
  const advantages = experience.advantages.slice();
  standardise(advantages);
  const rows = Array.from({ length: count }, (_, row) => row);
  const sums = { policy: 0, value: 0, entropy: 0, clipped: 0 };
  let [policySteps, valueSteps, divergence, moved] = [0, 0, 0, false];
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    const order = random.shuffle(rows);
    for (let at = 0; at < count; at += settings.minibatch) {
      const part = minibatch({ ...experience, advantages }, order.slice(at, at + settings.minibatch), anatomy);
      if (!moved) {
        const policy = policySlope(tf, { anatomy, parameters: state.policy }, { part, settings });
        divergence = policy.divergence;
        moved = divergence > settings.divergence;
        if (!moved) {
          apply(state.policyAdam, state.policy, { slope: policy, norm: settings.norm, rate: settings.policyRate });
          holdDeviations(state.policy, anatomy);
          sums.policy += policy.loss;
          sums.entropy += policy.entropy;
          sums.clipped += policy.clipped;
          policySteps++;
        }
      }
      const value = valueSlope(tf, { anatomy, parameters: state.value }, part);
      apply(state.valueAdam, state.value, { slope: value, norm: settings.norm, rate: settings.valueRate });
      sums.value += value.loss;
      valueSteps++;
    }
  }
  const mean = (sum: number): number => sum / Math.max(1, policySteps);
  return {
    policy: mean(sums.policy),
    value: sums.value / Math.max(1, valueSteps),
    entropy: mean(sums.entropy),
    clipped: mean(sums.clipped),
    divergence,
    steps: policySteps,
  };
}

interface Part extends Experience {
  readonly count: number;
}

function minibatch(experience: Experience, rows: readonly number[], { observes, acts }: Anatomy): Part {
  const discrete = acts.kind === 'discrete';
  return {
    count: rows.length,
    observations: rowsOf(experience.observations, rows, observes.features.length),
    masks: rowsOf(experience.masks, rows, discrete ? acts.choices.length : 0),
    actions: rowsOf(experience.actions, rows, discrete ? 1 : acts.features.length),
    logChances: rowsOf(experience.logChances, rows, 1),
    advantages: rowsOf(experience.advantages, rows, 1),
    returns: rowsOf(experience.returns, rows, 1),
  };
}

function apply(
  adam: Adam,
  parameters: Float32Array,
  by: { readonly slope: Slope; readonly norm: number; readonly rate: number },
): void {
  clipNorm(by.slope.gradient, by.norm);
  adam.step(parameters, by.slope.gradient, by.rate);
}

/** Of the logarithm of an action's deviation, in halves of its bounds: from where draws are all alike to where all lie on the bounds. */
const LOG_DEVIATION = { min: -7, max: 2 } as const;

function holdDeviations(policy: Float32Array, { acts }: Anatomy): void {
  if (acts.kind === 'discrete') return;
  for (let k = policy.length - acts.features.length; k < policy.length; k++) {
    policy[k] = Math.min(LOG_DEVIATION.max, Math.max(LOG_DEVIATION.min, policy[k] ?? 0));
  }
}

interface Net {
  readonly anatomy: Anatomy;
  readonly parameters: Float32Array;
}

interface PolicySlope extends Slope {
  readonly entropy: number;
  readonly divergence: number;
  readonly clipped: number;
}

function policySlope(
  tf: Tensorflow,
  { anatomy, parameters }: Net,
  { part, settings }: { readonly part: Part; readonly settings: PpoSettings },
): PolicySlope {
  const found = { entropy: 0, divergence: 0, clipped: 0 };
  const shapes = anatomy.policy;
  const tensors = (): Tensor[] => {
    const layers = parameterTensors(tf, shapes, parameters);
    if (anatomy.acts.kind === 'discrete') return layers;
    return [...layers, tf.tensor1d(parameters.slice(-anatomy.acts.features.length))];
  };
  const slope = slopeOf(tf, tensors, (variables) => {
    const input = tf.tensor2d(part.observations, [part.count, anatomy.observes.features.length]);
    const output = passForward(shapes, variables, input);
    const { logChances, entropy } =
      anatomy.acts.kind === 'discrete'
        ? ofChoices(tf, output, part)
        : ofNormal(tf, { means: output, logDeviations: variables.at(-1) ?? tf.scalar(0) }, part);
    const logRatio = logChances.sub(tf.tensor1d(part.logChances));
    const ratio = logRatio.exp();
    const advantages = tf.tensor1d(part.advantages);
    const held = ratio.clipByValue(1 - settings.clip, 1 + settings.clip);
    const gain = tf.minimum(ratio.mul(advantages), held.mul(advantages)).mean();
    // Schulman's estimate (ratio - 1) - ln ratio: never below 0, and of less variance than -ln ratio.
    const divergence = ratio.sub(1).sub(logRatio).mean();
    found.divergence = divergence.dataSync()[0] ?? Number.NaN;
    found.entropy = entropy.dataSync()[0] ?? Number.NaN;
    found.clipped = shareBeyond(ratio.dataSync(), settings.clip);
    return gain.add(entropy.mul(settings.entropy)).neg();
  });
  return { ...slope, ...found };
}

interface Chances {
  /** ln of the chance of each decision that was made. */
  readonly logChances: Tensor;
  /** Mean entropy of the decisions to make. */
  readonly entropy: Tensor;
}

/** Far below every score, and so far that exp() of it is exactly 0 in f32. */
const CLOSED = 1e9;

function ofChoices(tf: Tensorflow, scores: Tensor2D, part: Part): Chances {
  const choices = scores.shape[1];
  const open = tf.tensor2d(part.masks, [part.count, choices]);
  const logs = tf.logSoftmax(scores.add(open.sub(1).mul(CLOSED)));
  const taken = tf.tensor2d(oneHot(part.actions, choices), [part.count, choices]);
  return { logChances: logs.mul(taken).sum(1), entropy: logs.exp().mul(logs).mul(open).sum(1).mean().neg() };
}

const HALF_LN_2PI = 0.9189385332046728;

function ofNormal(
  tf: Tensorflow,
  { means, logDeviations }: { readonly means: Tensor2D; readonly logDeviations: Tensor },
  part: Part,
): Chances {
  const features = means.shape[1];
  const drawn = tf.tensor2d(part.actions, [part.count, features]);
  const z = drawn.sub(means).div(logDeviations.exp());
  const logChances = z.square().mul(-0.5).sub(logDeviations).sub(HALF_LN_2PI).sum(1);
  return { logChances, entropy: logDeviations.sum().add(features * (HALF_LN_2PI + 0.5)) };
}

function valueSlope(tf: Tensorflow, { anatomy, parameters }: Net, part: Part): Slope {
  const shapes = anatomy.value;
  return slopeOf(
    tf,
    () => parameterTensors(tf, shapes, parameters),
    (variables) => {
      const input = tf.tensor2d(part.observations, [part.count, anatomy.observes.features.length]);
      const values = passForward(shapes, variables, input).reshape([part.count]);
      return values.sub(tf.tensor1d(part.returns)).square().mean().mul(0.5);
    },
  );
}

function shareBeyond(ratios: ArrayLike<number>, clip: number): number {
  let beyond = 0;
  for (let k = 0; k < ratios.length; k++) if (Math.abs((ratios[k] ?? 1) - 1) > clip) beyond++;
  return ratios.length === 0 ? 0 : beyond / ratios.length;
}
