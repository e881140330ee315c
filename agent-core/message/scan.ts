/**
 * The gate in front of JSON.parse: one pass without recursion over a text of a stranger. It bounds what parsing may cost and
 * accepts exactly the texts that `canonicalize` writes, so that a message has one form and nothing in it is lost by parsing.
 */
import { isWellFormed, utf8Length } from '../identity/encoding.ts';
import { LIMITS } from '../limits.ts';

/** Bounds of {@link scanCanonical}. */
export interface ScanLimits {
  readonly payloadBytes: number;
  readonly jsonDepth: number;
  readonly jsonKeys: number;
}

/** Why a text was refused by its cost, before anything in it is believed. */
export type GuardFaultCode = 'payload-too-large' | 'ill-formed-text' | 'too-deep' | 'too-many-keys';

/** Why a text is not the canonical form of a JSON value. */
export type FormFaultCode =
  'not-json' | 'truncated' | 'not-canonical' | 'duplicate-key' | 'forbidden-key' | 'lone-surrogate';

/** The first fault of a text, at `offset` in UTF-16 code units. */
export type ScanFault =
  | { readonly kind: 'guard'; readonly code: GuardFaultCode; readonly offset: number }
  | { readonly kind: 'form'; readonly code: FormFaultCode; readonly offset: number };

/** What follows a token. */
const FAULT = 0;
const VALUE_NEXT = 1;
const VALUE_DONE = 2;
const TEXT_DONE = 3;
type Step = typeof FAULT | typeof VALUE_NEXT | typeof VALUE_DONE | typeof TEXT_DONE;

/** In place of the offset of a key: an array, or an object without a key so far. Keys start at 2 or later. */
const IN_ARRAY = -1;
const NO_KEY = 0;

/** Integers below 9 * 10^15 < 2^53 are printed by ECMAScript as they were read. */
const PLAIN_INTEGER_DIGITS = 16;

/** Where a text has neither such a character nor a backslash, each string ends at the next quote. */
const CONTROL = /[^ -\uffff]/;

interface Scan {
  readonly text: string;
  readonly plainStrings: boolean;
  readonly limits: ScanLimits;
  /** Offsets of the current key of each open container, or IN_ARRAY or NO_KEY. */
  readonly keyStarts: number[];
  readonly keyEnds: number[];
  at: number;
  keys: number;
  /** Some string so far had an escape: raw characters of keys may then not be compared. */
  escaped: boolean;
  fault: ScanFault | null;
}

/**
 * `null` where `text` is canonical JSON (RFC 8785) within the limits, else its first fault. A form fault ends the scan: such a text
 * is never parsed, so what it would cost does not matter. Never throws.
 */
export function scanCanonical(text: string, limits: ScanLimits = LIMITS): ScanFault | null {
  const guard = textFault(text, limits);
  if (guard !== null) return guard;
  const plainStrings = !text.includes('\\') && !CONTROL.test(text);
  const scan: Scan = {
    text,
    plainStrings,
    limits,
    keyStarts: [],
    keyEnds: [],
    at: 0,
    keys: 0,
    escaped: false,
    fault: null,
  };
  for (;;) {
    let step = readValue(scan);
    if (step === VALUE_DONE) step = readAfterValue(scan);
    if (step !== VALUE_NEXT) return scan.fault;
  }
}

function textFault(text: string, limits: ScanLimits): ScanFault | null {
  const bound = limits.payloadBytes;
  // UTF-8 needs one to three bytes for a UTF-16 unit, so most texts need no count.
  const tooLarge = text.length > bound || (text.length * 3 > bound && utf8Length(text) > bound);
  if (tooLarge) return { kind: 'guard', code: 'payload-too-large', offset: 0 };
  // Such a text has no bytes of its own, so no signature can be about it.
  return isWellFormed(text) ? null : { kind: 'guard', code: 'ill-formed-text', offset: 0 };
}

function readValue(scan: Scan): Step {
  const code = scan.text.charCodeAt(scan.at);
  if (code === 0x22) return readString(scan) ? VALUE_DONE : FAULT;
  if (code === 0x7b) return openObject(scan);
  if (code === 0x5b) return openArray(scan);
  if (code === 0x2d || (code >= 0x30 && code <= 0x39)) return readNumber(scan);
  if (code === 0x74) return readWord(scan, 'true');
  if (code === 0x66) return readWord(scan, 'false');
  if (code === 0x6e) return readWord(scan, 'null');
  return unexpected(scan, scan.at);
}

