import type { NatsLink } from '../../agent-core/adapters/nats.ts';
import { subjects } from '../../agent-core/bus/subjects.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { Signer } from '../../agent-core/identity/signer.ts';

/** Does something on the broker and says whether the broker refused it. Nothing else may be refused meanwhile. */
export async function isForbidden(link: NatsLink, action: () => void): Promise<boolean> {
  const before = link.counters.forbidden;
  action();
  await link.bus.flush();
  // The broker's refusal comes before its answer to the flush; the event that tells of it comes a turn later.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  return link.counters.forbidden > before;
}

/**
 * Refuses a realm in which the broker does not let us speak: the agent would be there, say that it is ready, and neither hear nor be heard.
 * Told by an empty message to ourselves, to which nobody listens yet.
 *
 * @throws HaggleError `broker-refused`
 */
export async function refuseForeignRealm(link: NatsLink, { nkey }: Signer, realm: string): Promise<void> {
  const subject = subjects.inbox(realm, nkey, nkey);
  if (!(await isForbidden(link, () => link.bus.publish(subject, '')))) return;
  throw new HaggleError(
    'broker-refused',
    `the broker does not let this agent speak in realm "${realm}": is its token of another realm (--realm), or no agent's?`,
    { fields: { realm } },
  );
}
