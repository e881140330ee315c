import { sha256 } from '@noble/hashes/sha2.js';
import { encodeBase64Url, encodeUtf8 } from '../identity/encoding.ts';
import { canonicalize } from '../message/canonical.ts';

/**
 * SHA-256, base64url, of the RFC 8785 form of a plain JSON value. Pure and synchronous: protocols are defined when their
 * module loads, before any host is there to hand in a hash.
 *
 * @throws HaggleError `not-canonicalizable`
 */
export function digestOf(value: unknown): string {
  return encodeBase64Url(sha256(encodeUtf8(canonicalize(value))));
}
