/**
 * States as JSON: what a journal keeps and what a worker of a split simulation reports.
 *
 * JSON holds no `undefined`, no `-0`, no infinity, no bigint, no Map. Each of these becomes an object whose one member `$`
 * names its kind; a plain object that has a member of this name itself is written as a list of its members. Everything else
 * is written as it is, so that the JSON of a simple state reads like the state.
 */
import { AssertionError, HaggleError } from '../errors.ts';
import type { JsonValue } from '../message/canonical.ts';

/** Nesting of a state. A cycle ends here too. */
const STATE_DEPTH = 128;

/** The member that marks what JSON has no form for. */
const TAG = '$';

type NumberArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;
type BigArray = BigInt64Array | BigUint64Array;

const NUMBER_ARRAYS: ReadonlyMap<string, (numbers: readonly number[]) => NumberArray> = new Map<
  string,
  (numbers: readonly number[]) => NumberArray
>([
  ['Int8Array', (numbers) => Int8Array.from(numbers)],
  ['Uint8Array', (numbers) => Uint8Array.from(numbers)],
  ['Uint8ClampedArray', (numbers) => Uint8ClampedArray.from(numbers)],
  ['Int16Array', (numbers) => Int16Array.from(numbers)],
  ['Uint16Array', (numbers) => Uint16Array.from(numbers)],
  ['Int32Array', (numbers) => Int32Array.from(numbers)],
  ['Uint32Array', (numbers) => Uint32Array.from(numbers)],
  ['Float32Array', (numbers) => Float32Array.from(numbers)],
  ['Float64Array', (numbers) => Float64Array.from(numbers)],
]);

const BIG_ARRAYS: ReadonlyMap<string, (numbers: readonly bigint[]) => BigArray> = new Map<
  string,
  (numbers: readonly bigint[]) => BigArray
>([
  ['BigInt64Array', (numbers) => BigInt64Array.from(numbers)],
  ['BigUint64Array', (numbers) => BigUint64Array.from(numbers)],
]);

/** Numbers that JSON cannot say. */
const ODD_NUMBERS: ReadonlyMap<string, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
]);

/**
 * The JSON of plain data: null, booleans, numbers (also NaN, -0 and the infinities), texts, bigints, `undefined`, arrays,
 * plain objects, Map, Set and typed arrays, nested as they may be.
 *
 * @throws HaggleError `state-not-plain` with the path of the first function, symbol, hole, accessor, cycle, nesting deeper
 * than 128 or object of another class
 */
export function encodeState(state: unknown): JsonValue {
  return encode(state, { path: 'state', depth: STATE_DEPTH });
}

/**
 * What {@link encodeState} had: equal in every part, with no part shared.
 *
 * @throws HaggleError `bad-state` for JSON that it never makes
 */
export function decodeState(json: JsonValue): unknown {
  return decode(json, STATE_DEPTH);
}

/** Where in a state we are. */
interface Place {
  readonly path: string;
  /** Levels that may still follow. */
  readonly depth: number;
}

function inside({ path, depth }: Place, step: string): Place {
  return { path: path + step, depth: depth - 1 };
}

function encode(value: unknown, place: Place): JsonValue {
  if (place.depth < 0) throw notPlain(place, `nested deeper than ${STATE_DEPTH}, or a cycle`);
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return encodeNumber(value);
    case 'bigint':
      return { [TAG]: 'bigint', value: String(value) };
    case 'undefined':
      return { [TAG]: 'undefined' };
    case 'object':
      return value === null ? null : encodeObject(value, place);
    case 'function':
    case 'symbol':
      throw notPlain(place, `a ${typeof value}`);
    default:
      throw new AssertionError('typeof knows eight types');
  }
}

function encodeNumber(value: number): JsonValue {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  return { [TAG]: 'number', value: Object.is(value, -0) ? '-0' : String(value) };
}

function encodeObject(value: object, place: Place): JsonValue {
  if (Array.isArray(value)) return encodeList(value, place);
  if (Object.getOwnPropertySymbols(value).length > 0) throw notPlain(place, 'an object with a symbol as a key');
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return encodePlain(value, place);
  if (prototype === null) return { [TAG]: 'bare', members: encodeMembers(value, place) };
  return encodeOther(value, place);
}

function encodeOther(value: object, place: Place): JsonValue {
  const { name } = value.constructor;
  if (isExactly(value, Map)) {
    const entries = [...value].map(([key, item], index) => [
      encode(key, inside(place, `.keys[${index}]`)),
      encode(item, inside(place, `.get(${labelOf(key)})`)),
    ]);
    return { [TAG]: 'Map', entries };
  }
  if (isExactly(value, Set)) {
    return { [TAG]: 'Set', items: [...value].map((item, index) => encode(item, inside(place, `.items[${index}]`))) };
  }
  if (isBigArray(value)) return { [TAG]: name, items: Array.from(value, String) };
  if (isNumberArray(value)) return { [TAG]: name, items: Array.from(value, encodeNumber) };
  throw notPlain(place, `an object of class ${name === '' ? '(unnamed)' : name}`);
}

