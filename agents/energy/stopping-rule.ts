import type { Standing } from './bus-problem.ts';

/** The negotiation is over once no balance or limit is violated by more than this, in p.u. … */
export const PRIMAL_TOLERANCE_PU = 1e-7;
/** … nobody would gain more than this per unit by acting otherwise, in scaled prices … */
export const DUAL_TOLERANCE = 1e-6;
/** … and the complementarity gap is this share of the turnover, which is told as orders of magnitude: up to ten times too large. */
export const GAP_TOLERANCE = 2e-7;

/** How far a standing is from the stopping rule: the largest of its measures, each over its tolerance. At most 1 means agreed. */
export function disagreementOf({ primal, dual, gap }: Standing, turnover: number): number {
  // Where nothing is for sale a gap of 0 is the only one that will do.
  const open = gap === 0 ? 0 : gap / (GAP_TOLERANCE * turnover);
  return Math.max(primal / PRIMAL_TOLERANCE_PU, dual / DUAL_TOLERANCE, open);
}
