import type { CurvePoint } from '../../../agent-core/adapters/training/run-state.ts';
import type { PolicyFile } from '../../../agent-core/policy/policy-file.ts';
import { decimal, fixed, scientific } from '../numbers.ts';

/** A training that is over. */
export interface Training {
  readonly policy: PolicyFile;
  readonly curve: readonly CurvePoint[];
  /** Why it ended: `budget`, `score`, `patience` or `signal`. */
  readonly stopped: string;
  /** Wall time. */
  readonly seconds: number;
  /** What the `decisions` of the curve's points count: an evolution by whole runs counts these. Decisions if left out. */
  readonly counts?: 'decisions' | 'runs';
}

/** A point at which the policy was judged. */
export interface ScoredPoint extends CurvePoint {
  readonly score: number;
}

/** What a report of a training tells. */
export interface LearningFacts extends Training {
  readonly counts: 'decisions' | 'runs';
  /** What can be drawn: numbers that are finite. */
  readonly scored: readonly ScoredPoint[];
  readonly first: ScoredPoint | null;
  /** Of equals the later one, as it is kept. */
  readonly best: ScoredPoint | null;
  readonly last: ScoredPoint | null;
  readonly total: number;
}

/** Works out first, best and last of a training. */
export function learningFacts(training: Training): LearningFacts {
  const { curve, counts = 'decisions' } = training;
  const scored = curve.flatMap((point): ScoredPoint[] => {
    const { score } = point;
    return score === null || !Number.isFinite(score) ? [] : [{ ...point, score }];
  });
  return {
    ...training,
    counts,
    scored,
    first: scored[0] ?? null,
    best: scored.reduce<ScoredPoint | null>(
      (best, one) => (best !== null && best.score > one.score ? best : one),
      null,
    ),
    last: scored.at(-1) ?? null,
    total: curve.at(-1)?.decisions ?? 0,
  };
}

/** A score, reward or loss in as many digits as say something. */
export function measured(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return '–';
  if (size === 0) return '0';
  if (size < 1e-3) return scientific(value, 2);
  if (size < 1) return decimal(value, 4);
  return size < 1_000 ? fixed(value, size < 100 ? 3 : 2) : decimal(value, size < 1e5 ? 1 : 0);
}

/** 3.2 s, 12 min or 4.5 h. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${decimal(seconds, seconds < 10 ? 1 : 0)} s`;
  return seconds < 5_400 ? `${decimal(seconds / 60, 0)} min` : `${decimal(seconds / 3_600, 1)} h`;
}
