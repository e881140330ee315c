import { HaggleError } from '../../agent-core/errors.ts';
import type { LatticeLaw } from '../../agents/supply-chain/serial/lattice-law.ts';

/** A firm of a chain in which each supplies the next. Money is in tokens per unit and period. */
export interface SerialStage {
  /** Periods that its orders are under way to its supplier, and goods from there. */
  readonly orderDelay: number;
  readonly shipDelay: number;
  /** For each unit in stock at the end of a period. */
  readonly holding: number;
  /** For each unit that it owes its customer at the end of a period. */
  readonly backlog: number;
  /** For each unit that is under way to its customer. */
  readonly underWay: number;
}

/** What is in place before the first period, units: in each stock, and in each period of each delay of orders and of goods. */
export interface SerialStart {
  readonly stock: number;
  readonly ordered: number;
  readonly arriving: number;
}

/** What is known of an instance from elsewhere. */
export interface SerialPublished {
  /** Per unit of the instance's own time; null where none is known. */
  readonly cost: number | null;
  /** Of each firm's own base-stock policy, units, the retailer's first; null where none are known. */
  readonly localLevels: readonly number[] | null;
}

/** A serial chain, a demand, and what its retailer knows of it. */
export interface SerialInstance {
  readonly variant: 'serial' | 'beer-game';
  readonly name: string;
  /** The retailer first. */
  readonly stages: readonly SerialStage[];
  /** Of a period's demand, as the retailer knows it; periods are independent. */
  readonly law: LatticeLaw;
  /** Units that end customers want, by period. */
  readonly demand: readonly number[];
  /** Periods that are played before costs count. */
  readonly warmUp: number;
  /** Periods in a unit of the instance's own time, in which costs are published. */
  readonly periodsPerTime: number;
  readonly start: SerialStart;
  readonly published: SerialPublished;
  /** What Sterman's rule takes for the stock to aim at, and for the orders in a period that it aims at. */
  readonly sterman: { readonly stock: number; readonly perPeriod: number };
}

/** How firms order. `base-stock`: by the levels that are published. */
export type SerialRule = 'negotiated' | 'base-stock' | 'sterman';

/** An instance, or one of several that came with it, and how its firms order. */
export interface SerialProblem {
  readonly instance: SerialInstance;
  /** Instances of the same file by name, or why there is none. */
  readonly library: ReadonlyMap<string, SerialInstance | { readonly refused: string }>;
  readonly rule: SerialRule;
}

/** Stages of one chain at most. */
export const STAGES_MAX = 64;
const RULES: readonly SerialRule[] = ['negotiated', 'base-stock', 'sterman'];

/**
 * A problem under settings: `name` chooses an instance of the same file, `rule` how firms order.
 *
 * @throws HaggleError `bad-parameter` naming key, value and bound; `unsupported-instance` for one that is no serial chain
 */
export function configureSerial(problem: SerialProblem, settings: ReadonlyMap<string, string>): SerialProblem {
  let { instance, rule } = problem;
  for (const [key, value] of settings) {
    if (key === 'name') instance = chosen(problem, value);
    else if (key === 'rule') {
      const found = RULES.find((one) => one === value);
      if (found === undefined) throw badParameter(`rule must be ${RULES.join(' or ')}, got "${value}"`);
      rule = found;
    } else throw badParameter(`there is no setting "${key}"; there is: name, rule`);
  }
  if (rule === 'base-stock' && instance.published.localLevels === null) {
    throw badParameter(`rule must be negotiated or sterman for ${instance.name}: no base-stock levels are published`);
  }
  return { ...problem, instance, rule };
}

function chosen({ library }: SerialProblem, name: string): SerialInstance {
  const found = library.get(name);
  if (found === undefined) {
    const names = [...library.entries()].flatMap(([known, one]) => ('refused' in one ? [] : [known]));
    throw badParameter(`there is no instance "${name}"; there is: ${names.join(', ')}`);
  }
  if (!('refused' in found)) return found;
  throw new HaggleError('unsupported-instance', `instance "${name}" is no serial chain: ${found.refused}`);
}

function badParameter(problem: string): HaggleError {
  return new HaggleError('bad-parameter', problem);
}
