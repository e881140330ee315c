import { definePolicy, type Asker, type Policy } from '../../../agent-core/policy/policy.ts';
import { box } from '../../../agent-core/policy/space.ts';
import { HaggleError } from '../../../agent-core/errors.ts';

/** What a stage sees when it orders: units. */
export interface OrderView {
  /** On hand, less what it owes, before this period's arrivals. */
  readonly stock: number;
  /** Ordered and not arrived. */
  readonly onOrder: number;
  /** What its customer orders in this period. */
  readonly ordered: number;
}

const UNITS_MAX = 1e12;

const FEATURES = {
  observes: ['stock', 'on order', 'ordered'].map((name) => ({ name, min: -UNITS_MAX, max: UNITS_MAX })),
  acts: box([{ name: 'order', min: 0, max: UNITS_MAX }]),
};

/** Orders up to a level of its own: stock, what is on order and what it owes, this period's order included. */
export function baseStock(level: number): Policy {
  return definePolicy({
    name: 'base-stock',
    ...FEATURES,
    parameters: { level },
    act: ([stock = 0, onOrder = 0, ordered = 0]) => [Math.max(0, level - (stock + onOrder - ordered))],
  });
}

/** What {@link stermanRule} aims at. */
export interface StermanAims {
  readonly stock: number;
  readonly onOrder: number;
}

/** Weights of the gaps, as in the published runs of the beer game. */
const STOCK_WEIGHT = 0.5;
const ON_ORDER_WEIGHT = 0.2;

/**
 * How people play the beer game (Sterman 1989, Management Science 35(3), equation 8, with the weights of Oroojlooyjadid et al. 2022): order what
 * was ordered, and close a part of the gaps to the stock and the orders that they aim at.
 */
export function stermanRule({ stock: stockAim, onOrder: onOrderAim }: StermanAims): Policy {
  return definePolicy({
    name: 'sterman',
    ...FEATURES,
    parameters: { stockAim, onOrderAim, stockWeight: STOCK_WEIGHT, onOrderWeight: ON_ORDER_WEIGHT },
    act: ([stock = 0, onOrder = 0, ordered = 0]) => {
      const wanted = ordered - STOCK_WEIGHT * (stock - stockAim) - ON_ORDER_WEIGHT * (onOrder - onOrderAim);
      return [Math.max(0, Math.round(wanted))];
    },
  });
}

/** Asks a policy how much to order. @throws HaggleError `bad-policy` where it is no policy for orders */
export function orderBy(policy: Policy, { stock, onOrder, ordered }: OrderView, ask: Asker): number {
  const [units] = ask(policy, [stock, onOrder, ordered]);
  if (units !== undefined) return units;
  throw new HaggleError('bad-policy', `policy ${policy.name} must act on one feature, the units to order`);
}
