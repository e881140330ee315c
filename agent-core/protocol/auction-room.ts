import type { DialogueEnd } from '../agent/dialogue.ts';
import type { Micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import { absentAmong, resultOf, type AuctionCall, type AuctionResult, type Guest, type Sale } from './auction.ts';
import { startSettlement, type Settlement, type SettlementParts } from './auction-settlement.ts';

/** What the auctioneer of an open auction says to every bidder, whatever the auction. */
interface RoomDialogue {
  readonly id: string;
  readonly open: boolean;
  send(type: 'sold', body: Pick<Sale, 'winner' | 'price'>): unknown;
  send(type: 'unsold', body: Readonly<Record<string, never>>): unknown;
  send(type: 'cancel', body: { readonly reason: string }): unknown;
  send(type: 'settled', body: Readonly<Record<string, never>>): unknown;
  fail(reason: string): void;
}

/** One bidder of an open auction. */
export interface RoomBidder<Talk> extends Guest<Talk> {
  /** May still bid. */
  active: boolean;
}

/** What an open auction needs of the program that it is part of. */
interface RoomParts {
  readonly run: SettlementParts['run'] & { finish(result: AuctionResult): void };
  readonly call: Pick<AuctionCall<unknown>, 'payment' | 'cancellation'>;
}

/**
 * The bidders of an open auction, English or Dutch: who may still bid, what all of them are told at its end, and the payment of
 * whoever won. How prices move and who wins is the auction's own.
 */
export class AuctionRoom<Talk extends RoomDialogue> {
  readonly #parts: RoomParts;
  readonly #bidders = new Map<Did, RoomBidder<Talk>>();
  #active = 0;
  #closed = false;
  #winner: Did | null = null;
  #settlement: Settlement | undefined;

  constructor(parts: RoomParts) {
    this.#parts = parts;
  }

  /** Bidders that may still bid. */
  get active(): number {
    return this.#active;
  }

  /** True once the lot was sold, or never will be. */
  get closed(): boolean {
    return this.#closed;
  }

  bidder(peer: Did): RoomBidder<Talk> | undefined {
    return this.#bidders.get(peer);
  }

  invite(peers: readonly Did[], open: (peer: Did) => Talk): void {
    for (const peer of peers) this.#bidders.set(peer, { peer, dialogue: open(peer), active: true, gone: null });
    this.#active = peers.length;
  }

  /** This bidder bids no more. */
  drop(bidder: RoomBidder<Talk>): void {
    if (bidder.active) this.#active -= 1;
    bidder.active = false;
  }

  /** To everybody who may still bid. */
  tellActive(say: (dialogue: Talk, peer: Did) => void): void {
    for (const { active, dialogue, peer } of this.#bidders.values()) if (active) say(dialogue, peer);
  }

  /** Sells: `award` tells the winner, where it is still there, and the others learn who won; then its payment is waited for. */
  sell(sale: Sale, { payBy, award }: { readonly payBy: Micros; readonly award: (dialogue: Talk) => void }): void {
    this.#closed = true;
    this.#winner = sale.winner;
    const { run, call } = this.#parts;
    const { winner, price } = sale;
    this.#tellOpen((dialogue, peer) => {
      if (peer === winner) award(dialogue);
      else dialogue.send('sold', { winner, price });
    });
    const settled = (code: string | null): void =>
      run.finish(resultOf(sale, code, absentAmong(this.#bidders.values())));
    const bidder = this.#bidders.get(winner);
    if (bidder === undefined) return;
    if (bidder.gone !== null) return settled(bidder.gone);
    const { payment = 'elsewhere' } = call;
    this.#settlement = startSettlement({ run, sale, payment, dialogue: bidder.dialogue, payBy, settled });
  }

  /** Ends without a sale. */
  unsold(reason: 'no-bids' | 'reserve-not-met' | 'cancelled'): void {
    this.#closed = true;
    const given = this.#parts.call.cancellation?.reason ?? '';
    this.#tellOpen((dialogue) => {
      if (reason === 'cancelled') dialogue.send('cancel', { reason: given });
      else dialogue.send('unsold', {});
    });
    this.#parts.run.finish({ type: 'unsold', reason, absent: absentAmong(this.#bidders.values()) });
  }

  /** The winner says that it paid. */
  paid(reservation: string | null): void {
    this.#settlement?.paid(reservation);
  }

  /** Notes the end of a dialogue. Returns the bidder that it leaves without one while the auction goes on. */
  ended({ peer, code, outcome }: DialogueEnd): RoomBidder<Talk> | undefined {
    const bidder = this.#bidders.get(peer);
    // An auctioneer that is stopping sells nothing more.
    if (bidder === undefined || outcome === 'stopped') return undefined;
    if (peer === this.#winner) this.#settlement?.ended(code);
    if (this.#closed) return undefined;
    bidder.gone ??= code;
    this.drop(bidder);
    return bidder;
  }

  #tellOpen(say: (dialogue: Talk, peer: Did) => void): void {
    for (const { dialogue, peer } of this.#bidders.values()) if (dialogue.open) say(dialogue, peer);
  }
}
