import type { SavedArrays } from './checkpoint.ts';

/** One point of the learning curve. */
export interface CurvePoint {
  readonly update: number;
  /** Learnt from so far. */
  readonly decisions: number;
  readonly episodes: number;
  /** Mean reward of the episodes that this update learnt from; null before the first. */
  readonly reward: number | null;
  /** Mean reward where nobody explores, in the episodes to judge by; null where it was not measured. */
  readonly score: number | null;
  readonly losses: Readonly<Record<string, number>>;
}

/** An answer and what it is worth. */
export interface Judged {
  readonly update: number;
  readonly score: number;
  readonly answer: SavedArrays;
}

/** How far a training has come. */
export interface RunState {
  readonly curve: CurvePoint[];
  best: Judged;
  /** Evaluations since the best. */
  stale: number;
  secondsBefore: number;
}
