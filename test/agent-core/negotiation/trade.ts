import { adaptive } from '../../../agent-core/negotiation/adaptive.ts';
import type { NegotiationStrategy } from '../../../agent-core/negotiation/negotiator.ts';
import { outcomeSpace, type OutcomeSpace } from '../../../agent-core/negotiation/outcome-space.ts';
import {
  boulware,
  conceder,
  hardHeaded,
  linear,
  titForTat,
  zeroIntelligence,
} from '../../../agent-core/negotiation/plain-strategies.ts';
import { additivePreferences, type Preferences } from '../../../agent-core/negotiation/preferences.ts';

/** A sale: price 0 to 20, three colours, five weeks of delivery. */
export const SALE: OutcomeSpace = outcomeSpace({
  issues: [
    { type: 'integer', name: 'price', min: 0, max: 20 },
    { type: 'categorical', name: 'colour', values: ['red', 'green', 'blue'] },
    { type: 'continuous', name: 'weeks', min: 1, max: 5, levels: 5 },
  ],
});

export interface Terms {
  readonly reservation?: number;
  readonly discount?: number;
}

/** Likes money most, then time. */
export function seller(terms: Terms = {}): Preferences {
  return additivePreferences({
    space: SALE,
    values: {
      price: (price) => Number(price) / 20,
      colour: { red: 1, green: 0.4, blue: 0 },
      weeks: (weeks) => (Number(weeks) - 1) / 4,
    },
    weights: { price: 0.5, colour: 0.2, weeks: 0.3 },
    ...terms,
  });
}

/** Likes the colour most, then a low price. */
export function buyer(terms: Terms = {}): Preferences {
  return additivePreferences({
    space: SALE,
    values: {
      price: (price) => 1 - Number(price) / 20,
      colour: { red: 0, green: 0.7, blue: 1 },
      weeks: (weeks) => 1 - (Number(weeks) - 1) / 4,
    },
    weights: { price: 0.4, colour: 0.5, weeks: 0.1 },
    ...terms,
  });
}

/** Every built-in strategy. */
export const STRATEGIES: readonly NegotiationStrategy[] = [
  adaptive,
  boulware,
  linear,
  conceder,
  titForTat(),
  titForTat({ window: 5 }),
  hardHeaded(),
  zeroIntelligence,
];
