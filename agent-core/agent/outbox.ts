import type { Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import { subjects } from '../bus/subjects.ts';
import { utf8Length } from '../identity/encoding.ts';
import { LIMITS } from '../limits.ts';
import type { JsonValue } from '../message/canonical.ts';
import { isRealm, writeEnvelope } from '../message/envelope.ts';
import { MAIL_HEADER, type MailWay, type PendingLetter } from '../message/mail.ts';
import type { Sealed } from '../message/seal.ts';
import { TRACE_HEADER } from '../message/trace-context.ts';
import type { Peer } from './dialogue-book.ts';
import type { Host } from './host.ts';

/** Header by which a sender asks to be told that its message was accepted. Its value is `1`. */
export const RECEIPT_HEADER = 'Haggle-Receipt';

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
  /** What the newest message of the dialogue carries to correlate logs. */
  readonly trace?: string | undefined;
  /** Where the message goes too, should it have to be mailed. */
  readonly letter?: PendingLetter | null;
}

/** What an agent has said at this instant. It leaves in one flush, under one signature where the mode is `batch`. */
export interface Outbox {
  /** Returns the trace that the message carries, where tracing is on. @throws HaggleError `payload-too-large` */
  say(peer: Peer, utterance: Utterance): string | undefined;
  /** Asks for a receipt of a message that has not left yet; when it expires, or null where it left already. */
  requestReceipt(id: string): Micros | null;
  /** Runs `call` and tells whether something was said meanwhile that answers the message `id`. */
  answersDuring(id: string, call: () => void): boolean;
  /** True where nothing waits to leave. */
  readonly empty: boolean;
  flush(): void;
}

interface Queued {
  readonly peer: Peer;
  readonly id: string;
  readonly exp: Micros;
  /** The first message of a dialogue of ours: if nobody is there to hear it, we want to know. */
  readonly opening: boolean;
  receipt: boolean;
  readonly trace: string | undefined;
  readonly mail: MailWay | undefined;
}

/** An empty outbox. @throws HaggleError `bad-realm` */
export function createOutbox(host: Host): Outbox {
  checkRealm(host.realm);
  let queued: Queued[] = [];
  let payloads: string[] = [];
  let awaited: string | null = null;
  return {
    say(peer, utterance) {
      const { id, re, letter = null } = utterance;
      const trace = host.tracing?.say(utterance.trace);
      const { payload, exp } = write(host, peer, { ...utterance, trace });
      const bytes = bytesOf(payload);
      if (bytes > LIMITS.payloadBytes) {
        throw new HaggleError(
          'payload-too-large',
          `saying "${utterance.type}": the message has ${bytes} bytes, the limit is ${LIMITS.payloadBytes}`,
        );
      }
      peer.seq += 1;
      if (re === awaited) awaited = null;
      queued.push({ peer, id, exp, opening: id === utterance.dialogue, receipt: false, trace, mail: letter?.way });
      if (letter !== null) letter.payload = payload;
      payloads.push(payload);
      return trace;
    },
    requestReceipt(id) {
      const message = queued.find((candidate) => candidate.id === id);
      if (message === undefined) return null;
      message.receipt = true;
      return message.exp;
    },
    answersDuring(id, call) {
      awaited = id;
      call();
      const answered = awaited === null;
      awaited = null;
      return answered;
    },
    get empty() {
      return payloads.length === 0;
    },
    flush() {
      if (payloads.length === 0) return;
      const leaving = queued;
      const sealed = host.seal(payloads);
      queued = [];
      payloads = [];
      for (const [index, item] of leaving.entries()) {
        const message = sealed[index];
        if (message !== undefined) publish(host, item, message);
      }
    },
  };
}

/** The message in canonical form, numbered and stamped, and when it expires. */
function write(
  host: Host,
  peer: Peer,
  { letter = null, trace, ...said }: Utterance,
): { readonly payload: string; readonly exp: Micros } {
  const sent = host.clock.now();
  const exp = Math.min(said.by, sent + (letter === null ? LIMITS.messageLifeMicros : LIMITS.mailLifeMicros));
  const payload = writeEnvelope({
    v: 1,
    realm: host.realm,
    from: host.self,
    to: peer.did,
    seq: peer.seq,
    sent,
    exp,
    ...said,
    ...(trace === undefined ? {} : { trace }),
  });
  return { payload, exp };
}

function publish(host: Host, item: Queued, { payload, headers: proof }: Sealed): void {
  const { peer, id, opening, receipt, trace, mail } = item;
  // Beside the payload, for tools that know nothing of it; what counts stands inside, under the signature.
  const traced = trace === undefined ? proof : { ...proof, [TRACE_HEADER]: trace };
  const headers = mail === undefined ? traced : { ...traced, [MAIL_HEADER]: mail };
  if (!opening && !receipt) return host.bus.publish(peer.subject, payload, { headers });
  const reply = subjects.unreachable(host.realm, host.nkey, { id, to: peer.nkey });
  host.bus.publish(peer.subject, payload, {
    headers: receipt ? { ...headers, [RECEIPT_HEADER]: '1' } : headers,
    reply,
  });
}

/** UTF-8 bytes of a payload, at most 3 a character: a short one need not be counted. */
function bytesOf(payload: string): number {
  return payload.length * 3 <= LIMITS.payloadBytes ? payload.length : utf8Length(payload);
}

function checkRealm(realm: string): void {
  if (isRealm(realm)) return;
  const got = JSON.stringify(realm.slice(0, 80));
  throw new HaggleError('bad-realm', `placing an agent: a realm is 1 to 64 of A-Z a-z 0-9 - _, got ${got}`);
}
