import { boundedCache } from '../bounded-cache.ts';
import { assert, HaggleError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { decodeBase58, encodeBase58 } from './encoding.ts';

declare const didBrand: unique symbol;

/** An agent's address: `did:key:z6Mk…`, the Ed25519 public key itself in text (W3C did:key method). */
export type Did = string & { readonly [didBrand]: true };

/** Ed25519 public keys have 32 bytes (RFC 8032 section 5.1.5). */
export const PUBLIC_KEY_BYTES = 32;

const PREFIX = 'did:key:z';
/** Multicodec `ed25519-pub` (0xed) as an unsigned varint. */
const MULTICODEC: readonly [number, number] = [0xed, 0x01];

/** Checking a did costs a base conversion; peers repeat. */
const known = boundedCache<Uint8Array>(LIMITS.replayPeers);

/**
 * The address of a public key.
 *
 * @throws HaggleError `bad-public-key` where it has not 32 bytes.
 */
export function didOf(publicKey: Uint8Array): Did {
  checkPublicKey(publicKey);
  const bytes = new Uint8Array(MULTICODEC.length + PUBLIC_KEY_BYTES);
  bytes.set(MULTICODEC);
  bytes.set(publicKey, MULTICODEC.length);
  const did = `${PREFIX}${encodeBase58(bytes)}`;
  assert(isDid(did), 'an address just written is one');
  return did;
}

/**
 * The public key in an address; a copy that the caller may keep.
 *
 * @throws HaggleError `malformed-did`
 */
export function publicKeyOf(did: Did): Uint8Array {
  const publicKey = lookUp(did);
  if (publicKey === null) throw new HaggleError('malformed-did', 'cannot read a public key: not a did:key of Ed25519');
  return publicKey.slice();
}

/** True where a text is exactly what {@link didOf} writes for some 32 bytes. */
export function isDid(text: string): text is Did {
  return lookUp(text) !== null;
}

/** @throws HaggleError `bad-public-key` where `publicKey` has not 32 bytes. */
export function checkPublicKey(publicKey: Uint8Array): void {
  if (publicKey.length === PUBLIC_KEY_BYTES) return;
  throw new HaggleError(
    'bad-public-key',
    `an Ed25519 public key has ${PUBLIC_KEY_BYTES} bytes, got ${publicKey.length}`,
  );
}

function lookUp(text: string): Uint8Array | null {
  const cached = known.get(text);
  if (cached !== undefined) return cached;
  const publicKey = parse(text);
  if (publicKey !== null) known.set(text, publicKey);
  return publicKey;
}

function parse(text: string): Uint8Array | null {
  if (!text.startsWith(PREFIX)) return null;
  const bytes = decodeBase58(text.slice(PREFIX.length));
  if (bytes === null || bytes.length !== MULTICODEC.length + PUBLIC_KEY_BYTES) return null;
  if (bytes[0] !== MULTICODEC[0] || bytes[1] !== MULTICODEC[1]) return null;
  return bytes.slice(MULTICODEC.length);
}
