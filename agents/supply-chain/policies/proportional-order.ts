import type { Policy } from '../../../agent-core/policy/policy.ts';
import { coverOf, recentDemand } from './demand-estimate.ts';
import { replenishmentPolicy } from './replenishment.ts';

/** What a proportional order is set to. The defaults earn most where firms are told nothing: see bench/results/supply-rules.md. */
export interface ProportionalSettings {
  /** Part of what is missing that is made up in a period; 1 is a base stock. */
  readonly closes?: number;
  /** Deviations of safety stock; 1.645 is a service of 95 %. */
  readonly safety?: number;
  /** Periods of demand that count. */
  readonly window?: number;
  /** Units below which a deviation is not believed. */
  readonly leastDeviation?: number;
}

/**
 * A base stock that takes its time: orders the mean demand and a part of what the position is short or over, so that a firm's orders
 * swing less than what it is asked for, and those of its suppliers less again. Dejonckheere, Disney, Lambrecht and Towill, "Measuring
 * and avoiding the bullwhip effect: a control theoretic approach", European Journal of Operational Research 147 (2003).
 */
export function proportionalOrder(settings: ProportionalSettings = {}): Policy {
  const { closes = 0.5, safety = 1.645, window = 32, leastDeviation = 1 } = settings;
  return replenishmentPolicy({
    name: 'proportional-order-1',
    parameters: { closes, safety, window, leastDeviation },
    orderUpTo(seen) {
      const demand = recentDemand(seen, { window, leastDeviation });
      const level = coverOf(demand, { periods: seen.leadTime + 1, safety });
      return seen.position + demand.mean + closes * (level - demand.mean - seen.position);
    },
  });
}
