import { micros, type Micros } from '../../agent-core/clock.ts';
import { anticipated } from './anticipating.ts';
import { refreshAll, refreshQuotes, strike } from './buying.ts';
import { demandPaths, startForecast } from './demand-forecast.ts';
import { arrivalsOf } from './contracted-arrivals.ts';
import { horizonOf, quoteName, type FirmContext } from './firm-state.ts';
import type { RetailView } from './arrival-value.ts';
import { bestAmendment, type Amendment, type LaneQuote } from './retail-plan.ts';

/** Quotes of the last 200 ms at most count as fresh. */
const FRESH_MICROS = micros('200 ms');

/** Contracts that a retailer changes in one period, at most. */
const CHANGES_MAX = 5_000;

/** A retailer begins with a forecast of each market; the opening stock is all that it has to go by. */
export function startForecasts(ctx: FirmContext): void {
  const { params, state } = ctx;
  const longest = Math.max(0, ...params.suppliers.map(({ leadTime }) => leadTime));
  const stock = params.items[0]?.stock ?? 0;
  const level = Math.max(1, stock / (longest + 1) / params.markets.length);
  const seeds = ctx.stream('forecast');
  for (const _ of params.markets) {
    state.forecasts.push(startForecast({ periods: params.periods, level, seed: seeds.uint32() }));
  }
}

/**
 * A retailer amends its contracts while it gains by it: at the present forecast, in lots from large to small. It stops where no
 * single lot, bought, called off or moved, is worth more than it costs by what its suppliers quote afresh.
 */
export async function negotiate(ctx: FirmContext, until: Micros): Promise<void> {
  const { params, state } = ctx;
  const { trade } = params;
  if (trade === null) return;
  const { period } = state;
  const paths = state.forecasts.map((forecast, market) => {
    const drawn = demandPaths(forecast, trade.paths, ctx.stream(`paths ${period}`));
    return anticipated(ctx, trade, { market, paths: drawn });
  });
  const isOpen = (): boolean => ctx.now() < until && state.period === period;
  const least = trade.worthwhile * Math.max(0, ...params.markets.map(({ price }) => price));
  let changes = 0;
  for (const lot of trade.lots) {
    let asOf = lately(ctx);
    let isFresh = true;
    while (isOpen() && changes < CHANGES_MAX) {
      await refreshAll(ctx, { lot, asOf });
      const amendment = bestAmendment(viewOf(ctx, paths), quotesOf(ctx, lot), lot);
      if (amendment !== null && amendment.gain > lot * least) {
        isFresh = false;
        changes += 1;
        await amend(ctx, amendment, lot);
      } else if (isFresh) break;
      else {
        // What others have contracted since the last quotes may have made way.
        asOf = lately(ctx);
        isFresh = true;
      }
    }
  }
  state.rounds += 1;
}

/**
 * From when on quotes count as fresh: the same time for all who ask at about the same time, so that a supplier asks its own
 * suppliers once for all its customers.
 */
function lately(ctx: FirmContext): Micros {
  return Math.floor(ctx.now() / FRESH_MICROS) * FRESH_MICROS;
}

async function amend(ctx: FirmContext, { buy, cancel, gain }: Amendment, lot: number): Promise<void> {
  const share = gain / lot / (buy !== null && cancel !== null ? 2 : 1);
  if (buy !== null && !(await strike(ctx, { ...buy, kind: 'buy', lot, gain: share }))) return;
  if (cancel === null) return;
  await refreshQuotes(ctx, [cancel.lane], { lot, asOf: 0 });
  await strike(ctx, { ...cancel, kind: 'call-off', lot, gain: share });
}

function viewOf({ params, state }: FirmContext, paths: readonly (readonly (readonly number[])[])[]): RetailView {
  const periods = horizonOf({ params, state });
  return {
    now: state.period,
    periods,
    stock: state.stock[0] ?? 0,
    backlog: params.backlog,
    holding: params.items[0]?.holding ?? 0,
    markets: params.markets.map(({ price, penalty }, k) => ({
      price,
      penalty,
      waiting: state.waiting[k] ?? 0,
      paths: (paths[k] ?? []).map((path) => path.slice(0, periods - state.period)),
    })),
    arrivals: arrivalsOf({ params, state }),
  };
}

function quotesOf({ params, state }: FirmContext, lot: number): readonly LaneQuote[] {
  return params.suppliers.map(({ leadTime, pipelineCost }, lane) => {
    const quote = state.quotes.get(quoteName(lane, lot));
    return {
      leadTime,
      pipelineCost,
      more: quote?.more ?? [],
      fewer: quote?.fewer ?? [],
      planned: state.planned[lane] ?? [],
    };
  });
}
