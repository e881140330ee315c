/** Canonical JSON: the JSON Canonicalization Scheme of RFC 8785, so that equal values have equal bytes. */
import { AssertionError, HaggleError } from '../errors.ts';
import { isWellFormed } from '../identity/encoding.ts';
import { LIMITS } from '../limits.ts';

/** A value that JSON can carry. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [member: string]: JsonValue };

/** Member names that reach an object's prototype in careless code; refused at any depth, on both sides of the wire. */
export const FORBIDDEN_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** Options of {@link canonicalize}. */
export interface CanonicalOptions {
  /** Deepest nesting of arrays and objects; a cycle ends here too. */
  readonly depth?: number;
}

/**
 * The canonical text of a value: members sorted by UTF-16 code units, no white space, numbers as ECMAScript prints them
 * (-0 as 0), strings with the fewest escapes (RFC 8785 section 3.2).
 *
 * @throws HaggleError `not-canonicalizable` with the path of the first thing JSON cannot carry exactly: undefined, a function,
 * symbol or bigint, NaN or an infinity, a lone surrogate, an object of a class, a key of {@link FORBIDDEN_KEYS}, a
 * nesting deeper than `depth` (default `LIMITS.jsonDepth`).
 */
export function canonicalize(value: unknown, options: CanonicalOptions = {}): string {
  const depth = options.depth ?? LIMITS.jsonDepth;
  if (!isInOrder(value, depth)) return write(value, '$', depth);
  // Most values are written with their keys in order; then the engine's own writer gives the canonical text, except that it
  // hides a lone surrogate behind an escape. Looking for that once is cheaper than looking at every string.
  const text = JSON.stringify(value);
  return text.includes('\\ud') ? write(value, '$', depth) : text;
}

/** True where JSON.stringify gives the canonical text if all strings are well-formed. False only sends the value down the careful way. */
function isInOrder(value: unknown, depthLeft: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      if (value === null) return true;
      if (depthLeft === 0) return false;
      return Array.isArray(value) ? areItemsInOrder(value, depthLeft) : areMembersInOrder(value, depthLeft);
    case 'undefined':
    case 'function':
    case 'symbol':
    case 'bigint':
      return false;
  }
  return false;
}

function areItemsInOrder(items: readonly unknown[], depthLeft: number): boolean {
  for (const item of items) {
    if (!isInOrder(item, depthLeft - 1)) return false;
  }
  return true;
}

function areMembersInOrder(value: object, depthLeft: number): boolean {
  if (!isPlainObject(value)) return false;
  let previous = '';
  for (const key of Object.keys(value)) {
    if (!isAfter(key, previous) || isForbiddenKey(key)) return false;
    if (!isInOrder(value[key], depthLeft - 1)) return false;
    previous = key;
  }
  return true;
}

/** Whether `key` sorts behind `previous`; the names of one object differ. Most differ in their first character. */
function isAfter(key: string, previous: string): boolean {
  return key.charCodeAt(0) > previous.charCodeAt(0) || key >= previous;
}

function write(value: unknown, path: string, depthLeft: number): string {
  switch (typeof value) {
    case 'string':
      return writeText(value, path);
    case 'number':
      if (!Number.isFinite(value)) throw refusal(path, `is ${value}`);
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depthLeft === 0) throw refusal(path, 'is nested too deep');
      return Array.isArray(value) ? writeItems(value, path, depthLeft) : writeMembers(value, path, depthLeft);
    case 'undefined':
    case 'function':
    case 'symbol':
    case 'bigint':
      throw refusal(path, `is ${value === undefined ? 'undefined' : `a ${typeof value}`}`);
  }
  throw new AssertionError(`typeof has no value ${typeof value}`);
}

function writeItems(items: readonly unknown[], path: string, depthLeft: number): string {
  // Not map(): it would skip the holes of a sparse array.
  const texts: string[] = [];
  for (const [index, item] of items.entries()) texts.push(write(item, `${path}[${index}]`, depthLeft - 1));
  return `[${texts.join(',')}]`;
}

function writeMembers(value: object, path: string, depthLeft: number): string {
  if (!isPlainObject(value)) throw refusal(path, 'is an object of a class');
  const texts: string[] = [];
  for (const key of Object.keys(value).toSorted(byCodeUnits)) {
    // An absent optional member, as JSON.stringify takes it.
    if (value[key] === undefined) continue;
    if (isForbiddenKey(key)) throw refusal(`${path}.${key}`, 'has a forbidden name');
    texts.push(`${writeText(key, `${path} (a name)`)}:${write(value[key], `${path}.${key}`, depthLeft - 1)}`);
  }
  return `{${texts.join(',')}}`;
}

function writeText(text: string, path: string): string {
  if (!isWellFormed(text)) throw refusal(path, 'has a lone surrogate');
  return JSON.stringify(text);
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isForbiddenKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype';
}

function isPlainObject(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function refusal(path: string, problem: string): HaggleError {
  return new HaggleError('not-canonicalizable', `cannot write canonical JSON: ${path.slice(0, 200)} ${problem}`, {
    fields: { path: path.slice(0, 200) },
  });
}
