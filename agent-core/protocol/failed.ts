import { z } from 'zod';
import type { DialogueEnd } from '../agent/dialogue.ts';
import type { RecordedMessage } from '../message/open.ts';

/** Body of a message that gives a reason in words, 1,024 characters at most. */
export const reasonBody = z.object({ reason: z.string().max(1_024) });

/** There is no result, and nobody refused. */
export interface Failed {
  readonly type: 'failed';
  /**
   * `late` where the first answer did not come in time, `cancelled`, `deadline-passed`, `no-such-agent`, or the code of the
   * peer's failure or misunderstanding.
   */
  readonly code: string;
  /** The peer's signed `failure` or `not-understood`, where that was the end. */
  readonly recorded?: RecordedMessage;
}

/** The failure that the end of a dialogue tells of. */
export function failedBy({ code, recorded }: DialogueEnd): Failed {
  return recorded === undefined ? { type: 'failed', code } : { type: 'failed', code, recorded };
}
