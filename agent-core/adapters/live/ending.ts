import { micros, type Duration, type Micros } from '../../clock.ts';
import { atMost, type Timing } from './timing.ts';

/** How long what was said may take to leave when the agent is over. */
const LAST_WORDS_MICROS = 5_000_000;

/** How a live agent comes to its end: it drains for a while, is asked to stop, and says its last words in time. */
export interface Ending {
  /** True once it takes no new dialogue. */
  readonly draining: boolean;
  /** True once it was asked to stop. */
  readonly isStopAsked: boolean;
  /** Resolves once it was asked to stop. */
  readonly stopAsked: Promise<void>;
  /** From now on it drains; `stop` is called where that lasts longer than `within`. */
  drain(within: Duration, stop: () => void): void;
  /** Asks it to stop; false where it was asked before. */
  stop(): boolean;
  /** Waits for something of the last to be done, but not for ever. */
  inTime(done: Promise<void> | undefined): Promise<void>;
  /** It is over: nothing is due any more. */
  close(): void;
}

/** Nothing has asked for an end yet. */
export function createEnding(timing: Timing): Ending {
  let draining = false;
  let isStopAsked = false;
  let by: Micros | null = null;
  let takeBackDeadline = (): void => undefined;
  let ask = (): void => undefined;
  const stopAsked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  return {
    stopAsked,
    get draining() {
      return draining;
    },
    get isStopAsked() {
      return isStopAsked;
    },
    drain(within, stop) {
      const span = micros(within);
      draining = true;
      by = Math.min(by ?? Infinity, timing.steady() + span);
      takeBackDeadline();
      takeBackDeadline = timing.after(span, stop);
    },
    stop() {
      const isFirst = !isStopAsked;
      isStopAsked = true;
      ask();
      return isFirst;
    },
    async inTime(done) {
      await atMost(timing, Math.max((by ?? 0) - timing.steady(), LAST_WORDS_MICROS), done);
    },
    close() {
      takeBackDeadline();
    },
  };
}
