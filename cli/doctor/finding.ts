/** How bad a finding is. Only an `error` makes the doctor's exit code 1. */
export type Severity = 'ok' | 'note' | 'warning' | 'error';

/** One thing that the doctor looked at. */
export interface Finding {
  /** Where it belongs: `machine`, `data`, `key`, `broker`, `config`. */
  readonly area: string;
  readonly severity: Severity;
  /** What was found, in one line. */
  readonly what: string;
  /** What to do about it; null where there is nothing to do. */
  readonly todo: string | null;
}

/** Makes findings of one area. */
export interface Reporter {
  readonly ok: (what: string) => Finding;
  readonly note: (what: string, todo?: string) => Finding;
  readonly warning: (what: string, todo: string) => Finding;
  readonly error: (what: string, todo: string) => Finding;
}

/** A {@link Reporter} for an area. */
export function reporter(area: string): Reporter {
  return {
    ok: (what) => ({ area, severity: 'ok', what, todo: null }),
    note: (what, todo) => ({ area, severity: 'note', what, todo: todo ?? null }),
    warning: (what, todo) => ({ area, severity: 'warning', what, todo }),
    error: (what, todo) => ({ area, severity: 'error', what, todo }),
  };
}
