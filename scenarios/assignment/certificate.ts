import { assert } from '../../agent-core/errors.ts';
import type { AssignmentProblem } from './or-library.ts';

/** What proves an assignment, from prices alone: who checks it need not trust who found it. */
export interface AssignmentCertificate {
  /** Total cost of the assignment. */
  readonly cost: number;
  /** No assignment costs less than this: the value of the dual at these prices, rounded up to a whole number. */
  readonly bound: number;
  /** Everybody has one object, and every object one person. */
  readonly isAssignment: boolean;
  /** It is one, and costs what the bound says: there is no better. */
  readonly optimal: boolean;
}

/**
 * Holds an assignment against prices (in units of 1 / `scale` of a cost unit). Weak duality: for any prices p no assignment
 * costs less than the sum over persons of min over objects of (cost + p), minus the sum of p.
 */
export function certify(
  problem: AssignmentProblem,
  found: { readonly objects: readonly number[]; readonly prices: readonly number[]; readonly scale: number },
): AssignmentCertificate {
  const { objects, prices, scale } = found;
  assert(prices.length === problem.size, 'every object has a price');
  let cost = 0;
  let dual = -prices.reduce((sum, price) => sum + price, 0);
  for (const [person, row] of problem.costs.entries()) {
    cost += row[objects[person] ?? -1] ?? Number.NaN;
    dual += row.reduce((least, value, object) => Math.min(least, value * scale + (prices[object] ?? 0)), Infinity);
  }
  // Plus 0, because rounding up can leave -0.
  const bound = Math.ceil(dual / scale) + 0;
  const isAssignment =
    objects.length === problem.size && new Set(objects).size === problem.size && Number.isFinite(cost);
  return { cost, bound, isAssignment, optimal: isAssignment && cost === bound };
}
