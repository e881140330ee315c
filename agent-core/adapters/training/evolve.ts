import { createHash } from 'node:crypto';
import { z } from 'zod';
import { assert } from '../../errors.ts';
import { createEvolution } from '../../learning/evolution.ts';
import { evolutionFrom, evolutionSaved, meansOf } from './evolution-method.ts';
import type { Method } from './method.ts';
import { openPool, type Pool } from './pool.ts';
import { RUN_SCHEMAS, runTraining, type RunOptions } from './run.ts';
import type { CurvePoint, Judged } from './run-state.ts';
import { savedFloats } from './saved-column.ts';
import { episodeSeed } from './seeds.ts';
import { count, positive, settings, settled, type SchemasOf } from './settings.ts';
import { moduleSchema, type Job, type TrainingModule } from './stage.ts';

const MOST_IN_32_BITS = (2 - 2 ** -23) * 2 ** 127;

/** What {@link evolve} needs. Of a curve's points, `decisions` counts evaluations. */
export interface EvolveOptions extends Omit<RunOptions, 'decisions'> {
  /** Exports `evaluate(weights: Float32Array, seed: number, options)`: the fitness, or a promise of it. */
  readonly module: TrainingModule;
  /** Where the search starts. */
  readonly start: ArrayLike<number>;
  /** How far from there it looks at first, above 0. */
  readonly deviation: number;
  readonly generations: number;
  /** Candidates a generation; default by the number of weights. */
  readonly population?: number;
  /** Seeds that each candidate is evaluated with, the same for all of a generation. Default 4. */
  readonly seedsPerCandidate?: number;
  /** Worker threads; 0, the default, evaluates in this one. Changes nothing but the time. */
  readonly workers?: number;
}

const numbers = z.custom<ArrayLike<number>>(
  (value) =>
    (Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array) &&
    value.every(Number.isFinite),
  'expected a list of finite numbers',
);

const evolveSchema = settings({
  module: moduleSchema,
  ...RUN_SCHEMAS,
  start: numbers,
  deviation: positive,
  generations: count,
  population: count.optional(),
  seedsPerCandidate: count.default(4),
  // A pool knows its bounds.
  workers: z.number().default(0),
} satisfies SchemasOf<EvolveOptions>);

/** Weights and what they are worth in the seeds to judge by. */
export interface EvolvedWeights {
  readonly generation: number;
  readonly score: number;
  readonly weights: Float32Array;
}

/** What an evolution gives. */
export interface EvolveResult {
  readonly best: EvolvedWeights;
  readonly last: EvolvedWeights;
  readonly curve: readonly CurvePoint[];
  readonly stopped: 'budget' | 'score' | 'patience' | 'signal';
  readonly seconds: number;
}

/**
 * Searches weights of greatest fitness; see {@link createEvolution}. From one seed comes one result, to the bit, for any number of
 * workers and over any interruption.
 *
 * @throws HaggleError `bad-training`, `bad-training-module`, `training-failed` and `training-worker-died`, which name the seed, and as
 * `runTraining`
 */
export async function evolve(options: EvolveOptions): Promise<EvolveResult> {
  const all = settled('evolve', evolveSchema, options);
  const { generations, seedsPerCandidate, module, start, deviation, population, seed } = all;
  const spec = { start, deviation, seed, ...(population !== undefined && { population }) };
  const candidates = createEvolution(spec).candidates().length;
  const pool = await openPool(module, all.workers);
  try {
    const deciding = [
      module.options,
      Array.from(start),
      deviation,
      population,
      generations,
      seedsPerCandidate,
      seed,
      options.evaluation ?? {},
      options.stop,
    ];
    const digest = createHash('sha256').update(JSON.stringify(deciding)).digest('hex');
    const run = { ...all, decisions: generations * candidates * seedsPerCandidate };
    const result = await runTraining(run, digest, (saved) => {
      const evolution = createEvolution(
        spec,
        saved && evolutionFrom(saved, { length: start.length, most: MOST_IN_32_BITS }),
      );
      return fitnessMethod({ pool, evolution, seed, seedsPerCandidate });
    });
    const { best, last, curve, stopped, seconds } = result;
    return { best: evolved(best), last: evolved(last), curve, stopped, seconds };
  } finally {
    await pool.close();
  }
}

function evolved({ update, score, answer }: Judged): EvolvedWeights {
  const { weights } = answer;
  assert(weights instanceof Float32Array, 'weights in 32 bits');
  return { generation: update, score, weights };
}

function fitnessMethod(of: {
  readonly pool: Pool;
  readonly evolution: ReturnType<typeof createEvolution>;
  readonly seed: number | string;
  readonly seedsPerCandidate: number;
}): Method {
  const { pool, evolution, seed, seedsPerCandidate } = of;
  return {
    advance: async ({ episodes }) => {
      const seeds = Array.from({ length: seedsPerCandidate }, (_, k) => episodeSeed(seed, 'learn', episodes + k));
      const all = await fitnesses(
        pool,
        evolution.candidates().flatMap((weights) => seeds.map((one): Job => ({ type: 'fitness', seed: one, weights }))),
      );
      const fitness = meansOf(all, seedsPerCandidate);
      evolution.tell(fitness);
      const reward = fitness.reduce((sum, one) => sum + one, 0) / fitness.length;
      return { losses: { best: Math.max(...fitness) }, decisions: all.length, episodes: seeds.length, reward };
    },
    judge: async (seeds) => {
      const weights = evolution.centre();
      return await fitnesses(
        pool,
        seeds.map((one) => ({ type: 'fitness', seed: one, weights })),
      );
    },
    answer: () => ({ weights: evolution.centre() }),
    checkAnswer: (answer) => void savedFloats(answer, 'weights', { length: evolution.centre().length }),
    state: () => evolutionSaved(evolution),
  };
}

async function fitnesses(pool: Pool, jobs: readonly Job[]): Promise<readonly number[]> {
  return await Promise.all(
    jobs.map(async (job) => {
      const done = await pool.run(job);
      assert(done.type === 'fitness', 'an evaluation gives a fitness');
      return done.fitness;
    }),
  );
}