function encodeList(items: readonly unknown[], place: Place): JsonValue {
  if (Object.getPrototypeOf(items) !== Array.prototype) throw notPlain(place, 'an array of another class');
  if (Object.keys(items).length !== items.length)
    throw notPlain(place, 'an array with a hole or with more than its items');
  return items.map((item, index) => encode(item, inside(place, `[${index}]`)));
}

function encodePlain(value: object, place: Place): JsonValue {
  const members = encodeMembers(value, place);
  if (Object.hasOwn(value, TAG)) return { [TAG]: 'object', members };
  return Object.fromEntries(members);
}

function encodeMembers(value: object, place: Place): [string, JsonValue][] {
  return Object.keys(value).map((key) => {
    const member = Object.getOwnPropertyDescriptor(value, key);
    const at = inside(place, /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);
    if (member?.get !== undefined || member?.set !== undefined) throw notPlain(at, 'an accessor');
    return [key, encode(member?.value, at)];
  });
}

function labelOf(key: unknown): string {
  return typeof key === 'string' ? JSON.stringify(key) : typeof key === 'number' ? String(key) : typeof key;
}

function isExactly<T extends object>(value: object, kind: new () => T): value is T {
  return Object.getPrototypeOf(value) === kind.prototype;
}

function isNumberArray(value: object): value is NumberArray {
  return ArrayBuffer.isView(value) && NUMBER_ARRAYS.has(value.constructor.name);
}

function isBigArray(value: object): value is BigArray {
  return ArrayBuffer.isView(value) && BIG_ARRAYS.has(value.constructor.name);
}

function notPlain({ path }: Place, what: string): HaggleError {
  const rule = 'a state is plain data: numbers, texts, bigints, arrays, plain objects, Map, Set, typed arrays';
  return new HaggleError('state-not-plain', `writing ${path}: it is ${what}; ${rule}`, { fields: { path } });
}

function decode(json: JsonValue, depth: number): unknown {
  if (depth < 0) throw bad(`nested deeper than ${STATE_DEPTH}`);
  if (typeof json !== 'object' || json === null) return json;
  if (isList(json)) return json.map((item) => decode(item, depth - 1));
  if (Object.hasOwn(json, TAG)) return decodeTagged(json, depth - 1);
  return Object.fromEntries(Object.entries(json).map(([key, item]) => [key, decode(item, depth - 1)]));
}

type Tagged = Readonly<Record<string, JsonValue>>;

function decodeTagged(json: Tagged, depth: number): unknown {
  const kind = json[TAG];
  if (typeof kind !== 'string') throw bad('a kind is a text');
  switch (kind) {
    case 'undefined':
      return undefined;
    case 'number':
      return oddNumber(json['value']);
    case 'bigint':
      return bigint(json['value']);
    case 'Map':
      return new Map(pairs(json['entries']).map(([key, item]) => [decode(key, depth), decode(item, depth)]));
    case 'Set':
      return new Set(list(json['items']).map((item) => decode(item, depth)));
    case 'object':
      return Object.fromEntries(membersOf(json, depth));
    case 'bare':
      return Object.assign(bare(), Object.fromEntries(membersOf(json, depth)));
    default:
      return decodeArray(kind, list(json['items']));
  }
}

function membersOf(json: Tagged, depth: number): [string, unknown][] {
  return pairs(json['members']).map(([key, item]) => {
    if (typeof key !== 'string') throw bad('a member has a text as its name');
    return [key, decode(item, depth)];
  });
}

/** An object without a prototype, on which `__proto__` is a member like any other. */
function bare(): object {
  const made: object = {};
  Object.setPrototypeOf(made, null);
  return made;
}

function decodeArray(kind: string, items: readonly JsonValue[]): unknown {
  const ofBigints = BIG_ARRAYS.get(kind);
  if (ofBigints !== undefined) return ofBigints(items.map(bigint));
  const ofNumbers = NUMBER_ARRAYS.get(kind);
  if (ofNumbers === undefined) throw bad(`there is no kind ${JSON.stringify(kind)}`);
  return ofNumbers(
    items.map((item) => (typeof item === 'number' ? item : oddNumber(isTagged(item) ? item['value'] : null))),
  );
}

function bigint(value: JsonValue | undefined): bigint {
  if (typeof value !== 'string' || !/^-?\d+$/.test(value)) throw bad('a bigint is a decimal text');
  return BigInt(value);
}

function oddNumber(value: JsonValue | undefined): number {
  const found = typeof value === 'string' ? ODD_NUMBERS.get(value) : undefined;
  if (found === undefined) throw bad('a number is NaN, Infinity, -Infinity or -0 where JSON has no form for it');
  return found;
}

function pairs(value: JsonValue | undefined): readonly (readonly [JsonValue, JsonValue])[] {
  return list(value).map((pair) => {
    const [first, second] = list(pair);
    if (first === undefined || second === undefined) throw bad('an entry is a pair');
    return [first, second];
  });
}

function list(value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined || !isList(value)) throw bad('entries, items and members are lists');
  return value;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isTagged(value: JsonValue): value is Tagged {
  return typeof value === 'object' && value !== null && !isList(value);
}

function bad(problem: string): HaggleError {
  return new HaggleError('bad-state', `reading a state: ${problem}`);
}
