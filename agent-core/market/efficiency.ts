import { HaggleError } from '../errors.ts';
import { crossing, type Crossing } from './crossing.ts';
import type { Side, Trade } from './order.ts';

/**
 * What units are privately worth to a trader: to a buyer their value (redemption value, Smith 1962), to a seller their
 * cost. A trader has one for each step of its demand or supply.
 */
export interface PrivateValue {
  readonly trader: string;
  readonly side: Side;
  /** Micro-tokens a unit. */
  readonly price: bigint;
  /** Whole units, at least 1. */
  readonly quantity: number;
}

/**
 * Competitive equilibrium of private values and costs: the quantity (the largest, where the marginal units gain nothing),
 * the interval of equilibrium prices and the largest surplus there is (Smith 1962). Undefined where there is nothing to gain
 * and nothing to trade.
 */
export function equilibrium(values: readonly PrivateValue[]): Crossing | undefined {
  return crossing(values);
}

/**
 * Gains from trade that trades have brought, in micro-tokens: values of the units bought less costs of the units sold.
 * A trader's first units are those worth most to it. Prices only share the gains out, so they do not count.
 *
 * @throws HaggleError `traded-beyond-values` where a trader bought or sold more units than it has values for.
 */
export function realisedSurplus(trades: readonly Trade[], values: readonly PrivateValue[]): bigint {
  return worth(unitsOf(trades, 'buyer'), values, 'buy') - worth(unitsOf(trades, 'seller'), values, 'sell');
}

/**
 * Realised surplus as a share of the largest: 1 is an efficient allocation (Smith 1962; Gode and Sunder 1993). Negative
 * where trades did more harm than good. Where there is nothing to gain, trades that gain nothing count as 1 and others
 * as `-Infinity`.
 *
 * @throws HaggleError `traded-beyond-values`.
 */
export function allocativeEfficiency(trades: readonly Trade[], values: readonly PrivateValue[]): number {
  const best = equilibrium(values)?.surplus ?? 0n;
  const realised = realisedSurplus(trades, values);
  if (best === 0n) return realised === 0n ? 1 : -Infinity;
  return Number(realised) / Number(best);
}

/**
 * Smith's coefficient of convergence (Smith 1962): the root mean square distance of the prices of units from the
 * equilibrium price, as a share of that price (he writes it in percent). NaN where nothing was traded.
 */
export function convergenceCoefficient(trades: readonly Trade[], equilibriumPrice: bigint): number {
  let [units, squares] = [0, 0];
  for (const { price, quantity } of trades) {
    units += quantity;
    squares += quantity * Number(price - equilibriumPrice) ** 2;
  }
  return Math.sqrt(squares / units) / Number(equilibriumPrice);
}

function unitsOf(trades: readonly Trade[], party: 'buyer' | 'seller'): ReadonlyMap<string, number> {
  const units = new Map<string, number>();
  for (const trade of trades) units.set(trade[party], (units.get(trade[party]) ?? 0) + trade.quantity);
  return units;
}

/** Sum of the values of a side's first units, for each trader the best ones first. */
function worth(units: ReadonlyMap<string, number>, values: readonly PrivateValue[], side: Side): bigint {
  const left = new Map(units);
  let sum = 0n;
  const better = (a: PrivateValue, b: PrivateValue): boolean =>
    side === 'buy' ? a.price > b.price : a.price < b.price;
  const sorted = values
    .filter((value) => value.side === side)
    .toSorted((a, b) => (better(a, b) ? -1 : Number(better(b, a))));
  for (const { trader, price, quantity } of sorted) {
    const taken = Math.min(quantity, left.get(trader) ?? 0);
    sum += price * BigInt(taken);
    left.set(trader, (left.get(trader) ?? 0) - taken);
  }
  for (const [trader, over] of left) {
    if (over === 0) continue;
    throw new HaggleError(
      'traded-beyond-values',
      `${trader} has no value for ${over} of the units in its trades (${side})`,
      {
        fields: { trader, side, over },
      },
    );
  }
  return sum;
}
