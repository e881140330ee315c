import type { DemandSummary } from './demand-forecast.ts';
import { POSITION_MAX, type ToldDemand } from './demand-report.ts';
import { lanesOf, type FirmParams } from './firm-state.ts';
import { supplierScore, type LocalView, type SharedDemand } from './local-rule.ts';
import { SUPPLY_LIMITS } from './supply-contract.ts';

/** What a firm has of its customers. */
export interface Told {
  /** By customer: what it reports in this period; null where it does not. */
  readonly told: readonly (ToldDemand | null)[];
  /** By customer and past period: what it told of the markets behind it, or else what it ordered itself. */
  readonly heard: readonly (readonly number[])[];
}

/**
 * What a firm knows of the demand downstream by the reports of its customers; undefined where it has none in this period, and counts on
 * what was asked of it alone. A customer that keeps its numbers to itself counts as a market: by what it ordered.
 */
export function sharedByReports(params: FirmParams, { told, heard }: Told, period: number): SharedDemand | undefined {
  const reports = told.flatMap((one) => one ?? []);
  if (reports.length === 0) return undefined;
  const forecasts = reports.flatMap(({ forecast }) => forecast ?? []);
  const silent = 1 - reports.length / told.length;
  return {
    asked: Array.from({ length: period }, (_, t) => sum(heard.map((units) => units[t] ?? 0))),
    expected: sum(reports.map(({ expected }) => expected)) + silent * expectedAlone(params),
    positionBelow: sum(reports.map(({ position }) => position)),
    leadTimeToMarket: Math.max(...reports.map(({ leadTime }) => leadTime)),
    holdingBelow: sum(reports.map(({ holding }) => holding)),
    ...(forecasts.length === told.length ? { forecast: addUp(forecasts) } : {}),
  };
}

/** What is expected of several markets: means add up, and so do variances, as if they had nothing to do with each other. */
export function addUp(forecasts: readonly DemandSummary[]): DemandSummary {
  const periods = Math.max(0, ...forecasts.map(({ mean }) => mean.length));
  const over = Array.from({ length: periods }, (_, t) => t);
  return {
    mean: over.map((t) => sum(forecasts.map(({ mean }) => mean[t] ?? 0))),
    deviation: over.map((t) =>
      Math.sqrt(sum(forecasts.map(({ deviation }) => (deviation[t] ?? 0) * (deviation[t] ?? 0)))),
    ),
  };
}

/** What a retailer shows its own rule where it forecasts: nobody is between it and the markets. */
export function sharedByRetailer(
  params: FirmParams,
  { asked, forecast }: { readonly asked: readonly number[]; readonly forecast: DemandSummary },
): SharedDemand {
  const nothing = { positionBelow: 0, leadTimeToMarket: 0, holdingBelow: 0 };
  return { asked, expected: expectedAlone(params), ...nothing, forecast };
}

/** Units a period by which the opening stock lasts until the next can come: all that a firm has to go by at first. */
function expectedAlone({ items, suppliers }: FirmParams): number {
  const longest = Math.max(0, ...suppliers.map(({ leadTime }) => leadTime));
  const [first] = items;
  return first === undefined ? 0 : first.stock / first.perOutput / (longest + 1);
}

/** What a firm tells a supplier, named by its lane, of what the firm's rule is shown: its part, as the firm divides its orders. */
export function toldTo(params: FirmParams, view: LocalView, lane: number): ToldDemand {
  const supplier = params.suppliers[lane];
  const item = params.items[supplier?.item ?? 0];
  const seen = view.items[supplier?.item ?? 0];
  const lanes = lanesOf(params, supplier?.item ?? 0);
  const scores = lanes.map((one) => scoreOf(params, one));
  const share = scoreOf(params, lane) / sum(scores);
  const units = share * (item?.perOutput ?? 1);
  const own = (seen?.stock ?? 0) + sum((seen?.suppliers ?? []).map(({ onOrder }) => onOrder));
  const { shared, period, backlog } = view;
  const position = share * own + units * ((shared?.positionBelow ?? 0) - backlog);
  // What customers tell may add up to more than anybody may say.
  return {
    period,
    asked: Math.min(SUPPLY_LIMITS.units, units * ((shared?.asked ?? view.asked)[period - 1] ?? 0)),
    expected: Math.min(SUPPLY_LIMITS.units, units * (shared?.expected ?? expectedAlone(params))),
    position: Math.max(-POSITION_MAX, Math.min(POSITION_MAX, position)),
    holding: item?.holding ?? 0,
    leadTime: (supplier?.leadTime ?? 0) + (shared?.leadTimeToMarket ?? 0),
    forecast: shared?.forecast === undefined ? null : partOf(shared.forecast, units),
  };
}

function partOf({ mean, deviation }: DemandSummary, units: number): NonNullable<ToldDemand['forecast']> {
  const part = (one: number): number => Math.min(SUPPLY_LIMITS.units, one * units);
  return { mean: mean.map(part), deviation: deviation.map(part) };
}

function scoreOf({ suppliers }: FirmParams, lane: number): number {
  const terms = suppliers[lane];
  return terms === undefined ? 0 : supplierScore(terms);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
