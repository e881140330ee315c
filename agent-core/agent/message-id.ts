import type { RandomStream } from '../random.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const PAIRS: readonly string[] = Array.from({ length: 1024 }, (_, n) => `${ALPHABET[n >> 5]}${ALPHABET[n & 31]}`);

/** Makes message ids: 80 random bits in 16 characters of Crockford's base 32. */
export function createMessageIds(stream: RandomStream): () => string {
  const three = (bits: number): string => `${PAIRS[bits >>> 22]}${PAIRS[(bits >>> 12) & 1023]}`;
  return () => {
    const a = stream.uint32();
    const b = stream.uint32();
    const c = stream.uint32();
    return `${three(a)}${three(b)}${three(c)}${PAIRS[((a & 4095) ^ (b & 4095)) >>> 2]}${PAIRS[c & 1023]}`;
  };
}
