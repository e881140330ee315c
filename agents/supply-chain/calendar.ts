import { micros, type Micros } from '../../agent-core/clock.ts';

/** What firms do at a time of each period. */
export type Phase = 'begin' | 'negotiate' | 'restock' | 'report' | 'order' | 'ship' | 'sell' | 'close';

const MINUTE: Micros = micros('1 min');

/** Length of a period: an hour of virtual time stands for a day, a week … of the instance. */
export const PERIOD_MICROS: Micros = 60 * MINUTE;

/**
 * When in a period each phase begins: notices of what cannot be delivered, then contracts, then reports of demand to suppliers, then
 * orders of what was contracted for this period, shipments, sales, costs. Long enough that every phase is over before the next, on any network worth the name.
 */
const BEGINS: Readonly<Record<Phase, Micros>> = {
  begin: 0,
  negotiate: 5 * MINUTE,
  restock: 25 * MINUTE,
  report: 36 * MINUTE,
  order: 40 * MINUTE,
  ship: 45 * MINUTE,
  sell: 50 * MINUTE,
  close: 55 * MINUTE,
};

/** A phase of a game that opens at `opensAt`. */
export interface Moment {
  readonly opensAt: Micros;
  readonly period: number;
  readonly phase: Phase;
}

/** When it begins. */
export function timeOf({ opensAt, period, phase }: Moment): Micros {
  return opensAt + period * PERIOD_MICROS + BEGINS[phase];
}

/** The first period whose phase has not begun yet. */
export function nextPeriod({ opensAt, phase }: Omit<Moment, 'period'>, now: Micros): number {
  return Math.max(0, Math.ceil((now - opensAt - BEGINS[phase]) / PERIOD_MICROS));
}
