import type { Log, LogEntry } from '../../log.ts';

/** Keeps what an agent logs while it handles an input. */
export interface HeldLog {
  readonly log: Log;
  /** Hands everything on, in order. */
  release(): void;
  /** Forgets everything: a life that is re-executed has said it before. */
  drop(): void;
}

type Level = keyof Log;

/** Entries kept at most; of more the first are kept and the rest are counted. */
const ENTRIES_MAX = 10_000;

/** The log of a handler writes nothing while the handler runs: what a writer needs of clock and streams is refused to handlers. */
export function createHeldLog(log: Log): HeldLog {
  let held: (readonly [Level, LogEntry])[] = [];
  let lost = 0;
  const hold =
    (level: Level) =>
    (entry: LogEntry): void => {
      if (held.length < ENTRIES_MAX) held.push([level, entry]);
      else lost += 1;
    };
  const take = (): readonly (readonly [Level, LogEntry])[] => {
    const taken = held;
    held = [];
    return taken;
  };
  return {
    log: { debug: hold('debug'), info: hold('info'), warn: hold('warn'), error: hold('error') },
    release() {
      for (const [level, entry] of take()) log[level](entry);
      if (lost > 0) log.warn({ event: 'log-overflow', entries: lost });
      lost = 0;
    },
    drop() {
      take();
      lost = 0;
    },
  };
}
