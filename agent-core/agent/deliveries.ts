import type { Did } from '../identity/did-key.ts';
import { HaggleError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Envelope } from '../message/envelope.ts';
import type { Delivery } from './dialogue.ts';
import type { Host } from './host.ts';
import type { Outbox } from './outbox.ts';
import type { Turns } from './turns.ts';

/** The messages of which an agent wants to know what became of them. */
export interface Deliveries {
  /**
   * What becomes of a message that was said in this turn.
   *
   * @throws HaggleError `already-sent`, `too-many-deliveries`
   */
  track(to: Did, id: string): Promise<Delivery>;
  /** An authentic message came: it may say what became of one of ours. */
  heard(envelope: Envelope): void;
  /** The bus says that nobody listens where the message went. */
  unreachable(id: string): void;
}

interface Tracked {
  readonly to: Did;
  readonly wake: number;
  readonly resolve: (delivery: Delivery) => void;
}

/** Nothing tracked yet. */
export function createDeliveries({ host, outbox, turns }: { host: Host; outbox: Outbox; turns: Turns }): Deliveries {
  const tracked = new Map<string, Tracked>();
  const settle = (id: string, delivery: Delivery): void => {
    const message = tracked.get(id);
    if (message === undefined) return;
    tracked.delete(id);
    host.cancelWake(message.wake);
    message.resolve(delivery);
  };
  return {
    track(to, id) {
      if (tracked.size >= LIMITS.trackedDeliveries) {
        throw new HaggleError(
          'too-many-deliveries',
          `asking for an outcome: ${tracked.size} are awaited, the limit is ${LIMITS.trackedDeliveries}`,
        );
      }
      const expires = tracked.has(id) ? null : outbox.requestReceipt(id);
      if (expires === null) {
        throw new HaggleError(
          'already-sent',
          'asking for an outcome: ask once, in the turn in which the message was said; it has left since',
        );
      }
      const { promise, resolve } = turns.promise<Delivery>();
      const wake = host.wakeAt(expires, () => settle(id, { type: 'expired' }));
      tracked.set(id, { to, wake, resolve });
      return promise;
    },
    heard({ re, from, type, body }) {
      if (re === null || tracked.size === 0 || tracked.get(re)?.to !== from) return;
      settle(re, type === 'not-understood' ? { type: 'refused', code: reservedCode(body) } : { type: 'delivered' });
    },
    unreachable: (id) => settle(id, { type: 'no-such-agent' }),
  };
}

/** The reason for people in the body of a `failure` or `not-understood`; empty where there is none. */
export function reservedReason(body: Envelope['body']): string {
  const reason = body !== null && typeof body === 'object' && 'reason' in body ? body['reason'] : undefined;
  return typeof reason === 'string' ? reason.slice(0, 1_024) : '';
}

/** The code in the body of a `failure` or `not-understood`; `unspecified` where there is none. */
export function reservedCode(body: Envelope['body']): string {
  const code = body !== null && typeof body === 'object' && 'code' in body ? body['code'] : undefined;
  return typeof code === 'string' ? code.slice(0, 64) : 'unspecified';
}
