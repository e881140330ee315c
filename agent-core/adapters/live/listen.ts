import type { BusMessage } from '../../bus/bus.ts';
import { subjects } from '../../bus/subjects.ts';
import type { LiveOptions } from './live-agent.ts';

/**
 * The broker adds it to what it hands out from a stream. Whoever may read a stream can name any subject for the answer, so such a
 * message bears a sender's name that the broker has checked for nobody.
 */
const FROM_STREAM = 'Nats-Stream';

/** Takes what is said to an agent, and nothing that a stream was asked to say. Returns what ends it. */
export function listen(
  { link, realm, signer }: Pick<LiveOptions, 'link' | 'realm' | 'signer'>,
  take: (message: BusMessage) => void,
): () => void {
  const subscription = link.bus.subscribe(subjects.inboxOf(realm, signer.nkey), (message) => {
    if (message.headers[FROM_STREAM] === undefined) take(message);
  });
  return () => subscription.unsubscribe();
}
