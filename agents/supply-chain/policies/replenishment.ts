import { definePolicy, type Policy } from '../../../agent-core/policy/policy.ts';
import { box, type Box, type Feature } from '../../../agent-core/policy/space.ts';

/** Periods of the past that a policy sees. */
export const PERIODS_SEEN = 32;

/** Most of a quantity that a policy sees or sets, in its scale. */
const QUANTITY_MAX = 8_192;
const PERIODS_MAX = 1_024;

/**
 * What a rule of replenishment sees of one item. Quantities are in the mean demand of the periods seen, and where that is below one
 * unit in units; money is in price, holding cost and penalty of a unit added up, and where that is below one token in tokens. So a
 * policy that was trained at one firm has a meaning at another.
 */
const STATE = {
  /** Mean demand a period: 1, or less where it is below one unit. Before anything was asked: what the firm reckons with. */
  mean: [0, 1],
  /** One unit. */
  unit: [0, 1],
  /** One token. */
  token: [0, 1],
  /** Of those in `asked1` and so on that have happened. */
  periodsAsked: [0, PERIODS_SEEN],
  /** With this one. */
  periodsLeft: [0, PERIODS_MAX],
  /** In stock and under way, less what waits. */
  position: [-QUANTITY_MAX, QUANTITY_MAX],
  /** Waits at the firm. */
  backlog: [0, QUANTITY_MAX],
  /** What it can ship in a period. */
  capacity: [0, QUANTITY_MAX],
  /** Periods from order to arrival, of the slowest supplier. */
  leadTime: [0, PERIODS_MAX],
  /** Price less what the item costs at the cheapest supplier. */
  margin: [-1, 1],
  holding: [0, 1],
  penalty: [0, 1],
  operatingCost: [0, 1],
  /** Of a unit and period under way, mean of the suppliers. */
  pipelineCost: [0, 1],
  /** Of an order, mean of the suppliers: money and quantity scaled. */
  orderCost: [0, QUANTITY_MAX],
  /** The next three are 0 where nothing is shared: then the firm is its own echelon. */
  positionBelow: [-QUANTITY_MAX, QUANTITY_MAX],
  leadTimeToMarket: [0, PERIODS_MAX],
  holdingBelow: [0, 1],
  /** What retailers expect of the periods until the next order could be sold, and its deviation were those independent; 0 where not told. */
  aheadMean: [0, QUANTITY_MAX],
  aheadDeviation: [0, QUANTITY_MAX],
} as const;

type StateName = keyof typeof STATE;

const STATE_NAMES = Object.keys(STATE).filter((name): name is StateName => name in STATE);

/** What one is told by, in order: the state, then what was asked in each of the last 32 periods, the latest first. */
export const REPLENISHMENT_FEATURES: readonly Feature[] = [
  ...STATE_NAMES.map((name) => ({ name, min: STATE[name][0], max: STATE[name][1] })),
  ...Array.from({ length: PERIODS_SEEN }, (_, k) => ({ name: `asked${k + 1}`, min: 0, max: PERIODS_SEEN })),
];

/** Position up to which is ordered, in the scale of the quantities; where the position is higher nothing is. */
export const REPLENISHMENT_ACTIONS: Box = box([{ name: 'orderUpTo', min: 0, max: QUANTITY_MAX }]);

/** {@link REPLENISHMENT_FEATURES} by name. */
export type Replenishment = Readonly<Record<StateName, number>> & {
  /** As many as have happened of the last 32 periods, the latest first. */
  readonly asked: readonly number[];
};

/** What {@link replenishmentPolicy} needs. */
export interface ReplenishmentRule {
  readonly name: string;
  readonly parameters: Readonly<Record<string, number>>;
  /** In the scale of what is seen. */
  readonly orderUpTo: (seen: Replenishment) => number;
}

/** Makes a policy of a rule that says up to which position is ordered. @throws HaggleError `bad-policy` as `definePolicy` does */
export function replenishmentPolicy({ name, parameters, orderUpTo }: ReplenishmentRule): Policy {
  return definePolicy({
    name,
    parameters,
    observes: REPLENISHMENT_FEATURES,
    acts: REPLENISHMENT_ACTIONS,
    act: (observation) => [orderUpTo(read(observation))],
  });
}

/** What is seen in the order of {@link REPLENISHMENT_FEATURES}. Not yet bounded: `decide` does that. */
export function replenishmentFeatures(seen: Replenishment): readonly number[] {
  const lags = seen.asked.slice(0, PERIODS_SEEN);
  const none = Array.from({ length: PERIODS_SEEN - lags.length }, () => 0);
  return [...STATE_NAMES.map((name) => seen[name]), ...lags, ...none];
}

function read(observation: readonly number[]): Replenishment {
  const at = (name: StateName): number => observation[STATE_NAMES.indexOf(name)] ?? 0;
  const first = STATE_NAMES.length;
  return {
    mean: at('mean'),
    unit: at('unit'),
    token: at('token'),
    periodsAsked: at('periodsAsked'),
    periodsLeft: at('periodsLeft'),
    position: at('position'),
    backlog: at('backlog'),
    capacity: at('capacity'),
    leadTime: at('leadTime'),
    margin: at('margin'),
    holding: at('holding'),
    penalty: at('penalty'),
    operatingCost: at('operatingCost'),
    pipelineCost: at('pipelineCost'),
    orderCost: at('orderCost'),
    positionBelow: at('positionBelow'),
    leadTimeToMarket: at('leadTimeToMarket'),
    holdingBelow: at('holdingBelow'),
    aheadMean: at('aheadMean'),
    aheadDeviation: at('aheadDeviation'),
    asked: observation.slice(first, first + at('periodsAsked')),
  };
}
