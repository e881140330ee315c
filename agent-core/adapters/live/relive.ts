import type { ClosedCode } from '../../agent/dialogues.ts';
import { HaggleError } from '../../errors.ts';
import type { Opener } from '../../message/open.ts';
import { isRefusal } from '../../message/refusals.ts';
import type { Sealed } from '../../message/seal.ts';
import type { Unsent } from './beginning.ts';
import { stillWanted, type Effect } from './effect.ts';
import type { Input } from './input.ts';
import { flushDigest } from './journal-recorder.ts';
import type { JournalRecord } from './journal-record.ts';
import type { Life } from './life.ts';
import type { LiveClock } from './live-clock.ts';
import { sealFlush, type Flush } from './said.ts';

/** What {@link relive} needs. */
export interface ReliveParts {
  readonly life: Life<unknown, unknown>;
  readonly clock: LiveClock;
  /** Takes signatures on trust: only what was checked is in a journal. */
  readonly opener: Opener;
  readonly seal: (payloads: readonly string[]) => readonly Sealed[];
}

/** A life as far as it had come. */
export interface Relived {
  readonly inputs: number;
  readonly started: boolean;
  readonly disowned: boolean;
  /** Why strangers may open nothing. */
  readonly closedTo: ClosedCode | null;
  readonly unsent: readonly Unsent[];
  /** What it still wants of the outside. */
  readonly effects: readonly Effect[];
  /** Set where the last input broke the agent's machinery, as it did the first time. */
  readonly broken: { readonly error: unknown } | null;
}

/**
 * Executes a life's inputs again, checks that it says what it said, and signs again what may not have left.
 *
 * @throws HaggleError `journal-diverged` where it does or says something else than it did.
 */
export async function relive(past: readonly JournalRecord[], parts: ReliveParts): Promise<Relived> {
  const sent = past.reduce((last, record) => (record.type === 'sent' ? record.flush : last), 0);
  const unsent: Unsent[] = [];
  const answered = new Set<number>();
  let inputs = 0;
  let closedTo: ClosedCode | null = null;
  let broken: Relived['broken'] = null;
  for (const record of past) {
    if (record.type === 'flush') {
      const said = sayAgain(parts.life, record);
      if (record.flush > sent) unsent.push({ flush: record.flush, messages: sealFlush(said, parts.seal) });
    } else if (!isMark(record)) {
      if (record.type === 'close') closedTo = record.code;
      if (record.type === 'answer') answered.add(record.call);
      if (broken !== null) throw diverged(`it breaks at input ${inputs}, which it outlived`);
      inputs += 1;
      broken = await handleAgain(parts, record);
    }
  }
  const effects = stillWanted(parts.life.takeEffects(), answered);
  const has = (type: Input['type']): boolean => past.some((record) => record.type === type);
  return { inputs, started: has('start'), disowned: has('disown'), closedTo, unsent, effects, broken };
}

function isMark(record: JournalRecord): record is Exclude<JournalRecord, Input> {
  return ['life', 'flush', 'sent', 'synced', 'end'].includes(record.type);
}

function sayAgain(life: Life<unknown, unknown>, { flush, digest }: JournalRecord & { readonly type: 'flush' }): Flush {
  const said = life.endInstant();
  if (flushDigest(said) !== digest) throw diverged(`it says something else than it said in flush ${flush}`);
  return said;
}

async function handleAgain({ life, clock, opener }: ReliveParts, input: Input): Promise<Relived['broken']> {
  clock.replayAt(input.at);
  if (clock.now !== input.at) throw diverged(`an input of ${input.at} us comes after ${clock.now} us`);
  if (input.type === 'wake' && (life.nextWake?.handle !== input.handle || life.nextWake.time !== input.due)) {
    throw diverged(`the wake-up that was due at ${input.due} us is another one`);
  }
  const opened = input.type === 'message' ? opener.open(input.message) : undefined;
  if (opened !== undefined && isRefusal(opened)) {
    throw diverged(`it refuses a message that it took at ${input.at} us: ${opened.refused}`);
  }
  try {
    await life.handle(input, opened);
    return null;
  } catch (error) {
    return { error };
  }
}

function diverged(why: string): HaggleError {
  return new HaggleError(
    'journal-diverged',
    `resuming: the agent does not do again what it did: ${why}. Was its code changed, or does it use what ctx did not give it?`,
  );
}
