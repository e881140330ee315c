import type { RandomStream } from '../random.ts';
import { accepts, ORDER_BOUNDS, type Side } from './order.ts';

/**
 * A zero-intelligence-plus trader as plain JSON (Cliff 1997, Minimal-Intelligence Agents for Bargaining Behaviors in
 * Market-Based Environments, HPL-97-91). It quotes its limit price with a margin and moves the margin towards prices at
 * which others trade: a Widrow-Hoff rule with momentum. For units of different limit prices use one trader each, since one
 * margin for all cannot settle (Tesauro and Das 2001, High-Performance Bidding Agents for the Continuous Double Auction).
 */
export interface ZipTrader {
  readonly side: Side;
  /** Share of the distance to the target price that one step goes (beta). */
  readonly learningRate: number;
  /** Weight of the last change in the next (gamma). */
  readonly momentum: number;
  /** Largest absolute part of a target's distance from the price heard, in micro-tokens. */
  readonly stepMicroTokens: number;
  /** Profit as a share of the limit price (mu): a seller's is 0 or more, a buyer's from -1 to 0. */
  readonly margin: number;
  /** The last change of price with its momentum, in micro-tokens. */
  readonly change: number;
}

/** A quote that all traders of a market heard. */
export interface Shout {
  readonly side: Side;
  /** Micro-tokens: what was paid where it was accepted, else what was asked. */
  readonly price: bigint;
  readonly accepted: boolean;
}

/** Where a ZIP trader stands when it hears a shout. */
export interface ZipHearing {
  readonly shout: Shout;
  /** Private value or cost of the unit it trades now, in micro-tokens. */
  readonly limit: bigint;
  /** Whether it still has a unit to trade. One that has not may raise its margin and not lower it. */
  readonly active: boolean;
  /** The trader's own stream: two draws a change. */
  readonly random: RandomStream;
}

/** Largest relative distance of a target from the price heard. */
const RELATIVE_STEP = 0.05;

/**
 * A ZIP trader with Cliff's distributions: learning rate in [0.1, 0.5], momentum in [0, 0.1], margin 5 to 35 percent. The
 * absolute step is 0.05 of his money unit; a market of very small prices needs a smaller one.
 */
export function drawZipTrader(traits: {
  readonly side: Side;
  readonly random: RandomStream;
  /** Default 50,000: 0.05 token. */
  readonly stepMicroTokens?: number;
}): ZipTrader {
  const { side, random, stepMicroTokens = 50_000 } = traits;
  const learningRate = random.between(0.1, 0.5);
  const momentum = random.between(0, 0.1);
  const size = random.between(0.05, 0.35);
  return { side, learningRate, momentum, stepMicroTokens, margin: side === 'sell' ? size : -size, change: 0 };
}

/** What the trader quotes for a unit of this limit price, in whole micro-tokens: never at a loss. */
export function zipQuote(trader: ZipTrader, limit: bigint): bigint {
  const quote = limit + BigInt(Math.round(Number(limit) * trader.margin));
  return quote > ORDER_BOUNDS.price ? ORDER_BOUNDS.price : quote;
}

/**
 * The trader after a shout (Cliff 1997, section 4.1). It raises its margin where an accepted price would have done for it;
 * it lowers it, while it is active, where it would have missed a trade with the other side's shout, or where its own
 * side's shout was refused and its own quote is no better. A limit price of 0 has no margin to change.
 */
export function zipHears(trader: ZipTrader, hearing: ZipHearing): ZipTrader {
  const { shout, limit, active, random } = hearing;
  // Half of all shouts, and the commonest answer: nothing to learn.
  const refused = !shout.accepted && (shout.side !== trader.side || !active);
  if (refused || limit === 0n) return trader;
  const own = zipQuote(trader, limit);
  const raises = raisesMargin({ side: trader.side, price: own }, shout);
  if (raises === undefined || (!raises && !active)) return trader;
  // A higher margin is a higher price to a seller and a lower one to a buyer.
  const up = raises === (trader.side === 'sell') ? 1 : -1;
  const relative = up * RELATIVE_STEP * random.uniform();
  const target = Number(shout.price) * (1 + relative) + up * trader.stepMicroTokens * random.uniform();
  const step = trader.learningRate * (target - Number(own));
  const change = trader.momentum * trader.change + (1 - trader.momentum) * step;
  const margin = (Number(own) + change) / Number(limit) - 1;
  return { ...trader, change, margin: trader.side === 'sell' ? Math.max(0, margin) : clamp(margin) };
}

function clamp(margin: number): number {
  return Math.min(0, Math.max(-1, margin));
}

/** True to raise, false to lower, undefined to stay. A refused shout is of the own side here. */
function raisesMargin(own: { readonly side: Side; readonly price: bigint }, shout: Shout): boolean | undefined {
  const willing = accepts(own, shout.price);
  if (shout.accepted) return willing || (shout.side === own.side ? undefined : false);
  // Who asked for as much as was refused, or more, has to come down.
  return willing && own.price !== shout.price ? undefined : false;
}
