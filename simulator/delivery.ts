import type { BusMessage } from '../agent-core/bus/bus.ts';
import type { Micros } from '../agent-core/clock.ts';
import type { Fate } from './link.ts';

/** What an observer sees just before the subscriber does. */
export interface Delivery {
  readonly time: Micros;
  readonly from: string;
  readonly to: string;
  readonly message: BusMessage;
}

/** What an observer sees as a message leaves its sender, whatever becomes of it. */
export interface Sending {
  readonly time: Micros;
  readonly from: string;
  readonly message: BusMessage;
  /** Each subscription that it goes to, and its fate there; empty where nobody listens. */
  readonly fates: readonly { readonly to: string; readonly fate: Fate }[];
}

/** Counts since the network was made. */
export interface NetworkCounters {
  readonly published: number;
  /** Messages handed to subscribers; one publish may be many, or none. */
  readonly delivered: number;
  /** Deliveries that found their subscription cancelled. */
  readonly dropped: number;
  /** UTF-8 bytes of published payloads. */
  readonly bytes: number;
  /** Requests that nobody listened to. */
  readonly noResponders: number;
  /** Messages that a link lost. */
  readonly lost: number;
  /** Copies that a link made. */
  readonly duplicated: number;
  /** Messages that a partition was in the way of. */
  readonly blocked: number;
}
