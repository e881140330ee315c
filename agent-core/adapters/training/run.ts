import { z } from 'zod';
import { HaggleError } from '../../errors.ts';
import { breath } from './breath.ts';
import { readCheckpoint, writeCheckpoint, type SavedArrays } from './checkpoint.ts';
import type { Method } from './method.ts';
import type { CurvePoint, Judged, RunState } from './run-state.ts';
import { resumedRun, savedRun } from './saved-run.ts';
import { episodeSeed } from './seeds.ts';
import { callback, count, settings, type SchemasOf } from './settings.ts';

/** When a training ends, and what it leaves behind on its way; for every way to learn. */
export interface RunOptions {
  readonly seed: number | string;
  /** Decisions to learn from; the update that reaches them is the last. */
  readonly decisions: number;
  /** Episodes to judge by, none of which is learnt from. Default 20 before the first update, after every 10 and after the last. */
  readonly evaluation?: { readonly episodes?: number; readonly every?: number };
  /** Ends earlier: once a score is reached, or after so many evaluations without a better one. */
  readonly stop?: { readonly score?: number; readonly patience?: number };
  /** Written whole or not at all, every 10 updates if not said otherwise, and at the end; `resume` goes on from it where there is one. */
  readonly checkpoint?: { readonly file: string; readonly every?: number; readonly resume?: boolean };
  /** Ends the training after the update that is on. */
  readonly signal?: AbortSignal;
  /** After each update, and once before the first. */
  onUpdate?(point: CurvePoint): void;
}

/** Schemas of what every training takes, but for how long it is. */
export const RUN_SCHEMAS = {
  seed: z.union([z.int(), z.string()], 'expected a whole number or a text'),
  evaluation: settings({ episodes: count.default(20), every: count.default(10) }).prefault({}),
  stop: settings({ score: z.number().default(Infinity), patience: count.default(Infinity) }).prefault({}),
  checkpoint: settings({
    file: z.string().min(1),
    every: count.default(10),
    resume: z.boolean().default(false),
  }).optional(),
  signal: z.instanceof(AbortSignal).optional(),
  onUpdate: callback<NonNullable<RunOptions['onUpdate']>>().optional(),
} satisfies SchemasOf<Omit<RunOptions, 'decisions'>>;

/** {@link RunOptions} with their defaults filled in. */
export type RunSettings = z.output<z.ZodObject<typeof RUN_SCHEMAS>> & Pick<RunOptions, 'decisions'>;

/** What came of a training. */
export interface RunResult {
  readonly best: Judged;
  readonly last: Judged;
  readonly curve: readonly CurvePoint[];
  readonly stopped: 'budget' | 'score' | 'patience' | 'signal';
  /** Wall time, that before a resumption included. */
  readonly seconds: number;
}

/**
 * Runs a training to its end.
 *
 * @param digest - of all settings that decide the result: a checkpoint with another is not gone on from
 * @param methodFrom - makes the way to learn, new or as it was saved
 * @throws HaggleError `bad-training` where no learner ever has a turn, `checkpoint-mismatch`, `bad-checkpoint`, `cannot-read`, `cannot-write`, and whatever the method throws
 */
export async function runTraining(
  options: RunSettings,
  digest: string,
  methodFrom: (saved?: SavedArrays) => Method,
): Promise<RunResult> {
  const { evaluation, checkpoint } = options;
  const seeds = Array.from({ length: evaluation.episodes }, (_, k) => episodeSeed(options.seed, 'judge', k));
  const startedAt = performance.now();
  const resumed = await resumedFrom(checkpoint, digest, methodFrom);
  const method = resumed?.method ?? methodFrom();
  const state = resumed?.state ?? (await begun(method, seeds));
  if (resumed === null) for (const point of state.curve) options.onUpdate?.(point);
  const secondsNow = (): number => state.secondsBefore + (performance.now() - startedAt) / 1_000;
  const save = (): void => {
    if (checkpoint !== undefined)
      writeCheckpoint(checkpoint.file, savedRun(state, method, { digest, seconds: secondsNow() }));
  };
  let stopped = whyStop(options, state);
  // Also where not even one update was made: who resumes it finds what it looks for.
  if (stopped === 'signal') save();
  while (stopped === null) {
    const point = await update(options, method, { state, seeds });
    options.onUpdate?.(point);
    await breath();
    stopped = whyStop(options, state);
    if (stopped !== null || point.update % (checkpoint?.every ?? Infinity) === 0) save();
  }
  const lastPoint = state.curve.at(-1);
  const score = lastPoint?.score ?? mean(await method.judge(seeds));
  const last = { update: lastPoint?.update ?? 0, score, answer: method.answer() };
  return {
    best: score >= state.best.score ? last : state.best,
    last,
    curve: state.curve,
    stopped,
    seconds: secondsNow(),
  };
}

/** A training that goes on; null where it begins. */
async function resumedFrom(
  checkpoint: RunSettings['checkpoint'],
  digest: string,
  methodFrom: (saved: SavedArrays) => Method,
): Promise<ReturnType<typeof resumedRun> | null> {
  if (checkpoint?.resume !== true) return null;
  const { file } = checkpoint;
  const found = await readCheckpoint(file);
  return found === null ? null : resumedRun({ file, found, digest }, methodFrom);
}

async function begun(method: Method, seeds: readonly number[]): Promise<RunState> {
  const score = mean(await method.judge(seeds));
  const first = { update: 0, decisions: 0, episodes: 0, reward: null, score, losses: {} };
  return { curve: [first], best: { update: 0, score, answer: method.answer() }, stale: 0, secondsBefore: 0 };
}

async function update(
  options: RunSettings,
  method: Method,
  { state, seeds }: { readonly state: RunState; readonly seeds: readonly number[] },
): Promise<CurvePoint> {
  const before = state.curve.at(-1) ?? { update: 0, decisions: 0, episodes: 0 };
  const progress = Math.min(1, before.decisions / options.decisions);
  const advance = await method.advance({ ...before, progress });
  if (advance.decisions === 0) {
    throw new HaggleError(
      'bad-training',
      `update ${before.update + 1} needs a decision to learn from, and no learner had a turn`,
    );
  }
  const number = before.update + 1;
  const decisions = before.decisions + advance.decisions;
  const due = number % options.evaluation.every === 0 || decisions >= options.decisions;
  const score = due ? mean(await method.judge(seeds)) : null;
  const { reward, losses } = advance;
  const point = { update: number, decisions, episodes: before.episodes + advance.episodes, reward, score, losses };
  state.curve.push(point);
  if (score === null) return point;
  state.stale = score > state.best.score ? 0 : state.stale + 1;
  // Of equals the later one: it has learnt more than the score can tell.
  if (score >= state.best.score) state.best = { update: number, score, answer: method.answer() };
  return point;
}

function whyStop(
  { stop, decisions, signal }: RunSettings,
  { curve, best, stale }: RunState,
): RunResult['stopped'] | null {
  if (best.score >= stop.score) return 'score';
  if (stale >= stop.patience) return 'patience';
  if ((curve.at(-1)?.decisions ?? 0) >= decisions) return 'budget';
  return signal?.aborted === true ? 'signal' : null;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
