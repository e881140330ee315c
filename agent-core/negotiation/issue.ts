import { z } from 'zod';
import { HaggleError } from '../errors.ts';
import { isWellFormed } from '../identity/encoding.ts';
import { FORBIDDEN_KEYS } from '../message/canonical.ts';

/** What an issue of an outcome may be set to. */
export type IssueValue = number | string;

/** Whole numbers `min`, `min + step`, … up to `max`. `step` is 1 unless said. */
export interface IntegerIssue {
  readonly type: 'integer';
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
}

/** One of some names; their order has no meaning. */
export interface CategoricalIssue {
  readonly type: 'categorical';
  readonly name: string;
  readonly values: readonly string[];
}

/**
 * Any number from `min` to `max`. Every number in between may be offered and agreed on; where outcomes are listed, `levels`
 * equally spaced ones (11 unless said) stand for all.
 */
export interface ContinuousIssue {
  readonly type: 'continuous';
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly levels?: number;
}

/** One thing that is negotiated about. */
export type Issue = IntegerIssue | CategoricalIssue | ContinuousIssue;

/** An issue with its listed values in order. */
export interface IssueScale {
  readonly issue: Issue;
  /** Listed values. */
  readonly count: number;
  /** The listed value at `position`, 0 <= position < count. */
  valueAt(position: number): IssueValue;
  /** Position of the listed value nearest to `value`; -1 if the issue does not allow `value`. */
  positionOf(value: unknown): number;
  /** What a message body may hold for this issue. */
  readonly schema: z.ZodType<IssueValue>;
}

/** Levels of a continuous issue unless said. */
const LEVELS = 11;
/** Longest name of an issue or a value, in UTF-16 units. */
const NAME_CHARS_MAX = 200;
/** Most values of a categorical issue. */
const VALUES_MAX = 10_000;

/**
 * The scale of an issue.
 *
 * @throws HaggleError `bad-issue` for an empty or overlong name, bounds that are no range, a step or a number of levels that is
 * no such thing, or values that are none, too many or repeated.
 */
export function issueScale(issue: Issue): IssueScale {
  const { name } = issue;
  if (!isName(name) || FORBIDDEN_KEYS.includes(name)) {
    throw badIssue(name, `a name has 1 to ${NAME_CHARS_MAX} characters and is none of ${FORBIDDEN_KEYS.join(', ')}`);
  }
  if (issue.type === 'integer') return integerScale(issue);
  return issue.type === 'categorical' ? categoricalScale(issue) : continuousScale(issue);
}

function integerScale(issue: IntegerIssue): IssueScale {
  const { name, min, max, step = 1 } = issue;
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || max < min || !Number.isSafeInteger(max - min)) {
    throw badIssue(name, `integer bounds are whole numbers with min <= max, got ${min} and ${max}`);
  }
  if (!Number.isSafeInteger(step) || step < 1)
    throw badIssue(name, `a step is a whole number of at least 1, got ${step}`);
  const positionOf = (value: unknown): number =>
    typeof value === 'number' &&
    Number.isSafeInteger(value) &&
    value >= min &&
    value <= max &&
    (value - min) % step === 0
      ? (value - min) / step
      : -1;
  const range = z.number().int().min(min).max(max);
  return {
    issue,
    count: Math.floor((max - min) / step) + 1,
    valueAt: (position) => min + step * position,
    positionOf,
    schema:
      step === 1 ? range : range.refine((value) => positionOf(value) >= 0, `must be ${min} plus steps of ${step}`),
  };
}

function categoricalScale(issue: CategoricalIssue): IssueScale {
  const { name } = issue;
  const values = [...issue.values];
  const positions = new Map(values.map((value, position) => [value, position]));
  if (values.length === 0 || values.length > VALUES_MAX) {
    throw badIssue(name, `a categorical issue has 1 to ${VALUES_MAX} values, got ${values.length}`);
  }
  if (positions.size < values.length) throw badIssue(name, 'a value is named twice');
  if (!values.every(isName)) {
    throw badIssue(name, `a value has 1 to ${NAME_CHARS_MAX} characters`);
  }
  return {
    issue,
    count: values.length,
    valueAt: (position) => values[position] ?? '',
    positionOf: (value) => (typeof value === 'string' ? (positions.get(value) ?? -1) : -1),
    schema: z.enum(values),
  };
}

function continuousScale(issue: ContinuousIssue): IssueScale {
  const { name, min, max, levels = LEVELS } = issue;
  const width = max - min;
  if (!(width > 0) || !Number.isFinite(width)) {
    throw badIssue(name, `continuous bounds are finite with min < max, got ${min} and ${max}`);
  }
  if (!Number.isSafeInteger(levels) || levels < 2)
    throw badIssue(name, `levels are a whole number of at least 2, got ${levels}`);
  const last = levels - 1;
  return {
    issue,
    count: levels,
    valueAt: (position) => (position === last ? max : min + (width * position) / last),
    positionOf: (value) =>
      typeof value === 'number' && value >= min && value <= max ? Math.round(((value - min) / width) * last) : -1,
    schema: z.number().min(min).max(max),
  };
}

/** Whether a text can name something in a message: not empty, not too long, no half of a surrogate pair. */
function isName(text: string): boolean {
  return text !== '' && text.length <= NAME_CHARS_MAX && isWellFormed(text);
}

function badIssue(name: string, problem: string): HaggleError {
  const shown = name.slice(0, NAME_CHARS_MAX);
  return new HaggleError('bad-issue', `issue "${shown}": ${problem}`, { fields: { issue: shown } });
}
