import { HaggleError } from '../errors.ts';

/** Whether bids are answered in rounds that all bid in (Jacobi), or each at once (Gauss-Seidel). */
export type AssignmentMode = 'synchronous' | 'asynchronous';

/** What everybody in an assignment auction knows. */
export interface AssignmentTerms {
  readonly mode: AssignmentMode;
  /** What a cost unit is multiplied by, so that whole prices are fine enough: number of objects + 1. */
  readonly scale: number;
  /** Least rise of a price by phase, in scaled units: falling, the last is 1. */
  readonly epsilons: readonly number[];
}

/** What {@link assignmentTerms} takes. */
export interface AssignmentSize {
  readonly mode: AssignmentMode;
  /** Persons, and as many objects. */
  readonly size: number;
  /** Bound on the difference of any two costs. It shapes the phases only; the result is exact for any. */
  readonly costSpread: number;
  /** The first epsilon is `costSpread` divided by this; 100 if left out. */
  readonly startDivisor?: number;
  /** Each epsilon is the one before divided by this, more than 1; 10 if left out. */
  readonly factor?: number;
}

/**
 * Phases of epsilon scaling (Bertsekas 1988): coarse first, so that prices come near theirs in few bids, then ever finer.
 *
 * @throws HaggleError `bad-parameter` naming what is out of bounds
 */
export function assignmentTerms(of: AssignmentSize): AssignmentTerms {
  const { mode, size, costSpread, startDivisor = 100, factor = 10 } = of;
  const scale = size + 1;
  const check = (holds: boolean, problem: string): void => {
    if (!holds) throw new HaggleError('bad-parameter', `terms of an assignment auction: ${problem}`);
  };
  check(Number.isInteger(size) && size >= 1, `size must be a whole number from 1, got ${size}`);
  check(costSpread >= 0, `costSpread must not be negative, got ${costSpread}`);
  check(startDivisor >= 1, `startDivisor must be at least 1, got ${startDivisor}`);
  check(factor > 1, `factor must be more than 1, got ${factor}`);
  // While an object is unsold its price stands, and others rise above it by at most size * (spread + epsilon); twice for safety.
  // A bidder checks every price that it says.
  check(
    Number.isSafeInteger(2 * size * scale * Math.ceil(costSpread + 1)),
    `size ${size} and costSpread ${costSpread} leave no whole numbers for prices`,
  );
  const epsilons: number[] = [];
  for (
    let epsilon = Math.floor((costSpread * scale) / startDivisor);
    epsilon > 1;
    epsilon = Math.floor(epsilon / factor)
  ) {
    epsilons.push(epsilon);
  }
  return { mode, scale, epsilons: [...epsilons, 1] };
}
