/**
 * An agent record: what an agent says of itself to whoever looks for partners. One JSON object in canonical form, signed by the
 * agent's own key under a tag of its own, so that it holds wherever it came from: a broker's bucket, a peer, a file.
 */
import type { Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import { isDid, publicKeyOf, type Did } from '../identity/did-key.ts';
import { decodeBase64Url, encodeBase64Url, utf8Length } from '../identity/encoding.ts';
import { SIGNATURE_BYTES, type SignatureBackend, type Signer } from '../identity/signer.ts';
import { verifyStrict } from '../identity/strict.ts';
import { LIMITS } from '../limits.ts';
import { canonicalize } from '../message/canonical.ts';
import { isProtocolId, isRealm, isUrlSafe } from '../message/envelope.ts';
import { scanCanonical } from '../message/scan.ts';
import { signable } from '../message/signable.ts';
import { isTag, type PlayedProtocol } from './card.ts';

/** Version 1 of a record. */
export interface AgentRecord {
  readonly v: 1;
  /** The market it is for: a record of one realm says nothing in another. */
  readonly realm: string;
  readonly agent: Did;
  /** What people call it: 1 to 64 url-safe characters. Nothing keeps two agents from having one name. */
  readonly name?: string;
  /** What it plays, sorted by id; each with its roles, sorted. */
  readonly protocols: readonly PlayedProtocol[];
  /** Sorted, none twice. */
  readonly tags: readonly string[];
  /** X25519 public key for sealed mail, 32 bytes in base64url. */
  readonly box?: string;
  /** From 1. Of two records the higher number holds; two contents under one number convict their signer. */
  readonly seq: number;
  readonly issued: Micros;
  /** Last instant at which it holds. The same as `issued`: the agent takes back whatever it said before. */
  readonly expires: Micros;
}

/** A record with its signature, as it travels and is kept: 86 characters of base64url, a space, the canonical text. */
export type SealedRecord = string;

/** Why a record was not believed, in the order in which it is checked. */
export const RECORD_REFUSALS = {
  'record-too-large': 'more UTF-8 bytes than LIMITS.recordBytes',
  'malformed-record': 'not a signature, a space and a record of version 1 in canonical form',
  'bad-signature': 'the signature is not by the key of `agent` over this text',
  'wrong-realm': '`realm` is another realm',
  'wrong-key': 'it was found under the name of another agent',
  'life-too-long': '`expires` is further from `issued` than LIMITS.recordLifeMicros',
  'issued-in-future': '`issued` is ahead of this clock by more than LIMITS.clockSkewMicros',
  expired: '`expires` has passed',
  'older-seq': 'a record of a higher number is known already',
  convicted: 'its agent has signed two contents under one number',
  'directory-full': 'a new agent, and LIMITS.directoryAgents others are known',
} as const;

/** A code of {@link RECORD_REFUSALS}. */
export type RecordRefusalCode = keyof typeof RECORD_REFUSALS;

/** An expected outcome: a record that is not believed. `detail` is for people. */
export interface RecordRefusal {
  readonly refused: RecordRefusalCode;
  readonly detail: string;
}

/** A record that its agent has signed, with the text that shows it. */
export interface OpenRecord {
  readonly record: AgentRecord;
  readonly sealed: SealedRecord;
}

/** Name of an agent in its record, in characters. */
export const RECORD_NAME_CHARS = 64;

/** Name of a role in a record, in characters. */
const ROLE_CHARS = 64;
const SIGNATURE_CHARS = 86;
const BOX_CHARS = 43;
/** A record has eight fields that must be there. */
const REQUIRED_FIELDS = 8;

/** Records are as long as they need to be, and no deeper: an object, a list, an object, a list. */
const SCAN_LIMITS = { payloadBytes: LIMITS.recordBytes, jsonDepth: 4, jsonKeys: 256 } as const;

/**
 * Signs a record.
 *
 * @throws HaggleError `malformed-record` where a field breaks its rule or the signer is not the agent, `record-too-large`.
 */
export function sealRecord(record: AgentRecord, signer: Signer): SealedRecord {
  const fault = record.agent === signer.did ? recordFault(record) : 'agent: another key than that of the signer';
  if (fault !== null) throw new HaggleError('malformed-record', `cannot sign a record: ${fault}`);
  const text = canonicalize(record);
  const sealed = `${encodeBase64Url(signer.sign(signable('agent-record', text)))} ${text}`;
  const bytes = utf8Length(sealed);
  if (bytes > LIMITS.recordBytes) {
    throw new HaggleError('record-too-large', `a record of ${bytes} bytes exceeds ${LIMITS.recordBytes} bytes`);
  }
  return sealed;
}

/**
 * Reads a record and checks its signature: cost, form, signature, fields. Knows no realm and no time, so that a proof made of
 * records can be checked anywhere. Never throws.
 */
export function openRecord(sealed: string, backend: SignatureBackend): OpenRecord | RecordRefusal {
  // A text without a pair of surrogates has at least as many bytes as characters, and one with a pair has more.
  if (sealed.length > LIMITS.recordBytes || utf8Length(sealed) > LIMITS.recordBytes) {
    return refuseRecord('record-too-large');
  }
  const signature = decodeBase64Url(sealed.slice(0, SIGNATURE_CHARS));
  if (signature?.length !== SIGNATURE_BYTES || sealed[SIGNATURE_CHARS] !== ' ') {
    return refuseRecord('malformed-record', 'it does not begin with a signature and a space');
  }
  const text = sealed.slice(SIGNATURE_CHARS + 1);
  const form = scanCanonical(text, SCAN_LIMITS);
  if (form !== null) return refuseRecord('malformed-record', `${form.code} at offset ${form.offset}`);
  const value: unknown = JSON.parse(text);
  const agent = isObject(value) ? value['agent'] : undefined;
  if (typeof agent !== 'string' || !isDid(agent))
    return refuseRecord('malformed-record', 'agent: a did:key of Ed25519');
  const message = signable('agent-record', text);
  if (!verifyStrict(backend, { publicKey: publicKeyOf(agent), message, signature })) {
    return refuseRecord('bad-signature');
  }
  const fault = recordFault(value);
  return isFaultless(value, fault)
    ? { record: value, sealed }
    : refuseRecord('malformed-record', fault ?? RECORD_REFUSALS['malformed-record']);
}

/** What of a record depends on who reads it, and when: for me, and in time. A record that takes others back never expires. */
export function timelyFault(
  { realm, issued, expires }: AgentRecord,
  { realm: mine, now }: { readonly realm: string; readonly now: Micros },
): RecordRefusal | null {
  if (realm !== mine) return refuseRecord('wrong-realm');
  const life = expires - issued;
  if (life > LIMITS.recordLifeMicros) return refuseRecord('life-too-long', `expires - issued is ${life} us`);
  if (issued > now + LIMITS.clockSkewMicros) return refuseRecord('issued-in-future', `${issued - now} us after now`);
  const until = keptUntil({ issued, expires });
  return until >= now ? null : refuseRecord('expired', `expires ${now - until} us before now`);
}

/** Until when a record matters. One that takes others back does so as long as one of those could hold. */
export function keptUntil({ issued, expires }: Pick<AgentRecord, 'issued' | 'expires'>): Micros {
  return expires === issued ? issued + LIMITS.recordLifeMicros : expires;
}

/** A refusal with its code and what was seen. */
export function refuseRecord(refused: RecordRefusalCode, detail: string = RECORD_REFUSALS[refused]): RecordRefusal {
  return { refused, detail };
}

/** True for a {@link RecordRefusal}, of whatever it stands beside. */
export function isRecordRefusal(outcome: object): outcome is RecordRefusal {
  return 'refused' in outcome;
}

/** Tells the compiler what {@link recordFault} established, field by field. */
function isFaultless(_value: unknown, fault: string | null): _value is AgentRecord {
  return fault === null;
}

function recordFault(value: unknown): string | null {
  if (!isObject(value)) return 'a record is an object';
  const { v, realm, agent, name, protocols, tags, box, seq, issued, expires } = value;
  if (v !== 1) return 'v: 1';
  if (typeof realm !== 'string' || !isRealm(realm)) return 'realm: 1 to 64 of A-Z a-z 0-9 - _';
  if (typeof agent !== 'string' || !isDid(agent)) return 'agent: a did:key of Ed25519';
  if (name !== undefined && !isUrlSafe(name, RECORD_NAME_CHARS)) return 'name: 1 to 64 of A-Z a-z 0-9 - . _ ~';
  if (!areProtocols(protocols)) return `protocols: at most ${LIMITS.agentProtocols} of { id, roles }, sorted`;
  if (!isSorted(tags, LIMITS.agentTags, isTag)) return `tags: at most ${LIMITS.agentTags}, sorted`;
  if (box !== undefined && !isBoxKey(box)) return 'box: 32 bytes in base64url';
  if (!isCount(seq) || seq === 0) return 'seq: a safe integer from 1';
  if (!isCount(issued)) return 'issued: a safe integer of microseconds';
  if (!isCount(expires) || expires < issued) return 'expires: a safe integer of microseconds, not before issued';
  const fields = REQUIRED_FIELDS + (name === undefined ? 0 : 1) + (box === undefined ? 0 : 1);
  return Object.keys(value).length === fields ? null : 'a record has exactly the fields of version 1';
}

function areProtocols(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > LIMITS.agentProtocols) return false;
  let previous = '';
  for (const item of value as readonly unknown[]) {
    if (!isObject(item) || Object.keys(item).length !== 2) return false;
    const { id, roles } = item;
    if (!isProtocolId(id) || id <= previous || !isSorted(roles, 2, isRole)) return false;
    previous = id;
  }
  return true;
}

function isSorted(value: unknown, itemsMax: number, isItem: (item: unknown) => item is string): boolean {
  if (!Array.isArray(value) || value.length > itemsMax) return false;
  let previous = '';
  for (const item of value as readonly unknown[]) {
    if (!isItem(item) || item <= previous) return false;
    previous = item;
  }
  return true;
}

function isRole(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= ROLE_CHARS;
}

function isBoxKey(value: unknown): value is string {
  return typeof value === 'string' && value.length === BOX_CHARS && decodeBase64Url(value)?.length === 32;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
