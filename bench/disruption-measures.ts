/** How much a disruption cost a supply network in served demand, and how long: measured against the same run without it. */
import { SupplyEnvironment } from '../scenarios/supply-chain/environment.ts';
import type { SupplyInstance } from '../scenarios/supply-chain/network.ts';
import { laneName, type SupplySolution } from '../scenarios/supply-chain/solution.ts';

/** One run, as its orders give it. */
export interface SupplyCourse {
  /** Units of demand that were not served at the end of each period: that wait, or that were lost in it. */
  readonly unserved: readonly number[];
  /** Units sold, over all periods and markets. */
  readonly sold: number;
  /** Units asked for, over all periods and markets. */
  readonly asked: number;
  /** Tokens. */
  readonly profit: number;
  /** Units shipped by lane, as the network has them. */
  readonly shipped: readonly number[];
}

/** What a disruption cost. */
export interface Damage {
  /** Unit-periods: how many more units were not served at the end of a period, summed over the periods. Where demand is lost, the units lost. */
  readonly unserved: number;
  /** Units sold fewer in all. */
  readonly sales: number;
  /** Periods from the start of the disruption to the last one that it was felt in; 0 where it was felt in none. */
  readonly recovery: number;
  /** It was still felt in the last period. */
  readonly isCensored: boolean;
  /** Tokens of profit. */
  readonly profit: number;
}

/** Plays orders once more through the environment. */
export function courseOf(instance: SupplyInstance, orders: SupplySolution['orders']): SupplyCourse {
  const { network, periods, demand } = instance;
  const environment = new SupplyEnvironment(instance, { history: true });
  const unserved: number[] = [];
  for (let t = 0; t < periods; t += 1) {
    environment.step(Float64Array.from(network.lanes, (lane) => orders[laneName(lane)]?.[t] ?? 0));
    unserved.push(sumOf(network.markets.map((_, market) => environment.unservedAt(market))));
  }
  return {
    unserved,
    sold: sumOf([...(environment.history?.sold ?? [])]),
    asked: sumOf(demand.flatMap((series) => series.slice(0, periods))),
    profit: environment.profit,
    shipped: network.lanes.map((_, lane) =>
      sumOf(Array.from({ length: periods }, (__, t) => environment.shippedOn(lane, t))),
    ),
  };
}

/** A run is as good as the undisturbed one while no more than this share of a period's mean demand waits, or is lost, on top. */
export const TOLERANCE = 0.1;

/**
 * What a disruption from period `from` on has cost. It is felt in a period where more demand is not served than in the undisturbed run of the
 * same seed, by more than {@link TOLERANCE} of the mean demand of a period. Time to recover counts to the last such period, not to the
 * first good one: goods under way hide a disruption for a lead time, and a network that falls back has not recovered.
 */
export function damageOf(hit: SupplyCourse, calm: SupplyCourse, from: number): Damage {
  const periods = calm.unserved.length;
  const extra = hit.unserved.map((units, t) => units - (calm.unserved[t] ?? 0));
  const bound = (TOLERANCE * calm.asked) / periods;
  const last = extra.findLastIndex((units, t) => t >= from && units > bound);
  return {
    unserved: sumOf(extra),
    sales: calm.sold - hit.sold - (calm.asked - hit.asked),
    recovery: last < from ? 0 : last + 1 - from,
    isCensored: last === periods - 1,
    profit: calm.profit - hit.profit,
  };
}

function sumOf(list: readonly number[]): number {
  return list.reduce((sum, one) => sum + one, 0);
}
