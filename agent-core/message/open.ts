import { boundedCache } from '../bounded-cache.ts';
import type { BusMessage } from '../bus/bus.ts';
import { senderToken } from '../bus/subjects.ts';
import type { Clock, Micros } from '../clock.ts';
import { didOf, type Did } from '../identity/did-key.ts';
import { publicKeyOfNkey } from '../identity/nkey.ts';
import type { SignatureBackend } from '../identity/signer.ts';
import { LIMITS } from '../limits.ts';
import { checkEnvelope, type Envelope } from './envelope.ts';
import { checkEvidence, type Evidence, type VerifiedRoots } from './evidence.ts';
import { MAIL_HEADER } from './mail.ts';
import { isRefusal, refuse, type Refusal } from './refusals.ts';
import type { ReplayWindow } from './replay-window.ts';
import { scanCanonical } from './scan.ts';

/** The parts of a bus message that are recorded: enough to prove it again. */
export type RecordedMessage = Pick<BusMessage, 'subject' | 'payload' | 'headers'>;

/** An accepted message. */
export interface Opened {
  readonly envelope: Envelope;
  readonly evidence: Evidence;
  /** As it came, to be kept as proof. */
  readonly message: RecordedMessage;
}

/** Options of {@link createAuditor}. */
export interface AuditorOptions {
  readonly backend: SignatureBackend;
  /** False accepts messages without evidence too (mode `off`); evidence that is there is always checked. */
  readonly requireSignature: boolean;
  readonly verifiedRoots: VerifiedRoots;
}

/** Options of {@link createOpener}. */
export interface OpenerOptions extends AuditorOptions {
  readonly me: Did;
  readonly realm: string;
  readonly clock: Clock;
  readonly replay: ReplayWindow;
}

/** Opens messages: a function of the message, the clock and the replay window. Never throws, whatever comes in. */
export interface Opener {
  open(message: RecordedMessage): Opened | Refusal;
}

/** Checks recorded messages without state: cost, signature, form, shape and sender, but not addressee, time or replay. */
export interface Auditor {
  audit(message: RecordedMessage): Opened | Refusal;
}

interface Peer {
  readonly nkey: string;
  readonly did: Did;
  readonly publicKey: Uint8Array;
}

/** By subject. Deriving an address from an NKEY costs two base conversions; subjects repeat, and their text is hashed once. */
const peers = boundedCache<Peer>(LIMITS.replayPeers);

/**
 * The checks that need no state, in this order: cost, signature over the raw payload by the key in the subject's last token,
 * canonical form, shape, `from` is that key. Nothing in a payload is read before its signature is checked.
 */
export function createAuditor(options: AuditorOptions): Auditor {
  return { audit: (message) => audit(options, message) };
}

/** The checks of {@link createAuditor}, then: to me, my realm, in time, not seen. The order and codes are those of `REFUSALS`. */
export function createOpener(options: OpenerOptions): Opener {
  const { me, realm, clock, replay } = options;
  return {
    open(message) {
      const opened = audit(options, message);
      if (isRefusal(opened)) return opened;
      const { envelope } = opened;
      if (envelope.to !== me) return refuse('not-for-me');
      if (envelope.realm !== realm) return refuse('wrong-realm');
      const now = clock.now();
      const late = timeFault(envelope, now, lifeLimit(message));
      if (late !== null) return late;
      const seen = replay.accept(envelope, now);
      return seen === null ? opened : refuse(seen, `seq ${envelope.seq}`);
    },
  };
}

function audit(options: AuditorOptions, message: RecordedMessage): Opened | Refusal {
  const { subject, payload, headers } = message;
  const fault = scanCanonical(payload);
  if (fault?.kind === 'guard') return refuse(fault.code, `at offset ${fault.offset}`);
  const peer = peerOf(subject);
  if (peer === null) return refuse('malformed-subject');
  const { nkey, did, publicKey } = peer;
  const evidence = checkEvidence(options.backend, options.verifiedRoots, { nkey, publicKey, payload, headers });
  if (typeof evidence !== 'string') return evidence;
  if (evidence === 'none' && options.requireSignature) return refuse('unsigned');
  if (fault !== null) return refuse(fault.code, `at offset ${fault.offset}`);
  const envelope = checkEnvelope(JSON.parse(payload), did);
  if (isRefusal(envelope)) return envelope;
  return envelope.from === did ? { envelope, evidence, message } : refuse('sender-mismatch');
}

/**
 * How long a message may live. That it may wait in a mailbox stands in no signed field and need not: the life itself is signed, and
 * only its sender can have meant a long one.
 */
function lifeLimit({ headers }: RecordedMessage): Micros {
  return headers[MAIL_HEADER] === undefined ? LIMITS.messageLifeMicros : LIMITS.mailLifeMicros;
}

function timeFault(envelope: Envelope, now: Micros, lifeMicros: Micros): Refusal | null {
  const { sent, exp } = envelope;
  if (exp - sent > lifeMicros) return refuse('life-too-long', `exp - sent is ${exp - sent} us`);
  if (sent > now + LIMITS.clockSkewMicros) return refuse('sent-in-future', `sent ${sent - now} us after now`);
  return exp >= now ? null : refuse('expired', `exp ${now - exp} us before now`);
}

function peerOf(subject: string): Peer | null {
  const known = peers.get(subject);
  if (known !== undefined) return known;
  const nkey = senderToken(subject);
  const publicKey = publicKeyOfNkey(nkey);
  if (publicKey === null) return null;
  const peer = { nkey, did: didOf(publicKey), publicKey };
  peers.set(subject, peer);
  return peer;
}
