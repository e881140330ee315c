import { randomBytes } from 'node:crypto';
import type { LostDialogue } from '../../agent/lost-dialogue.ts';
import type { Rest } from '../../agent/rest.ts';
import { createReplayWindow } from '../../message/replay-window.ts';
import type { Sealed } from '../../message/seal.ts';
import type { Beginning, Origin } from './beginning.ts';
import type { Outgoing } from './outgoing.ts';
import type { Recorder } from './recorder.ts';
import { sealFlush } from './said.ts';

/** What {@link forgetfulOrigin} needs. */
export interface ForgetfulParts {
  readonly outgoing: Outgoing;
  readonly seal: (payloads: readonly string[]) => readonly Sealed[];
  /** As for a journal. */
  readonly firstSeq: (bound: number) => number;
}

/** Lives of which nothing outlasts the process but that no number is used twice: what is said leaves at once. */
export function forgetfulOrigin({ outgoing, seal, firstSeq }: ForgetfulParts): Origin {
  const replay = createReplayWindow();
  let nextSeq = 1;
  let flushes = 0;
  const recorder: Recorder = {
    healthy: true,
    overlong: false,
    long: false,
    input: () => undefined,
    instant(flush) {
      if (flush.length === 0) return;
      const messages = sealFlush(flush, seal);
      nextSeq += messages.length;
      flushes += 1;
      outgoing.push(flushes, messages);
    },
    room: () => undefined,
    stored: () => Promise.resolve(),
    leave: () => Promise.resolve(),
    end: () => Promise.resolve(),
    giveUp: () => undefined,
  };
  const birth = (disown: readonly LostDialogue[], rest: Rest | null = null): Promise<Beginning> => {
    nextSeq = firstSeq(nextSeq);
    return Promise.resolve({
      seed: { root: randomBytes(16).toString('hex'), firstSeq: nextSeq, rest },
      replay,
      disown,
      past: [],
      record: () => Promise.resolve(recorder),
    });
  };
  return {
    first: () => birth([]),
    next: birth,
    instead: () => birth([]),
    until: 0,
    close: () => Promise.resolve(),
  };
}
