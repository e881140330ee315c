import type { Input } from './input.ts';
import type { Outgoing } from './outgoing.ts';
import { sealFlush, type Flush } from './said.ts';
import type { Sealer } from '../../message/seal.ts';

/** Keeps what moves a life, and lets what the life said leave once all that led to it is kept. */
export interface Recorder {
  /** False where it cannot keep anything now; it goes on trying. */
  readonly healthy: boolean;
  /** True where the life has become longer than it should be. */
  readonly overlong: boolean;
  /** Notes an input; before it is handled. */
  input(input: Input): void;
  /** The instant is over and this was said in it. */
  instant(flush: Flush): void;
  /** Resolves when there is room for more. */
  room(): Promise<void> | undefined;
  /** Ends the life's record: nothing of it will be executed again. Resolves when this, too, is kept. */
  end(): Promise<void>;
}

/** Keeps nothing: what is said leaves at once. */
export function forgetfulRecorder(outgoing: Outgoing, seal: Sealer['seal']): Recorder {
  let flushes = 0;
  return {
    healthy: true,
    overlong: false,
    input: () => undefined,
    instant(flush) {
      if (flush.length > 0) outgoing.push((flushes += 1), sealFlush(flush, seal));
    },
    room: () => undefined,
    end: () => Promise.resolve(),
  };
}
