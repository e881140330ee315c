import type { Policy } from '../../../agent-core/policy/policy.ts';
import { coverOf, recentDemand } from './demand-estimate.ts';
import { replenishmentPolicy } from './replenishment.ts';

/** What a base stock is set to. The defaults lose least where firms are told nothing. */
export interface BaseStockSettings {
  /** Deviations of safety stock; below 0 the stock is short in most periods. */
  readonly safety?: number;
  /** Periods of demand that count; the longer, the less a firm's orders swing with what it is asked for. */
  readonly window?: number;
  /** Units below which a deviation is not believed. */
  readonly leastDeviation?: number;
}

/** Orders every period up to the demand of lead time and one period and a safety stock, by the same measure at all firms. */
export function baseStock({ safety = 0.5, window = 32, leastDeviation = 1 }: BaseStockSettings = {}): Policy {
  return replenishmentPolicy({
    name: 'base-stock-1',
    parameters: { safety, window, leastDeviation },
    orderUpTo: (seen) =>
      coverOf(recentDemand(seen, { window, leastDeviation }), { periods: seen.leadTime + 1, safety }),
  });
}
