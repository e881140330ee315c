import { z } from 'zod';
import { HaggleError } from '../../errors.ts';
import { breath } from './breath.ts';
import { prefixed, readCheckpoint, under, writeCheckpoint, type Checkpoint, type SavedArrays } from './checkpoint.ts';
import type { Method } from './method.ts';
import { checkColumns } from './saved-column.ts';
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

/** What came of a training. */
export interface RunResult {
  readonly best: Judged;
  readonly last: Judged;
  readonly curve: readonly CurvePoint[];
  readonly stopped: 'budget' | 'score' | 'patience' | 'signal';
  /** Wall time, that before a resumption included. */
  readonly seconds: number;
}

const counter = z.int().min(0);
const pointSchema = z.object({
  update: counter,
  decisions: counter,
  episodes: counter,
  reward: z.number().nullable(),
  score: z.number().nullable(),
  losses: z.record(z.string(), z.number()),
});
const factsSchema = z.object({
  digest: z.string(),
  // One point for each update, and one for before.
  curve: z.array(pointSchema).min(1),
  best: z.object({ update: counter, score: z.number() }),
  stale: counter,
  seconds: z.number().min(0),
});

interface State {
  readonly curve: CurvePoint[];
  best: Judged;
  /** Evaluations since the best. */
  stale: number;
  secondsBefore: number;
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
  const found = checkpoint?.resume === true ? await readCheckpoint(checkpoint.file) : null;
  const { method, before } =
    found === null
      ? { method: methodFrom(), before: null }
      : naming(checkpoint?.file, () => takenUp(found, digest, methodFrom));
  const state = before ?? (await begun(method, seeds));
  if (before === null) for (const point of state.curve) options.onUpdate?.(point);
  const secondsNow = (): number => state.secondsBefore + (performance.now() - startedAt) / 1_000;
  const save = (): void => {
    if (checkpoint !== undefined)
      writeCheckpoint(checkpoint.file, saved(state, method, { digest, seconds: secondsNow() }));
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

async function begun(method: Method, seeds: readonly number[]): Promise<State> {
  const score = mean(await method.judge(seeds));
  const first = { update: 0, decisions: 0, episodes: 0, reward: null, score, losses: {} };
  return { curve: [first], best: { update: 0, score, answer: method.answer() }, stale: 0, secondsBefore: 0 };
}

async function update(
  options: RunSettings,
  method: Method,
  { state, seeds }: { readonly state: State; readonly seeds: readonly number[] },
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

function whyStop({ stop, decisions, signal }: RunSettings, { curve, best, stale }: State): RunResult['stopped'] | null {
  if (best.score >= stop.score) return 'score';
  if (stale >= stop.patience) return 'patience';
  if ((curve.at(-1)?.decisions ?? 0) >= decisions) return 'budget';
  return signal?.aborted === true ? 'signal' : null;
}

function saved(
  { curve, best, stale }: State,
  method: Method,
  { digest, seconds }: { readonly digest: string; readonly seconds: number },
): Checkpoint {
  return {
    facts: { digest, curve, best: { update: best.update, score: best.score }, stale, seconds },
    arrays: { ...prefixed('method', method.state()), ...prefixed('best', best.answer) },
  };
}

/** A training as it was saved. What a hash cannot tell is told here: that the content is of a training like this one. */
function takenUp(
  found: Checkpoint,
  digest: string,
  methodFrom: (saved: SavedArrays) => Method,
): { readonly method: Method; readonly before: State } {
  // Before anything is made of its arrays: those of other settings have other sizes.
  const before = stateIn(found, digest);
  const method = methodFrom(under('method', found.arrays));
  method.checkAnswer(before.best.answer);
  checkColumns(found.arrays, { ...prefixed('method', method.state()), ...prefixed('best', method.answer()) });
  return { method, before };
}

/** Says of which file it is that something in it is wrong. */
function naming<T>(file: string | undefined, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof HaggleError) || !['bad-checkpoint', 'checkpoint-mismatch'].includes(cause.code)) throw cause;
    throw new HaggleError(cause.code, `${file ?? 'the checkpoint'}: ${cause.message}`, { cause });
  }
}

function stateIn({ facts, arrays }: Checkpoint, digest: string): State {
  const read = factsSchema.safeParse(facts);
  if (!read.success) throw badFacts(read.error.issues[0]);
  const { curve, best, stale, seconds } = read.data;
  if (read.data.digest !== digest) {
    throw new HaggleError(
      'checkpoint-mismatch',
      'a training goes on from a checkpoint of the same settings, got one of others',
    );
  }
  for (const [k, point] of curve.entries()) {
    const { decisions, episodes } = curve[k - 1] ?? point;
    if (point.update === k && point.decisions >= decisions && point.episodes >= episodes) continue;
    throw new HaggleError('bad-checkpoint', `curve.${k} must be update ${k} and go on from the one before`);
  }
  if (best.update >= curve.length) {
    throw new HaggleError('bad-checkpoint', `best.update must be from 0 to ${curve.length - 1}, is ${best.update}`);
  }
  return { curve, best: { ...best, answer: under('best', arrays) }, stale, secondsBefore: seconds };
}

function badFacts(issue: z.core.$ZodIssue | undefined): HaggleError {
  const where = issue?.path.join('.') ?? '';
  return new HaggleError('bad-checkpoint', `${where === '' ? 'its facts' : where}: ${issue?.message ?? 'unreadable'}`);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
