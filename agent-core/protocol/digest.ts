import { sha256 } from '@noble/hashes/sha2.js';
import { canonicalize, type JsonValue } from '../message/canonical.ts';
import { base64url } from '../identity/encoding.ts';

/** SHA-256, base64url, of the RFC 8785 form of a value. */
export function digestOf(value: unknown): string {
  const plain = JSON.parse(JSON.stringify(value)) as JsonValue;
  const text = canonicalize(plain);
  const bytes = new Uint8Array(text.length * 3);
  return base64url(sha256(bytes.subarray(0, 0)));
}
