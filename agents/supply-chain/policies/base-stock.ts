import type { Policy } from '../../../agent-core/policy/policy.ts';
import { coverOf, recentDemand } from './demand-estimate.ts';
import { replenishmentPolicy } from './replenishment.ts';

/** What a base stock is set to. */
export interface BaseStockSettings {
  /** Deviations of safety stock; 1.645 is a service of 95 %. */
  readonly safety?: number;
  /** Periods of demand that count. */
  readonly window?: number;
  /** Units below which a deviation is not believed. */
  readonly leastDeviation?: number;
}

/** Orders every period up to the demand of lead time and one period and a safety stock that is the same for all firms. */
export function baseStock({ safety = 1.645, window = 5, leastDeviation = 1 }: BaseStockSettings = {}): Policy {
  return replenishmentPolicy({
    name: 'base-stock-1',
    parameters: { safety, window, leastDeviation },
    orderUpTo: (seen) =>
      coverOf(recentDemand(seen, { window, leastDeviation }), { periods: seen.leadTime + 1, safety }),
  });
}
