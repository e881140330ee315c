import type { BusMessage } from '../../bus/bus.ts';
import type { LiveMail } from '../mail/live-mail.ts';
import type { Inbox } from './inbox.ts';

/** What {@link createIncomingMail} needs. */
export interface IncomingMailParts {
  readonly mail: Pick<LiveMail, 'collect'> | undefined;
  readonly inbox: Inbox;
  /** A message was put in the inbox. */
  readonly arrived: () => void;
  /** Resolves when everything noted so far is kept. */
  readonly stored: () => Promise<void> | undefined;
}

/** Mail on its way into a live agent. */
export interface IncomingMail {
  begin(): void;
  /** A message of the inbox was handled, or refused. Mail counts as taken once that is kept: who is cut off before gets it again. */
  handled(message: BusMessage): void;
  /** Nothing more is taken; what waits in the inbox and is never handled comes again to a later life. */
  end(): void;
}

/** Nothing comes before `begin`. */
export function createIncomingMail({ mail, inbox, arrived, stored }: IncomingMailParts): IncomingMail {
  const letters = new WeakMap<BusMessage, () => void>();
  let close: (() => Promise<void>) | null = null;
  return {
    begin() {
      close ??=
        mail?.collect((message, taken) => {
          // Where the inbox is full it comes again later.
          if (!inbox.put(message)) return;
          letters.set(message, taken);
          arrived();
        }) ?? null;
    },
    handled(message) {
      const taken = letters.get(message);
      if (taken === undefined) return;
      letters.delete(message);
      void (async () => {
        await stored();
        taken();
      })();
    },
    end() {
      const end = close;
      close = null;
      void end?.();
    },
  };
}
