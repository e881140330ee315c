import type { Replenishment } from './replenishment.ts';

/** What it takes to weigh a missing unit against one too many. */
export interface UnderageRule {
  /** Tokens that a missing unit costs at least a firm that pays no penalty for it. */
  readonly leastMargin: number;
  /** Scaled money that a unit too many costs for a period. */
  readonly holding: number;
}

/**
 * Share of the cases in which demand should be met: cost of a missing unit / (that + cost of one too many). A firm that pays a
 * penalty counts that alone, all others their margin. From 0.0001 to 0.9999, or nothing that costs nothing to hold would ever be enough.
 */
export function criticalRatio(seen: Replenishment, { leastMargin, holding }: UnderageRule): number {
  const underage = seen.penalty > 0 ? seen.penalty : Math.max(seen.margin, leastMargin * seen.token);
  const whole = underage + holding;
  return Math.min(0.9999, Math.max(0.0001, whole > 0 ? underage / whole : 0.5));
}
