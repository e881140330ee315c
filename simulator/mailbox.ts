import type { Bus, BusMessage } from '../agent-core/bus/bus.ts';
import { senderToken, subjects } from '../agent-core/bus/subjects.ts';
import type { Micros } from '../agent-core/clock.ts';
import { publicKeyOf } from '../agent-core/identity/did-key.ts';
import { nkeyOf } from '../agent-core/identity/nkey.ts';
import { LIMITS } from '../agent-core/limits.ts';
import { isRealm } from '../agent-core/message/envelope.ts';
import { MAIL_HEADER, type MailPort } from '../agent-core/message/mail.ts';
import type { EventSource } from './kernel.ts';

/** Options of {@link createMailbox}. */
export interface MailboxParts {
  readonly bus: Bus;
  readonly realm: string;
  readonly nkey: string;
  readonly source: EventSource;
  /** From a mailbox to its agent that comes back. */
  readonly latencyMicros: Micros;
}

/**
 * The mailbox of a simulated agent: there as long as its world, whether or not the agent runs. Mail takes the way of any message, with
 * all its faults; an agent that runs gets it as it comes, one that comes back gets what waits one latency later. There is no broker
 * here that could read mail, so what would be sealed goes as it is.
 */
export function createMailbox({ bus, realm, nkey, source, latencyMicros }: MailboxParts): MailPort {
  let waiting: BusMessage[] = [];
  let taking: ((message: BusMessage) => void) | null = null;
  const keep = (message: BusMessage): void => {
    // What waits goes first.
    if (taking !== null && waiting.length === 0) return taking(message);
    waiting.push(message);
    waiting = withoutOldest(waiting, message.subject);
  };
  // An agent of a realm that no subject can name is refused as it is placed.
  if (isRealm(realm)) bus.subscribe(subjects.mailOf(realm, nkey), keep);
  return {
    post({ id, to, way, payload, headers }) {
      const peer = nkeyOf(publicKeyOf(to));
      // Where there is no mailbox the bus says so, as it does of an inbox.
      const reply = subjects.unreachable(realm, nkey, { id, to: peer });
      bus.publish(subjects.mail(realm, peer, nkey), payload, { headers: { ...headers, [MAIL_HEADER]: way }, reply });
    },
    collect(take) {
      taking = take;
      const handOver = (): void => {
        for (const message of taking === take ? waiting.splice(0) : []) take(message);
      };
      if (waiting.length > 0) source.after(latencyMicros, handOver, undefined);
      return () => {
        if (taking === take) taking = null;
      };
    },
  };
}

/** A sender pushes out its own letters only. */
function withoutOldest(waiting: BusMessage[], subject: string): BusMessage[] {
  const sender = senderToken(subject);
  const ofSender = waiting.filter((message) => senderToken(message.subject) === sender);
  return ofSender.length <= LIMITS.lettersFromSender ? waiting : waiting.filter((message) => message !== ofSender[0]);
}
