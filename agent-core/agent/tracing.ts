import type { Log, LogEntry } from '../log.ts';
import type { Envelope } from '../message/envelope.ts';
import { traceIdOf, traceParent } from '../message/trace-context.ts';
import type { RandomStream } from '../random.ts';

/**
 * Which trace what an agent says belongs to. Traces only correlate logs of several agents: nothing is ever decided by one, and
 * a simulation has none, so that they cannot reach a fingerprint.
 */
export interface Tracing {
  /** A message is being handled. What is said meanwhile belongs to the trace that it carries, if any. */
  heard(message: Pick<Envelope, 'dialogue' | 'trace'>): void;
  /** Something else begins, a timer for example: what it says starts a trace of its own, but in dialogues that have one. */
  forget(): void;
  /**
   * The trace of a message that is said now: that of its dialogue, else of the message being handled, else a new one. A new
   * span each time.
   *
   * @param dialogue - what the dialogue's newest message carried, if anything
   */
  say(dialogue: string | undefined): string;
  /** The trace of what is being handled; null where there is none. */
  readonly traceId: string | null;
  /** The dialogue of the message that is being handled; null where there is none. */
  readonly dialogue: string | null;
}

/** Tracing whose ids come from a stream of its own: drawing them moves no other chance of the agent. */
export function createTracing(stream: RandomStream): Tracing {
  let current: string | null = null;
  let dialogueHeard: string | null = null;
  return {
    heard({ dialogue, trace }) {
      current = traceIdOf(trace);
      dialogueHeard = dialogue;
    },
    forget() {
      current = null;
      dialogueHeard = null;
    },
    say(dialogue) {
      current ??= traceIdOf(dialogue) ?? hexadecimal(stream, 4);
      return traceParent(traceIdOf(dialogue) ?? current, hexadecimal(stream, 2));
    },
    get traceId() {
      return current;
    },
    get dialogue() {
      return dialogueHeard;
    },
  };
}

/** A log whose lines carry the dialogue and the trace of what is being handled, as `dialogue` and `trace_id`. */
export function tracedLog(log: Log, tracing: Tracing): Log {
  const traced = (entry: LogEntry): LogEntry => {
    const { traceId, dialogue } = tracing;
    if (traceId === null && dialogue === null) return entry;
    const fields = typeof entry === 'string' ? { msg: entry } : entry;
    return {
      ...fields,
      // An agent that names a dialogue itself may mean another.
      ...(dialogue === null || 'dialogue' in fields ? {} : { dialogue }),
      ...(traceId === null ? {} : { trace_id: traceId }),
    };
  };
  return {
    debug: (entry) => log.debug(traced(entry)),
    info: (entry) => log.info(traced(entry)),
    warn: (entry) => log.warn(traced(entry)),
    error: (entry) => log.error(traced(entry)),
  };
}

/** So many 32-bit words in lower-case hexadecimal digits, never all zero: that would say "none". */
function hexadecimal(stream: RandomStream, words: number): string {
  const digits = Array.from({ length: words }, () => stream.uint32().toString(16).padStart(8, '0')).join('');
  return /^0+$/.test(digits) ? hexadecimal(stream, words) : digits;
}
