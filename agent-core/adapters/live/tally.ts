import type { RuntimeCounters } from '../../agent/runtime.ts';
import type { CounterName, Meter } from './meter.ts';

/** What a life counts. */
export interface LifeCounters extends RuntimeCounters {
  /** Decisions by the hash of the policy that was asked. */
  readonly decisions: ReadonlyMap<string, number>;
}

/** Passes on to a meter by how much the counters of a life have grown. */
export interface Tally {
  /** Counts from here: what was counted before was so in an earlier process. */
  skip(counters: LifeCounters): void;
  pass(counters: LifeCounters): void;
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
  const look = (counters: LifeCounters, pass: boolean): void => {
    grow('haggle_dialogues_ended_total', counters.dialoguesEnded, pass);
    grow('haggle_messages_misunderstood_total', counters.misunderstood, pass);
    grow('haggle_decisions_total', counters.decisions, pass);
    const by = counters.handlerErrors - handlerErrors;
    handlerErrors = counters.handlerErrors;
    if (pass && by > 0) meter.add('haggle_handler_errors_total', by);
  };
  return { skip: (counters) => look(counters, false), pass: (counters) => look(counters, true) };
}

/** Counters of which nothing is counted. */
export const NO_COUNTERS: RuntimeCounters = {
  accepted: 0,
  refused: new Map(),
  misunderstood: new Map(),
  dialoguesOpen: 0,
  dialoguesEnded: new Map(),
  handlerErrors: 0,
  timersPending: 0,
};

/** What a life and those before it have counted; what is open or pending is so in the last alone. */
export function sumOf(earlier: RuntimeCounters, last: RuntimeCounters): RuntimeCounters {
  return {
    accepted: earlier.accepted + last.accepted,
    refused: sumByKey(earlier.refused, last.refused),
    misunderstood: sumByKey(earlier.misunderstood, last.misunderstood),
    dialoguesOpen: last.dialoguesOpen,
    dialoguesEnded: sumByKey(earlier.dialoguesEnded, last.dialoguesEnded),
    handlerErrors: earlier.handlerErrors + last.handlerErrors,
    timersPending: last.timersPending,
  };
}

function sumByKey<Key>(a: ReadonlyMap<Key, number>, b: ReadonlyMap<Key, number>): Map<Key, number> {
  const sum = new Map(a);
  for (const [key, count] of b) sum.set(key, (sum.get(key) ?? 0) + count);
  return sum;
}
