import type { Micros } from '../../clock.ts';

/** What a live agent takes from the machine's clocks. Tests hand in one that stands still. */
export interface Timing {
  /** The wall clock: microseconds since the Unix epoch. It may be set, back and forth. */
  wall(): Micros;
  /** Microseconds since some instant; runs on while the process does and never goes back. */
  steady(): Micros;
  /** Calls back after a while; it may be early by a little and late by any time. Returns what takes it back. */
  after(delay: Micros, call: () => void): () => void;
  /** Resolves when all promises that are on the move have come to rest. */
  rest(): Promise<void>;
}

/** Node's `setTimeout` takes 31 bits of milliseconds; whoever waits longer looks again meanwhile. */
const TIMEOUT_MILLIS_MAX = 2 ** 31 - 1;

// Taken when this file loads, so that a guard over handlers never stands between an agent's host and the clock.
const { now: wallMillis } = Date;
const { setTimeout: later, clearTimeout: forget, setImmediate: soon } = globalThis;
const steadyMillis = performance.now.bind(performance);

/** The clocks of this machine. */
export const systemTiming: Timing = {
  wall: () => wallMillis() * 1_000,
  steady: () => Math.floor(steadyMillis() * 1_000),
  after(delay, call) {
    const timer = later(call, Math.min(Math.ceil(Math.max(delay, 0) / 1_000), TIMEOUT_MILLIS_MAX));
    return () => forget(timer);
  },
  rest: () =>
    new Promise((resolve) => {
      soon(resolve);
    }),
};

/** Waits for something, but no longer than so many microseconds. */
export async function atMost(timing: Timing, span: Micros, done: Promise<void> | undefined): Promise<void> {
  let takeBack = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    takeBack = timing.after(span, resolve);
  });
  await Promise.race([done, over]);
  takeBack();
}
