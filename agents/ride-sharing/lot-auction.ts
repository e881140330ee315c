import type { RandomStream } from '../../agent-core/random.ts';
import { shaken } from './annealing.ts';
import type { LotCosts } from './desk.ts';
import { bestBid, drawOrder, type AwardOrder } from './recreate.ts';
import type { RoadMap, Trip } from './trip.ts';

/** A lot and who got it. */
export interface LotAward {
  readonly lot: number;
  readonly seat: number;
}

/** What an auction of lots needs to know. */
export interface AuctionTerms {
  readonly lots: readonly Trip[];
  readonly seats: number;
  readonly map: RoadMap;
  /** Bids are ranked with up to so much added or taken away. */
  readonly noise: number;
}

/** The auction of one round: lots go one after another, and who has won one bids again for the others. */
export class LotAuction {
  readonly #seats: number;
  readonly #order: AwardOrder;
  /** By lot and seat: what was bid, and the chance that is added to rank it. */
  readonly #bids: (number | null)[][];
  readonly #noise: readonly (readonly number[])[];
  readonly #awards: LotAward[] = [];
  #open: readonly number[];
  #spent = 0;

  constructor({ lots, seats, map, noise }: AuctionTerms, random: RandomStream) {
    this.#seats = seats;
    this.#order = drawOrder(lots, map, random);
    this.#open = lots.map((_, lot) => lot);
    this.#bids = lots.map(() => []);
    this.#noise = lots.map(() => Array.from({ length: seats }, () => shaken(0, noise, random)));
  }

  /** Lots that nobody has yet, in the order in which bids for them are said. */
  get open(): readonly number[] {
    return this.#open;
  }

  get awards(): readonly LotAward[] {
    return this.#awards;
  }

  /** Sum of the bids that won. */
  get spent(): number {
    return this.#spent;
  }

  /** Bids for the open lots, in their order. */
  bid(seat: number, costs: LotCosts): void {
    for (const [k, lot] of this.#open.entries()) {
      const bids = this.#bids[lot];
      if (bids !== undefined) bids[seat] = costs[k] ?? null;
    }
  }

  /** Takes the next lot off the table; `seat` is null where nobody bids for it. Null where none is open. */
  next(): { readonly lot: number; readonly seat: number | null } | null {
    let lot: number | null = null;
    let least = Infinity;
    for (const candidate of this.#open) {
      const key = this.#keyOf(candidate);
      if (lot === null || key < least) [lot, least] = [candidate, key];
    }
    if (lot === null) return null;
    this.#open = this.#open.filter((other) => other !== lot);
    const winner = bestBid(this.#ranked(lot));
    if (winner === null) return { lot, seat: null };
    this.#spent += this.#bids[lot]?.[winner.bidder] ?? 0;
    this.#awards.push({ lot, seat: winner.bidder });
    return { lot, seat: winner.bidder };
  }

  #keyOf(lot: number): number {
    if (this.#order.type === 'key') return this.#order.keys[lot] ?? 0;
    return -(bestBid(this.#ranked(lot))?.regret ?? 0);
  }

  #ranked(lot: number): (number | null)[] {
    return Array.from({ length: this.#seats }, (_, seat) => {
      const cost = this.#bids[lot]?.[seat] ?? null;
      return cost === null ? null : cost + (this.#noise[lot]?.[seat] ?? 0);
    });
  }
}
