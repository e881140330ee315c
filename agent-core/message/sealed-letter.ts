/**
 * A whole signed message, proof and all, that only its receiver can read (`nacl.box`: X25519, XSalsa20, Poly1305). The writer's key
 * is made for this one letter and thrown away, so nobody but the receiver can ever open it, its writer included; who wrote it says
 * the signature inside.
 */
import type { Headers } from '../bus/bus.ts';
import { boxKeyOf, BOX_KEY_BYTES, BOX_NONCE_BYTES, type BoxKey } from '../identity/box-key.ts';
import { HaggleError } from '../errors.ts';
import { decodeBase64Url, decodeUtf8, encodeBase64Url, encodeUtf8, utf8Length } from '../identity/encoding.ts';
import type { Sha256 } from '../identity/signer.ts';
import { LIMITS } from '../limits.ts';
import { canonicalize } from './canonical.ts';
import { PROOF_HEADER, SIGNATURE_HEADER } from './evidence.ts';
import { scanCanonical } from './scan.ts';
import type { Sealed } from './seal.ts';

/** Why a letter was not opened, in the order in which it is checked. */
export const SEALED_LETTER_REFUSALS = {
  'letter-too-large': 'more characters than LIMITS.payloadBytes',
  'malformed-letter': 'not a key of 32 bytes, a full stop and a sealed text, both in base64url',
  'unopened-letter': 'sealed for another key or for another subject, or changed on its way',
  'malformed-content': 'what is inside is no message with its proof in canonical form',
} as const;

/** A code of {@link SEALED_LETTER_REFUSALS}. */
export type SealedLetterRefusal = keyof typeof SEALED_LETTER_REFUSALS;

/** What a letter is sealed with. */
export interface LetterSeal {
  /** X25519 key of the receiver, 32 bytes. */
  readonly to: Uint8Array;
  /** Where it is put: it can be read nowhere else. */
  readonly subject: string;
  /** 32 secret bytes that serve for nothing else, ever. */
  readonly entropy: Uint8Array;
  readonly sha256: Sha256;
}

/** What a letter is opened with. */
export interface LetterOpener {
  readonly box: BoxKey;
  /** Where it was found. */
  readonly subject: string;
  readonly sha256: Sha256;
}

/** Never signed, so no purpose of `SIGNING_PURPOSES`. */
const NONCE_TAG = 'haggle/v1/sealed-mail\0';

const KEY_CHARS = 43;
const CONTENT_LIMITS = { payloadBytes: LIMITS.sealedPlainBytes * 2, jsonDepth: 2, jsonKeys: 8 } as const;

/**
 * Seals a message with its proof: `<key>.<sealed>`, both in base64url.
 *
 * @throws HaggleError `letter-too-large` above `LIMITS.sealedPlainBytes`, `bad-seed` unless `entropy` has 32 bytes, `bad-box-key`
 * unless `to` has.
 */
export function sealLetter({ payload, headers }: Sealed, { to, subject, entropy, sha256 }: LetterSeal): string {
  const content = canonicalize({ headers: proofOf(headers), payload });
  const bytes = utf8Length(content);
  if (bytes > LIMITS.sealedPlainBytes) {
    throw new HaggleError(
      'letter-too-large',
      `sealing a letter: ${bytes} bytes, the limit is ${LIMITS.sealedPlainBytes}`,
    );
  }
  const once = boxKeyOf(entropy, sha256);
  try {
    const nonce = nonceOf({ writer: once.publicKey, reader: to, subject, sha256 });
    const sealed = once.seal({ plain: encodeUtf8(content), nonce, to });
    return `${encodeBase64Url(once.publicKey)}.${encodeBase64Url(sealed)}`;
  } finally {
    once.dispose();
  }
}

/** Opens a letter. What is inside is still a stranger's word: it goes through all checks of a message. Never throws on its text. */
export function openLetter(text: string, { box, subject, sha256 }: LetterOpener): Sealed | SealedLetterRefusal {
  if (text.length > LIMITS.payloadBytes) return 'letter-too-large';
  const writer = decodeBase64Url(text.slice(0, KEY_CHARS));
  const sealed = decodeBase64Url(text.slice(KEY_CHARS + 1));
  if (writer?.length !== BOX_KEY_BYTES || text[KEY_CHARS] !== '.' || sealed === null) return 'malformed-letter';
  const nonce = nonceOf({ writer, reader: box.publicKey, subject, sha256 });
  const plain = box.open({ sealed, nonce, from: writer });
  if (plain === null) return 'unopened-letter';
  return readContent(plain) ?? 'malformed-content';
}

function readContent(plain: Uint8Array): Sealed | null {
  const content = decodeUtf8(plain);
  if (content === null || scanCanonical(content, CONTENT_LIMITS) !== null) return null;
  const value: unknown = JSON.parse(content);
  if (!isObject(value) || Object.keys(value).length !== 2) return null;
  const { headers, payload } = value;
  if (typeof payload !== 'string' || !isObject(headers)) return null;
  const proof: Record<string, string> = {};
  for (const [name, text] of Object.entries(headers)) {
    if ((name !== SIGNATURE_HEADER && name !== PROOF_HEADER) || typeof text !== 'string') return null;
    proof[name] = text;
  }
  return { payload, headers: proof };
}

/** Of the headers, those that prove who speaks. */
function proofOf(headers: Headers): Headers {
  const proof: Record<string, string> = {};
  for (const name of [SIGNATURE_HEADER, PROOF_HEADER]) {
    const text = headers[name];
    if (text !== undefined) proof[name] = text;
  }
  return proof;
}

interface NonceParts {
  readonly writer: Uint8Array;
  readonly reader: Uint8Array;
  readonly subject: string;
  readonly sha256: Sha256;
}

/**
 * The first 24 bytes of SHA-256 over a tag, both keys and the subject. A pair of keys seals one letter, so no nonce can come twice;
 * and a letter that was moved to another subject has another nonce and cannot be opened there.
 */
function nonceOf({ writer, reader, subject, sha256 }: NonceParts): Uint8Array {
  const tag = encodeUtf8(NONCE_TAG);
  const where = encodeUtf8(subject);
  const bytes = new Uint8Array(tag.length + writer.length + reader.length + where.length);
  bytes.set(tag);
  bytes.set(writer, tag.length);
  bytes.set(reader, tag.length + writer.length);
  bytes.set(where, tag.length + writer.length + reader.length);
  return sha256(bytes).slice(0, BOX_NONCE_BYTES);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
