import type { Side } from '../../../agent-core/market/order.ts';

/** What a home would do in an hour, at which price. Prices in whole micro-tokens a Wh, energy in whole Wh. */
export interface HourWish {
  /** Load less sun: what it needs, below zero where it has more than it uses. */
  readonly netWh: number;
  /** The battery gives so much where a Wh costs more than `givesAt`. */
  readonly givesWh: number;
  readonly givesAt: number;
  /** The battery takes so much where a Wh costs less than `takesAt`. */
  readonly takesWh: number;
  readonly takesAt: number;
  /** What the utility asks. */
  readonly tariff: number;
  /** What is left over for sale costs so much at least. */
  readonly surplusAt: number;
}

/** Takes one order: the worst price, and how much. */
export type OfferTaker = (side: Side, price: number, quantity: number) => void;

/**
 * The orders of an hour. The home's demand falls with the price in three steps: with the battery taking, resting, giving; each
 * step is an order. What is needed for sure is bought at up to the tariff, so it is always to be had. Orders of one home never meet:
 * energy that its battery could take is sold for a micro-token more than the battery pays.
 */
export function bid(wish: HourWish, offer: OfferTaker): void {
  const { netWh, tariff } = wish;
  const takesAt = Math.min(wish.takesAt, tariff);
  const givesAt = Math.max(wish.givesAt, takesAt + 1);
  const least = givesAt < tariff ? netWh - wish.givesWh : netWh;
  const most = takesAt > 0 ? netWh + wish.takesWh : netWh;
  buy(offer, tariff, above(least));
  buy(offer, givesAt - 1, above(netWh) - above(least));
  buy(offer, takesAt, above(most) - above(netWh));
  sell(offer, wish.surplusAt, above(-most));
  sell(offer, takesAt + 1, above(-netWh) - above(-most));
  sell(offer, givesAt, above(-least) - above(-netWh));
}

function above(wh: number): number {
  return wh > 0 ? wh : 0;
}

/** Nothing can be set aside for a bid of nothing. */
function buy(offer: OfferTaker, price: number, quantity: number): void {
  if (quantity > 0 && price > 0) offer('buy', price, quantity);
}

function sell(offer: OfferTaker, price: number, quantity: number): void {
  if (quantity > 0) offer('sell', price, quantity);
}

/** What a home draws without a market, where the utility sells at the tariff and pays nothing: whole Wh, below zero given away. */
export function drawnAlone(wish: HourWish): number {
  const { netWh, tariff } = wish;
  const takesAt = Math.min(wish.takesAt, tariff);
  const gives = Math.max(wish.givesAt, takesAt + 1) < tariff ? wish.givesWh : 0;
  if (wish.takesAt >= tariff && tariff > 0) return netWh + wish.takesWh;
  if (netWh > 0) return Math.max(0, netWh - gives);
  return Math.min(0, netWh + wish.takesWh);
}

/** What an hour came to for a home. */
export interface HourFlows {
  /** At the wires of the battery: above zero where it was charged. */
  readonly flowWh: number;
  /** Bought of the utility by meter (above zero) or given away, beyond what was traded. */
  readonly restWh: number;
}

/**
 * Has the battery follow what was traded, as far as it can; the grid does the rest.
 *
 * @param tradedWh - bought less sold
 */
export function followTrades(
  { netWh, givesWh, takesWh }: { readonly netWh: number; readonly givesWh: number; readonly takesWh: number },
  tradedWh: number,
): HourFlows {
  const flowWh = Math.min(takesWh, Math.max(-givesWh, tradedWh - netWh));
  return { flowWh, restWh: netWh + flowWh - tradedWh };
}
