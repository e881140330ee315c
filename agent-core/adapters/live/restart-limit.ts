import { micros, type Duration, type Micros } from '../../clock.ts';
import type { Timing } from './timing.ts';

/** Counts failures: one that comes too soon after too many others is not answered by another start. */
export interface RestartLimit {
  /** Notes a failure; whether a restart may follow. */
  allows(): boolean;
}

/** At most so many restarts within so long; 5 in 10 s if left out. */
export function createRestartLimit(
  timing: Timing,
  { times, within }: { readonly times: number; readonly within: Duration } = { times: 5, within: '10 s' },
): RestartLimit {
  const span = micros(within);
  const failures: Micros[] = [];
  return {
    allows() {
      const now = timing.steady();
      failures.push(now);
      while ((failures[0] ?? now) < now - span) failures.shift();
      return failures.length <= times;
    },
  };
}
