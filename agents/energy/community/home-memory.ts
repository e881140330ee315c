/** What a home remembers of the days so far, by hour of the day (0 to 23). Plain data. */
export interface HomeMemory {
  /** How often each hour has been seen. */
  readonly seen: number[];
  /** Running means, Wh. */
  readonly loadWh: number[];
  readonly sunWh: number[];
  /** Running mean of the market's price, micro-tokens a Wh. */
  readonly price: number[];
}

/** Hours of a day. */
export const DAY_HOURS = 24;

/** A day weighs so much at least in a running mean: the last week counts. */
const WEIGHT_LEAST = 0.15;

/** Nothing yet. */
export function noMemory(): HomeMemory {
  const zeros = (): number[] => Array.from({ length: DAY_HOURS }, () => 0);
  return { seen: zeros(), loadWh: zeros(), sunWh: zeros(), price: zeros() };
}

/** Adds an hour that is over. */
export function remember(
  memory: HomeMemory,
  hourOfDay: number,
  now: { readonly loadWh: number; readonly sunWh: number; readonly price: number },
): void {
  const seen = (memory.seen[hourOfDay] ?? 0) + 1;
  const weight = Math.max(1 / seen, WEIGHT_LEAST);
  memory.seen[hourOfDay] = seen;
  blend(memory.loadWh, hourOfDay, weight * (now.loadWh - (memory.loadWh[hourOfDay] ?? 0)));
  blend(memory.sunWh, hourOfDay, weight * (now.sunWh - (memory.sunWh[hourOfDay] ?? 0)));
  blend(memory.price, hourOfDay, weight * (now.price - (memory.price[hourOfDay] ?? 0)));
}

function blend(list: number[], hourOfDay: number, change: number): void {
  list[hourOfDay] = (list[hourOfDay] ?? 0) + change;
}
