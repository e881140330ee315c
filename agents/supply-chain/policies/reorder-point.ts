import type { Policy } from '../../../agent-core/policy/policy.ts';
import { coverOf, recentDemand } from './demand-estimate.ts';
import { normalQuantile } from './normal-quantile.ts';
import { replenishmentPolicy, type Replenishment } from './replenishment.ts';

/**
 * Part of the reorder point that is no shortfall. Whole units of demand bring a position back to s exactly, and then the last bit of a
 * sum must not decide whether a lot is ordered.
 */
const ROUNDING = 1e-12;

/** What an (s, S) rule is set to; what is left out is as published for gym-invmgmt. */
export interface ReorderPointSettings {
  /** Probability with which stock at the reorder point lasts until what is ordered arrives; above 0 and below 1. */
  readonly service?: number;
  /** Where an order costs nothing, it counts so many times the cost of operation of a unit, or where there is none of holding one. */
  readonly unitsPerOrder?: number;
  /** Periods of demand that count. */
  readonly window?: number;
  /** Units below which a deviation is not believed. */
  readonly leastDeviation?: number;
}

/**
 * (s, S): orders nothing while the position is at s or above; below, up to S = s + the economic lot, sqrt(2 x demand x order cost /
 * holding) (F. W. Harris, "How many parts to make at once", 1913). Scarf (1960) proved the form optimal for one firm; the defaults are
 * those of the rule of that name of gym-invmgmt (arXiv 2605.11355).
 */
export function reorderPoint(settings: ReorderPointSettings = {}): Policy {
  const { service = 0.95, unitsPerOrder = 10, window = 5, leastDeviation = 1 } = settings;
  const safety = normalQuantile(service);
  return replenishmentPolicy({
    name: 'reorder-point-1',
    parameters: { service, unitsPerOrder, window, leastDeviation },
    orderUpTo(seen) {
      const demand = recentDemand(seen, { window, leastDeviation });
      const periods = seen.leadTime + 1;
      const reorderAt = coverOf(demand, { periods, safety });
      if (seen.position >= reorderAt * (1 - ROUNDING)) return 0;
      const lot = economicLot(seen, { mean: demand.mean, orderCost: orderCostOf(seen, unitsPerOrder) });
      return reorderAt + (lot ?? demand.mean * periods);
    },
  });
}

function orderCostOf({ orderCost, operatingCost, holding, unit }: Replenishment, unitsPerOrder: number): number {
  if (orderCost > 0) return orderCost;
  return unitsPerOrder * unit * (operatingCost > 0 ? operatingCost : holding);
}

interface Lot {
  readonly mean: number;
  readonly orderCost: number;
}

/** Null where stock costs nothing, and no lot is too large. */
function economicLot({ holding }: Replenishment, { mean, orderCost }: Lot): number | null {
  return holding > 0 ? Math.sqrt((2 * mean * orderCost) / holding) : null;
}
