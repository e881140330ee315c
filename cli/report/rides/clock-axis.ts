import type { Axis } from '../scale.ts';
import type { Units } from './words.ts';

/** What a clock's axis covers. */
export interface ClockSpan {
  readonly from: number;
  readonly to: number;
  readonly range: readonly [from: number, to: number];
}

/** An axis of time whose ticks stand at times that people read: full hours, quarters, five minutes. */
export function clockAxis({ from, to, range }: ClockSpan, { clock, clockStep }: Units): Axis {
  const span = to > from ? to - from : 1;
  const step = clockStep(span, 10);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.max(first, Math.floor((from + span) / step + 1e-9));
  return {
    domain: [from, from + span],
    range,
    at: (time) => range[0] + ((time - from) / span) * (range[1] - range[0]),
    ticks: Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step),
    label: clock,
  };
}
