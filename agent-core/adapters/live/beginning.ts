import type { LostDialogue } from '../../agent/lost-dialogue.ts';
import type { Rest } from '../../agent/rest.ts';
import type { Micros } from '../../clock.ts';
import type { ReplayWindow } from '../../message/replay-window.ts';
import type { JournalRecord } from './journal-record.ts';
import type { LifeSeed } from './life.ts';
import type { Leaving } from './said.ts';
import type { Recorder } from './recorder.ts';

/** What a life begins with: a new one with nothing behind it, a resumed one with what it has done already. */
export interface Beginning {
  readonly seed: LifeSeed;
  /** The numbers of others that were taken before the life's first input. */
  readonly replay: ReplayWindow;
  /** Dialogues of an earlier life that nobody can continue. */
  readonly disown: readonly LostDialogue[];
  /** What is to be executed again: inputs and what was said upon them. */
  readonly past: readonly JournalRecord[];
  /** Goes on with the record, after the past was executed again. What may not have left leaves again. */
  record(unsent: readonly Unsent[]): Promise<Recorder>;
}

/** A flush that may not have reached the broker. */
export interface Unsent {
  readonly flush: number;
  readonly messages: readonly Leaving[];
}

/** Where lives come from, and what is known of earlier ones. */
export interface Origin {
  /** The life to go on with: the one that was cut off, or a new one. */
  first(): Promise<Beginning>;
  /** A new life; peers of these dialogues are told that they are over. With `rest` it goes on from there. */
  next(disown: readonly LostDialogue[], rest?: Rest | null): Promise<Beginning>;
  /** A new life in place of one that was cut off and cannot be executed again. */
  instead(): Promise<Beginning>;
  /** Latest time that an earlier life has seen. */
  readonly until: Micros;
  close(): Promise<void>;
}
