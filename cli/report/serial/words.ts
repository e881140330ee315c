import type { SerialProblem } from '../../../scenarios/supply-chain/serial-instance.ts';

/** Retailer, Firm 2, Firm 3 …: firms are counted from the customers. */
export function stageName(stage: number): string {
  return stage === 0 ? 'Retailer' : `Firm ${stage + 1}`;
}

/** Names as payments have them. */
export function partyName(name: string): string {
  const [, number] = /^firm-(\d{1,4})$/.exec(name) ?? [];
  if (number !== undefined) return stageName(Number(number) - 1);
  return name === 'retailer' ? stageName(0) : name === 'customers' ? 'Customers' : name;
}

/** What stands beside the agents. */
export interface SerialWords {
  readonly baseline: string;
  readonly optimum: string;
  /** In a sentence: "with Sterman’s rule". */
  readonly baselineWay: string;
  readonly optimumWay: string;
  /** What a cost is for: a game, or a unit of the instance's time. */
  readonly costUnit: string;
}

/** What baseline and optimum of a chain are called. */
export function serialWords({ instance }: SerialProblem): SerialWords {
  if (instance.variant === 'beer-game') {
    return {
      baseline: 'Sterman’s rule',
      optimum: 'Published base stock',
      baselineWay: 'when all play by Sterman’s rule',
      optimumWay: 'base stock at the published levels',
      costUnit: 'tokens a game',
    };
  }
  return {
    baseline: 'Each alone',
    optimum: 'Optimum',
    baselineWay: 'when each firm covers its own lead time alone',
    optimumWay: 'the exact optimum of a central search',
    costUnit: 'tokens per unit of time',
  };
}
