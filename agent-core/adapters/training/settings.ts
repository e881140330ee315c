/** Checks of settings that no compiler has seen: each names the setting, its bound and what it got. */
import { HaggleError } from '../../errors.ts';
import { checkSchedule, type Schedule } from '../../learning/schedule.ts';

/** Refuses a value. @throws HaggleError `bad-training` naming the setting, its bound and the value */
export type Check = (what: string, value: unknown) => void;

/** One check a setting of this type, optional ones by {@link optional}. */
export type ChecksOf<Settings> = Readonly<Record<keyof Settings & string, Check>>;

/** Refuses what is no object, what has other settings than these, and what one of the checks refuses. */
export function checkSettings(of: string, value: unknown, checks: Readonly<Record<string, Check>>): void {
  checkObject(of, `${of} has no setting`, { value, checks, prefix: '' });
}

/** An object that is itself a setting. */
export function part(checks: Readonly<Record<string, Check>>): Check {
  return (what, value) => checkObject(what, `${what} has no setting`, { value, checks, prefix: `${what}.` });
}

function checkObject(
  what: string,
  unknown: string,
  of: { readonly value: unknown; readonly checks: Readonly<Record<string, Check>>; readonly prefix: string },
): void {
  const { value, checks, prefix } = of;
  if (!isRecord(value)) throw refused(what, `an object with ${Object.keys(checks).join(', ')}`, value);
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(checks, name)) continue;
    const known = Object.keys(checks).join(', ');
    throw new HaggleError('bad-training', `${unknown} ${JSON.stringify(name)}; it has ${known}`);
  }
  for (const [name, check] of Object.entries(checks)) check(`${prefix}${name}`, value[name]);
}

/** A setting that may be left out. */
export function optional(check: Check): Check {
  return (what, value) => {
    if (value !== undefined) check(what, value);
  };
}

/** Whatever it is. */
export const anything: Check = () => undefined;

/** A whole number from 1. */
export const aCount = rule(
  'a whole number from 1',
  (value) => isNumber(value) && Number.isSafeInteger(value) && value >= 1,
);

/** A number from 0 to 1. */
export const aShare = rule('from 0 to 1', (value) => isNumber(value) && value >= 0 && value <= 1);

/** A finite number above 0. */
export const aPositive = rule('finite and above 0', (value) => isNumber(value) && value > 0 && value < Infinity);

/** A number. */
export const aNumber = rule('a number', (value) => isNumber(value) && !Number.isNaN(value));

/** What names all chance: a whole number or a text. */
export const aSeed = rule(
  'a whole number or a text',
  (value) => typeof value === 'string' || Number.isSafeInteger(value),
);

/** A text that is not empty. */
export const aText = rule('a text', (value) => typeof value === 'string' && value !== '');

/** True or false. */
export const aFlag = rule('true or false', (value) => typeof value === 'boolean');

/** A function. */
export const aFunction = rule('a function', (value) => typeof value === 'function');

/** An `AbortSignal`. */
export const aSignal = rule('an AbortSignal', (value) => isRecord(value) && typeof value['aborted'] === 'boolean');

/** A list of texts. */
export const someTexts = rule(
  'a list of texts',
  (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
);

/** A list or typed array of finite numbers. */
export const someNumbers = rule(
  'a list of finite numbers',
  (value) =>
    (Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array) &&
    value.every((one: unknown) => Number.isFinite(one)),
);

/** One of some words. */
export function oneOf(...words: readonly string[]): Check {
  return rule(`one of ${words.join(', ')}`, (value) => typeof value === 'string' && words.includes(value));
}

/** Widths of hidden layers. */
export const someWidths: Check = (what, value) => {
  if (!Array.isArray(value)) throw refused(what, 'a list of whole numbers from 1', value);
  for (const [k, width] of value.entries()) aCount(`${what} layer ${k}`, width);
};

/** A {@link Schedule} of numbers from 0. */
export const aSchedule: Check = (what, value) => {
  if (isRecord(value)) part({ from: aNumber, to: aNumber, over: optional(aNumber) })(what, value);
  if (!isSchedule(value)) throw refused(what, 'a number, or an object with from, to and over', value);
  checkSchedule(what, value, 0);
};

function isSchedule(value: unknown): value is Schedule {
  return isNumber(value) || (isRecord(value) && isNumber(value['from']) && isNumber(value['to']));
}

/** Settings without those that are undefined, which count as left out. */
export function said<Settings extends object>(settings: Settings): Settings {
  const copy = { ...settings };
  for (const [name, value] of Object.entries(settings)) if (value === undefined) Reflect.deleteProperty(copy, name);
  return copy;
}

function rule(bound: string, holds: (value: unknown) => boolean): Check {
  return (what, value) => {
    if (!holds(value)) throw refused(what, bound, value);
  };
}

function refused(what: string, bound: string, value: unknown): HaggleError {
  return new HaggleError('bad-training', `${what} must be ${bound}, got ${shown(value)}`);
}

/** Enough of a value to know it again. */
const SHOWN_CHARS = 80;

function shown(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  const json = typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? 'nothing');
  return json.length <= SHOWN_CHARS ? json : `${json.slice(0, SHOWN_CHARS)}…`;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
