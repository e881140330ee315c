import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { HaggleError } from '../../errors.ts';
import type { Anatomy, Snapshot } from '../../learning/actor.ts';
import type { TensorflowBackend } from '../tensorflow/backend.ts';
import { loadTensorflow, type LoadedTensorflow } from '../tensorflow/load.ts';
import type { SavedArrays } from './checkpoint.ts';
import { createDqnLearner } from './dqn-learner.ts';
import { evolutionMethod } from './evolution-method.ts';
import { anatomyOf, snapshotOf, type Learner } from './learner.ts';
import { learnerMethod } from './learner-method.ts';
import type { Method } from './method.ts';
import { algorithmSchema, type Algorithm } from './options.ts';
import { openPool, type Pool } from './pool.ts';
import { createPpoLearner } from './ppo-learner.ts';
import { RUN_SCHEMAS, runTraining, type RunOptions, type RunResult } from './run.ts';
import { under } from './checkpoint.ts';
import { callback, count, settings, settled, type SchemasOf } from './settings.ts';
import { moduleSchema, type Gathering, type Spaces, type TrainingModule } from './stage.ts';

/** What {@link train} needs. */
export interface TrainOptions extends RunOptions {
  /** Exports `createEnv(options): DecisionEnv`, or a promise of one. */
  readonly module: TrainingModule;
  readonly algorithm: Algorithm;
  /** Agents that share the policy that is learnt; all that are no rivals, if left out. Their spaces must be alike. */
  readonly learners?: readonly string[];
  /**
   * Self-play: agents that are played by earlier versions of the policy. A version is frozen every so many updates (default 10), the first and
   * the latest are kept (default 5 together), and each episode draws one. Scores are those against the first.
   */
  readonly rivals?: { readonly agents: readonly string[]; readonly every?: number; readonly keep?: number };
  /** Worker threads; 0, the default, plays in this one. Changes nothing but the time. */
  readonly workers?: number;
  readonly backend?: TensorflowBackend;
  /** Decisions of learners after which an episode is cut off, to learn from or to judge by. Default 100,000. */
  readonly decisionsPerEpisode?: number;
  /** Once all is loaded and nothing learnt. */
  onBegin?(begun: Begun): void;
}

const trainSchema = settings({
  module: moduleSchema,
  algorithm: algorithmSchema,
  ...RUN_SCHEMAS,
  decisions: count,
  learners: z.array(z.string()).optional(),
  rivals: settings({ agents: z.array(z.string()), every: count.default(10), keep: count.default(5) }).optional(),
  // A pool knows its bounds.
  workers: z.number().default(0),
  backend: z.enum(['node', 'wasm', 'cpu']).optional(),
  decisionsPerEpisode: count.default(100_000),
  onBegin: callback<NonNullable<TrainOptions['onBegin']>>().optional(),
} satisfies SchemasOf<TrainOptions>);
type TrainSettings = z.output<typeof trainSchema>;

/** What is known when a training begins. */
export interface Begun {
  readonly environment: string;
  readonly learners: readonly string[];
  readonly backend: TensorflowBackend | 'none';
  /** Why it is this backend. */
  readonly reason: string;
}

/** What a training gives: all that a policy file needs. */
export interface TrainingResult extends Omit<RunResult, 'best' | 'last'> {
  readonly anatomy: Anatomy;
  /** Of the greatest score. */
  readonly best: TrainedPolicy;
  readonly last: TrainedPolicy;
  readonly updates: number;
  readonly decisions: number;
  readonly episodes: number;
  readonly backend: TensorflowBackend | 'none';
  readonly seed: number | string;
}

/** A policy as far as it was trained. */
export interface TrainedPolicy {
  readonly update: number;
  /** Mean reward in the episodes to judge by. */
  readonly score: number;
  readonly snapshot: Snapshot;
}

/**
 * Trains a policy in an environment. From one seed and one backend comes one result, to the bit, for any number of workers and over
 * any interruption.
 *
 * @throws HaggleError `bad-training` for a setting out of bounds, agents that are not there or not alike; `bad-training-module`;
 * `no-tensorflow`; `training-diverged` where gradients are finite no more; `training-failed` and `training-worker-died`, which name the seed of the episode; and as {@link runTraining}
 */
export async function train(options: TrainOptions): Promise<TrainingResult> {
  const all = settled('train', trainSchema, options);
  const loaded = all.algorithm.kind === 'evolution' ? null : await loadTensorflow(all.backend);
  const backend = loaded?.backend ?? 'none';
  const pool = await openPool(all.module, all.workers);
  try {
    const cast = await castOf(pool, all);
    const { anatomy, make } = planOf(all, cast, { pool, loaded });
    all.onBegin?.({
      environment: cast.environment,
      learners: cast.learners,
      backend,
      reason: loaded?.reason ?? 'an evolution takes no gradients',
    });
    const result = await runTraining(all, digestOf(options, cast, backend), make);
    const point = result.curve.at(-1);
    return {
      ...result,
      anatomy,
      best: { ...result.best, snapshot: snapshotOf(result.best.answer) },
      last: { ...result.last, snapshot: snapshotOf(result.last.answer) },
      updates: point?.update ?? 0,
      decisions: point?.decisions ?? 0,
      episodes: point?.episodes ?? 0,
      backend,
      seed: all.seed,
    };
  } finally {
    await pool.close();
  }
}

