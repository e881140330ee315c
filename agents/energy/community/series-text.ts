import { HaggleError } from '../../../agent-core/errors.ts';

/** 64 characters that JSON and URLs leave alone. */
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUES = new Map(Array.from(DIGITS, (digit, value): [number, number] => [digit.charCodeAt(0), value]));

/** Largest number of a series, in size. */
export const SERIES_BOUND: number = 2 ** 40;

/** Values of a series: the hours of a leap year. */
export const SERIES_LENGTH_MAX = 8_784;

/** Characters of a series in which no value is above 2^28: a year of a large community is one message. */
export const SERIES_TEXT_MAX: number = 6 * SERIES_LENGTH_MAX;

/**
 * Whole numbers as text, short ones short: five bits a character, the sixth says that more follow (as LEB128), the sign in the lowest bit.
 *
 * @throws HaggleError `bad-series` for a number that is not whole, or above {@link SERIES_BOUND} in size
 */
export function seriesText(values: ArrayLike<number>): string {
  const text: string[] = [];
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0;
    if (!Number.isInteger(value) || Math.abs(value) > SERIES_BOUND) {
      throw badSeries(`writes whole numbers up to ${SERIES_BOUND}, got ${value} at ${at}`);
    }
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    for (; rest >= 32; rest = Math.floor(rest / 32)) text.push(DIGITS.charAt(32 + (rest % 32)));
    text.push(DIGITS.charAt(rest));
  }
  return text.join('');
}

/**
 * Reads {@link seriesText}.
 *
 * @throws HaggleError `bad-series` for another number of values than `length`, or what no series writes
 */
export function seriesOf(text: string, length: number): number[] {
  const values: number[] = [];
  for (let at = 0; at < text.length;) {
    let [value, scale, more] = [0, 1, true];
    while (more) {
      const digit = VALUES.get(text.charCodeAt(at++));
      if (digit === undefined || scale > SERIES_BOUND)
        throw badSeries(`reads digits of numbers, got another at ${at - 1}`);
      value += (digit % 32) * scale;
      scale *= 32;
      more = digit >= 32;
    }
    values.push(value % 2 === 0 ? value / 2 : -(value + 1) / 2);
  }
  if (values.length !== length) throw badSeries(`has ${values.length} values, expected ${length}`);
  return values;
}

function badSeries(problem: string): HaggleError {
  return new HaggleError('bad-series', `a series ${problem}`);
}
