import type { ClosedCode } from '../../agent/dialogues.ts';
import type { LostDialogue } from '../../agent/lost-dialogue.ts';
import type { Micros } from '../../clock.ts';
import type { JsonValue } from '../../message/canonical.ts';
import type { RecordedMessage } from '../../message/open.ts';

/**
 * Everything that moves a live agent. Its state is a function of its inputs, one after another, each at the instant `at`: whoever
 * has kept them can execute them again and has the agent as it was.
 */
export type Input =
  /** The agent begins. */
  | { readonly type: 'start'; readonly at: Micros }
  /** An authentic message, new and in time. */
  | { readonly type: 'message'; readonly at: Micros; readonly message: RecordedMessage }
  /** The broker says that nobody listens where a message of ours went. */
  | { readonly type: 'unreachable'; readonly at: Micros; readonly subject: string }
  /** A wake-up is due. */
  | { readonly type: 'wake'; readonly at: Micros; readonly handle: number; readonly due: Micros }
  /** What the life asked of the outside has an answer. */
  | { readonly type: 'answer'; readonly at: Micros; readonly call: number; readonly value: JsonValue }
  /** From now on strangers open no dialogue and hear this code; null lets them again. */
  | { readonly type: 'close'; readonly at: Micros; readonly code: ClosedCode | null }
  /** Dialogues of an earlier life that nobody can continue: their peers are told. */
  | { readonly type: 'disown'; readonly at: Micros; readonly dialogues: readonly LostDialogue[] }
  /** The agent is asked to stop. */
  | { readonly type: 'stop'; readonly at: Micros };
