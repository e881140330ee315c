import { sha256 } from '@noble/hashes/sha2.js';
import { HaggleError } from '../errors.ts';
import { encodeUtf8 } from '../identity/encoding.ts';
import { canonicalize } from '../message/canonical.ts';
import { compileNetwork } from './kernel/compile.ts';
import { checkNetwork, endsOf, type Activation, type Network, type NetworkDescription } from './network.ts';
import { definePolicy, type Policy } from './policy.ts';
import type { ActionSpace, Feature, Mask } from './space.ts';
import { shapeOf, weightBytes, weightsDigest } from './weights.ts';

/** How observations are scaled before a network sees them: `(x - mean) / deviation`, held within `-clip` to `clip`. In f32. */
export interface Normaliser {
  /** One a feature. */
  readonly means: readonly number[];
  /** One a feature, each above 0. */
  readonly deviations: readonly number[];
  readonly clip: number;
}

/** What makes a policy of a network. */
export interface NetworkPolicySpec {
  readonly name: string;
  readonly observes: readonly Feature[];
  /**
   * A box: its last layer is `linear` or `tanh`, one output a feature; -1 stands for the feature's least and 1 for its most.
   * Choices: the last layer is `linear` or `softmax`, one output a choice.
   */
  readonly acts: ActionSpace;
  readonly normaliser: Normaliser;
  readonly network: NetworkDescription;
}

/** What may be decided about {@link networkPolicy}. */
export interface NetworkPolicyOptions {
  /** Makes the network ready; `compileNetwork` unless said otherwise. The policy is the same with any that is exact. */
  readonly compile?: (description: NetworkDescription) => Network;
}

/**
 * A policy that asks a network and takes what it thinks best: of a box the network's answer, of choices the one with the greatest
 * output among those open, the first of equals. Computed in f32, in a fixed order, so it acts alike wherever it runs.
 * Its hash is over name, features, normaliser, layers and weights.
 *
 * @throws HaggleError `bad-policy` for a normaliser, features or a last layer that do not fit; `bad-network`, `bad-space`
 */
export function networkPolicy(spec: NetworkPolicySpec, options: NetworkPolicyOptions = {}): Policy {
  checkNetworkPolicy(spec);
  const network = (options.compile ?? compileNetwork)(spec.network);
  const input = new Float32Array(network.inputs);
  const output = new Float32Array(network.outputs);
  const normalise = normaliserOf(spec.normaliser);
  const { name, observes, acts } = spec;
  const read = acts.kind === 'box' ? boxReader(acts.features) : choiceReader(name);
  return definePolicy({
    name,
    observes,
    acts,
    parameters: contentWords(spec),
    act(observation, mask) {
      normalise(observation, input);
      network.run(input, output);
      return read(output, mask);
    },
  });
}

/**
 * Checks that network, normaliser and spaces fit each other.
 *
 * @throws HaggleError `bad-policy`, `bad-network`
 */
export function checkNetworkPolicy({ name, observes, acts, normaliser, network }: NetworkPolicySpec): void {
  const fail = (problem: string): never => {
    throw new HaggleError('bad-policy', `policy ${name}: ${problem}`);
  };
  checkNetwork(network);
  const { inputs, outputs } = endsOf(network);
  const actions = acts.kind === 'box' ? acts.features.length : acts.choices.length;
  if (inputs !== observes.length) fail(`the network takes ${inputs} numbers, observed are ${observes.length}`);
  if (outputs !== actions) fail(`the network gives ${outputs} numbers, the space of actions has ${actions}`);
  const last = network.layers.at(-1);
  const head = last?.type === 'dense' ? last.activation : 'layer-norm';
  const heads = HEADS[acts.kind];
  if (!heads.some((one) => one === head)) fail(`the last layer must be ${heads.join(' or ')}, got ${head}`);
  for (const { name: feature, min, max } of [...observes, ...(acts.kind === 'box' ? acts.features : [])]) {
    if (isF32(min) && isF32(max)) continue;
    fail(`bounds of feature ${feature} must be finite in f32, got ${min} to ${max}`);
  }
  checkNormaliser(normaliser, observes.length, fail);
}

const HEADS: Readonly<Record<ActionSpace['kind'], readonly Activation[]>> = {
  box: ['linear', 'tanh'],
  discrete: ['linear', 'softmax'],
};

function checkNormaliser(
  { means, deviations, clip }: Normaliser,
  size: number,
  fail: (problem: string) => never,
): void {
  for (const [what, values] of [
    ['means', means],
    ['deviations', deviations],
  ] as const) {
    if (values.length !== size) fail(`the normaliser must have ${size} ${what}, got ${values.length}`);
  }
  const mean = means.find((value) => !isF32(value));
  if (mean !== undefined) fail(`means must be finite in f32, got ${mean}`);
  const isPositive = (value: number): boolean => isF32(value) && Math.fround(value) > 0;
  const deviation = deviations.find((value) => !isPositive(value));
  if (deviation !== undefined) fail(`deviations must be finite and above 0 in f32, got ${deviation}`);
  if (!isPositive(clip)) fail(`clip must be finite and above 0 in f32, got ${clip}`);
}

function isF32(value: number): boolean {
  return Number.isFinite(Math.fround(value));
}

function normaliserOf(normaliser: Normaliser): (observation: readonly number[], to: Float32Array) => void {
  const { fround, max, min } = Math;
  const means = Float32Array.from(normaliser.means);
  const deviations = Float32Array.from(normaliser.deviations);
  const clip = fround(normaliser.clip);
  return (observation, to) => {
    for (let k = 0; k < to.length; k++) {
      const off = fround(fround(observation[k] as number) - (means[k] as number));
      to[k] = min(clip, max(-clip, fround(off / (deviations[k] as number))));
    }
  };
}

type Reader = (output: Float32Array, mask: Mask | undefined) => readonly number[];

function boxReader(features: readonly Feature[]): Reader {
  const { fround } = Math;
  const middles = Float32Array.from(features, ({ min, max }) => min / 2 + max / 2);
  const halves = Float32Array.from(features, ({ min, max }) => max / 2 - min / 2);
  return (output) => {
    const action: number[] = [];
    for (let k = 0; k < output.length; k++) {
      action.push(fround((middles[k] as number) + fround((halves[k] as number) * (output[k] as number))));
    }
    return action;
  };
}

/** NaN beats nothing: a network whose sums overflow must not decide unseen. */
function choiceReader(name: string): Reader {
  return (output, mask) => {
    let best = -1;
    let most = Number.NaN;
    for (let k = 0; k < output.length; k++) {
      if (mask !== undefined && mask[k] !== true) continue;
      const value = output[k] as number;
      if (Number.isNaN(value)) throw new HaggleError('bad-action', `policy ${name} scores choice ${k} with NaN`);
      if (best >= 0 && value <= most) continue;
      best = k;
      most = value;
    }
    return [best];
  };
}

/** SHA-256 over what decides, as eight words. */
function contentWords({ normaliser, network }: NetworkPolicySpec): Readonly<Record<string, number>> {
  const { means, deviations, clip } = normaliser;
  const content = {
    clip,
    deviations,
    layers: network.layers.map(shapeOf),
    means,
    weights: weightsDigest(weightBytes(network.layers)),
  };
  const view = new DataView(sha256(encodeUtf8(canonicalize(content))).buffer);
  return Object.fromEntries(Array.from({ length: 8 }, (_, k) => [`content-${k}`, view.getUint32(4 * k)]));
}
