import type { BusMessage } from '../../bus/bus.ts';
import { LIMITS } from '../../limits.ts';

/** Messages that have arrived and were not handled yet: bounded, first come first served. */
export interface Inbox {
  readonly size: number;
  /** False where it is full: the message is lost, as on a network. */
  put(message: BusMessage): boolean;
  take(): BusMessage | undefined;
}

/** Bounds of {@link createInbox}; the defaults are those of `LIMITS`. */
export interface InboxLimits {
  readonly liveInboxMessages: number;
  readonly liveInboxChars: number;
}

/** An empty inbox. */
export function createInbox({ liveInboxMessages, liveInboxChars }: InboxLimits = LIMITS): Inbox {
  let queue: BusMessage[] = [];
  let head = 0;
  let chars = 0;
  return {
    get size() {
      return queue.length - head;
    },
    put(message) {
      const size = charsOf(message);
      if (queue.length - head >= liveInboxMessages || chars + size > liveInboxChars) return false;
      queue.push(message);
      chars += size;
      return true;
    },
    take() {
      const message = queue[head];
      if (message === undefined) return undefined;
      head += 1;
      chars -= charsOf(message);
      if (head === queue.length || head * 2 > queue.length + 1_024) {
        queue = queue.slice(head);
        head = 0;
      }
      return message;
    },
  };
}

function charsOf({ subject, payload, headers }: BusMessage): number {
  let chars = subject.length + payload.length;
  for (const name of Object.keys(headers)) chars += name.length + (headers[name] ?? '').length;
  return chars;
}