function openObject(scan: Scan): Step {
  if (!enter(scan, NO_KEY)) return FAULT;
  if (scan.text.charCodeAt(scan.at) === 0x7d) return VALUE_DONE;
  return readKey(scan) ? VALUE_NEXT : FAULT;
}

function openArray(scan: Scan): Step {
  if (!enter(scan, IN_ARRAY)) return FAULT;
  return scan.text.charCodeAt(scan.at) === 0x5d ? VALUE_DONE : VALUE_NEXT;
}

function enter(scan: Scan, mark: number): boolean {
  if (scan.keyStarts.length >= scan.limits.jsonDepth) {
    scan.fault = { kind: 'guard', code: 'too-deep', offset: scan.at };
    return false;
  }
  scan.keyStarts.push(mark);
  scan.keyEnds.push(mark);
  scan.at += 1;
  return true;
}

/** Closes what ends here, up to the comma before the next value or the end of the text. */
function readAfterValue(scan: Scan): Step {
  const { text, keyStarts, keyEnds } = scan;
  while (keyStarts.length > 0) {
    const inArray = keyStarts[keyStarts.length - 1] === IN_ARRAY;
    const code = text.charCodeAt(scan.at);
    if (code === 0x2c) {
      scan.at += 1;
      return inArray || readKey(scan) ? VALUE_NEXT : FAULT;
    }
    if (code !== (inArray ? 0x5d : 0x7d)) return unexpected(scan, scan.at);
    keyStarts.pop();
    keyEnds.pop();
    scan.at += 1;
  }
  if (scan.at === text.length) return TEXT_DONE;
  return unexpected(scan, scan.at);
}

function readKey(scan: Scan): boolean {
  const { text, keyStarts, keyEnds } = scan;
  if (text.charCodeAt(scan.at) !== 0x22) return unexpected(scan, scan.at) !== FAULT;
  const start = scan.at + 1;
  if (!readString(scan)) return false;
  const end = scan.at - 1;
  if (text.charCodeAt(scan.at) !== 0x3a) return unexpected(scan, scan.at) !== FAULT;
  scan.at += 1;
  scan.keys += 1;
  if (scan.keys > scan.limits.jsonKeys) {
    scan.fault = { kind: 'guard', code: 'too-many-keys', offset: start };
    return false;
  }
  if (isForbidden(text, start, end)) return form(scan, 'forbidden-key', start);
  const top = keyStarts.length - 1;
  const order = orderOfKeys(scan, start, end);
  if (order >= 0) return form(scan, order === 0 ? 'duplicate-key' : 'not-canonical', start);
  keyStarts[top] = start;
  keyEnds[top] = end;
  return true;
}

/** Sign of previous key minus this key in UTF-16 code units; negative where there is no previous key. */
function orderOfKeys(scan: Scan, start: number, end: number): number {
  const { text, keyStarts, keyEnds } = scan;
  const top = keyStarts.length - 1;
  const previousStart = keyStarts[top] ?? NO_KEY;
  const previousEnd = keyEnds[top] ?? NO_KEY;
  if (previousStart === NO_KEY) return -1;
  if (scan.escaped) {
    const previous = unescaped(text, previousStart, previousEnd);
    const current = unescaped(text, start, end);
    return previous < current ? -1 : previous > current ? 1 : 0;
  }
  const shared = Math.min(end - start, previousEnd - previousStart);
  for (let i = 0; i < shared; i++) {
    const difference = text.charCodeAt(previousStart + i) - text.charCodeAt(start + i);
    if (difference !== 0) return difference;
  }
  return previousEnd - previousStart - (end - start);
}

function unescaped(text: string, start: number, end: number): string {
  return String(JSON.parse(text.slice(start - 1, end + 1)));
}

function isForbidden(text: string, start: number, end: number): boolean {
  const length = end - start;
  if (length === 11) return text.startsWith('constructor', start);
  return length === 9 && (text.startsWith('__proto__', start) || text.startsWith('prototype', start));
}

/** From the opening quote to behind the closing one. */
function readString(scan: Scan): boolean {
  if (!scan.plainStrings) return readEscapedString(scan);
  const end = scan.text.indexOf('"', scan.at + 1);
  if (end < 0) return form(scan, 'truncated', scan.text.length);
  scan.at = end + 1;
  return true;
}

function readEscapedString(scan: Scan): boolean {
  const { text } = scan;
  const { length } = text;
  let at = scan.at + 1;
  while (at < length) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      scan.at = at + 1;
      return true;
    }
    if (code === 0x5c) {
      at = escapeEnd(scan, at);
      if (at === 0) return false;
    } else if (code < 0x20) {
      return form(scan, 'not-json', at);
    } else {
      at += 1;
    }
  }
  return form(scan, 'truncated', length);
}

