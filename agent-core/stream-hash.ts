/** Four unsigned 32-bit words. */
export type Words128 = readonly [number, number, number, number];

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

/**
 * MurmurHash3_x86_128 of `bytes` with a 32-bit `seed`: the words in the order of the reference output.
 *
 * Source: Austin Appleby, SMHasher, `MurmurHash3.cpp` (public domain). It spreads names evenly over seeds; it is no
 * protection against an adversary and must never stand in for a cryptographic hash.
 */
export function murmur3(bytes: Uint8Array, seed: number): Words128 {
  const lanes = new Int32Array(4).fill(seed);
  const blocks = bytes.length >> 4;
  for (let block = 0; block < blocks; block++) mixBlock(lanes, bytes, block * 16);
  mixTail(lanes, bytes, blocks * 16);
  return finish(lanes, bytes.length);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** Four bytes from `at`, little-endian; bytes past the end count as zero. */
function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}

const scramble1 = (k: number): number => Math.imul(rotate(Math.imul(k, C1), 15), C2);
const scramble2 = (k: number): number => Math.imul(rotate(Math.imul(k, C2), 16), C3);
const scramble3 = (k: number): number => Math.imul(rotate(Math.imul(k, C3), 17), C4);
const scramble4 = (k: number): number => Math.imul(rotate(Math.imul(k, C4), 18), C1);

function mixBlock(lanes: Int32Array, bytes: Uint8Array, at: number): void {
  let [h1 = 0, h2 = 0, h3 = 0, h4 = 0] = lanes;
  h1 = Math.imul(rotate(h1 ^ scramble1(word(bytes, at)), 19) + h2, 5) + 0x561ccd1b;
  h2 = Math.imul(rotate(h2 ^ scramble2(word(bytes, at + 4)), 17) + h3, 5) + 0x0bcaa747;
  h3 = Math.imul(rotate(h3 ^ scramble3(word(bytes, at + 8)), 15) + h4, 5) + 0x96cd1c35;
  h4 = Math.imul(rotate(h4 ^ scramble4(word(bytes, at + 12)), 13) + h1, 5) + 0x32ac3b17;
  lanes.set([h1, h2, h3, h4]);
}

/** The last, incomplete block. A lane of zero bytes scrambles to zero, so absent lanes need no case of their own. */
function mixTail(lanes: Int32Array, bytes: Uint8Array, at: number): void {
  const [h1 = 0, h2 = 0, h3 = 0, h4 = 0] = lanes;
  lanes.set([
    h1 ^ scramble1(word(bytes, at)),
    h2 ^ scramble2(word(bytes, at + 4)),
    h3 ^ scramble3(word(bytes, at + 8)),
    h4 ^ scramble4(word(bytes, at + 12)),
  ]);
}

function avalanche(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function finish(lanes: Int32Array, length: number): Words128 {
  const mixed = sumLanes(lanes.map((lane) => lane ^ length)).map(avalanche);
  const [h1 = 0, h2 = 0, h3 = 0, h4 = 0] = sumLanes(mixed);
  return [h1 >>> 0, h2 >>> 0, h3 >>> 0, h4 >>> 0];
}

/** The first lane takes the sum of all; each other lane then adds the first. */
function sumLanes(lanes: Int32Array): Int32Array {
  const [h1 = 0, h2 = 0, h3 = 0, h4 = 0] = lanes;
  const sum = (h1 + h2 + h3 + h4) | 0;
  return Int32Array.of(sum, h2 + sum, h3 + sum, h4 + sum);
}

/** One text for a path, such that two paths never share it: every part carries its length in front. */
export function pathText(parts: readonly string[]): string {
  return parts.map((part) => `${part.length}:${part}`).join('/');
}

/** The 128-bit hash of a path: MurmurHash3 over the UTF-16 code units of {@link pathText}, low byte first. */
export function hashPath(parts: readonly string[]): Words128 {
  const text = pathText(parts);
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes[2 * i] = code & 0xff;
    bytes[2 * i + 1] = code >>> 8;
  }
  return murmur3(bytes, 0);
}

/** The first 52 bits of {@link hashPath}: a whole number that a double holds exactly. */
export function hashPath52(parts: readonly string[]): number {
  const [high, low] = hashPath(parts);
  return high * 0x100000 + (low >>> 12);
}
