import { arrivalsOf } from './contracted-arrivals.ts';
import { demandSummary, type DemandForecast } from './demand-forecast.ts';
import type { FirmContext, TradeTerms } from './firm-state.ts';
import { anticipationFeatures, type Anticipation } from './policies/anticipation.ts';

/** Periods that count as recent. */
const RECENT = 4;

/** Demand paths of a market as the retailer's policy takes them. */
export function anticipated(
  ctx: FirmContext,
  trade: TradeTerms,
  { market, paths }: { readonly market: number; readonly paths: readonly (readonly number[])[] },
): readonly (readonly number[])[] {
  const forecast = ctx.state.forecasts[market];
  if (forecast === undefined) return paths;
  const [level = 1, spread = 1] = ctx.decide(trade.anticipate, anticipationFeatures(seenOf(ctx, forecast, market)));
  if (level === 1 && spread === 1) return paths;
  const means = meanPath(paths);
  return paths.map((path) =>
    path.map((units, t) => Math.max(0, level * ((means[t] ?? 0) + spread * (units - (means[t] ?? 0))))),
  );
}

function seenOf(ctx: FirmContext, forecast: DemandForecast, market: number): Anticipation {
  const { params, state } = ctx;
  const { history } = forecast;
  const { mean, deviation } = demandSummary(forecast);
  const leadTime = Math.max(0, ...params.suppliers.map((one) => one.leadTime));
  const scale = Math.max(1, history.length === 0 ? forecast.level : average(history));
  const at = Math.min(leadTime, mean.length - 1);
  const { price = 0, penalty = 0 } = params.markets[market] ?? {};
  const holding = params.items[0]?.holding ?? 0;
  const stock = state.stock[0] ?? 0;
  const until = state.period + leadTime;
  const coming = arrivalsOf(ctx).slice(state.period, until + 1);
  return {
    elapsed: state.period / params.periods,
    periodsLeft: params.periods - state.period,
    leadTime,
    shortageShare: (price + penalty) / Math.max(1e-9, price + penalty + holding),
    backlog: params.backlog ? 1 : 0,
    recent: (history.length === 0 ? forecast.level : average(history.slice(-RECENT))) / scale,
    deviation: deviationOf(history) / scale,
    expected: (mean[at] ?? 0) / scale,
    doubt: (deviation[at] ?? 0) / scale,
    cover: (stock + coming.reduce((sum, units) => sum + units, 0)) / scale / params.markets.length,
  };
}

function meanPath(paths: readonly (readonly number[])[]): readonly number[] {
  const periods = paths[0]?.length ?? 0;
  return Array.from({ length: periods }, (_, t) => average(paths.map((path) => path[t] ?? 0)));
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviationOf(values: readonly number[]): number {
  const mean = average(values);
  return Math.sqrt(average(values.map((value) => (value - mean) * (value - mean))));
}
