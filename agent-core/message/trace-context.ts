/** Trace contexts as W3C writes them (Trace Context, level 1, section 3.2): `00-<trace id>-<span id>-<flags>`. */

/** Header in which the trace of a message rides beside its payload, where tools of others look for it. */
export const TRACE_HEADER = 'traceparent';

const TRACE_PARENT_CHARS = 55;
const FORM = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/** Flags of what we write: the trace is recorded. */
const SAMPLED = '01';

/** The trace id in a `traceparent` of version 00; null where the text is none. A peer may write anything else into its `trace`. */
export function traceIdOf(text: string | undefined): string | null {
  if (text?.length !== TRACE_PARENT_CHARS) return null;
  const [, traceId = NO_TRACE, spanId = NO_SPAN] = FORM.exec(text) ?? [];
  return traceId === NO_TRACE || spanId === NO_SPAN ? null : traceId;
}

/** The `traceparent` of a span: 32 and 16 lower-case hexadecimal digits, neither all zero. */
export function traceParent(traceId: string, spanId: string): string {
  return `00-${traceId}-${spanId}-${SAMPLED}`;
}
