import { HaggleError } from '../../errors.ts';
import { createAdam } from '../../learning/adam.ts';
import { standardiseRows, type Anatomy } from '../../learning/actor.ts';
import { firstParameters } from '../../learning/flat-network.ts';
import { createReplay, type ReplayShape, type ReplayState, type Transitions } from '../../learning/replay-buffer.ts';
import { joinMoments, noMoments, standardOf } from '../../learning/running-normaliser.ts';
import { scheduled } from '../../learning/schedule.ts';
import { createRandomRoot } from '../../random.ts';
import { stepByDqn } from '../tensorflow/dqn-update.ts';
import type { Tensorflow } from '../tensorflow/load.ts';
import type { SavedArrays } from './checkpoint.ts';
import { momentsFrom, momentsSaved, type Learner } from './learner.ts';
import type { DqnTraining, Settled } from './options.ts';
import { adamFrom, adamSaved } from './saved-adam.ts';
import { savedDoubles, savedFloats, savedRows, type ColumnRule } from './saved-column.ts';
import { shapeOf } from './stage.ts';

/** What {@link createDqnLearner} needs. */
export interface DqnLearnerOptions {
  readonly tf: Tensorflow;
  readonly anatomy: Anatomy;
  readonly settings: Settled<DqnTraining>;
  readonly seed: number | string;
}

/** A learner by Q-learning, new or as it was saved: the policy's scores are what choices are worth. */
export function createDqnLearner({ tf, anatomy, settings, seed }: DqnLearnerOptions, saved?: SavedArrays): Learner {
  const first = firstParameters(anatomy.policy, createRandomRoot(seed).stream('policy'), 1);
  const { length } = first;
  const scores = saved === undefined ? first : savedFloats(saved, 'policy', { length });
  const target = saved === undefined ? scores.slice() : savedFloats(saved, 'target', { length });
  const adam = createAdam(length, saved && adamFrom('adam', saved, length));
  const shape = shapeOf(anatomy);
  const replay = createReplay(settings.replay, shape, saved && replayFrom(saved, settings.replay, shape));
  let inputs = saved === undefined ? noMoments(shape.features) : momentsFrom('inputs', saved, shape.features);
  let [gradients, owed] = saved === undefined ? [0, 0] : countsFrom(saved);
  return {
    gather: { kind: 'transitions', gamma: settings.gamma, steps: settings.steps },
    decisionsPerUpdate: settings.decisionsPerUpdate,
    snapshot: () => ({
      policy: scores.slice(),
      value: new Float32Array(0),
      inputs: standardOf(inputs),
      worth: { mean: 0, deviation: 1 },
    }),
    exploration: (progress) => ({ kind: 'random', share: scheduled(settings.exploration, progress) }),
    learn: (harvest, { progress, update }) => {
      for (const { transitions, moments, decisions } of harvest) {
        if (transitions !== null) replay.add(scaled(transitions, settings.rewardScale));
        inputs = joinMoments(inputs, moments);
        owed += decisions * settings.gradientsPerDecision;
      }
      if (replay.length < settings.warmUp) {
        owed = 0;
        return { loss: 0, gradients: 0 };
      }
      const random = createRandomRoot(seed).stream('update', String(update));
      const standard = standardOf(inputs);
      let [loss, steps] = [0, 0];
      for (; owed >= 1; owed--) {
        const drawn = replay.draw(settings.minibatch, random);
        const batch = {
          ...drawn,
          observations: standardiseRows(drawn.observations, standard),
          nextObservations: standardiseRows(drawn.nextObservations, standard),
        };
        const how = { batch, rate: scheduled(settings.rate, progress), norm: settings.norm };
        loss += stepByDqn({ tf, anatomy }, { scores, target, adam }, how);
        steps++;
        gradients++;
        if (gradients % settings.targetEvery === 0) target.set(scores);
      }
      return { loss: loss / Math.max(1, steps), gradients: steps };
    },
    state: () => ({
      policy: scores.slice(),
      target: target.slice(),
      counts: Float64Array.of(gradients, owed),
      ...adamSaved('adam', adam),
      ...momentsSaved('inputs', inputs),
      ...replaySaved(replay.state()),
    }),
  };
}

function scaled(transitions: Transitions, scale: number): Transitions {
  return { ...transitions, rewards: transitions.rewards.map((reward) => reward * scale) };
}

function replaySaved({ at, ...columns }: ReplayState): SavedArrays {
  const named = Object.entries(columns).map(([name, values]) => [`replay.${name}`, values] as const);
  return { ...Object.fromEntries(named), 'replay.at': Float64Array.of(at) };
}

function countsFrom(saved: SavedArrays): [gradients: number, owed: number] {
  const [gradients = 0, owed = 0] = savedDoubles(saved, 'counts', { length: 2, least: 0 });
  // A gradient that is owed is taken at once: what is left is a part of one.
  if (Number.isSafeInteger(gradients) && owed < 1) return [gradients, owed];
  const problem = `counts must be a whole number and one below 1, are ${gradients} and ${owed}`;
  throw new HaggleError('bad-checkpoint', problem);
}

function replayFrom(saved: SavedArrays, capacity: number, { features, choices }: ReplayShape): ReplayState {
  const rows = savedRows(saved, 'replay.actions', { width: 1, most: capacity });
  const column = (name: string, width: number, rule: Omit<ColumnRule, 'length'> = {}): Float32Array =>
    savedFloats(saved, `replay.${name}`, { length: rows * width, ...rule });
  // Until it is full, the next row is behind the last.
  const next = rows < capacity ? { least: rows, most: rows } : { least: 0, most: capacity - 1 };
  const [at = 0] = savedDoubles(saved, 'replay.at', { length: 1, isWhole: true, ...next });
  return {
    observations: column('observations', features),
    actions: column('actions', 1, { least: 0, most: choices - 1, isWhole: true }),
    rewards: column('rewards', 1),
    discounts: column('discounts', 1, { least: 0, most: 1 }),
    nextObservations: column('nextObservations', features),
    nextMasks: column('nextMasks', choices, { least: 0, most: 1, isWhole: true }),
    at,
  };
}
