import type { Policy } from '../../../agent-core/policy/policy.ts';
import { criticalRatio } from './critical-ratio.ts';
import { coverOf, recentDemand } from './demand-estimate.ts';
import { normalQuantile } from './normal-quantile.ts';
import { replenishmentPolicy } from './replenishment.ts';

/** What a newsvendor is set to; what is left out is as published for gym-invmgmt. */
export interface NewsvendorSettings {
  /** Periods of demand that count. */
  readonly window?: number;
  /** Units below which a deviation is not believed. */
  readonly leastDeviation?: number;
  /** Tokens that a missing unit costs at least a firm that pays no penalty. */
  readonly leastMargin?: number;
}

/**
 * Orders up to the demand of lead time and one period that is not exceeded with the probability cost of a missing unit / (that +
 * holding), demand being taken for normal. Arrow, Harris and Marschak, "Optimal inventory policy", Econometrica 19 (1951); the
 * defaults are those of the rule of that name of gym-invmgmt (arXiv 2605.11355).
 */
export function newsvendor({ window = 5, leastDeviation = 1, leastMargin = 0.5 }: NewsvendorSettings = {}): Policy {
  return replenishmentPolicy({
    name: 'newsvendor-1',
    parameters: { window, leastDeviation, leastMargin },
    orderUpTo(seen) {
      const ratio = criticalRatio(seen, { leastMargin, holding: seen.holding });
      return coverOf(recentDemand(seen, { window, leastDeviation }), {
        periods: seen.leadTime + 1,
        safety: normalQuantile(ratio),
      });
    },
  });
}
