import { z } from 'zod';
import { HaggleError } from '../../errors.ts';
import {
  createActor,
  createBrain,
  type Anatomy,
  type Brain,
  type Exploration,
  type Snapshot,
} from '../../learning/actor.ts';
import type { DecisionEnv } from '../../learning/decision-env.ts';
import { playEpisode, type Episode, type Player } from '../../learning/episode.ts';
import { experienceOf, joinExperience, transitionsOf, type Experience, type PathShape } from '../../learning/path.ts';
import { joinTransitions, type Transitions } from '../../learning/replay-buffer.ts';
import { joinColumns } from '../../learning/rows.ts';
import { momentsOf, type Moments } from '../../learning/running-normaliser.ts';
import { settings, type SchemasOf } from './settings.ts';
import type { ActionSpace, Box } from '../../policy/space.ts';
import { createRandomRoot } from '../../random.ts';

/** A module that training loads by itself, so that each worker thread can have one: what it exports depends on the kind of training. */
export interface TrainingModule {
  /** URL of the module. */
  readonly url: string;
  /** Handed to what it exports; JSON. */
  readonly options: unknown;
}

/** Schema of a {@link TrainingModule}. */
export const moduleSchema = settings({
  url: z.string().min(1),
  options: z.unknown().default(undefined),
} satisfies SchemasOf<TrainingModule>);

/** One agent's spaces. */
export interface Spaces {
  readonly observes: Box;
  readonly acts: ActionSpace;
}

/** What the stage is told once: who plays, and what is wanted of an episode. */
export interface Course {
  readonly anatomy: Anatomy;
  /** Who shares the policy that is learnt. */
  readonly learners: readonly string[];
  /** Who is played by an earlier version of it. */
  readonly rivals: readonly string[];
  readonly gather: Gathering;
  readonly decisionsMax: number;
}

/** The form in which decisions are handed back. */
export type Gathering =
  | { readonly kind: 'experience'; readonly gamma: number; readonly lambda: number }
  | { readonly kind: 'transitions'; readonly gamma: number; readonly steps: number }
  | { readonly kind: 'nothing' };

/** News for all stages; no answer. */
export type StageNews =
  | { readonly type: 'course'; readonly course: Course }
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly type: 'rivals'; readonly snapshots: readonly Snapshot[] };

/** Work for one stage, answered by one {@link Yield}. */
export type Job =
  | { readonly type: 'describe' }
  /** An episode to learn from. `rival` names one of the versions told of last. */
  | { readonly type: 'episode'; readonly seed: number; readonly exploration: Exploration; readonly rival: number }
  /** An episode to judge by: nobody explores. `policy` stands in for that of the snapshot. */
  | { readonly type: 'score'; readonly seed: number; readonly policy?: Float32Array }
  | { readonly type: 'fitness'; readonly seed: number; readonly weights: Float32Array };

/** What a job gives. */
export type Yield =
  | {
      readonly type: 'described';
      readonly name: string;
      readonly agents: readonly (Spaces & { readonly agent: string })[];
    }
  | { readonly type: 'harvest'; readonly harvest: Harvest }
  | { readonly type: 'fitness'; readonly fitness: number };

/** What came of an episode. */
export interface Harvest {
  readonly decisions: number;
  /** Sum of rewards, not discounted, averaged over the learners that had a turn. */
  readonly reward: number;
  /** Of what learners observed. */
  readonly moments: Moments;
  readonly experience: Experience | null;
  readonly transitions: Transitions | null;
}

/** Where episodes are played: in this thread or in a worker's. */
export interface Stage {
  hear(news: StageNews): void;
  /** At once, but for a fitness that is awaited. */
  do(job: Job): Yield | Promise<Yield>;
  close(): void;
}

/** Exploration without any. */
const SURELY: Exploration = { kind: 'none' };

/**
 * Loads the module and opens a stage with it.
 *
 * @throws HaggleError `bad-training-module` for one that cannot be loaded or exports neither `createEnv` nor `evaluate`
 */
export async function openStage({ url, options }: TrainingModule): Promise<Stage> {
  const found = await imported(url);
  if (typeof found['createEnv'] === 'function') {
    const env: unknown = await Reflect.apply(found['createEnv'], undefined, [options]);
    if (isEnv(env)) return envStage(env);
    throw new HaggleError('bad-training-module', `createEnv of ${url} must make a DecisionEnv, and did not`);
  }
  const evaluate = found['evaluate'];
  if (typeof evaluate === 'function')
    return fitnessStage((weights, seed) => Reflect.apply(evaluate, undefined, [weights, seed, options]));
  throw new HaggleError('bad-training-module', `${url} must export createEnv or evaluate, and exports neither`);
}

async function imported(url: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const found: unknown = await import(url);
    return typeof found === 'object' && found !== null ? { ...found } : {};
  } catch (cause) {
    throw new HaggleError('bad-training-module', `${url} must load: ${String(cause)}`, { cause });
  }
}

function isEnv(value: unknown): value is DecisionEnv {
  if (typeof value !== 'object' || value === null) return false;
  return ['reset', 'step', 'observationSpace', 'actionSpace'].every(
    (name) => typeof Reflect.get(value, name) === 'function',
  );
}

