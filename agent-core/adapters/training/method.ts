import type { SavedArrays } from './checkpoint.ts';
import type { Losses } from './learner.ts';

/** What an update brought. */
export interface Advance {
  readonly losses: Losses;
  readonly decisions: number;
  readonly episodes: number;
  /** Mean reward of its episodes, explored as they were. */
  readonly reward: number;
}

/** Where a training stands when an update begins. */
export interface Standing {
  readonly update: number;
  readonly decisions: number;
  readonly episodes: number;
  /** Share of the budget that is spent. */
  readonly progress: number;
}

/** A way to learn, with the stages it plays on: what the loop of a training needs to know of it. */
export interface Method {
  advance(at: Standing): Promise<Advance>;
  /** What the answer of now is worth in the episodes of these seeds. */
  judge(seeds: readonly number[]): Promise<readonly number[]>;
  /** The answer of now; it does not change any more. */
  answer(): SavedArrays;
  /** Refuses an answer that was saved and is none. @throws HaggleError `bad-checkpoint` */
  checkAnswer(saved: SavedArrays): void;
  /** All that it needs to go on to the bit. */
  state(): SavedArrays;
}
