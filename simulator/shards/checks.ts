/** Reads what came over the wire: every form is a claim until it was checked. */
import { HaggleError } from '../../agent-core/errors.ts';
import type { JsonValue } from '../../agent-core/message/canonical.ts';

/** An object of JSON. */
export type JsonObject = Readonly<Record<string, JsonValue>>;

/** The error of a wire message that breaks its form: `bad-wire`. */
export function badWire(problem: string): HaggleError {
  return new HaggleError('bad-wire', `reading a message of a split run: ${problem}`);
}

/** A member that must be an object. @throws HaggleError `bad-wire` */
export function objectIn(value: JsonValue | undefined, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || isJsonList(value)) throw badWire(`${what} must be an object`);
  return value;
}

/** A member that must be a list. @throws HaggleError `bad-wire` */
export function listIn(value: JsonValue | undefined, what: string): readonly JsonValue[] {
  if (value === undefined || !isJsonList(value)) throw badWire(`${what} must be a list`);
  return value;
}

/** A member that must be a text. @throws HaggleError `bad-wire` */
export function textIn(value: JsonValue | undefined, what: string): string {
  if (typeof value !== 'string') throw badWire(`${what} must be a text`);
  return value;
}

/** A member that must be a whole number, not negative. @throws HaggleError `bad-wire` */
export function countIn(value: JsonValue | undefined, what: string): number {
  if (!Number.isSafeInteger(value) || Number(value) < 0) throw badWire(`${what} must be a whole number from 0`);
  return Number(value);
}

/** A member that must be a time in microseconds, or null for never. @throws HaggleError `bad-wire` */
export function timeIn(value: JsonValue | undefined, what: string): number {
  return value === null ? Infinity : countIn(value, what);
}

/** A time on the wire: null for never. */
export function timeOut(time: number): number | null {
  return time === Infinity ? null : time;
}

/** A member that must be a name of one subject token: letters, digits, `-` and `_`. @throws HaggleError `bad-wire` */
export function tokenIn(value: JsonValue | undefined, what: string): string {
  const token = textIn(value, what);
  if (/^[A-Za-z0-9_-]{1,64}$/.test(token)) return token;
  throw badWire(`${what} must have 1 to 64 letters, digits, "-" or "_", got ${JSON.stringify(token.slice(0, 80))}`);
}

/** A member that must be a number, not negative. @throws HaggleError `bad-wire` */
export function quantityIn(value: JsonValue | undefined, what: string): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw badWire(`${what} must be a number from 0`);
}

/** Lists of whole numbers. @throws HaggleError `bad-wire` */
export function countsIn(value: JsonValue | undefined, what: string): readonly number[] {
  return listIn(value, what).map((item) => countIn(item, what));
}

function isJsonList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
