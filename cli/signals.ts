import { constants } from 'node:os';
import { endChildren } from './children.ts';
import { discardDrafts } from './files.ts';

/** What ends a command from outside: ^C, `kill`, a terminal that is closed. */
export const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A short command that is interrupted leaves nothing half-written and nothing running, and ends as the signal says. */
export function endOnSignals(): void {
  for (const signal of END_SIGNALS) {
    process.once(signal, () => {
      discardDrafts();
      endChildren();
      // The first process of a container: no signal of its own ends it.
      if (process.pid === 1) process.exit(128 + constants.signals[signal]);
      process.kill(process.pid, signal);
    });
  }
}

/** A long-running command ends in good order: the first signal calls `end`, the second ends the process at once, after `last`. */
export function drainOnSignals(end: (signal: NodeJS.Signals) => void, last: () => void = () => undefined): void {
  let heard = false;
  for (const signal of END_SIGNALS) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      // What a shell gives for a process that this signal ended.
      if (heard) {
        last();
        process.exit(128 + constants.signals[signal]);
      }
      heard = true;
      end(signal);
    });
  }
}
