import { z } from 'zod';
import type { Ranking } from './ranking.ts';

/** The outcomes that are best for the others at each level of own utility, as plain JSON. */
export const frontSchema = z.strictObject({
  /** Best own utility first: the place in the ranking and the index of the outcome. */
  steps: z.array(z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()])),
  /** Own utility at the estimated Nash point. */
  nash: z.number(),
});

/** The estimated Pareto front, of own utility against what the others are thought to gain. */
export type EstimatedFront = z.infer<typeof frontSchema>;

/**
 * Walks down the ranking to the floor and keeps each outcome that the others like better than all before. `others` is their
 * estimated utility by outcome; of several opponents the product, so that the Nash point is that of all.
 */
export function estimateFront({ order, utilities, floor, best }: Ranking, others: Float64Array): EstimatedFront {
  const front: EstimatedFront = { steps: [], nash: best };
  let most = -Infinity;
  let largest = -Infinity;
  // By place, not by iterator: this loop runs over all outcomes at every fit.
  for (let place = 0; place < order.length; place++) {
    const index = order[place] ?? 0;
    const own = utilities[index] ?? 0;
    if (own < floor) break;
    const theirs = others[index] ?? 0;
    if (theirs <= most) continue;
    most = theirs;
    front.steps.push([place, index]);
    const product = (own - floor) * theirs;
    if (product <= largest) continue;
    largest = product;
    front.nash = own;
  }
  return front;
}

/** Of the `count` best outcomes by own utility the one that the others like best. */
export function bestForOthers({ steps }: EstimatedFront, count: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((steps[middle]?.[0] ?? Infinity) < count) low = middle + 1;
    else high = middle;
  }
  return steps[Math.max(0, low - 1)]?.[1] ?? 0;
}
