import { definePolicy, type Policy } from '../../../agent-core/policy/policy.ts';
import { box, type Box, type Feature } from '../../../agent-core/policy/space.ts';

/**
 * What a retailer sees when it decides how to take its own forecast of a market. Quantities are in the mean of what the market
 * asked for so far, so that what was learned at one retailer has a meaning at another.
 */
const SEEN = {
  /** Share of all periods that are over. */
  elapsed: [0, 1],
  /** Periods that are left, with this one. */
  periodsLeft: [0, 1_024],
  /** Of the slowest of its suppliers. */
  leadTime: [0, 1_024],
  /** (price + penalty) / (price + penalty + holding): what a missing unit costs, beside one too many. */
  shortageShare: [0, 1],
  /** 1 where demand waits, 0 where it is lost. */
  backlog: [0, 1],
  /** Mean of the last 4 periods. */
  recent: [0, 16],
  /** Standard deviation of a period so far. */
  deviation: [0, 16],
  /** Expected of a period on arrival of what is ordered now. */
  expected: [0, 16],
  /** The forecast's standard deviation of that period. */
  doubt: [0, 16],
  /** Stock and what is under way or contracted until an order of now could arrive, in periods of mean demand. */
  cover: [0, 64],
} as const;

type SeenName = keyof typeof SEEN;

const NAMES = Object.keys(SEEN).filter((name): name is SeenName => name in SEEN);

/** What a retailer sees of itself and a market; names, bounds and units as in {@link ANTICIPATION_FEATURES}. */
export type Anticipation = Readonly<Record<SeenName, number>>;

/** What {@link Anticipation} tells, in order. */
export const ANTICIPATION_FEATURES: readonly Feature[] = NAMES.map((name) => ({
  name,
  min: SEEN[name][0],
  max: SEEN[name][1],
}));

/**
 * How a retailer takes its forecast when it buys: each path that demand may take becomes `level * (mean + spread * (path - mean))`
 * for the mean of all paths. 1 and 1 take it as it is.
 */
export const ANTICIPATION_ACTIONS: Box = box([
  { name: 'level', min: 0.5, max: 1.5 },
  { name: 'spread', min: 0, max: 2 },
]);

/** What is seen, in the order of {@link ANTICIPATION_FEATURES}. Not yet bounded: `decide` does that. */
export function anticipationFeatures(seen: Anticipation): readonly number[] {
  return NAMES.map((name) => seen[name]);
}

/** Takes every forecast alike; as it is where both are left out. */
export function fixedAnticipation({ level = 1, spread = 1 } = {}): Policy {
  return definePolicy({
    name: 'fixed-anticipation-1',
    observes: ANTICIPATION_FEATURES,
    acts: ANTICIPATION_ACTIONS,
    parameters: { level, spread },
    act: () => [level, spread],
  });
}