/** Offset behind a canonical escape, or 0 and a fault. Canonical are \b \t \n \f \r \" \\ and lower-case \u00xx for the other controls. */
function escapeEnd(scan: Scan, at: number): number {
  const { text } = scan;
  scan.escaped = true;
  const letter = text.charAt(at + 1);
  if (letter === '') return faultAt(scan, 'truncated', text.length);
  if ('"\\bfnrt'.includes(letter)) return at + 2;
  if (letter === '/') return faultAt(scan, 'not-canonical', at);
  if (letter !== 'u') return faultAt(scan, 'not-json', at);
  const digits = text.slice(at + 2, at + 6);
  if (!areHexDigits(digits)) return faultAt(scan, 'not-json', at);
  if (digits.length < 4) return faultAt(scan, 'truncated', text.length);
  const value = Number.parseInt(digits, 16);
  if (value < 0x20) {
    const canonical = JSON.stringify(String.fromCharCode(value)) === `"\\u${digits}"`;
    return canonical ? at + 6 : faultAt(scan, 'not-canonical', at);
  }
  const alone = value >= 0xd800 && value <= 0xdfff && !isEscapedPair(text, at);
  return faultAt(scan, alone ? 'lone-surrogate' : 'not-canonical', at);
}

/** Whether the escape at `at` is the first half of an escaped surrogate pair. */
function isEscapedPair(text: string, at: number): boolean {
  const high = Number.parseInt(text.slice(at + 2, at + 6), 16);
  const low = text.startsWith('\\u', at + 6) ? Number.parseInt(text.slice(at + 8, at + 12), 16) : 0;
  return high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}

function areHexDigits(digits: string): boolean {
  for (const digit of digits) {
    if (!'0123456789abcdefABCDEF'.includes(digit)) return false;
  }
  return true;
}

function readNumber(scan: Scan): Step {
  const { text } = scan;
  const start = scan.at;
  const digits = text.charCodeAt(start) === 0x2d ? start + 1 : start;
  let at = digits;
  while (at < text.length && isDigit(text.charCodeAt(at))) at += 1;
  const next = at < text.length ? text.charCodeAt(at) : 0;
  const isInteger = next !== 0x2e && next !== 0x65 && next !== 0x45;
  if (!isInteger || !isPlainInteger(text, digits, at)) {
    while (at < text.length && isNumberChar(text.charCodeAt(at))) at += 1;
    const fault = numberFault(text.slice(start, at), at === text.length);
    if (fault !== null) return form(scan, fault, start) ? VALUE_DONE : FAULT;
  }
  scan.at = at;
  return VALUE_DONE;
}

function isPlainInteger(text: string, digits: number, end: number): boolean {
  const first = text.charCodeAt(digits);
  if (end - digits >= PLAIN_INTEGER_DIGITS)
    return end - digits === PLAIN_INTEGER_DIGITS && first >= 0x31 && first < 0x39;
  return first >= 0x31 && first <= 0x39;
}

function numberFault(token: string, atEnd: boolean): FormFaultCode | null {
  const value = Number(token);
  if (Number.isNaN(value)) return atEnd ? 'truncated' : 'not-json';
  return Number.isFinite(value) && String(value) === token ? null : 'not-canonical';
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isNumberChar(code: number): boolean {
  return isDigit(code) || code === 0x2e || code === 0x65 || code === 0x45 || code === 0x2b || code === 0x2d;
}

function readWord(scan: Scan, word: string): Step {
  const { text, at } = scan;
  if (!text.startsWith(word, at)) {
    const truncated = word.startsWith(text.slice(at));
    return form(scan, truncated ? 'truncated' : 'not-json', at) ? VALUE_DONE : FAULT;
  }
  scan.at = at + word.length;
  return VALUE_DONE;
}

/** Records why the character at `at` may not stand there. */
function unexpected(scan: Scan, at: number): typeof FAULT {
  const code = scan.text.charCodeAt(at);
  const isSpace = code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
  faultAt(scan, at >= scan.text.length ? 'truncated' : isSpace ? 'not-canonical' : 'not-json', at);
  return FAULT;
}

function form(scan: Scan, code: FormFaultCode, offset: number): false {
  scan.fault = { kind: 'form', code, offset };
  return false;
}

function faultAt(scan: Scan, code: FormFaultCode, offset: number): 0 {
  scan.fault = { kind: 'form', code, offset };
  return 0;
}
