import { z } from 'zod';
import { amount } from '../agent-core/protocol/amount.ts';
import { AssignmentAuction } from '../agent-core/protocol/assignment-auction.ts';
import { AverageConsensus } from '../agent-core/protocol/average-consensus.ts';
import { alternatingOffers } from '../agent-core/protocol/alternating-offers.ts';
import { CallMarket } from '../agent-core/protocol/call-market.ts';
import { ContinuousDoubleAuction } from '../agent-core/protocol/continuous-double-auction.ts';
import { MarketTicker } from '../agent-core/protocol/market-ticker.ts';
import { contractNet } from '../agent-core/protocol/contract-net.ts';
import type { AnyProtocol } from '../agent-core/protocol/conversation-types.ts';
import { PriceCoordination } from '../agent-core/protocol/price-coordination.ts';
import { dutchAuction } from '../agent-core/protocol/dutch-auction.ts';
import { englishAuction } from '../agent-core/protocol/english-auction.ts';
import { sealedBidAuction } from '../agent-core/protocol/sealed-bid-auction.ts';
import { stackedAlternatingOffers } from '../agent-core/protocol/stacked-alternating-offers.ts';
import { outcomeSpace } from '../agent-core/negotiation/outcome-space.ts';
import { iteratedContractNet } from '../agent-core/protocol/iterated-contract-net.ts';
import { CarrierOffer, Ride } from '../agents/ride-sharing/ride.ts';
import { ZoneBoard } from '../agents/ride-sharing/zone-board.ts';
import { TripExchange } from '../agents/ride-sharing/exchange-protocol.ts';
import { ContractReview } from '../agents/supply-chain/contract-review.ts';
import { DemandReport } from '../agents/supply-chain/demand-report.ts';
import { GainSharing } from '../agents/supply-chain/gain-sharing.ts';
import { MarketSale, PurchaseOrder } from '../agents/supply-chain/purchase-order.ts';
import { EchelonLevels } from '../agents/supply-chain/serial/echelon-levels.ts';
import { GoodsDelivery } from '../agents/supply-chain/serial/goods-delivery.ts';
import { SupplyContract, SupplyNotice } from '../agents/supply-chain/supply-contract.ts';
import { propose } from '../agent-core/protocol/propose.ts';
import { query } from '../agent-core/protocol/query.ts';
import { request } from '../agent-core/protocol/request.ts';
import { subscribe } from '../agent-core/protocol/subscribe.ts';
import type { ProtocolWords } from '../agent-core/protocol/reference.ts';
import { HaggleError } from '../agent-core/errors.ts';

/** A protocol of the library with what people are told of it. */
export interface CatalogueEntry extends ProtocolWords {
  readonly protocol: AnyProtocol;
}

// What the examples are about: plain goods for money.
const goods = z.object({ item: z.string(), units: z.number().int().positive() });
const price = z.object({ price: amount() });
const space = outcomeSpace({
  issues: [
    { name: 'price', type: 'integer', min: 0, max: 100 },
    { name: 'delivery', type: 'categorical', values: ['today', 'week', 'month'] },
  ],
});

function example(name: string): { readonly name: string; readonly version: string } {
  return { name, version: '1.0.0' };
}

/**
 * The protocols of the library: what `haggle protocols` lists and `docs/protocols.md` describes. A protocol that is made
 * from an author's own schemas stands here as one made from plain examples.
 */
