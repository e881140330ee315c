import type { Assessment, Kpis } from '../../../scenarios/scenario.ts';
import type { Simulation } from '../../../scenarios/simulate.ts';
import type { SupplyInstance } from '../../../scenarios/supply-chain/network.ts';
import type { SupplyProblem } from '../../../scenarios/supply-chain/options.ts';
import { replay, supplyKpis, tiersOf, type Replay } from '../../../scenarios/supply-chain/score.ts';
import type { SupplySolution } from '../../../scenarios/supply-chain/solution.ts';

/** One way in which the network was run, period by period. */
export interface SupplyRun {
  readonly role: 'agents' | 'rules' | 'optimum';
  readonly title: string;
  readonly solution: SupplySolution;
  readonly kpis: Kpis;
  readonly replay: Replay;
}

/** What agents did, and what there is to compare with. */
export interface SupplyRuns {
  readonly instance: SupplyInstance;
  readonly agents: SupplyRun;
  readonly rules: SupplyRun;
  readonly optimum: SupplyRun | null;
  /** In the order in which they are shown. */
  readonly all: readonly SupplyRun[];
  /** By place in the network: how far from the markets, 1 for retailers. */
  readonly tiers: readonly number[];
}

/** Plays what was ordered once more, to see stocks and flows. @throws HaggleError `bad-orders`, `unbounded-order` */
export function runsOf({ instance }: SupplyProblem, simulation: Simulation<SupplySolution>): SupplyRuns {
  const runOf = (role: SupplyRun['role'], title: string, { solution, kpis }: Assessment<SupplySolution>): SupplyRun => {
    const replayed = replay(instance, solution);
    return { role, title, solution, kpis: { ...supplyKpis(replayed), ...kpis }, replay: replayed };
  };
  const agents = runOf('agents', 'Agents', simulation.agents);
  const rules = runOf('rules', 'Local rules', simulation.baseline);
  const optimum = simulation.optimum === null ? null : runOf('optimum', 'Optimum', simulation.optimum);
  const all = optimum === null ? [agents, rules] : [agents, rules, optimum];
  return { instance, agents, rules, optimum, all, tiers: tiersOf(instance.network) };
}

/** One number for each period. */
export type Series = readonly number[];

/** What the nodes at `places` had in stock at the end of each period, all their items together. */
export function stockSeries({ replay: { environment, history } }: SupplyRun, places: readonly number[]): Series {
  const { layout, instance } = environment;
  const items = places.flatMap((place) => {
    const first = layout.itemFrom[place] ?? 0;
    return Array.from({ length: (layout.itemFrom[place + 1] ?? first) - first }, (_, k) => first + k);
  });
  return summed(history.stock, { wanted: items, of: layout.items, periods: instance.periods });
}

/** What was shipped on these lanes in each period. */
export function shippedSeries({ replay: { environment, history } }: SupplyRun, lanes: readonly number[]): Series {
  return summed(history.shipped, { wanted: lanes, of: environment.lanes, periods: environment.instance.periods });
}

/** What was sold on these market lanes in each period. */
export function soldSeries({ replay: { environment, history } }: SupplyRun, markets: readonly number[]): Series {
  return summed(history.sold, { wanted: markets, of: environment.markets, periods: environment.instance.periods });
}

/** What these market lanes waited for at the end of each period, or lost in it. */
export function unservedSeries({ replay: { environment, history } }: SupplyRun, markets: readonly number[]): Series {
  return summed(history.unserved, { wanted: markets, of: environment.markets, periods: environment.instance.periods });
}

/** What these market lanes asked for in each period. */
export function demandSeries({ demand, periods }: SupplyInstance, markets: readonly number[]): Series {
  return Array.from({ length: periods }, (_, t) =>
    markets.reduce((sum, market) => sum + (demand[market]?.[t] ?? 0), 0),
  );
}

/** The mean of a series; 0 where it is empty. */
export function meanOf(series: Series): number {
  return series.length === 0 ? 0 : totalOf(series) / series.length;
}

/** The sum of a series. */
export function totalOf(series: Series): number {
  return series.reduce((sum, value) => sum + value, 0);
}

/** The largest value of some series, 0 at least. */
export function mostOf(...all: readonly Series[]): number {
  return all.reduce((most, series) => series.reduce((top, value) => Math.max(top, value), most), 0);
}

function summed(
  values: Float64Array,
  { wanted, of, periods }: { readonly wanted: readonly number[]; readonly of: number; readonly periods: number },
): Series {
  return Array.from({ length: periods }, (_, t) =>
    wanted.reduce((sum, place) => sum + (values[t * of + place] ?? 0), 0),
  );
}
