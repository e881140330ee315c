import type { Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import { isDid, type Did } from '../identity/did-key.ts';
import { LIMITS } from '../limits.ts';
import { canonicalize, type JsonValue } from './canonical.ts';
import { isRefusal, refuse, type Refusal } from './refusals.ts';
import { scanCanonical } from './scan.ts';

/** Version 1 of what agents say to each other: one JSON object in canonical form. */
export interface Envelope {
  readonly v: 1;
  /** Names this message in `re` of an answer: 1 to 64 url-safe characters. */
  readonly id: string;
  /** The market or simulation it belongs to; one token of a subject. */
  readonly realm: string;
  readonly from: Did;
  readonly to: Did;
  /** `name/version/digest`. */
  readonly protocol: string;
  readonly dialogue: string;
  /** Strictly increasing from 1 for each pair (from, to): against replay, and two contents under one number convict their signer. */
  readonly seq: number;
  /** The `id` this answers, or null. */
  readonly re: string | null;
  /** Name of the message in its protocol. */
  readonly type: string;
  readonly body: JsonValue;
  readonly sent: Micros;
  /** Last instant at which it may be accepted. */
  readonly exp: Micros;
  /** Deadline of the whole dialogue, the same absolute time on both sides. */
  readonly by: Micros;
  /** Correlates logs across agents; never acted upon. */
  readonly trace?: string;
}

/** Longest fields in characters. */
export const ENVELOPE_CHARS = { id: 64, realm: 64, protocol: 192, dialogue: 128, type: 64, trace: 128 } as const;

const REQUIRED_FIELDS = 14;

/** Character classes, by ASCII code. Own walks, no regular expression on a stranger's text. */
const WORD = classOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
const URL_SAFE = classOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~');
const PROTOCOL = classOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~/');

/** No field but the body can hold a key, and no key costs less than 4 characters: a shorter text needs no count. */
const CHARS_PER_KEY_MIN = 4;

/**
 * The canonical text of an envelope: what is signed and sent.
 *
 * @throws HaggleError `malformed-envelope` where a field breaks its rule, `not-canonicalizable` for the body, and the code of the
 * guard (`payload-too-large`, `too-many-keys`) where every receiver would refuse it.
 */
export function encodeEnvelope(envelope: Envelope): string {
  const checked = checkEnvelope(envelope);
  if (isRefusal(checked)) {
    throw new HaggleError('malformed-envelope', `cannot encode an envelope: ${checked.detail}`);
  }
  return writeEnvelope(envelope);
}

/** Whether a name can be that of a realm. */
export function isRealm(name: string): boolean {
  return isText(name, ENVELOPE_CHARS.realm, WORD);
}

/**
 * As {@link encodeEnvelope}, for whoever makes every field but the body by the rules: an agent's own outbox, for each message.
 *
 * @throws HaggleError `not-canonicalizable`, `payload-too-large`, `too-many-keys`
 */
export function writeEnvelope(envelope: Envelope): string {
  const { body, by, dialogue, exp, from, id, protocol, re, realm, sent, seq, to, trace, type } = envelope;
  const bodyText = canonicalize(body, { depth: LIMITS.jsonDepth - 1 });
  // The names in order and values that need no escape: the same text as canonicalize(envelope), a property test says so.
  const text =
    `{"body":${bodyText},"by":${by},"dialogue":"${dialogue}","exp":${exp},"from":"${from}","id":"${id}","protocol":"${protocol}",` +
    `"re":${re === null ? 'null' : `"${re}"`},"realm":"${realm}","sent":${sent},"seq":${seq},"to":"${to}",` +
    `${trace === undefined ? '' : `"trace":"${trace}",`}"type":"${type}","v":1}`;
  if (text.length > CHARS_PER_KEY_MIN * LIMITS.jsonKeys) checkCost(text);
  return text;
}

/**
 * The envelope in a parsed JSON value, or why it is none. Exactly the known fields, each within its rule. `expected` is the
 * sender that the caller knows, whose address need not be looked up again.
 */
export function checkEnvelope(value: unknown, expected?: Did): Envelope | Refusal {
  if (!isRecord(value)) return refuse('malformed-envelope', 'an envelope is an object');
  if (value['v'] !== 1) return refuse('wrong-version');
  const fault = fieldFault(value, expected);
  return isFaultless(value, fault) ? value : refuse('malformed-envelope', fault ?? '');
}

/** Tells the compiler what {@link fieldFault} established, field by field. */
function isFaultless(_value: object, fault: string | null): _value is Envelope {
  return fault === null;
}

function fieldFault(value: Readonly<Record<string, unknown>>, expected?: Did): string | null {
  const { body, by, dialogue, exp, from, id, protocol, re, realm, sent, seq, to, trace, type } = value;
  if (!isText(id, ENVELOPE_CHARS.id, URL_SAFE)) return 'id: 1 to 64 of A-Z a-z 0-9 - . _ ~';
  if (!isText(realm, ENVELOPE_CHARS.realm, WORD)) return 'realm: 1 to 64 of A-Z a-z 0-9 - _';
  if (typeof from !== 'string' || (from !== expected && !isDid(from))) return 'from: a did:key of Ed25519';
  if (typeof to !== 'string' || !isDid(to)) return 'to: a did:key of Ed25519';
  if (!isProtocolId(protocol)) return 'protocol: name/version/digest, at most 192 characters';
  if (!isText(dialogue, ENVELOPE_CHARS.dialogue, URL_SAFE)) return 'dialogue: 1 to 128 of A-Z a-z 0-9 - . _ ~';
  if (!isCount(seq) || seq === 0) return 'seq: a safe integer from 1';
  if (re !== null && !isText(re, ENVELOPE_CHARS.id, URL_SAFE)) return 're: an id or null';
  if (!isText(type, ENVELOPE_CHARS.type, URL_SAFE)) return 'type: 1 to 64 of A-Z a-z 0-9 - . _ ~';
  if (body === undefined) return 'body: any JSON value';
  if (!isCount(sent)) return 'sent: a safe integer of microseconds';
  if (!isCount(exp) || exp < sent) return 'exp: a safe integer of microseconds, not before sent';
  if (!isCount(by) || by < exp) return 'by: a safe integer of microseconds, not before exp';
  if (trace !== undefined && !isText(trace, ENVELOPE_CHARS.trace, URL_SAFE))
    return 'trace: 1 to 128 url-safe characters';
  const fields = trace === undefined ? REQUIRED_FIELDS : REQUIRED_FIELDS + 1;
  return Object.keys(value).length === fields ? null : 'an envelope has exactly the fields of version 1';
}

/** True for 1 to `charsMax` url-safe characters: A-Z a-z 0-9 - . _ ~ */
export function isUrlSafe(value: unknown, charsMax: number): value is string {
  return isText(value, charsMax, URL_SAFE);
}

function checkCost(text: string): void {
  const fault = scanCanonical(text);
  if (fault === null) return;
  throw new HaggleError(fault.code, `cannot encode an envelope of ${text.length} characters: ${fault.code}`, {
    fields: { chars: text.length },
  });
}

/** The protocol that was found well-formed last: nearly always the next one too. */
let lastProtocol = '';

/** True for the id of a protocol, `name/version/digest`. */
export function isProtocolId(value: unknown): value is string {
  if (value === lastProtocol && value !== '') return true;
  if (!hasProtocolForm(value)) return false;
  lastProtocol = value;
  return true;
}

function hasProtocolForm(value: unknown): value is string {
  if (!isText(value, ENVELOPE_CHARS.protocol, PROTOCOL)) return false;
  const first = value.indexOf('/');
  const second = value.indexOf('/', first + 1);
  return first > 0 && second > first + 1 && second < value.length - 1 && value.indexOf('/', second + 1) < 0;
}

function isText(value: unknown, charsMax: number, allowed: Uint8Array): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > charsMax) return false;
  for (let i = 0; i < value.length; i++) {
    if (allowed[value.charCodeAt(i)] !== 1) return false;
  }
  return true;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function classOf(chars: string): Uint8Array {
  const members = new Uint8Array(128);
  for (let i = 0; i < chars.length; i++) members[chars.charCodeAt(i)] = 1;
  return members;
}
