import { z } from 'zod';
import { HaggleError } from '../errors.ts';
import { issueScale, type Issue, type IssueScale, type IssueValue } from './issue.ts';

/** What is agreed on: a value for every issue, by its name. Plain JSON, so it travels in message bodies. */
export type Outcome = Readonly<Record<string, IssueValue>>;

/** All that could be agreed on. */
export interface OutcomeSpace {
  readonly issues: readonly Issue[];
  /** The issues with their listed values, in the order of `issues`. */
  readonly scales: readonly IssueScale[];
  /** Number of listed outcomes: the product of the listed values of every issue; `Infinity` beyond 1.8e308. */
  readonly size: number;
  /** A zod schema for message bodies: an object with exactly the issues as members, and allowed values. */
  readonly schema: z.ZodType<Outcome>;
  /** Whether this is an outcome of the space; a continuous issue may have any value in its range. */
  contains(value: unknown): value is Outcome;
  /**
   * Every listed outcome in order of its index: the last issue changes fastest.
   *
   * @throws HaggleError `too-many-outcomes` beyond {@link OUTCOMES_MAX}.
   */
  enumerate(): Generator<Outcome, void, undefined>;
  /** The listed outcome with an index. @throws HaggleError `no-such-outcome` unless 0 <= index < size and index is a safe integer. */
  outcomeAt(index: number): Outcome;
  /** Index of the listed outcome nearest to `outcome`. @throws HaggleError `outcome-outside` for an outcome of another space. */
  indexOf(outcome: Outcome): number;
}

/** Most issues of a space. */
export const ISSUES_MAX = 64;

/** Most outcomes that are listed, ranked or searched one by one. Each costs some 30 bytes and a microsecond. */
export const OUTCOMES_MAX = 1_000_000;

/**
 * The outcome space of some issues.
 *
 * @throws HaggleError `bad-issue` for an issue that is none, repeated names, no issue or more than {@link ISSUES_MAX}.
 */
export function outcomeSpace({ issues }: { readonly issues: readonly Issue[] }): OutcomeSpace {
  if (issues.length === 0 || issues.length > ISSUES_MAX) {
    throw new HaggleError('bad-issue', `an outcome space has 1 to ${ISSUES_MAX} issues, got ${issues.length}`);
  }
  const scales = issues.map(issueScale);
  const names = new Set(issues.map(({ name }) => name));
  if (names.size < issues.length) throw new HaggleError('bad-issue', 'two issues of the space have the same name');
  const size = scales.reduce((product, { count }) => product * count, 1);
  const outcomeAt = (index: number): Outcome => {
    if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
      throw new HaggleError('no-such-outcome', `outcome ${index} of ${size} was asked for`, {
        fields: { index, size },
      });
    }
    return outcomeOf(scales, index);
  };
  const contains = (value: unknown): value is Outcome =>
    isRecord(value) &&
    Object.keys(value).length === names.size &&
    scales.every((scale) => Object.hasOwn(value, scale.issue.name) && scale.positionOf(value[scale.issue.name]) >= 0);
  return {
    issues: [...issues],
    scales,
    size,
    // In canonical order, so that a checked outcome needs no sorting on its way to the wire.
    schema: z.strictObject(
      Object.fromEntries(
        scales
          .toSorted((a, b) => (a.issue.name < b.issue.name ? -1 : 1))
          .map(({ issue, schema }) => [issue.name, schema]),
      ),
    ),
    contains,
    outcomeAt,
    indexOf: (outcome) => scales.reduce((index, scale) => index * scale.count + positionIn(scale, outcome), 0),
    *enumerate() {
      checkListable(size);
      for (let index = 0; index < size; index++) yield outcomeOf(scales, index);
    },
  };
}

/** @throws HaggleError `too-many-outcomes` if a space of this size is too large to be listed. */
export function checkListable(size: number): void {
  if (size > OUTCOMES_MAX) {
    const problem = `listing ${size} outcomes: at most ${OUTCOMES_MAX} are listed; give continuous issues fewer levels or integer ones a larger step`;
    throw new HaggleError('too-many-outcomes', problem, { fields: { size, limit: OUTCOMES_MAX } });
  }
}

/**
 * Sums over all listed outcomes of what each issue's value contributes, in order of index. `parts[i][k]` belongs to listed value
 * k of issue i. Terms are added in order of issues, and work is shared between outcomes with the same first values.
 */
export function sumOfParts(parts: readonly (readonly number[])[]): Float64Array {
  let sums = new Float64Array(1);
  for (const part of parts) {
    const next = new Float64Array(sums.length * part.length);
    let at = 0;
    for (const sum of sums) {
      for (const term of part) next[at++] = sum + term;
    }
    sums = next;
  }
  return sums;
}

function outcomeOf(scales: readonly IssueScale[], index: number): Outcome {
  const values: [string, IssueValue][] = [];
  let rest = index;
  for (const scale of scales.toReversed()) {
    const position = rest % scale.count;
    rest = (rest - position) / scale.count;
    values.push([scale.issue.name, scale.valueAt(position)]);
  }
  return Object.fromEntries(values.toReversed());
}

function positionIn(scale: IssueScale, outcome: Outcome): number {
  const value = outcome[scale.issue.name];
  const position = scale.positionOf(value);
  if (position < 0) {
    const problem = `issue "${scale.issue.name}" does not allow ${JSON.stringify(value)?.slice(0, 80)}`;
    throw new HaggleError('outcome-outside', problem, { fields: { issue: scale.issue.name } });
  }
  return position;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
