import type { Micros } from '../clock.ts';
import type { JsonValue } from '../message/canonical.ts';

/** A timer that is set, as its author sees it. */
export interface PendingTimer {
  readonly tag: string;
  /** When it fires. */
  readonly at: Micros;
  readonly data: JsonValue;
}

/** A timer that is set, as the runtime keeps it. */
export interface SetTimer {
  readonly tag: string;
  readonly at: Micros;
  /** Canonical JSON. */
  readonly data: string;
  /** Handle of its wake-up. */
  readonly wake: number;
}

/** The author's view of a timer. */
export function pendingTimer({ tag, at, data }: SetTimer): PendingTimer {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was canonical JSON when it was set
  return { tag, at, data: JSON.parse(data) as JsonValue };
}
