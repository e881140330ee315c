/** How a retailer chooses what to change in its contracts, given what its suppliers quote. */
import { arrivalGains, type ArrivalGains, type RetailView } from './arrival-value.ts';

/** What a supplier quotes on one lane for a lot more or fewer, by ship period (absolute). */
export interface LaneQuote {
  /** Periods from shipment to arrival. */
  readonly leadTime: number;
  /** Money, of the buyer, for each unit and period under way. */
  readonly pipelineCost: number;
  /** Cost of a unit more; null where the supplier cannot. */
  readonly more: readonly (number | null)[];
  /** What a unit fewer gives back; null where it cannot be cancelled. */
  readonly fewer: readonly (number | null)[];
  /** Units that are contracted. */
  readonly planned: readonly number[];
}

/** A shipment: the place of its lane among the quotes, and the period in which it leaves. */
export interface ShipmentSlot {
  readonly lane: number;
  readonly period: number;
}

/** A change worth making: buy a lot, cancel one, or both at once. */
export interface Amendment {
  readonly buy: ShipmentSlot | null;
  readonly cancel: ShipmentSlot | null;
  readonly units: number;
  /** In money: value of arrivals gained, less what is paid, plus what is given back. */
  readonly gain: number;
}

/** A shipment with its arrival and what it costs, or gives back, for the whole lot. */
interface Slot extends ShipmentSlot {
  readonly arrival: number;
  readonly money: number;
}

/** Gains below this are rounding, per unit of money and lot. */
const LEAST_GAIN = 1e-6;
/** How many periods a lot may be moved where each move has to be followed path by path. */
const FARTHEST_MOVE = 12;

/**
 * The best change by one lot of `units`, or null where none gains. Swaps are looked at when neither buying nor cancelling gains.
 *
 * @throws HaggleError `bad-retail-view` where the numbers do not make a view, or `units` is not positive
 */
export function bestAmendment(view: RetailView, quotes: readonly LaneQuote[], units: number): Amendment | null {
  const gains = arrivalGains(view, units);
  const buys = cheapest(view, slots(view, quotes, { units, side: 'more' }), -1);
  const cancels = cheapest(view, slots(view, quotes, { units, side: 'fewer' }), 1);
  return bestSingle({ gains, buys, cancels, units }) ?? bestSwap(view, { gains, buys, cancels, units });
}

/** What there is to choose from; at most one slot a period of arrival, since arrivals at one time are worth the same. */
interface Choice {
  readonly gains: ArrivalGains;
  readonly buys: readonly Slot[];
  readonly cancels: readonly Slot[];
  readonly units: number;
}

function bestSingle({ gains, buys, cancels, units }: Choice): Amendment | null {
  let best: Amendment | null = null;
  let most = LEAST_GAIN * units;
  for (const slot of buys) {
    const gain = gains.more(slot.arrival) - slot.money;
    if (gain > most) [best, most] = [{ buy: plain(slot), cancel: null, units, gain }, gain];
  }
  for (const slot of cancels) {
    const gain = gains.fewer(slot.arrival) + slot.money;
    if (gain > most) [best, most] = [{ buy: null, cancel: plain(slot), units, gain }, gain];
  }
  return best;
}

function bestSwap(view: RetailView, { gains, buys, cancels, units }: Choice): Amendment | null {
  const farthest = view.backlog && view.markets.length === 1 ? view.periods : FARTHEST_MOVE;
  let best: Amendment | null = null;
  let most = LEAST_GAIN * units;
  for (const buy of buys) {
    for (const cancel of cancels) {
      if (Math.abs(buy.arrival - cancel.arrival) > farthest) continue;
      if (buy.lane === cancel.lane && buy.period === cancel.period) continue;
      const moved = buy.arrival === cancel.arrival ? 0 : gains.moved(buy.arrival, cancel.arrival);
      const gain = moved - buy.money + cancel.money;
      if (gain > most) [best, most] = [{ buy: plain(buy), cancel: plain(cancel), units, gain }, gain];
    }
  }
  return best;
}

/** All shipments that can still be changed and arrive in time. */
function slots(
  view: RetailView,
  quotes: readonly LaneQuote[],
  { units, side }: { readonly units: number; readonly side: 'more' | 'fewer' },
): readonly Slot[] {
  return quotes.flatMap((quote, lane) => {
    const found: Slot[] = [];
    for (let period = view.now; period + quote.leadTime < view.periods; period++) {
      const money = quote[side][period] ?? null;
      const there = side === 'more' || (quote.planned[period] ?? 0) >= units - LEAST_GAIN;
      if (money === null || !there) continue;
      const perUnit = money + quote.pipelineCost * quote.leadTime;
      found.push({ lane, period, arrival: period + quote.leadTime, money: perUnit * units });
    }
    return found;
  });
}

/** The slot of each arrival with the most (`sense` 1) or least (-1) money, by arrival; the first of equals. */
function cheapest(view: RetailView, all: readonly Slot[], sense: 1 | -1): readonly Slot[] {
  const best = new Map<number, Slot>();
  for (const slot of all) {
    const known = best.get(slot.arrival);
    if (known === undefined || sense * (slot.money - known.money) > 0) best.set(slot.arrival, slot);
  }
  return Array.from({ length: view.periods - view.now }, (_, t) => best.get(view.now + t)).filter(
    (slot) => slot !== undefined,
  );
}

function plain({ lane, period }: Slot): ShipmentSlot {
  return { lane, period };
}
