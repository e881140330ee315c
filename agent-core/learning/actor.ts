import { exp, ln } from '../float-math.ts';
import type { ActionSpace, Box, Mask } from '../policy/space.ts';
import type { RandomStream } from '../random.ts';
import { compileNetwork } from '../policy/kernel/compile.ts';
import type { DenseShape, Network } from '../policy/network.ts';
import type { NetworkPolicySpec } from '../policy/network-policy.ts';
import { layersIn } from './flat-network.ts';
import type { Standard } from './running-normaliser.ts';

/** What does not change while a policy is trained: its spaces and the shape of its nets. */
export interface Anatomy {
  readonly observes: Box;
  readonly acts: ActionSpace;
  /** From a standardised observation to one score a choice, or one mean a feature of the action's box, in [-1, 1] of its bounds. */
  readonly policy: readonly DenseShape[];
  /** From a standardised observation to its worth; none where choices are scored by their worth. */
  readonly value: readonly DenseShape[];
}

/** What changes while it is trained: all that an agent needs to act. */
export interface Snapshot {
  /** Parameters of the policy net; where actions are a box, the logarithm of each one's deviation after them. */
  readonly policy: Float32Array;
  readonly value: Float32Array;
  /** How observations are shifted and scaled. */
  readonly inputs: Standard;
  /** How the value net's answer becomes a worth: `mean + deviation * answer`. */
  readonly worth: { readonly mean: number; readonly deviation: number };
}

/** How an agent tries things: by its policy's own chances, by a random choice now and then, or not at all. */
export type Exploration =
  { readonly kind: 'sample' } | { readonly kind: 'random'; readonly share: number } | { readonly kind: 'none' };

/** One decision. */
export interface Chosen {
  /** As the environment takes it. */
  readonly action: readonly number[];
  /** As it is learnt from: the index of a choice, or the numbers before they were held within [-1, 1]. */
  readonly drawn: readonly number[];
  /** ln of the chance (or density) with which it was drawn; 0 where nothing was drawn. */
  readonly logChance: number;
}

/** Acts and judges by a snapshot. */
export interface Actor {
  choose(observation: ArrayLike<number>, mask: Mask | undefined): Chosen;
  /** 0 where there is no value net. */
  worth(observation: ArrayLike<number>): number;
}

/** Standardised observations beyond this many deviations count as this many. */
export const MOST_DEVIATIONS = 10;
const HALF_LN_2PI = 0.9189385332046728;

/** Shifts and scales an observation into `to`, in f32 and in the steps that a policy of a network takes. */
function standardiseInto(to: Float32Array, observation: ArrayLike<number>, { means, deviations }: Standard): void {
  const { fround } = Math;
  for (let k = 0; k < to.length; k++) {
    const off = fround(fround(observation[k] as number) - fround(means[k] as number));
    const scaled = fround(off / fround(deviations[k] as number));
    to[k] = Math.min(MOST_DEVIATIONS, Math.max(-MOST_DEVIATIONS, scaled));
  }
}

/** The rows of a table, each standardised as an actor sees it. */
export function standardiseRows(table: Float32Array, standard: Standard): Float32Array {
  const width = standard.means.length;
  const scaled = new Float32Array(table.length);
  for (let at = 0; at < table.length; at += width) {
    standardiseInto(scaled.subarray(at, at + width), table.subarray(at, at + width), standard);
  }
  return scaled;
}

/** A snapshot made ready to be asked. */
export interface Brain {
  readonly anatomy: Anatomy;
  readonly snapshot: Snapshot;
  readonly score: Network;
  /** Null where there is no value net. */
  readonly judge: Network | null;
  /** Gives back what the nets hold; it must not be asked again. */
  release(): void;
}

/** Makes a snapshot ready: its nets are compiled once, for as many actors as there are. @throws HaggleError `bad-network` */
export function createBrain(anatomy: Anatomy, snapshot: Snapshot): Brain {
  const score = compileNetwork({ layers: layersIn(anatomy.policy, snapshot.policy) });
  const judge = anatomy.value.length === 0 ? null : compileNetwork({ layers: layersIn(anatomy.value, snapshot.value) });
  const release = (): void => {
    score.release();
    judge?.release();
  };
  return { anatomy, snapshot, score, judge, release };
}

/**
 * What a policy of a network is made of, beside its name: {@link networkPolicy} with it does what an actor does that does not
 * explore, to the bit.
 */
