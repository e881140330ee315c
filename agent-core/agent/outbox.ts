import type { Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import { utf8Length } from '../identity/encoding.ts';
import { LIMITS } from '../limits.ts';
import type { JsonValue } from '../message/canonical.ts';
import { encodeEnvelope } from '../message/envelope.ts';
import type { Peer } from './dialogue-book.ts';
import type { Host } from './host.ts';

/** What one message says, before the outbox numbers and stamps it. */
export interface Utterance {
  readonly id: string;
  readonly protocol: string;
  readonly dialogue: string;
  readonly re: string | null;
  readonly type: string;
  readonly body: JsonValue;
  /** Absolute deadline of the dialogue. */
  readonly by: Micros;
}

/** What an agent has said in this turn. It leaves in one flush, under one signature where the mode is `batch`. */
export interface Outbox {
  /** @throws HaggleError `payload-too-large` */
  say(peer: Peer, utterance: Utterance): void;
  flush(): void;
  /** Forgets what was not flushed; from now on nothing leaves. */
  cut(): void;
}

/** An empty outbox. */
export function createOutbox(host: Host): Outbox {
  let peers: Peer[] = [];
  let payloads: string[] = [];
  let isCut = false;
  return {
    say(peer, utterance) {
      const now = host.clock.now();
      const payload = encodeEnvelope({
        v: 1,
        id: utterance.id,
        realm: host.realm,
        from: host.self,
        to: peer.did,
        protocol: utterance.protocol,
        dialogue: utterance.dialogue,
        seq: peer.seq,
        re: utterance.re,
        type: utterance.type,
        body: utterance.body,
        sent: now,
        exp: Math.min(utterance.by, now + LIMITS.messageLifeMicros),
        by: utterance.by,
      });
      const bytes = bytesOf(payload);
      if (bytes > LIMITS.payloadBytes) {
        throw new HaggleError(
          'payload-too-large',
          `saying "${utterance.type}": the message has ${bytes} bytes, the limit is ${LIMITS.payloadBytes}`,
        );
      }
      peer.seq += 1;
      peers.push(peer);
      payloads.push(payload);
    },
    flush() {
      if (payloads.length === 0 || isCut) return;
      const to = peers;
      const sealed = host.seal(payloads);
      peers = [];
      payloads = [];
      for (const [index, peer] of to.entries()) {
        const message = sealed[index];
        if (message !== undefined) host.bus.publish(peer.subject, message.payload, { headers: message.headers });
      }
    },
    cut() {
      isCut = true;
      peers = [];
      payloads = [];
    },
  };
}

/** UTF-8 bytes of a payload, at most 3 a character: a short one need not be counted. */
function bytesOf(payload: string): number {
  return payload.length * 3 <= LIMITS.payloadBytes ? payload.length : utf8Length(payload);
}
