/**
 * Text encodings of bytes. Every decoder is strict: it accepts exactly the texts that its encoder writes, because a second
 * spelling of one key or signature is a second identity. Decoders meet hostile input, so they answer `null` and never throw.
 */
import { HaggleError } from '../errors.ts';

declare global {
  interface String {
    /** ES2024: every supported Node has it, the ES2023 declarations do not. Constant time for one-byte strings in V8. */
    isWellFormed(): boolean;
  }
}

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const HEX = '0123456789abcdef';
const BASE58_VALUES = valuesOf(BASE58);
const UNKNOWN = 255;

/** Base58 is quadratic in its length; no key or hash of ours comes near this. */
const BASE58_CHARS_MAX = 128;

/** An alphabet whose characters carry a whole number of bits. */
interface BitAlphabet {
  readonly chars: string;
  readonly values: Uint8Array;
  readonly bitsPerChar: number;
}

const BASE32_BITS: BitAlphabet = { chars: BASE32, values: valuesOf(BASE32), bitsPerChar: 5 };
const BASE64URL_BITS: BitAlphabet = { chars: BASE64URL, values: valuesOf(BASE64URL), bitsPerChar: 6 };
const HEX_BITS: BitAlphabet = { chars: HEX, values: valuesOf(HEX), bitsPerChar: 4 };

/** Base32 of RFC 4648 section 6 without padding, as NATS keys use it. */
export function encodeBase32(bytes: Uint8Array): string {
  return encodeBits(BASE32_BITS, bytes);
}

/** Bytes of {@link encodeBase32}'s text, or `null`: lower case, padding and left-over bits are refused. */
export function decodeBase32(text: string): Uint8Array | null {
  return decodeBits(BASE32_BITS, text);
}

/** Base64url of RFC 4648 section 5 without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return bytes.length === HASH_BYTES ? encodeHash(bytes) : encodeBits(BASE64URL_BITS, bytes);
}

/** Bytes of {@link encodeBase64Url}'s text, or `null`: padding and left-over bits are refused. */
export function decodeBase64Url(text: string): Uint8Array | null {
  return decodeBits(BASE64URL_BITS, text);
}

/** Lower-case hexadecimal. */
export function encodeHex(bytes: Uint8Array): string {
  return encodeBits(HEX_BITS, bytes);
}

/** Bytes of {@link encodeHex}'s text, or `null`: upper case and an odd length are refused. */
export function decodeHex(text: string): Uint8Array | null {
  return decodeBits(HEX_BITS, text);
}

/** Base58 with the Bitcoin alphabet (the multibase `z`): a big number in base 58, leading zero bytes as leading `1`. */
export function encodeBase58(bytes: Uint8Array): string {
  const digits = convertBase(bytes, 256, 58);
  let text = '';
  for (const digit of digits) text += BASE58.charAt(digit);
  return text;
}

/** Bytes of {@link encodeBase58}'s text, or `null` where a character is foreign or the text is longer than 128. */
export function decodeBase58(text: string): Uint8Array | null {
  if (text.length > BASE58_CHARS_MAX) return null;
  const digits = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const value = valueAt(BASE58_VALUES, text, i);
    if (value === UNKNOWN) return null;
    digits[i] = value;
  }
  return convertBase(digits, 58, 256);
}

/** True where a text has no lone surrogate, so that it has exactly one UTF-8 encoding. */
export function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}

/** Length of the UTF-8 encoding in bytes; a lone surrogate counts 3, as the replacement character would. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    if (code < 0x800) bytes += 1;
    else if (isPairAt(text, i)) {
      bytes += 2;
      i += 1;
    } else bytes += 2;
  }
  return bytes;
}

/**
 * UTF-8 bytes of a text.
 *
 * @throws HaggleError `lone-surrogate`: such a text has no UTF-8 form, and a replacement character would give two texts
 * the same bytes and thus the same signature.
 */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return encodeUtf8Wide(text);
    bytes[i] = code;
  }
  return bytes;
}