export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    protocol: request({ ...example('request'), task: goods, result: goods }),
    about: 'One asks another to do something and gets the result: `request({ task, result })`.',
    source: 'FIPA 00026, Request Interaction Protocol',
  },
  {
    protocol: query({ ...example('query'), proposition: goods, reference: goods, answer: price }),
    about: 'One asks another whether something is so, or what it is: `query({ proposition, reference, answer })`.',
    source: 'FIPA 00027, Query Interaction Protocol',
  },
  {
    protocol: subscribe({ ...example('subscribe'), topic: goods, notice: price }),
    about: 'One hears from another whenever something changes: `subscribe({ topic, notice })`.',
    source: 'FIPA 00035, Subscribe Interaction Protocol',
  },
  {
    protocol: propose({ ...example('propose'), offer: goods }),
    about: 'One offers something that the other takes or leaves: `propose({ offer })`.',
    source: 'FIPA 00036, Propose Interaction Protocol',
  },
  {
    protocol: contractNet({ ...example('contract-net'), task: goods, bid: price, result: goods }),
    about: 'One calls many for bids, awards some of them and gets their results: `contractNet({ task, bid, result })`.',
    source: 'FIPA 00029, Contract Net Interaction Protocol; Smith 1980',
  },
  {
    protocol: iteratedContractNet({ ...example('iterated-contract-net'), task: goods, bid: price, result: goods }),
    about: 'A contract net whose call is refined in rounds: `iteratedContractNet({ task, bid, result })`.',
    source: 'FIPA 00030, Iterated Contract Net Interaction Protocol',
  },
  {
    protocol: englishAuction({ ...example('english-auction'), lot: goods }),
    about: 'An open auction with rising prices; the last bidder buys: `englishAuction({ lot })`.',
    source: 'FIPA 00031, English Auction Interaction Protocol',
  },
  {
    protocol: dutchAuction({ ...example('dutch-auction'), lot: goods }),
    about: 'A price falls until somebody takes it: `dutchAuction({ lot })`.',
    source: 'FIPA 00032, Dutch Auction Interaction Protocol',
  },
  {
    protocol: sealedBidAuction({ ...example('sealed-bid-auction'), lot: goods }),
    about:
      'First- or second-price (Vickrey) with commit and reveal; every bidder checks the outcome: `sealedBidAuction({ lot })`.',
    source: 'Vickrey 1961; commit and reveal are ours',
  },
  {
    protocol: alternatingOffers({ ...example('alternating-offers'), space }),
    about: 'Two bargain over several issues by offers and counter-offers: `alternatingOffers({ space })`.',
    source: 'Rubinstein 1982; deadline in rounds after Aydoğan, Festen, Hindriks and Jonker 2017',
  },
  {
    protocol: stackedAlternatingOffers({ ...example('stacked-alternating-offers'), space }),
    about: 'Many bargain in turns until all agree on one offer: `stackedAlternatingOffers({ space })`.',
    source: 'Aydoğan, Festen, Hindriks and Jonker 2017',
  },
  {
    protocol: ContinuousDoubleAuction,
    about: 'Orders to buy and sell meet in a book, price before time; each trade is delivery against payment.',
    source: 'Smith 1962; Friedman and Rust 1993',
  },
  {
    protocol: CallMarket,
    about: 'Sealed orders until the call, then one price for all, which everybody can check.',
    source: 'Chatterjee and Samuelson 1983; Satterthwaite and Williams 1989',
  },
  {
    protocol: MarketTicker,
    about: 'A continuous market tells quotes and trades without names; a `subscribe` of its own.',
    source: 'FIPA 00035, as `subscribe`',
  },
  {
    protocol: AssignmentAuction,
    about: 'Persons bid for objects until everybody holds the one that is best for all: the assignment problem.',
    source: 'Bertsekas 1979 and 1988; Zavlanos, Spesivtsev and Pappas 2008',
  },
  {
    protocol: AssignmentAuction.phases,
    about: 'The clerk of an assignment auction starts and ends the phases of its sellers.',
    source: 'epsilon scaling of Bertsekas 1988; the clerk is ours',
  },
  {
    protocol: AverageConsensus,
    about: 'Neighbours of a network agree on the average of their values without telling them to all.',
    source: 'Xiao and Boyd 2004; the end after Yadav and Salapaka 2007',
  },
  {
    protocol: PriceCoordination,
    about: 'Neighbours of a network agree on prices and flows without telling their costs.',
    source: 'Pakazad, Hansson, Andersen and Nielsen 2017; sweeps as in Petcu and Faltings 2005',
  },
  {
    protocol: Ride,
    about: 'A rider calls vehicles for a trip; the fare waits in escrow until it is dropped off. A contract net.',
    source: 'FIPA 00029, as `contract-net`',
  },
  {
    protocol: CarrierOffer,
    about: 'A vehicle tells a rider who else would drive it: a contract changes hands only if the rider agrees.',
    source: 'ours',
  },
  {
    protocol: ZoneBoard,
    about: 'Vehicles tell the board of a cell of the map when they are there; riders and vehicles ask it who is near.',
    source: 'ours',
  },
  {
    protocol: TripExchange,
    about:
      'Vehicles trade trips: rounds of release, bids and awards on drafts, then one deal by which everybody gains.',
    source: 'Krajewska and Kopfer 2006; ruin and recreate as in Christiaens and Vanden Berghe 2020',
  },
  {
    protocol: SupplyContract,
    about:
      'A buyer asks a supplier what a lot more or fewer costs at every due date, and changes a contract by one. A contract net.',
    source: 'FIPA 00029; prices are those of shortest augmenting paths, Ahuja, Magnanti and Orlin 1993, chapter 9',
  },
  {
    protocol: SupplyNotice,
    about: 'A supplier that cannot deliver as contracted says so before the due date.',
    source: 'ours',
  },
  {
    protocol: ContractReview,
    about:
      'After a message was lost, a buyer and a supplier compare what each holds of their contracts; the lesser counts.',
    source: 'ours',
  },
  {
    protocol: PurchaseOrder,
    about: 'An order for the present period with what it costs set aside, and what is shipped on it.',
    source: 'ours',
  },
  {
    protocol: MarketSale,
    about: 'What a market asks of a retailer in a period, what it gets, and that it has paid.',
    source: 'ours',
  },
  {
    protocol: DemandReport,
    about:
      'A supplier buys a report from its customer: what the markets ask for through it, and what is in stock there.',
    source: 'ours; what is shared is that of Lee, So and Tang 2000 and of Clark and Scarf 1960',
  },
  {
    protocol: GainSharing,
    about:
      'At the end all tell what they have gained, and whoever gained more than an equal share pays those who gained less.',
    source: 'ours; an equal split of the gains over the disagreement point, as Nash 1950 with transfers',
  },
  {
    protocol: EchelonLevels,
    about:
      'The firms of a chain agree on echelon base-stock levels: each tells its supplier what falling short would cost it.',
    source: 'Clark and Scarf 1960',
  },
  {
    protocol: GoodsDelivery,
    about: 'Orders and shipments along a chain, period by period, each under way for its delay.',
    source: 'ours; the beer game of Sterman 1989',
  },
];

/** The entry of this name. @throws HaggleError `bad-flag` listing the names there are. */
export function catalogueEntry(name: string): CatalogueEntry {
  const entry = CATALOGUE.find(({ protocol }) => protocol.name === name);
  if (entry !== undefined) return entry;
  const names = CATALOGUE.map(({ protocol }) => protocol.name).join(', ');
  throw new HaggleError('bad-flag', `there is no protocol "${name}"; there is: ${names}`);
}