function fitnessStage(evaluate: (weights: Float32Array, seed: number) => unknown): Stage {
  return {
    hear: () => undefined,
    do: async (job) => {
      if (job.type !== 'fitness')
        throw new HaggleError('bad-training-module', `${job.type} needs a module that exports createEnv`);
      const fitness = await evaluate(job.weights, job.seed);
      if (typeof fitness === 'number' && Number.isFinite(fitness)) return { type: 'fitness', fitness };
      throw new HaggleError('bad-fitness', `evaluate must return a finite number, got ${String(fitness)}`);
    },
    close: () => undefined,
  };
}

interface Told {
  course?: Course;
  snapshot?: Snapshot;
  /** Of the snapshot. */
  brain: Brain | null;
  rivals: readonly Brain[];
}

function envStage(env: DecisionEnv): Stage {
  const told: Told = { brain: null, rivals: [] };
  return {
    hear: (news) => hear(told, news),
    do: (job) => {
      if (job.type === 'fitness') {
        throw new HaggleError('bad-training-module', 'fitness needs a module that exports evaluate');
      }
      if (job.type === 'describe') {
        return { type: 'described', name: env.name, agents: env.possibleAgents.map((agent) => spacesOf(env, agent)) };
      }
      if (job.type === 'episode') return { type: 'harvest', harvest: play(env, told, job) };
      const { seed, policy } = job;
      return { type: 'harvest', harvest: play(env, told, { seed, policy, exploration: SURELY, rival: 0 }) };
    },
    close: () => {
      told.brain?.release();
      for (const rival of told.rivals) rival.release();
      env.close?.();
    },
  };
}

function hear(told: Told, news: StageNews): void {
  if (news.type === 'course') {
    told.course = news.course;
    return;
  }
  const { anatomy } = courseOf(told);
  if (news.type === 'snapshot') {
    told.brain?.release();
    told.snapshot = news.snapshot;
    told.brain = createBrain(anatomy, news.snapshot);
    return;
  }
  for (const rival of told.rivals) rival.release();
  told.rivals = news.snapshots.map((snapshot) => createBrain(anatomy, snapshot));
}

function courseOf({ course }: Told): Course {
  if (course !== undefined) return course;
  throw new HaggleError('bad-training', 'a stage must hear of its course before anything else');
}

function spacesOf(env: DecisionEnv, agent: string): Spaces & { readonly agent: string } {
  return { agent, observes: env.observationSpace(agent), acts: env.actionSpace(agent) };
}

interface Playing {
  readonly seed: number;
  readonly exploration: Exploration;
  readonly rival: number;
  readonly policy?: Float32Array | undefined;
}

function play(env: DecisionEnv, told: Told, job: Playing): Harvest {
  const course = courseOf(told);
  const { snapshot, brain } = told;
  if (snapshot === undefined || brain === null) {
    throw new HaggleError('bad-training', 'an episode was asked for before there was a snapshot to play it with');
  }
  if (job.policy === undefined) return playBy(env, { course, brain, rivals: told.rivals }, job);
  const candidate = createBrain(course.anatomy, { ...snapshot, policy: job.policy });
  try {
    return playBy(env, { course, brain: candidate, rivals: told.rivals }, job);
  } finally {
    candidate.release();
  }
}

function playBy(
  env: DecisionEnv,
  by: { readonly course: Course; readonly brain: Brain; readonly rivals: readonly Brain[] },
  job: Playing,
): Harvest {
  const { anatomy, gather, learners, rivals, decisionsMax } = by.course;
  const shape = shapeOf(anatomy);
  const random = createRandomRoot(job.seed);
  const playerOf = (agent: string): Player => {
    const how = { exploration: job.exploration, random: random.stream('act', agent) };
    if (learners.includes(agent)) return { actor: createActor(by.brain, how), learns: true, shape };
    const rival = rivals.includes(agent) ? by.rivals[job.rival] : undefined;
    if (rival !== undefined) return { actor: createActor(rival, how), learns: false, shape };
    throw new HaggleError('bad-training', `${agent} has a turn and is neither learner nor rival`);
  };
  return harvestOf(playEpisode(env, { seed: job.seed, playerOf, decisionsMax }), { gather, shape, learners });
}

function harvestOf(
  { paths, rewards, decisions }: Episode,
  of: { readonly gather: Gathering; readonly shape: PathShape; readonly learners: readonly string[] },
): Harvest {
  const { gather, shape } = of;
  const seen = joinColumns(paths.map((path) => path.observations.subarray(0, path.rewards.length * shape.features)));
  const sums = of.learners.flatMap((agent) => rewards.get(agent) ?? []);
  return {
    decisions,
    reward: sums.reduce((sum, reward) => sum + reward, 0) / Math.max(1, sums.length),
    moments: momentsOf(seen, shape.features),
    experience:
      gather.kind === 'experience' ? joinExperience(paths.map((path) => experienceOf(path, gather, shape))) : null,
    transitions:
      gather.kind === 'transitions'
        ? joinTransitions(
            paths.map((path) => transitionsOf(path, gather, shape)),
            shape,
          )
        : null,
  };
}

/** How wide the columns of a path are for these spaces. */
export function shapeOf({ observes, acts }: Spaces): PathShape {
  const features = observes.features.length;
  if (acts.kind === 'discrete') return { features, actions: 1, choices: acts.choices.length };
  return { features, actions: acts.features.length, choices: 0 };
}