export function trainedNetwork(
  { observes, acts, policy }: Anatomy,
  snapshot: Snapshot,
): Pick<NetworkPolicySpec, 'observes' | 'acts' | 'normaliser' | 'network'> {
  const { means, deviations } = snapshot.inputs;
  return {
    observes: observes.features,
    acts,
    normaliser: { means: Array.from(means), deviations: Array.from(deviations), clip: MOST_DEVIATIONS },
    network: { layers: layersIn(policy, snapshot.policy) },
  };
}

/** An actor; `random` is asked only where it explores. */
export function createActor({ anatomy, snapshot, score, judge }: Brain, how: Trying): Actor {
  const { acts } = anatomy;
  const input = new Float32Array(score.inputs);
  const output = new Float32Array(score.outputs);
  const answer = new Float32Array(1);
  const weights = new Float64Array(score.outputs);
  const logDeviations = snapshot.policy.subarray(snapshot.policy.length - output.length);
  return {
    choose: (observation, mask) => {
      standardiseInto(input, observation, snapshot.inputs);
      score.run(input, output);
      if (acts.kind === 'discrete') return chosenOf({ scores: output, mask, weights }, how);
      return drawnInBox({ box: acts, means: output, logDeviations }, how);
    },
    worth: (observation) => {
      if (judge === null) return 0;
      standardiseInto(input, observation, snapshot.inputs);
      judge.run(input, answer);
      return snapshot.worth.mean + snapshot.worth.deviation * (answer[0] as number);
    },
  };
}

/** What an actor tries, and by which chance. */
export interface Trying {
  readonly exploration: Exploration;
  readonly random: RandomStream;
}

/** Scores of choices, which of them are open, and room to work in. */
interface Choosing {
  readonly scores: Float32Array;
  readonly mask: Mask | undefined;
  readonly weights: Float64Array;
}

function chosenOf({ scores, mask, weights }: Choosing, { exploration, random }: Trying): Chosen {
  let best = -1;
  for (let choice = 0; choice < scores.length; choice++) {
    if (mask !== undefined && mask[choice] !== true) continue;
    if (best < 0 || (scores[choice] as number) > (scores[best] as number)) best = choice;
  }
  if (exploration.kind === 'sample') return sampled({ scores, mask, weights }, best, random);
  if (exploration.kind === 'none' || random.uniform() >= exploration.share) return sure(best);
  const choices = Array.from(scores.keys());
  return sure(random.pick(mask === undefined ? choices : choices.filter((choice) => mask[choice] === true)));
}

/** A choice by the chances that its scores stand for: the softmax of those that are open. */
function sampled({ scores, mask, weights }: Choosing, best: number, random: RandomStream): Chosen {
  const most = scores[best] as number;
  let total = 0;
  for (let choice = 0; choice < scores.length; choice++) {
    const weight = mask === undefined || mask[choice] === true ? exp((scores[choice] as number) - most) : 0;
    weights[choice] = weight;
    total += weight;
  }
  let left = random.uniform() * total;
  // The most likely choice stands in where rounding leaves nothing.
  let choice = best;
  for (let one = 0; one < scores.length; one++) {
    const weight = weights[one] as number;
    left -= weight;
    if (left >= 0 || weight === 0) continue;
    choice = one;
    break;
  }
  return { action: [choice], drawn: [choice], logChance: (scores[choice] as number) - most - ln(total) };
}

function sure(choice: number): Chosen {
  return { action: [choice], drawn: [choice], logChance: 0 };
}

function drawnInBox(
  gauss: { readonly box: Box; readonly means: Float32Array; readonly logDeviations: Float32Array },
  { exploration, random }: Trying,
): Chosen {
  const { box, means, logDeviations } = gauss;
  let logChance = 0;
  const drawn = Array.from(means, (mean, k) => {
    if (exploration.kind !== 'sample') return mean;
    const logDeviation = logDeviations[k] as number;
    const z = random.normal();
    logChance -= 0.5 * z * z + logDeviation + HALF_LN_2PI;
    return Math.fround(mean + exp(logDeviation) * z);
  });
  return { action: withinBox(box, drawn), drawn, logChance };
}

/** Numbers of [-1, 1] as values within a box: -1 is the least, 1 the greatest; what lies beyond counts as the end it is beyond. */
function withinBox({ features }: Box, values: readonly number[]): readonly number[] {
  const { fround } = Math;
  return features.map(({ min, max }, k) => {
    const value = fround(fround(min / 2 + max / 2) + fround(fround(max / 2 - min / 2) * fround(values[k] as number)));
    return Math.min(max, Math.max(min, value)) + 0;
  });
}
