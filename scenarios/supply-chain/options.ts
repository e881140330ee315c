import type { Policy } from '../../agent-core/policy/policy.ts';
import type { SupplyInstance } from './network.ts';

/** How the firms of an instance behave. */
export interface SupplyOptions {
  /** Firms contract for future periods with their partners; otherwise each orders by its rule. */
  readonly negotiate: boolean;
  /** Contracts may be called off, and who cannot deliver says so at once. */
  readonly renegotiate: boolean;
  /** What firms order by who do not negotiate, and what they compare with who do. */
  readonly rule: Policy;
  /** Lots of contracts, in units, largest first; null: by the size of the network's stocks. */
  readonly lots: readonly number[] | null;
  /** Demand paths that a retailer draws each period. */
  readonly paths: number;
  /** What part of a gain goes to the supplier. */
  readonly share: Policy;
  /** Tokens for each unit that is contracted and not delivered. */
  readonly penalty: number;
}

/** An instance with how its firms behave. */
export interface SupplyProblem {
  readonly instance: SupplyInstance;
  readonly options: SupplyOptions;
}
