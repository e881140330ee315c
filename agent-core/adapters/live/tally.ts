import type { RuntimeCounters } from '../../agent/runtime.ts';
import type { CounterName, Meter } from './meter.ts';

/** Passes on to a meter by how much the counters of a life have grown. */
export interface Tally {
  /** Counts from here: what was counted before was so in an earlier process. */
  skip(counters: RuntimeCounters): void;
  pass(counters: RuntimeCounters): void;
}

/** A tally of a life that has counted nothing. */
export function createTally(meter: Meter): Tally {
  let handlerErrors = 0;
  const seen = new Map<string, number>();
  const grow = (counter: CounterName, counts: ReadonlyMap<string, number>, pass: boolean): void => {
    for (const [label, count] of counts) {
      const key = `${counter} ${label}`;
      const by = count - (seen.get(key) ?? 0);
      seen.set(key, count);
      if (pass && by > 0) meter.add(counter, by, label);
    }
  };
  const look = (counters: RuntimeCounters, pass: boolean): void => {
    grow('haggle_dialogues_ended_total', counters.dialoguesEnded, pass);
    grow('haggle_messages_misunderstood_total', counters.misunderstood, pass);
    const by = counters.handlerErrors - handlerErrors;
    handlerErrors = counters.handlerErrors;
    if (pass && by > 0) meter.add('haggle_handler_errors_total', by);
  };
  return { skip: (counters) => look(counters, false), pass: (counters) => look(counters, true) };
}
