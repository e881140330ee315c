import type { SupplyPayment } from './solution.ts';

/** How one firm of a chain ended up. The retailer is the first. */
export interface SerialFirm {
  /** Echelon and local base-stock level, units; null where it ordered by a rule that has none. */
  readonly echelonLevel: number | null;
  readonly localLevel: number | null;
  /** Units, by period. */
  readonly orders: readonly number[];
  /** Units at the end of each period, below 0 where it owes. */
  readonly stocks: readonly number[];
  /** Tokens, of the periods after the warm-up. */
  readonly cost: number;
}

/** What the firms of a chain agreed on, and what came of it. */
export interface SerialSolution {
  readonly firms: readonly SerialFirm[];
  /** Tokens, of the periods after the warm-up. */
  readonly playedCost: number;
  /** Tokens per period that the firms expected when they agreed, goods under way to all of them included; null without a talk. */
  readonly quotedCost: number | null;
  /** Proposals that the retailer made. */
  readonly turns: number;
  /** Sums by payer, payee and purpose; empty where no agents were at work. */
  readonly payments: readonly SupplyPayment[];
}
