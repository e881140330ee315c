import type { Did } from '../../agent-core/identity/did-key.ts';
import type { Asset, Operation, Refused } from '../../agent-core/ledger/operation.ts';
import type { Side } from '../../agent-core/market/order.ts';

/** One side of a trade: whose order, and the reservation that backs it. */
export interface Party {
  readonly trader: Did;
  readonly id: string;
}

/** A trade to be paid and delivered. */
export interface Settlement {
  /** The exchange's name of the trade, unique among all of its lives. */
  readonly trade: string;
  readonly asset: Asset;
  readonly money: Asset;
  readonly buyer: Party;
  readonly seller: Party;
  /** Micro-tokens a unit, as traded. */
  readonly price: bigint;
  /** The buyer's own price: so much a unit is set aside. */
  readonly limit: bigint;
  readonly quantity: number;
}

/**
 * Delivery against payment as one chain of the exchange, all or nothing: it takes the money that the buyer set aside for these units and the
 * seller's goods, pays the seller, delivers to the buyer, and gives the buyer what the price was better than its own. The
 * exchange keeps nothing, and the reservations keep what is left for later trades.
 */
export function settlementChain(settlement: Settlement): readonly Operation[] {
  const { trade, asset, money, buyer, seller, price, limit, quantity } = settlement;
  const units = BigInt(quantity);
  const give = (what: string, to: Did, moved: { readonly asset: Asset; readonly amount: bigint }): Operation[] =>
    moved.amount === 0n ? [] : [{ type: 'transfer', id: `${trade}/${what}`, to, ...moved, reference: trade }];
  return [
    take(`${trade}/money`, buyer, limit * units),
    take(`${trade}/goods`, seller, units),
    ...give('payment', seller.trader, { asset: money, amount: price * units }),
    ...give('delivery', buyer.trader, { asset, amount: units }),
    ...give('change', buyer.trader, { asset: money, amount: (limit - price) * units }),
  ];
}

function take(id: string, { trader, id: reservation }: Party, amount: bigint): Operation {
  return { type: 'post', id, payer: trader, reservation, amount, rest: 'keep' };
}

/** Whose reservation a chain of {@link settlementChain} was refused for; both, where it was neither. */
export function atFault({ index }: Refused): readonly Side[] {
  if (index === 0) return ['buy'];
  return index === 1 ? ['sell'] : ['buy', 'sell'];
}
