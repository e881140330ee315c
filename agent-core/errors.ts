/**
 * Every error class of the library. Callers switch on `code`, never on the message.
 *
 * Three kinds of failure have three forms: an expected outcome is a value, an operating failure is a
 * {@link HaggleError} with a code, a bug of ours is an {@link AssertionError} and stops the agent.
 */

/** Structured facts about a failure, safe to log: never keys, never message bodies. */
export type ErrorFields = Readonly<Record<string, string | number | bigint | boolean | null>>;

/** What may be said beside the message of a {@link HaggleError}. */
export interface ErrorDetail {
  readonly fields?: ErrorFields;
  readonly cause?: unknown;
}

/** An operating failure with a stable, kebab-case `code`. */
export class HaggleError extends Error {
  readonly code: string;
  readonly fields: ErrorFields;

  constructor(code: string, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'HaggleError';
    this.code = code;
    this.fields = detail.fields ?? {};
  }
}

/** A broken invariant: a defect of the library or of the agent, not of its input. */
export class AssertionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AssertionError';
  }
}

/** Throws an {@link AssertionError} unless `condition` holds. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
