import { HaggleError } from './errors.ts';

/** A point in time or a span, in integer microseconds. Exact up to 2^53 (285 years). */
export type Micros = number;

/** The only source of time for agents and protocols. */
export interface Clock {
  /** Current time in microseconds since the epoch of this clock (Unix epoch live, 0 in simulation). */
  now(): Micros;
}

/** A span as an author writes it: microseconds, or a text such as `'250 ms'`, `'15 min'`, `'1 d'`. */
export type Duration = Micros | `${number} ${DurationUnit}`;

type DurationUnit = 'us' | 'ms' | 's' | 'min' | 'h' | 'd';

const MICROS_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ['us', 1],
  ['ms', 1_000],
  ['s', 1_000_000],
  ['min', 60_000_000],
  ['h', 3_600_000_000],
  ['d', 86_400_000_000],
]);

/**
 * A duration in microseconds.
 *
 * @throws HaggleError `bad-duration` where the text is not `<number> <us|ms|s|min|h|d>` or the result is not a
 * non-negative safe integer of microseconds.
 */
export function micros(duration: Duration): Micros {
  const value = typeof duration === 'number' ? duration : fromText(duration);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new HaggleError(
      'bad-duration',
      `duration must be a whole, non-negative number of microseconds, got ${duration}`,
    );
  }
  return value;
}

function fromText(text: string): number {
  const space = text.indexOf(' ');
  const unit = MICROS_PER_UNIT.get(text.slice(space + 1));
  const amount = Number(text.slice(0, space));
  if (space <= 0 || unit === undefined || !Number.isFinite(amount)) {
    throw new HaggleError('bad-duration', `duration must read like "250 ms" (us, ms, s, min, h or d), got "${text}"`);
  }
  return Math.round(amount * unit);
}

/** Seconds of a span of microseconds, for people and reports. */
export function seconds(span: Micros): number {
  return span / 1_000_000;
}
