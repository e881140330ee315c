import type { Policy } from '../../../agent-core/policy/policy.ts';
import { criticalRatio } from './critical-ratio.ts';
import { coverOf, recentDemand, type DemandEstimate } from './demand-estimate.ts';
import { normalQuantile } from './normal-quantile.ts';
import { replenishmentPolicy, type Replenishment } from './replenishment.ts';

/** What exponential smoothing is set to; what is left out is as published for gym-invmgmt. Weights are from 0 to 1. */
export interface SmoothingSettings {
  /** Weight of the latest demand in the level. */
  readonly level?: number;
  /** Weight of the latest change of the level in the trend. */
  readonly trend?: number;
  /** Weight of the latest error in the mean square error. */
  readonly error?: number;
  /** Units below which a deviation is not believed. */
  readonly leastDeviation?: number;
  /** Tokens that a missing unit costs at least a firm that pays no penalty. */
  readonly leastMargin?: number;
}

/**
 * A newsvendor who follows demand by smoothed level and trend and sizes the safety stock by the error of that forecast. C. C. Holt,
 * "Forecasting seasonals and trends by exponentially weighted moving averages" (1957); the defaults are those of the rule ExpSmoothing
 * of gym-invmgmt (arXiv 2605.11355).
 */
export function exponentialSmoothing(settings: SmoothingSettings = {}): Policy {
  const { level = 0.3, trend = 0.1, error = 0.1, leastDeviation = 1, leastMargin = 0.5 } = settings;
  return replenishmentPolicy({
    name: 'exponential-smoothing-1',
    parameters: { level, trend, error, leastDeviation, leastMargin },
    orderUpTo(seen) {
      const demand =
        seen.asked.length === 0
          ? recentDemand(seen, { window: 1, leastDeviation })
          : smoothed(seen, { level, trend, error, leastDeviation });
      const ratio = criticalRatio(seen, { leastMargin, holding: seen.holding });
      return coverOf(demand, { periods: seen.leadTime + 1, safety: normalQuantile(ratio) });
    },
  });
}

type Weights = Required<Omit<SmoothingSettings, 'leastMargin'>>;

/** Holt's linear smoothing from the oldest period seen; the error starts as that of a Poisson demand. */
function smoothed({ asked, unit }: Replenishment, weights: Weights): DemandEstimate {
  const [first = 0, ...later] = asked.toReversed();
  let level = first;
  let trend = 0;
  let square = first * unit;
  for (const units of later) {
    const miss = units - (level + trend);
    const next = weights.level * units + (1 - weights.level) * (level + trend);
    trend = weights.trend * (next - level) + (1 - weights.trend) * trend;
    level = next;
    square += weights.error * (miss * miss - square);
  }
  return { mean: Math.max(0, level + trend), deviation: Math.max(Math.sqrt(square), weights.leastDeviation * unit) };
}
