import { HaggleError } from '../../agent-core/errors.ts';

/** An assignment problem: `costs[person][object]`, as many objects as persons, whole numbers. */
export interface AssignmentProblem {
  readonly size: number;
  readonly costs: readonly (readonly number[])[];
}

/** Largest problem read: its costs take 128 MB. */
export const ASSIGNMENT_SIZE_MAX = 4_000;

/** Largest absolute cost read. */
export const ASSIGNMENT_COST_MAX = 1e9;

const NUMBER = /^[+-]?\d{1,15}$/;

/**
 * Reads an assignment file of the OR-Library (Beasley 1990): the number of persons n, then n x n costs, person by person, wrapped
 * anyhow.
 *
 * @throws HaggleError `bad-assignment-file` naming file, line and value
 */
export function parseAssignment(text: string, file: string): AssignmentProblem {
  let size = -1;
  const values: number[] = [];
  let line = 0;
  const bad = (problem: string): HaggleError =>
    new HaggleError('bad-assignment-file', `${file}:${line}: ${problem}`, { fields: { file, line } });
  for (const row of text.split(/\r\n|\n|\r/)) {
    line += 1;
    for (const word of row.split(/\s+/)) {
      if (word === '') continue;
      const value = NUMBER.test(word) ? Number(word) : Number.NaN;
      if (!(Math.abs(value) <= ASSIGNMENT_COST_MAX)) {
        const shown = JSON.stringify(word.length > 40 ? `${word.slice(0, 40)}…` : word);
        throw bad(`expected a whole number of at most ${ASSIGNMENT_COST_MAX} either way, got ${shown}`);
      }
      if (size < 0) {
        if (value < 1 || value > ASSIGNMENT_SIZE_MAX) {
          throw bad(`the number of persons must be 1 to ${ASSIGNMENT_SIZE_MAX}, got ${value}`);
        }
        size = value;
      } else if (values.push(value) > size * size) {
        throw bad(`${size} persons have ${size * size} costs, there is one more: ${value}`);
      }
    }
  }
  if (size < 0) throw bad('the file is empty');
  if (values.length < size * size) {
    throw bad(`${size} persons have ${size * size} costs, the file ends after ${values.length}`);
  }
  const costs = Array.from({ length: size }, (_, person) => values.slice(person * size, (person + 1) * size));
  return { size, costs };
}
