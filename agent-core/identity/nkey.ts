import { checkPublicKey, PUBLIC_KEY_BYTES } from './did-key.ts';
import { decodeBase32, encodeBase32 } from './encoding.ts';

/** Whose key an NKEY is: an agent is a user of the broker, and users belong to an account, accounts to an operator. */
export type NkeyKind = 'agent' | 'account' | 'operator';

/** Prefix bytes of public keys: five bits that base32 shows as `U`, `A` and `O` (NATS nkeys format). */
const PREFIXES: Readonly<Record<NkeyKind, number>> = { agent: 20 << 3, account: 0, operator: 14 << 3 };
const CHECKSUM_BYTES = 2;

/** A public NKEY has 35 bytes, thus exactly this many base32 characters and no left-over bits. */
export const NKEY_CHARS = 56;

/**
 * The NATS user public key `U…` of the same Ed25519 key: what the broker knows the agent by.
 *
 * @throws HaggleError `bad-public-key` where it has not 32 bytes.
 */
export function nkeyOf(publicKey: Uint8Array): string {
  return nkeyOfKind('agent', publicKey);
}

/** {@link nkeyOf} for the other kinds of key that a broker knows. @throws HaggleError `bad-public-key` */
export function nkeyOfKind(kind: NkeyKind, publicKey: Uint8Array): string {
  checkPublicKey(publicKey);
  const bytes = new Uint8Array(1 + PUBLIC_KEY_BYTES + CHECKSUM_BYTES);
  bytes[0] = PREFIXES[kind];
  bytes.set(publicKey, 1);
  const checksum = crc16(bytes.subarray(0, 1 + PUBLIC_KEY_BYTES));
  bytes[1 + PUBLIC_KEY_BYTES] = checksum & 0xff;
  bytes[2 + PUBLIC_KEY_BYTES] = checksum >> 8;
  return encodeBase32(bytes);
}

/** The public key in a user NKEY, or `null` where the text is not exactly what {@link nkeyOf} writes. */
export function publicKeyOfNkey(nkey: string): Uint8Array | null {
  return publicKeyOfNkeyKind('agent', nkey);
}

/** The public key in an NKEY of a kind, or `null` where the text is not exactly what {@link nkeyOfKind} writes. */
export function publicKeyOfNkeyKind(kind: NkeyKind, nkey: string): Uint8Array | null {
  if (nkey.length !== NKEY_CHARS) return null;
  const bytes = decodeBase32(nkey);
  if (bytes === null || bytes[0] !== PREFIXES[kind]) return null;
  const checksum = crc16(bytes.subarray(0, 1 + PUBLIC_KEY_BYTES));
  const low = bytes[1 + PUBLIC_KEY_BYTES];
  const high = bytes[2 + PUBLIC_KEY_BYTES];
  return low === (checksum & 0xff) && high === checksum >> 8 ? bytes.slice(1, 1 + PUBLIC_KEY_BYTES) : null;
}

/** CRC-16/XMODEM: polynomial 0x1021, initial value 0, which the nkeys format appends low byte first. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
    crc &= 0xffff;
  }
  return crc;
}
