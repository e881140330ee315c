import type { Replenishment } from './replenishment.ts';

/** Demand of one period, in whatever unit the observation has. */
export interface DemandEstimate {
  readonly mean: number;
  readonly deviation: number;
}

/** How demand is estimated from the latest periods. */
export interface RecentDemand {
  /** Periods that count; at most 32. */
  readonly window: number;
  /** Units below which a deviation is not believed. */
  readonly leastDeviation: number;
}

/**
 * Mean and standard deviation (n - 1) of the latest periods; of fewer than three the deviation is that of a Poisson demand of the same
 * mean. Before anything was asked the mean is what the firm reckons with. As in the published rules of gym-invmgmt.
 */
export function recentDemand(seen: Replenishment, { window, leastDeviation }: RecentDemand): DemandEstimate {
  const recent = seen.asked.slice(0, window);
  const mean = recent.length === 0 ? seen.mean : sum(recent) / recent.length;
  const squares = sum(recent.map((units) => (units - mean) * (units - mean)));
  // In scaled quantities the variance of a Poisson demand is its mean times one unit.
  const variance = recent.length < 3 ? mean * seen.unit : squares / (recent.length - 1);
  return { mean, deviation: Math.max(Math.sqrt(variance), leastDeviation * seen.unit) };
}

/** What to cover, and how safely. */
export interface Cover {
  /** Periods from an order to the arrival of the next. */
  readonly periods: number;
  /** Deviations of safety stock. */
  readonly safety: number;
}

/** Mean demand of some periods and a safety stock, never below 0; nothing where nothing is asked for. */
export function coverOf({ mean, deviation }: DemandEstimate, { periods, safety }: Cover): number {
  if (!(mean > 0)) return 0;
  return Math.max(0, mean * periods + safety * deviation * Math.sqrt(periods));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