/** The text of UTF-8 bytes, or null where they are not exactly what {@link encodeUtf8} writes for some text. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  let escaped = '';
  for (const byte of bytes) escaped += byte < 0x10 ? `%0${byte.toString(16)}` : `%${byte.toString(16)}`;
  try {
    // The one strict UTF-8 decoder that the language itself has: no overlong form, no surrogate, nothing beyond U+10FFFF.
    return decodeURIComponent(escaped);
  } catch {
    return null;
  }
}

function encodeUtf8Wide(text: string): Uint8Array {
  if (!isWellFormed(text)) {
    throw new HaggleError('lone-surrogate', 'cannot encode a text as UTF-8: it has a surrogate without its partner');
  }
  const bytes = new Uint8Array(utf8Length(text));
  let at = 0;
  for (const char of text) at = writeCodePoint(bytes, at, char.codePointAt(0) ?? 0);
  return bytes;
}

function writeCodePoint(bytes: Uint8Array, at: number, point: number): number {
  if (point < 0x80) {
    bytes[at] = point;
    return at + 1;
  }
  const following = point < 0x800 ? 1 : point < 0x1_0000 ? 2 : 3;
  const lead = following === 1 ? 0xc0 : following === 2 ? 0xe0 : 0xf0;
  bytes[at] = lead | (point >> (6 * following));
  for (let k = 1; k <= following; k++) bytes[at + k] = 0x80 | ((point >> (6 * (following - k))) & 0x3f);
  return at + following + 1;
}

function isPairAt(text: string, at: number): boolean {
  const high = text.charCodeAt(at);
  if (high < 0xd800 || high > 0xdbff) return false;
  const low = text.charCodeAt(at + 1);
  return low >= 0xdc00 && low <= 0xdfff;
}

function encodeBits(alphabet: BitAlphabet, bytes: Uint8Array): string {
  const { chars, bitsPerChar } = alphabet;
  const mask = (1 << bitsPerChar) - 1;
  // Codes first and one text at the end: adding characters to a text leaves a chain of pieces for the next reader to join.
  const codes: number[] = [];
  let pending = 0;
  let bits = 0;
  for (const byte of bytes) {
    pending = ((pending << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= bitsPerChar) {
      bits -= bitsPerChar;
      codes.push(chars.charCodeAt((pending >> bits) & mask));
    }
  }
  if (bits > 0) codes.push(chars.charCodeAt((pending << (bitsPerChar - bits)) & mask));
  return textOf(codes);
}

/** Hashes and public keys, which are written for every message of a batch, have a loop of their own: 24 bits a step. */
const HASH_BYTES = 32;
const hashCodes: number[] = Array.from({ length: 43 }, () => 0);
const BASE64URL_CODES = Uint8Array.from(BASE64URL, (char) => char.charCodeAt(0));

function encodeHash(bytes: Uint8Array): string {
  const codes = hashCodes;
  const chars = BASE64URL_CODES;
  let out = 0;
  for (let at = 0; at < HASH_BYTES; at += 3) {
    // Behind the last byte stand zeros, as RFC 4648 wants the left-over bits.
    const bits =
      ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (at + 2 < HASH_BYTES ? (bytes[at + 2] ?? 0) : 0);
    codes[out] = chars[bits >>> 18] ?? 0;
    codes[out + 1] = chars[(bits >>> 12) & 63] ?? 0;
    codes[out + 2] = chars[(bits >>> 6) & 63] ?? 0;
    if (out < 40) codes[out + 3] = chars[bits & 63] ?? 0;
    out += 4;
  }
  return String.fromCharCode(...codes);
}

/** Above this many arguments a call may exceed the stack. */
const ARGUMENTS_MAX = 4_096;

function textOf(codes: readonly number[]): string {
  if (codes.length <= ARGUMENTS_MAX) return String.fromCharCode(...codes);
  let text = '';
  for (let at = 0; at < codes.length; at += ARGUMENTS_MAX) {
    text += String.fromCharCode(...codes.slice(at, at + ARGUMENTS_MAX));
  }
  return text;
}

function decodeBits(alphabet: BitAlphabet, text: string): Uint8Array | null {
  const { values, bitsPerChar } = alphabet;
  const totalBits = text.length * bitsPerChar;
  const bytes = new Uint8Array(totalBits >> 3);
  // A last character that only carries left-over bits would be a second spelling of the same bytes.
  if ((totalBits & 7) >= bitsPerChar) return null;
  let pending = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const value = valueAt(values, text, i);
    if (value === UNKNOWN) return null;
    pending = ((pending << bitsPerChar) | value) & 0xffff;
    bits += bitsPerChar;
    if (bits >= 8) {
      bits -= 8;
      bytes[at] = (pending >> bits) & 0xff;
      at += 1;
    }
  }
  return (pending & ((1 << bits) - 1)) === 0 ? bytes : null;
}

function convertBase(digits: Uint8Array, from: number, to: number): Uint8Array {
  let zeros = 0;
  while (zeros < digits.length && digits[zeros] === 0) zeros += 1;
  const reversed: number[] = [];
  for (const digit of digits.subarray(zeros)) {
    let carry = digit;
    for (const [i, previous] of reversed.entries()) {
      carry += previous * from;
      reversed[i] = carry % to;
      carry = Math.floor(carry / to);
    }
    while (carry > 0) {
      reversed.push(carry % to);
      carry = Math.floor(carry / to);
    }
  }
  const converted = new Uint8Array(zeros + reversed.length);
  for (const [i, digit] of reversed.entries()) converted[converted.length - 1 - i] = digit;
  return converted;
}

function valueAt(values: Uint8Array, text: string, at: number): number {
  return values[text.charCodeAt(at)] ?? UNKNOWN;
}

function valuesOf(chars: string): Uint8Array {
  const values = new Uint8Array(128).fill(255);
  for (let i = 0; i < chars.length; i++) values[chars.charCodeAt(i)] = i;
  return values;
}