interface Cast extends Spaces {
  readonly environment: string;
  readonly learners: readonly string[];
  readonly rivals: readonly string[];
}

async function castOf(pool: Pool, { learners, rivals }: TrainSettings): Promise<Cast> {
  const described = await pool.run({ type: 'describe' });
  if (described.type !== 'described')
    throw new HaggleError('bad-training-module', 'an environment must describe itself');
  const played = rivals?.agents ?? [];
  const known = new Map(described.agents.map((one) => [one.agent, one]));
  const mine = learners ?? [...known.keys()].filter((agent) => !played.includes(agent));
  const all = [...mine, ...played].map((agent) => {
    const found = known.get(agent);
    if (found !== undefined) return found;
    throw new HaggleError(
      'bad-training',
      `${described.name} must have the agent ${agent}, has ${[...known.keys()].join(', ')}`,
    );
  });
  const [first] = all;
  if (first === undefined || mine.length === 0)
    throw new HaggleError('bad-training', `${described.name} has nobody to train`);
  const { observes, acts } = first;
  for (const other of all) {
    if (isDeepStrictEqual([other.observes, other.acts], [observes, acts])) continue;
    throw new HaggleError(
      'bad-training',
      `agents that share a policy must have like spaces; ${first.agent} and ${other.agent} differ`,
    );
  }
  if (observes.features.length === 0)
    throw new HaggleError('bad-training', `${first.agent} must observe something to learn from`);
  return { environment: described.name, learners: mine, rivals: played, observes, acts };
}

interface Plan {
  readonly anatomy: Anatomy;
  readonly make: (saved?: SavedArrays) => Method;
}

function planOf(
  options: TrainSettings,
  cast: Cast,
  { pool, loaded }: { readonly pool: Pool; readonly loaded: LoadedTensorflow | null },
): Plan {
  const { algorithm, seed, rivals, decisionsPerEpisode: decisionsMax } = options;
  const tellCourse = (anatomy: Anatomy, gather: Gathering): void => {
    pool.tell({
      type: 'course',
      course: { anatomy, gather, decisionsMax, learners: cast.learners, rivals: cast.rivals },
    });
  };
  if (algorithm.kind === 'evolution' || loaded === null) {
    if (algorithm.kind !== 'evolution' || rivals !== undefined) {
      throw new HaggleError('bad-training', 'an evolution has no earlier versions to play against');
    }
    const anatomy = anatomyOf(cast, { ...algorithm, judges: false });
    tellCourse(anatomy, { kind: 'nothing' });
    return { anatomy, make: (saved) => evolutionMethod({ pool, anatomy, settings: algorithm, seed }, saved) };
  }
  const { anatomy, learner } = learnerOf(options, cast, loaded);
  return {
    anatomy,
    make: (saved) => {
      const made = learner(saved && under('learner', saved));
      tellCourse(anatomy, made.gather);
      return learnerMethod({ pool, learner: made, seed, versions: rivals ?? null }, saved);
    },
  };
}

function learnerOf(
  { algorithm, seed }: TrainSettings,
  cast: Cast,
  { tf }: LoadedTensorflow,
): { readonly anatomy: Anatomy; readonly learner: (saved?: SavedArrays) => Learner } {
  const anatomy = anatomyOf(cast, { ...algorithm, judges: algorithm.kind === 'ppo' });
  if (algorithm.kind === 'ppo') {
    return { anatomy, learner: (saved) => createPpoLearner({ tf, anatomy, settings: algorithm, seed }, saved) };
  }
  if (algorithm.kind !== 'dqn') throw new HaggleError('bad-training', `there is no learner for ${algorithm.kind}`);
  if (cast.acts.kind !== 'discrete')
    throw new HaggleError('bad-training', 'DQN learns choices; its agents act in a box');
  return { anatomy, learner: (saved) => createDqnLearner({ tf, anatomy, settings: algorithm, seed }, saved) };
}

/** Of all that decides the result; where the module lies and how many work on it do not. */
function digestOf(options: TrainOptions, cast: Cast, backend: string): string {
  const { module, algorithm, seed, decisions, evaluation, stop, rivals, decisionsPerEpisode } = options;
  const deciding = {
    options: module.options,
    algorithm,
    seed,
    decisions,
    evaluation,
    stop,
    rivals,
    decisionsPerEpisode,
  };
  return createHash('sha256')
    .update(JSON.stringify([deciding, cast, backend]))
    .digest('hex');
}
