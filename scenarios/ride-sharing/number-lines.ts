import { HaggleError } from '../../agent-core/errors.ts';

/** A line of a benchmark file that holds nothing but numbers. */
export interface NumberLine {
  /** From 1. */
  readonly line: number;
  readonly values: readonly number[];
}

/** Largest absolute number that is read: beyond it, differences of times lose the precision they are compared with. */
export const RIDE_NUMBER_MAX = 1e7;

/** Most stops of one file: pickups and drop-offs of 10,000 requests. */
export const RIDE_STOPS_MAX = 20_000;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** A HaggleError `bad-ride-file` that says `file:line: problem`. */
export function badRideFile(file: string, line: number, problem: string): HaggleError {
  return new HaggleError('bad-ride-file', `${file}:${line}: ${problem}`, { fields: { file, line } });
}

/** A word of a file as a message shows it: short, and printable ASCII only. */
export function shownWord(word: string): string {
  return JSON.stringify((word.length > 40 ? `${word.slice(0, 40)}...` : word).replace(/[^\x20-\x7e]/g, '?'));
}

/** The lines of a text, whichever way they end. */
export function linesOf(text: string): readonly string[] {
  return text.split(/\r\n|\n|\r/);
}

/**
 * The lines of a file of blank-separated numbers; empty lines are left out.
 *
 * @throws HaggleError `bad-ride-file` naming file, line and word where one is no number of at most {@link RIDE_NUMBER_MAX} either
 * way, or where there are too many lines.
 */
export function numberLines(text: string, file: string): readonly NumberLine[] {
  const out: NumberLine[] = [];
  for (const [index, row] of linesOf(text).entries()) {
    const words = row.split(/\s+/).filter((word) => word !== '');
    if (words.length === 0) continue;
    // A header and two lines for the depot come on top.
    if (out.length >= RIDE_STOPS_MAX + 3) throw badRideFile(file, index + 1, `more than ${RIDE_STOPS_MAX} stops`);
    out.push({ line: index + 1, values: words.map((word) => numberIn(file, index + 1, word)) });
  }
  return out;
}

/** The number that a word spells. @throws HaggleError `bad-ride-file` */
export function numberIn(file: string, line: number, word: string): number {
  const value = NUMBER.test(word) ? Number(word) : Number.NaN;
  if (Math.abs(value) <= RIDE_NUMBER_MAX) return value + 0;
  throw badRideFile(file, line, `expected a number of at most ${RIDE_NUMBER_MAX} either way, got ${shownWord(word)}`);
}

/** What a file is called without its folders and its ending. */
export function nameOfFile(file: string): string {
  const base = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  const dot = base.lastIndexOf('.');
  return dot > 0 ? base.slice(0, dot) : base;
}
