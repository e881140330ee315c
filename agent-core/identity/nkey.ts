import { checkPublicKey, PUBLIC_KEY_BYTES } from './did-key.ts';
import { decodeBase32, encodeBase32 } from './encoding.ts';

/** Prefix byte of a user's public key: 20 in the top five bits, which base32 shows as `U` (NATS nkeys format). */
const USER_PREFIX = 20 << 3;
const CHECKSUM_BYTES = 2;

/** A user's public NKEY has 35 bytes, thus exactly this many base32 characters and no left-over bits. */
export const NKEY_CHARS = 56;

/**
 * The NATS user public key `U…` of the same Ed25519 key: what the broker knows the agent by.
 *
 * @throws HaggleError `bad-public-key` where it has not 32 bytes.
 */
export function nkeyOf(publicKey: Uint8Array): string {
  checkPublicKey(publicKey);
  const bytes = new Uint8Array(1 + PUBLIC_KEY_BYTES + CHECKSUM_BYTES);
  bytes[0] = USER_PREFIX;
  bytes.set(publicKey, 1);
  const checksum = crc16(bytes.subarray(0, 1 + PUBLIC_KEY_BYTES));
  bytes[1 + PUBLIC_KEY_BYTES] = checksum & 0xff;
  bytes[2 + PUBLIC_KEY_BYTES] = checksum >> 8;
  return encodeBase32(bytes);
}

/** The public key in a user NKEY, or `null` where the text is not exactly what {@link nkeyOf} writes. */
export function publicKeyOfNkey(nkey: string): Uint8Array | null {
  if (nkey.length !== NKEY_CHARS) return null;
  const bytes = decodeBase32(nkey);
  if (bytes === null || bytes[0] !== USER_PREFIX) return null;
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
