import type { Disruption, SupplyInstance } from '../../../scenarios/supply-chain/network.ts';
import { figure } from '../chart.ts';
import type { Markup } from '../markup.ts';
import { counted, decimal } from '../numbers.ts';
import { table } from '../table.ts';
import { demandSeries, meanOf, totalOf, unservedSeries, type Series, type SupplyRun, type SupplyRuns } from './runs.ts';
import { amount, marketName, namesOf, periodSpan } from './words.ts';

const ROWS_MAX = 60;
/** Periods before a disruption that tell what was usual. */
const BEFORE = 5;
/** More short supply than usual, as a share of mean demand, that counts as felt. */
const FELT = 0.05;

/** What went wrong, and how long markets felt it; null where nothing did. */
export function disruptionFigure(runs: SupplyRuns): Markup | null {
  const { disruptions } = runs.instance;
  if (disruptions.length === 0) return null;
  const rest =
    disruptions.length > ROWS_MAX ? ` The first ${ROWS_MAX} of ${decimal(disruptions.length, 0)} are listed.` : '';
  return figure(
    {
      heading: 'Disruptions and recovery',
      caption: `Time to recover: periods from the beginning of the disruption until the markets that it reaches are ${runs.instance.backlog ? 'owed' : 'refused'} no more than in the ${BEFORE} periods before (and ${FELT * 100} % of their mean demand). In brackets the units that ${runs.instance.backlog ? 'waited meanwhile, each counted once a period' : 'were lost meanwhile'}.${rest}`,
      wide: true,
    },
    table({
      caption: 'Disruptions with the time to recover',
      head: ['Disruption', 'Where', 'When', 'Markets reached', ...runs.all.map(({ title }) => title)],
      rows: disruptions.slice(0, ROWS_MAX).map((one) => disruptionRow(runs, one)),
    }),
  );
}

function disruptionRow(runs: SupplyRuns, one: Disruption): readonly string[] {
  const nameOf = namesOf(runs.instance);
  const reached = marketsBelow(runs.instance, one);
  const where =
    one.kind === 'demand'
      ? marketName(one.market)
      : one.kind === 'plant'
        ? nameOf(String(one.node))
        : `${nameOf(String(one.supplier))} → ${nameOf(String(one.buyer))}`;
  return [
    kindWords(one),
    where,
    periodSpan(one.from, one.to),
    decimal(reached.lanes.length, 0),
    ...runs.all.map((run) => recoveryWords(runs.instance, run, { one, reached })),
  ];
}

function kindWords(one: Disruption): string {
  if (one.kind === 'lane') return 'Lane cut';
  if (one.kind === 'demand') return `Demand × ${decimal(one.factor, 2)}`;
  return one.share === 0 ? 'Plant down' : `Plant at ${decimal(one.share * 100, 0)} %`;
}

/** Market lanes that a disruption can reach, and how long it takes to get there at most, in periods. */
interface Reached {
  readonly lanes: readonly number[];
  readonly delay: number;
}

/** How long markets are short of more than usual; what a disruption can cause comes within its length and the way to the markets. */
function recoveryWords(
  instance: SupplyInstance,
  run: SupplyRun,
  { one, reached }: { readonly one: Disruption; readonly reached: Reached },
): string {
  const { lanes, delay } = reached;
  const short = unservedSeries(run, lanes);
  const before = short.slice(Math.max(0, one.from - BEFORE), one.from);
  const usual = meanOf(before) + FELT * meanOf(demandSeries(instance, lanes));
  const felt = firstFrom(short, one.from, (value) => value > usual);
  if (felt === null || felt >= one.to + delay) return 'not felt';
  const over = firstFrom(short, Math.max(felt, one.to), (value) => value <= usual);
  const missed = amount(totalOf(short.slice(one.from, over ?? short.length)));
  return over === null
    ? `not in ${counted(short.length - one.from, 'period')} (${missed})`
    : `${counted(over - one.from, 'period')} (${missed})`;
}

function firstFrom(series: Series, from: number, holds: (value: number) => boolean): number | null {
  for (let t = from; t < series.length; t++) if (holds(series[t] ?? 0)) return t;
  return null;
}

function marketsBelow({ network }: SupplyInstance, one: Disruption): Reached {
  if (one.kind === 'demand') {
    return {
      lanes: [...network.markets.keys()].filter((lane) => network.markets[lane]?.market === one.market),
      delay: 0,
    };
  }
  const first = one.kind === 'plant' ? one.node : one.buyer;
  const late = new Map([[first, 0]]);
  // Lanes lead nowhere back, so this ends with the longest way to each.
  for (let changed = true; changed;) {
    changed = false;
    for (const { supplier, buyer, leadTime } of network.lanes) {
      const behind = late.get(supplier);
      if (behind === undefined || behind + leadTime + 1 <= (late.get(buyer) ?? -1)) continue;
      late.set(buyer, behind + leadTime + 1);
      changed = true;
    }
  }
  const lanes = [...network.markets.keys()].filter((lane) => late.has(network.markets[lane]?.retailer ?? -1));
  const own =
    one.kind === 'lane'
      ? (network.lanes.find(({ supplier, buyer }) => supplier === one.supplier && buyer === one.buyer)?.leadTime ?? 0)
      : 0;
  return {
    lanes,
    delay: own + lanes.reduce((most, lane) => Math.max(most, late.get(network.markets[lane]?.retailer ?? -1) ?? 0), 0),
  };
}
