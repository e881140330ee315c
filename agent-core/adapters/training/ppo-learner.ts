import { ln } from '../../float-math.ts';
import { createAdam } from '../../learning/adam.ts';
import { standardiseRows, type Anatomy, type Snapshot } from '../../learning/actor.ts';
import { firstParameters, layersIn } from '../../learning/flat-network.ts';
import { joinExperience } from '../../learning/path.ts';
import { joinMoments, momentsOf, noMoments, standardOf, type Moments } from '../../learning/running-normaliser.ts';
import { scheduled } from '../../learning/schedule.ts';
import { createRandomRoot } from '../../random.ts';
import type { Tensorflow } from '../tensorflow/load.ts';
import { updateByPpo } from '../tensorflow/ppo-update.ts';
import type { SavedArrays } from './checkpoint.ts';
import { momentsFrom, momentsSaved, type Learner } from './learner.ts';
import type { PpoTraining, Settled } from './options.ts';
import { adamFrom, adamSaved } from './saved-adam.ts';
import { savedFloats } from './saved-column.ts';

/** What {@link createPpoLearner} needs. */
export interface PpoLearnerOptions {
  readonly tf: Tensorflow;
  readonly anatomy: Anatomy;
  readonly settings: Settled<PpoTraining>;
  readonly seed: number | string;
}

/** Last layers begin small: first actions are even, first worths are zero. */
const LAST_GAIN = 0.01;

/**
 * A learner by proximal policy optimisation, new or as it was saved. What decisions are worth is learnt in standard units, whatever the
 * environment's; when they shift, the value net's last layer is shifted against them, so that no worth changes (van Hasselt, Guez,
 * Hessel, Mnih and Silver 2016, "Pop-Art", equation 5).
 */
export function createPpoLearner(options: PpoLearnerOptions, saved?: SavedArrays): Learner {
  const { tf, anatomy, settings, seed } = options;
  const random = createRandomRoot(seed);
  const first = {
    policy: firstPolicy(options),
    value: firstParameters(anatomy.value, random.stream('value'), LAST_GAIN),
  };
  const sizes = { policy: first.policy.length, value: first.value.length };
  const policy = saved === undefined ? first.policy : savedFloats(saved, 'policy', { length: sizes.policy });
  const value = saved === undefined ? first.value : savedFloats(saved, 'value', { length: sizes.value });
  const policyAdam = createAdam(sizes.policy, saved && adamFrom('policyAdam', saved, sizes.policy));
  const valueAdam = createAdam(sizes.value, saved && adamFrom('valueAdam', saved, sizes.value));
  const { length: width } = anatomy.observes.features;
  let inputs = saved === undefined ? noMoments(width) : momentsFrom('inputs', saved, width);
  let returns = saved === undefined ? noMoments(1) : momentsFrom('returns', saved, 1);
  return {
    gather: { kind: 'experience', gamma: settings.gamma, lambda: settings.lambda },
    decisionsPerUpdate: settings.decisionsPerUpdate,
    // Copies: what is played by and kept as best must not move with the parameters.
    snapshot: (): Snapshot => ({
      policy: policy.slice(),
      value: value.slice(),
      inputs: standardOf(inputs),
      worth: scaleOf(returns),
    }),
    exploration: () => ({ kind: 'sample' }),
    learn: (harvest, { progress, update }) => {
      const raw = joinExperience(harvest.flatMap(({ experience }) => experience ?? []));
      const before = scaleOf(returns);
      returns = joinMoments(returns, momentsOf(raw.returns, 1));
      const scale = scaleOf(returns);
      keepWorths(anatomy, value, { before, scale });
      const experience = {
        ...raw,
        observations: standardiseRows(raw.observations, standardOf(inputs)),
        returns: raw.returns.map((one) => (one - scale.mean) / scale.deviation),
      };
      const { kind: _kind, ...rest } = settings;
      const losses = updateByPpo(
        { tf, anatomy },
        { policy, value, policyAdam, valueAdam },
        {
          experience,
          settings: {
            ...rest,
            entropy: scheduled(settings.entropy, progress),
            policyRate: scheduled(settings.policyRate, progress),
            valueRate: scheduled(settings.valueRate, progress),
          },
          // A root of its own for each update: an interrupted training goes on with the same chance.
          random: createRandomRoot(seed).stream('update', String(update)),
        },
      );
      inputs = harvest.reduce((all, { moments }) => joinMoments(all, moments), inputs);
      return { ...losses };
    },
    state: () => ({
      policy: policy.slice(),
      value: value.slice(),
      ...adamSaved('policyAdam', policyAdam),
      ...adamSaved('valueAdam', valueAdam),
      ...momentsSaved('inputs', inputs),
      ...momentsSaved('returns', returns),
    }),
  };
}

function firstPolicy({ anatomy, settings, seed }: PpoLearnerOptions): Float32Array {
  const layers = firstParameters(anatomy.policy, createRandomRoot(seed).stream('policy'), LAST_GAIN);
  if (anatomy.acts.kind === 'discrete') return layers;
  const parameters = new Float32Array(layers.length + anatomy.acts.features.length).fill(ln(settings.deviation));
  parameters.set(layers);
  return parameters;
}

function scaleOf(returns: Moments): Snapshot['worth'] {
  const { means, deviations } = standardOf(returns);
  return { mean: means[0] ?? 0, deviation: deviations[0] ?? 1 };
}

function keepWorths(
  anatomy: Anatomy,
  value: Float32Array,
  { before, scale }: { readonly before: Snapshot['worth']; readonly scale: Snapshot['worth'] },
): void {
  const last = layersIn(anatomy.value, value).at(-1);
  if (last === undefined) return;
  const stretch = before.deviation / scale.deviation;
  last.kernel.forEach((weight, k) => (last.kernel[k] = weight * stretch));
  last.bias.forEach((bias, k) => (last.bias[k] = bias * stretch + (before.mean - scale.mean) / scale.deviation));
}
