/** Watches how late the event loop of this process is. */
export interface LoopWatch {
  /** Seconds by which the newest beat came late, or is late already. */
  lagSeconds(): number;
  stop(): void;
}

/** Where the watch takes time and beats from; the process's own unless a test hands in others. */
export interface LoopTime {
  /** Milliseconds that only grow. */
  readonly now: () => number;
  /** Calls back at an interval until stopped. */
  readonly every: (millis: number, beat: () => void) => { readonly stop: () => void };
}

/** A beat costs nothing that could be measured, and a probe's period is seconds. */
const BEAT_MILLIS = 500;

/** Starts to watch. Never keeps the process alive. */
export function watchEventLoop({ now, every }: LoopTime = PROCESS_TIME): LoopWatch {
  let due = now() + BEAT_MILLIS;
  let late = 0;
  const beating = every(BEAT_MILLIS, () => {
    late = Math.max(0, now() - due);
    due = now() + BEAT_MILLIS;
  });
  return {
    lagSeconds: () => Math.max(late, now() - due, 0) / 1_000,
    stop: () => beating.stop(),
  };
}

const PROCESS_TIME: LoopTime = {
  now: () => performance.now(),
  every(millis, beat) {
    const timer = setInterval(beat, millis);
    timer.unref();
    return { stop: () => clearInterval(timer) };
  },
};
