import type { Anatomy, Snapshot } from '../../learning/actor.ts';
import { firstParameters } from '../../learning/flat-network.ts';
import { createEvolution, type Evolution, type EvolutionState } from '../../learning/evolution.ts';
import { joinMoments, noMoments, standardOf } from '../../learning/running-normaliser.ts';
import { createRandomRoot } from '../../random.ts';
import type { SavedArrays } from './checkpoint.ts';
import { playAll } from './gather.ts';
import { momentsFrom, momentsSaved, snapshotFrom, snapshotSaved } from './learner.ts';
import type { Method } from './method.ts';
import type { EvolutionTraining, Settled } from './options.ts';
import type { Pool } from './pool.ts';
import { savedDoubles } from './saved-column.ts';
import { episodeSeed } from './seeds.ts';
import type { Job } from './stage.ts';

/** What {@link evolutionMethod} needs. */
export interface EvolutionMethodOptions {
  readonly pool: Pool;
  readonly anatomy: Anatomy;
  readonly settings: Settled<EvolutionTraining>;
  readonly seed: number | string;
}

/** Small: the search finds its own way out, and a net at zero has no direction to be mirrored in. */
const LAST_GAIN = 0.01;

/** What nets of greater parameters compute may not hold in 32 bits. */
const MOST_OF_NET = 1e12;

/** Evolves the parameters of a policy net; candidates of a generation play the same episodes (common random numbers). */
export function evolutionMethod(options: EvolutionMethodOptions, saved?: SavedArrays): Method {
  const { pool, anatomy, settings, seed } = options;
  const start = firstParameters(anatomy.policy, createRandomRoot(seed).stream('policy'), LAST_GAIN);
  const evolution = createEvolution(
    {
      start,
      deviation: settings.deviation,
      seed,
      ...(settings.population > 0 && { population: settings.population }),
    },
    saved && evolutionFrom(saved, { length: start.length, most: MOST_OF_NET }),
  );
  const { length: width } = anatomy.observes.features;
  let inputs = saved === undefined ? noMoments(width) : momentsFrom('inputs', saved, width);
  const snapshot = (): Snapshot => ({
    policy: evolution.centre(),
    value: new Float32Array(0),
    inputs: standardOf(inputs),
    worth: { mean: 0, deviation: 1 },
  });
  return {
    advance: async ({ episodes }) => {
      pool.tell({ type: 'snapshot', snapshot: snapshot() });
      const seeds = Array.from({ length: settings.episodes }, (_, k) => episodeSeed(seed, 'learn', episodes + k));
      const jobs = evolution
        .candidates()
        .flatMap((policy) => seeds.map((one): Job => ({ type: 'score', seed: one, policy })));
      const played = await playAll(pool, jobs);
      const fitness = meansOf(
        played.map(({ reward }) => reward),
        seeds.length,
      );
      evolution.tell(fitness);
      inputs = played.reduce((all, { moments }) => joinMoments(all, moments), inputs);
      return {
        losses: { best: Math.max(...fitness) },
        decisions: played.reduce((sum, { decisions }) => sum + decisions, 0),
        episodes: seeds.length,
        reward: fitness.reduce((sum, one) => sum + one, 0) / fitness.length,
      };
    },
    judge: async (seeds) => {
      pool.tell({ type: 'snapshot', snapshot: snapshot() });
      const played = await playAll(
        pool,
        seeds.map((one) => ({ type: 'score', seed: one })),
      );
      return played.map(({ reward }) => reward);
    },
    answer: () => snapshotSaved(snapshot()),
    checkAnswer: (answer) => void snapshotFrom(answer, snapshot()),
    state: () => ({ ...evolutionSaved(evolution), ...momentsSaved('inputs', inputs) }),
  };
}

/** Means of each `size` numbers in turn. */
export function meansOf(values: readonly number[], size: number): readonly number[] {
  return Array.from({ length: values.length / size }, (_, group) =>
    values.slice(group * size, (group + 1) * size).reduce((sum, value) => sum + value / size, 0),
  );
}

/** An evolution as arrays to save. */
export function evolutionSaved(evolution: Evolution): SavedArrays {
  const { generation, centre, deviations } = evolution.state();
  return { generation: Float64Array.of(generation), centre, deviations };
}

/**
 * The state of an evolution of `length` parameters as it was saved, all within plus and minus `most`.
 *
 * @throws HaggleError `bad-checkpoint`
 */
export function evolutionFrom(
  saved: SavedArrays,
  { length, most }: { readonly length: number; readonly most: number },
): EvolutionState {
  const [generation = 0] = savedDoubles(saved, 'generation', { length: 1, least: 0, isWhole: true });
  return {
    generation,
    centre: savedDoubles(saved, 'centre', { length, least: -most, most }),
    deviations: savedDoubles(saved, 'deviations', { length, least: 0, most }),
  };
}
