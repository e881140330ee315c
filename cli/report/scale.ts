import { decimal, powerOfTenText } from './numbers.ts';

/** An axis: where a value is drawn, and which values are written beside it. */
export interface Axis {
  readonly domain: readonly [low: number, high: number];
  readonly range: readonly [from: number, to: number];
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
  readonly label: (tick: number) => string;
}

/** What an axis covers, in values and in pixels. */
export interface Span {
  readonly low: number;
  readonly high: number;
  readonly range: readonly [from: number, to: number];
  /** About how many ticks; 5 if left out. */
  readonly count?: number;
}

/** The step of 1, 2 or 5 times a power of ten that cuts `width` into about `count` pieces. */
export function niceStep(width: number, count: number): number {
  if (!(width > 0)) return 1;
  const rough = width / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const share = rough / power;
  return power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
}

/** Ascending multiples of a nice step that enclose [low, high]: the first is at most `low`, the last at least `high`. */
export function niceTicks(low: number, high: number, count = 5): readonly number[] {
  const [from, to] = high > low ? [low, high] : widened(low);
  const step = niceStep(to - from, count);
  // A hair of slack, so that 0.30000000000000004 does not ask for one more tick.
  const first = Math.floor(from / step + 1e-9);
  const last = Math.ceil(to / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

/** Around a single value there must be something to draw it in. */
function widened(value: number): readonly [number, number] {
  const margin = value === 0 ? 1 : Math.abs(value) * 0.1;
  return [value - margin, value + margin];
}

/** A linear axis whose ends are ticks. */
export function linearAxis({ low, high, range, count = 5 }: Span): Axis {
  const ticks = niceTicks(low, high, count);
  const first = ticks[0] ?? 0;
  const last = ticks.at(-1) ?? 1;
  const digits = Math.min(8, Math.max(0, -Math.floor(Math.log10(niceStep(last - first, ticks.length - 1)) + 1e-9)));
  return {
    domain: [first, last],
    range,
    ticks,
    at: (value) => range[0] + ((value - first) / (last - first)) * (range[1] - range[0]),
    label: (tick) => decimal(tick, digits),
  };
}

/** A logarithmic axis from a power of ten at most `low` to one at least `high`; both must be positive. */
export function logAxis({ low, high, range, count = 5 }: Span): Axis {
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(high) - 1e-9));
  const step = Math.max(1, Math.ceil((last - first) / Math.max(1, count)));
  const ticks = Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, k) => 10 ** (first + k * step));
  return {
    domain: [10 ** first, 10 ** last],
    range,
    ticks,
    at: (value) => range[0] + ((Math.log10(value) - first) / (last - first)) * (range[1] - range[0]),
    label: (tick) => powerOfTenText(Math.round(Math.log10(tick))),
  };
}
