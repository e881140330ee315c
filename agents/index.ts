/** Ready-made agents, one role a file. */
export { gridBus } from './energy/grid-bus.ts';
export type { GridBusParams, GridBusState } from './energy/grid-bus.ts';
export { assignmentPerson } from './assignment/person.ts';
export type { AssignmentPersonParams } from './assignment/person.ts';
export { objectSeller } from './assignment/object-seller.ts';
export { auctionClerk } from './assignment/auction-clerk.ts';
export { exchange } from './market/exchange.ts';
export type { ExchangeParams, ExchangeState, SettledTrade } from './market/exchange-state.ts';
export { callExchange } from './market/call-exchange.ts';
export type { CallExchangeParams, CallExchangeState, CallRecord } from './market/call-exchange.ts';
export { zeroIntelligenceTrader } from './market/zero-intelligence-trader.ts';
export type { ZeroIntelligenceTraderParams } from './market/zero-intelligence-trader.ts';
export { zipTrader } from './market/zip-trader.ts';
export type { ZipTraderParams, ZipTraderState } from './market/zip-trader.ts';
export type { TradedUnit, UnitTraderState } from './market/unit-trader.ts';
export { settlementChain } from './market/settlement.ts';
export type { Party, Settlement } from './market/settlement.ts';
export { rider } from './ride-sharing/rider.ts';
export type { RiderParams, RiderState } from './ride-sharing/rider.ts';
export { vehicle } from './ride-sharing/vehicle.ts';
export type {
  DayClock,
  Driven,
  RideBid,
  RideContract,
  Seated,
  TradeRecord,
  TradeRules,
  VehicleParams,
  VehicleState,
} from './ride-sharing/vehicle-state.ts';
export { CarrierOffer, Ride } from './ride-sharing/ride.ts';
export { EXCHANGE_LIMITS, TripExchange } from './ride-sharing/exchange-protocol.ts';
export type { Lot } from './ride-sharing/exchange-protocol.ts';
export type { RoadMap, Stop, Trip, Visit } from './ride-sharing/trip.ts';
export type { Nearness, Topic, TopicEnd } from './ride-sharing/release.ts';
export { ZoneBoard } from './ride-sharing/zone-board.ts';
export { followDemand, REPOSITION_ACTIONS, REPOSITION_FEATURES } from './ride-sharing/policies/repositioning.ts';
export type { RepositioningWeights } from './ride-sharing/policies/repositioning.ts';
export { markupByLoad, SHADING_ACTIONS, SHADING_FEATURES } from './ride-sharing/policies/shading.ts';
