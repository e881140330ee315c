/**
 * One verdict for all backends. RFC 8032 leaves room where libraries differ (Chalkias, Garillot, Nikolaenko: "Taming the
 * many EdDSAs", 2020): keys and nonces of small order, second encodings of a point, S not reduced. All of that is refused
 * before the backend is asked, by comparing bytes.
 */
import { decodeHex } from './encoding.ts';
import { PUBLIC_KEY_BYTES } from './did-key.ts';
import { SIGNATURE_BYTES, type SignatureBackend, type VerifyInput } from './signer.ts';

const POINT_BYTES = 32;

/** The group order L = 2^252 + 27742317777372353535851937790883648493, least significant byte first. */
const ORDER = bytesOf('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');

/** The y coordinates of the eight points of order 1, 2, 4 and 8, sign bit off: 1, -1, 0 and the two of order 8. */
const SMALL_ORDER_Y: readonly Uint8Array[] = [
  bytesOf('0100000000000000000000000000000000000000000000000000000000000000'),
  bytesOf('ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'),
  bytesOf('0000000000000000000000000000000000000000000000000000000000000000'),
  bytesOf('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
  bytesOf('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'),
];

/**
 * True where the signature is valid and leaves no room for another opinion: 64 bytes, S < L, key and R canonically encoded
 * (y < p) and neither of small order, and the backend agrees. Never throws.
 */
export function verifyStrict(backend: SignatureBackend, input: VerifyInput): boolean {
  const { publicKey, signature } = input;
  if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  if (!isStrongPoint(publicKey, 0) || !isStrongPoint(signature, 0)) return false;
  return isReducedScalar(signature, POINT_BYTES) && backend.verify(input);
}

/** True where a public key is canonically encoded and not of small order; for use before a key is registered. */
export function isStrongPublicKey(publicKey: Uint8Array): boolean {
  return publicKey.length === PUBLIC_KEY_BYTES && isStrongPoint(publicKey, 0);
}

function isStrongPoint(bytes: Uint8Array, offset: number): boolean {
  if (!isReducedCoordinate(bytes, offset)) return false;
  for (const y of SMALL_ORDER_Y) {
    if (hasCoordinate(bytes, offset, y)) return false;
  }
  return true;
}

/** y < p = 2^255 - 19: only the 19 values with all high bits set are at or above it. */
function isReducedCoordinate(bytes: Uint8Array, offset: number): boolean {
  if ((byteAt(bytes, offset + 31) & 0x7f) !== 0x7f) return true;
  for (let i = 30; i > 0; i--) {
    if (bytes[offset + i] !== 0xff) return true;
  }
  return byteAt(bytes, offset) < 0xed;
}

function hasCoordinate(bytes: Uint8Array, offset: number, y: Uint8Array): boolean {
  for (let i = 0; i < 31; i++) {
    if (bytes[offset + i] !== y[i]) return false;
  }
  return (byteAt(bytes, offset + 31) & 0x7f) === y[31];
}

function isReducedScalar(bytes: Uint8Array, offset: number): boolean {
  for (let i = POINT_BYTES - 1; i >= 0; i--) {
    const difference = byteAt(bytes, offset + i) - byteAt(ORDER, i);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function bytesOf(hex: string): Uint8Array {
  return decodeHex(hex) ?? new Uint8Array(POINT_BYTES);
}
