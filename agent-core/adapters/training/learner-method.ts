import type { Snapshot } from '../../learning/actor.ts';
import { prefixed, under, type SavedArrays } from './checkpoint.ts';
import { gatherEpisodes, playAll } from './gather.ts';
import { snapshotFrom, snapshotSaved, type Learner } from './learner.ts';
import type { Method } from './method.ts';
import type { Pool } from './pool.ts';

/** What {@link learnerMethod} needs. */
export interface LearnerMethodOptions {
  readonly pool: Pool;
  readonly learner: Learner;
  readonly seed: number | string;
  /** Earlier versions to play against: a new one every so many updates, the first and the latest kept. */
  readonly versions: { readonly every: number; readonly keep: number } | null;
}

/** Gathers episodes, learns from them, and freezes a version for rivals now and then. */
export function learnerMethod(options: LearnerMethodOptions, saved?: SavedArrays): Method {
  const { pool, learner, seed, versions } = options;
  let frozen =
    versions === null ? [] : saved === undefined ? [learner.snapshot()] : frozenFrom(saved, { learner, versions });
  let told = false;
  let guess = 0;
  const tell = (): void => {
    pool.tell({ type: 'snapshot', snapshot: learner.snapshot() });
    if (versions !== null && !told) pool.tell({ type: 'rivals', snapshots: frozen });
    told = true;
  };
  return {
    advance: async ({ update, episodes, progress }) => {
      tell();
      const harvest = await gatherEpisodes(pool, {
        seed,
        from: episodes,
        decisions: learner.decisionsPerUpdate,
        exploration: learner.exploration(progress),
        rivals: frozen.length,
        episodesMax: learner.decisionsPerUpdate,
        guess,
      });
      guess = harvest.reduce((all, { decisions }) => all + decisions, 0) / harvest.length;
      const losses = learner.learn(harvest, { progress, update });
      if (versions !== null && (update + 1) % versions.every === 0) {
        frozen = withVersion(frozen, learner.snapshot(), versions.keep);
        told = false;
      }
      const sum = (of: 'decisions' | 'reward'): number => harvest.reduce((all, one) => all + one[of], 0);
      return { losses, decisions: sum('decisions'), episodes: harvest.length, reward: sum('reward') / harvest.length };
    },
    judge: async (seeds) => {
      tell();
      const played = await playAll(
        pool,
        seeds.map((one) => ({ type: 'score', seed: one })),
      );
      return played.map(({ reward }) => reward);
    },
    answer: () => snapshotSaved(learner.snapshot()),
    checkAnswer: (answer) => void snapshotFrom(answer, learner.snapshot()),
    state: () => ({
      ...prefixed('learner', learner.state()),
      ...Object.fromEntries(frozen.flatMap((one, k) => Object.entries(prefixed(`frozen.${k}`, snapshotSaved(one))))),
    }),
  };
}

/** The first version stays, for it is the one that policies are judged against; of the others the oldest goes. */
function withVersion(frozen: readonly Snapshot[], latest: Snapshot, keep: number): Snapshot[] {
  const [first, ...others] = frozen;
  const kept = keep > 1 ? [...others, latest].slice(1 - keep) : [];
  return first === undefined ? [latest] : [first, ...kept];
}

function frozenFrom(
  saved: SavedArrays,
  of: { readonly learner: Learner; readonly versions: { readonly keep: number } },
): Snapshot[] {
  const found: Snapshot[] = [];
  while (found.length < of.versions.keep) {
    const arrays = under(`frozen.${found.length}`, saved);
    // The first is always there.
    if (found.length > 0 && Object.keys(arrays).length === 0) break;
    found.push(snapshotFrom(arrays, of.learner.snapshot()));
  }
  return found;
}
