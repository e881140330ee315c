import { z } from 'zod';
import { HaggleError } from '../../errors.ts';
import { prefixed, under, type Checkpoint, type SavedArrays } from './checkpoint.ts';
import type { Method } from './method.ts';
import type { RunState } from './run-state.ts';
import { checkColumns } from './saved-column.ts';

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

/** A training as a checkpoint. */
export function savedRun(
  { curve, best, stale }: RunState,
  method: Method,
  { digest, seconds }: { readonly digest: string; readonly seconds: number },
): Checkpoint {
  return {
    facts: { digest, curve, best: { update: best.update, score: best.score }, stale, seconds },
    arrays: { ...prefixed('method', method.state()), ...prefixed('best', best.answer) },
  };
}

/** What a training is taken up from. */
export interface SavedRun {
  readonly file: string;
  readonly found: Checkpoint;
  /** Of the settings that it is taken up with. */
  readonly digest: string;
}

/**
 * A training as it was saved. What a hash cannot tell is told here: that the content is of a training like this one.
 *
 * @throws HaggleError `checkpoint-mismatch` and `bad-checkpoint`, which name the file
 */
export function resumedRun(
  { file, found, digest }: SavedRun,
  methodFrom: (saved: SavedArrays) => Method,
): { readonly method: Method; readonly state: RunState } {
  try {
    return takenUp(found, digest, methodFrom);
  } catch (cause) {
    if (!(cause instanceof HaggleError) || !['bad-checkpoint', 'checkpoint-mismatch'].includes(cause.code)) throw cause;
    throw new HaggleError(cause.code, `${file}: ${cause.message}`, { cause });
  }
}

function takenUp(
  found: Checkpoint,
  digest: string,
  methodFrom: (saved: SavedArrays) => Method,
): { readonly method: Method; readonly state: RunState } {
  // Before anything is made of its arrays: those of other settings have other sizes.
  const state = stateIn(found, digest);
  const method = methodFrom(under('method', found.arrays));
  method.checkAnswer(state.best.answer);
  checkColumns(found.arrays, { ...prefixed('method', method.state()), ...prefixed('best', method.answer()) });
  return { method, state };
}

function stateIn({ facts, arrays }: Checkpoint, digest: string): RunState {
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
