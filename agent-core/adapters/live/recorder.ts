import type { LostDialogue } from '../../agent/lost-dialogue.ts';
import type { Input } from './input.ts';
import type { Flush } from './said.ts';

/** Keeps what moves a life, and lets what the life said leave once all that led to it is kept. */
export interface Recorder {
  /** False where it cannot keep anything now; it goes on trying. */
  readonly healthy: boolean;
  /** True where the life has become longer than it may be. */
  readonly overlong: boolean;
  /** True where its record has become so long that a shorter one is worth the trouble. */
  readonly long: boolean;
  /** Notes an input; before it is handled. */
  input(input: Input): void;
  /** The instant is over and this was said in it. */
  instant(flush: Flush): void;
  /** Resolves when there is room for more. */
  room(): Promise<void> | undefined;
  /** Resolves when everything noted so far is kept and what was said is on its way. */
  stored(): Promise<void>;
  /** Leaves the record as it is: another that goes on from here has taken its place. */
  leave(): Promise<void>;
  /** Ends the life's record: nothing of it will be executed again, and the next life disowns these dialogues. Resolves when this, too, is kept. */
  end(disown: readonly LostDialogue[]): Promise<void>;
  /** Does not try any longer to keep what it could not: the record is no longer this process's. */
  giveUp(): void;
}
