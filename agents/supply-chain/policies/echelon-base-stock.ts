import type { Policy } from '../../../agent-core/policy/policy.ts';
import { criticalRatio } from './critical-ratio.ts';
import { coverOf, recentDemand } from './demand-estimate.ts';
import { normalQuantile } from './normal-quantile.ts';
import { replenishmentPolicy } from './replenishment.ts';

/** What an echelon base stock is set to; what is left out is as published for gym-invmgmt. */
export interface EchelonSettings {
  /** Periods of demand that count. */
  readonly window?: number;
  /** Units below which a deviation is not believed. */
  readonly leastDeviation?: number;
  /** Tokens that a missing unit costs at least a firm that pays no penalty. */
  readonly leastMargin?: number;
  /** Tokens that the firm's stage adds at least to the holding cost of a unit. */
  readonly leastHolding?: number;
}

/**
 * Orders until what is in stock and under way at the firm and all it supplies covers the demand of the whole way to the market, as a
 * newsvendor would who holds a unit at the cost that its stage adds. Needs what those downstream share; without it the firm is its own
 * echelon. Where they tell what they expect, that counts in place of the latest periods. The form is that of Clark and Scarf, "Optimal policies for a multi-echelon inventory problem", Management Science 6 (1960);
 * the level is an approximation, with the defaults that of the rule EchelonApprox of gym-invmgmt (arXiv 2605.11355).
 */
export function echelonBaseStock(settings: EchelonSettings = {}): Policy {
  const { window = 5, leastDeviation = 1, leastMargin = 0.5, leastHolding = 0.01 } = settings;
  return replenishmentPolicy({
    name: 'echelon-base-stock-1',
    parameters: { window, leastDeviation, leastMargin, leastHolding },
    orderUpTo(seen) {
      const holding = Math.max(leastHolding * seen.token, seen.holding - seen.holdingBelow);
      const periods = seen.leadTimeToMarket + seen.leadTime + 1;
      const safety = normalQuantile(criticalRatio(seen, { leastMargin, holding }));
      if (seen.aheadMean > 0) {
        return Math.max(0, seen.aheadMean + safety * seen.aheadDeviation) - seen.positionBelow;
      }
      return coverOf(recentDemand(seen, { window, leastDeviation }), { periods, safety }) - seen.positionBelow;
    },
  });
}
