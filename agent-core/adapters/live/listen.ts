import type { BusMessage } from '../../bus/bus.ts';
import { subjects } from '../../bus/subjects.ts';
import type { LiveOptions } from './live-agent.ts';

/** Takes what is said to an agent. Returns what ends it. */
export function listen(
  { link, realm, signer }: Pick<LiveOptions, 'link' | 'realm' | 'signer'>,
  take: (message: BusMessage) => void,
): () => void {
  const subscription = link.bus.subscribe(subjects.inboxOf(realm, signer.nkey), take);
  return () => subscription.unsubscribe();
}
