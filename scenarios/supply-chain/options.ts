import { HaggleError } from '../../agent-core/errors.ts';
import type { Policy } from '../../agent-core/policy/policy.ts';
import { fixedAnticipation } from '../../agents/supply-chain/policies/anticipation.ts';
import { baseStock } from '../../agents/supply-chain/policies/base-stock.ts';
import { echelonBaseStock } from '../../agents/supply-chain/policies/echelon-base-stock.ts';
import { exponentialSmoothing } from '../../agents/supply-chain/policies/exponential-smoothing.ts';
import { fixedShare } from '../../agents/supply-chain/policies/gain-share.ts';
import { newsvendor } from '../../agents/supply-chain/policies/newsvendor.ts';
import { reorderPoint } from '../../agents/supply-chain/policies/reorder-point.ts';
import type { ReportTerms } from '../../agents/supply-chain/firm-state.ts';
import type { SupplyInstance } from './network.ts';

/** Tokens that a firm pays for one report, at most. */
export const REPORT_FEE_MAX = 1_000;

/** Demand paths that a retailer may be told to draw. */
const PATHS_MAX = 1_000;

/** How the firms of an instance behave. */
export interface SupplyOptions {
  /** Firms contract for future periods with their partners; otherwise each orders by its rule. */
  readonly negotiate: boolean;
  /** Contracts may be called off, and who cannot deliver says so at once. */
  readonly renegotiate: boolean;
  /** False: contracts may be called off, but who cannot deliver says nothing; as `renegotiate` if left out. */
  readonly notices?: boolean;
  /** What firms order by who do not negotiate, and what they compare with who do. */
  readonly rule: Policy;
  /** Firms sell their suppliers reports of the demand downstream, by which rules see more than what is asked of the firm itself. */
  readonly reports: boolean;
  /** Reports say what retailers expect of the periods to come as well. */
  readonly forecasts: boolean;
  /** Tokens that a firm asks for one report. */
  readonly reportFee: number;
  /** By node: firms that trade reports on other terms, or not at all. */
  readonly reportTerms: ReadonlyMap<number, ReportTerms | null>;
  /** Lots of contracts, in units, largest first; null: each retailer by its own opening stock, other firms as their customers call. */
  readonly lots: readonly number[] | null;
  /** Periods ahead for which firms contract; null: twice the longest way through the network, and 30 at least. */
  readonly window: number | null;
  /** Demand paths that a retailer draws each period. */
  readonly paths: number;
  /** How retailers take their forecasts. */
  readonly anticipate: Policy;
  /** What part of a gain goes to the supplier. */
  readonly share: Policy;
  /** Tokens for each unit that is contracted and not delivered. */
  readonly penalty: number;
}

/** Local rules by name; each takes what a firm sees alone, and `echelon` pays for what it is told. */
export const SUPPLY_RULES: ReadonlyMap<string, () => Policy> = new Map([
  ['base-stock', () => baseStock()],
  ['newsvendor', () => newsvendor()],
  ['s-S', () => reorderPoint()],
  ['smoothing', () => exponentialSmoothing()],
  ['echelon', () => echelonBaseStock()],
]);

/** Firms negotiate, renegotiate, split what they gain by a contract, and compare with a base stock. */
export const DEFAULT_OPTIONS: SupplyOptions = {
  negotiate: true,
  renegotiate: true,
  rule: baseStock(),
  reports: false,
  forecasts: false,
  reportFee: 0.1,
  reportTerms: new Map(),
  lots: null,
  window: null,
  paths: 80,
  anticipate: fixedAnticipation(),
  share: fixedShare(0.5),
  penalty: 0.1,
};

/** An instance with how its firms behave. */
export interface SupplyProblem {
  readonly instance: SupplyInstance;
  readonly options: SupplyOptions;
}

/** Settings of how firms behave. */
export const OPTION_KEYS: readonly string[] = [
  'negotiate',
  'renegotiate',
  'rule',
  'reports',
  'forecasts',
  'fee',
  'paths',
  'share',
  'penalty',
];

/**
 * Options changed by one setting of {@link OPTION_KEYS}.
 *
 * @throws HaggleError `bad-parameter` naming key, value and bound, or, for another key, those that are `known`
 */
export function optionsWith(
  options: SupplyOptions,
  [key, value]: readonly [string, string],
  known = OPTION_KEYS,
): SupplyOptions {
  switch (key) {
    case 'negotiate':
      return { ...options, negotiate: isYes(key, value) };
    case 'renegotiate':
      return { ...options, renegotiate: isYes(key, value) };
    case 'rule': {
      const rule = SUPPLY_RULES.get(value);
      if (rule !== undefined) return { ...options, rule: rule() };
      throw badParameter(`rule must be ${[...SUPPLY_RULES.keys()].join(' or ')}, got ${shown(value)}`);
    }
    case 'reports':
      return { ...options, reports: isYes(key, value) };
    case 'forecasts':
      return { ...options, forecasts: isYes(key, value) };
    case 'fee':
      return { ...options, reportFee: numberUpTo(key, value, REPORT_FEE_MAX) };
    case 'paths': {
      const paths = Number(value);
      if (/^\d+$/.test(value) && paths >= 1 && paths <= PATHS_MAX) return { ...options, paths };
      throw badParameter(`paths must be a whole number from 1 to ${PATHS_MAX}, got ${shown(value)}`);
    }
    case 'share':
      return { ...options, share: fixedShare(numberUpTo(key, value, 1)) };
    case 'penalty':
      return { ...options, penalty: numberUpTo(key, value, PENALTY_MAX) };
    default:
      throw badParameter(`there is no setting "${key}"; there is: ${known.join(', ')}`);
  }
}

/** Tokens a unit. */
const PENALTY_MAX = 1_000;

function isYes(key: string, value: string): boolean {
  if (value === 'yes' || value === 'no') return value === 'yes';
  throw badParameter(`${key} must be yes or no, got ${shown(value)}`);
}

function numberUpTo(key: string, value: string, max: number): number {
  const number = Number(value);
  if (/^\d+(\.\d+)?$/.test(value) && number <= max) return number;
  throw badParameter(`${key} must be a number from 0 to ${max}, got ${shown(value)}`);
}

function shown(value: string): string {
  return JSON.stringify(value.slice(0, 40));
}

function badParameter(problem: string): HaggleError {
  return new HaggleError('bad-parameter', problem);
}
