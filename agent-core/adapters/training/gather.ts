import { assert } from '../../errors.ts';
import type { Exploration } from '../../learning/actor.ts';
import { createRandomRoot } from '../../random.ts';
import type { Pool } from './pool.ts';
import { episodeSeed } from './seeds.ts';
import type { Harvest, Job } from './stage.ts';

/** What {@link gatherEpisodes} plays. */
export interface Gathered {
  readonly seed: number | string;
  /** Index of the first episode. */
  readonly from: number;
  /** Episodes are played until they have this many decisions together. */
  readonly decisions: number;
  readonly exploration: Exploration;
  /** How many earlier versions there are to play against; each episode draws one. */
  readonly rivals: number;
  /** Most episodes, decisions or no. */
  readonly episodesMax: number;
  /** Decisions an episode is thought to have: how many are begun at once. Changes nothing but the time. */
  readonly guess: number;
}

/**
 * Plays the episodes `from`, `from + 1` … until they have enough decisions, in order of index, whichever ends first: the result does not
 * depend on how many stages play. Episodes that were begun in vain are thrown away and played again next time.
 *
 * @throws HaggleError `training-failed`, `training-worker-died`
 */
export async function gatherEpisodes(pool: Pool, of: Gathered): Promise<readonly Harvest[]> {
  const kept: Harvest[] = [];
  const running: Promise<Harvest>[] = [];
  let decisions = 0;
  for (;;) {
    // As many at once as seem to be needed, by what the others brought; always the next one.
    const mean = kept.length === 0 ? of.guess : decisions / kept.length;
    while (running.length === 0 || (pool.free > 0 && decisions + running.length * mean < of.decisions)) {
      running.push(harvested(pool, episodeJob(of, kept.length + running.length)));
    }
    const next = running.shift();
    assert(next !== undefined, 'an episode is being played');
    const harvest = await next;
    kept.push(harvest);
    decisions += harvest.decisions;
    if (decisions >= of.decisions || kept.length >= of.episodesMax) break;
  }
  return kept;
}

function episodeJob({ seed: root, from, exploration, rivals }: Gathered, index: number): Job {
  const seed = episodeSeed(root, 'learn', from + index);
  const rival =
    rivals === 0
      ? 0
      : createRandomRoot(seed)
          .stream('rival')
          .integer(0, rivals - 1);
  return { type: 'episode', seed, exploration, rival };
}

function harvested(pool: Pool, job: Job): Promise<Harvest> {
  const harvest = (async () => {
    const done = await pool.run(job);
    assert(done.type === 'harvest', 'an episode gives a harvest');
    return done.harvest;
  })();
  // One that was begun in vain may fail without harm; one that is needed is awaited, and fails there.
  harvest.catch(() => undefined);
  return harvest;
}

/** Plays episodes to judge by, each job in its turn. @throws as {@link gatherEpisodes} */
export async function playAll(pool: Pool, jobs: readonly Job[]): Promise<readonly Harvest[]> {
  return await Promise.all(jobs.map((job) => harvested(pool, job)));
}
