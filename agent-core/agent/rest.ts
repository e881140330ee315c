import type { Micros } from '../clock.ts';
import type { JsonValue } from '../message/canonical.ts';
import type { TimerId } from './context.ts';

/** An agent of which nothing goes on, as JSON: what another life needs to go on from there. */
export interface Rest {
  /** As `encodeState` writes it. */
  readonly state: JsonValue;
  readonly nextTimer: TimerId;
  /** The timers that are set; data as canonical text. */
  readonly timers: readonly {
    readonly id: TimerId;
    readonly tag: string;
    readonly at: Micros;
    readonly data: string;
  }[];
  /** When each interval ticks next, in the order of their declaration; null where it has not begun. */
  readonly ticks: readonly (Micros | null)[];
}
