/** Ready-made agents, one role a file. */
export { gridBus } from './energy/grid-bus.ts';
export type { GridBusParams, GridBusState } from './energy/grid-bus.ts';
export { home as communityHome } from './energy/community/home.ts';
export type { HomeParams, HomeState } from './energy/community/home-state.ts';
export { utility } from './energy/community/utility.ts';
export type { UtilityParams, UtilityState } from './energy/community/utility.ts';
export { PlanRing } from './energy/community/plan-ring.ts';
export type { Battery } from './energy/community/battery.ts';
export { planStorage } from './energy/community/storage-plan.ts';
export type { StoragePlan, StorageProblem } from './energy/community/storage-plan.ts';
export { observeHome, rollingPlan, VALUE_ACTIONS, VALUE_FEATURES, valueBy } from './energy/community/value-policy.ts';
export type { HomeView, RollingPlanSettings } from './energy/community/value-policy.ts';
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
export { firm } from './supply-chain/firm.ts';
export type { FirmParams, FirmState, Outage, ReportTerms, Shadow, TradeTerms } from './supply-chain/firm-state.ts';
export { market } from './supply-chain/market.ts';
export type { MarketState } from './supply-chain/market.ts';
export { rawSource } from './supply-chain/raw-source.ts';
export type { RawSourceState } from './supply-chain/raw-source.ts';
export { costCollector } from './supply-chain/cost-collector.ts';
export { SUPPLY_LIMITS, SupplyContract, SupplyNotice } from './supply-chain/supply-contract.ts';
export { ContractReview } from './supply-chain/contract-review.ts';
export { MarketSale, PurchaseOrder } from './supply-chain/purchase-order.ts';
export { DemandReport } from './supply-chain/demand-report.ts';
export { GainSharing } from './supply-chain/gain-sharing.ts';
export { stockQuotes } from './supply-chain/stock-plan.ts';
export type {
  InboundPlan,
  ItemPlan,
  LotPrices,
  LotWays,
  StockPlan,
  StockQuotes,
  Way,
} from './supply-chain/stock-plan.ts';
export { demandPaths, demandSummary, observeDemand, startForecast } from './supply-chain/demand-forecast.ts';
export type { DemandForecast, DemandSummary } from './supply-chain/demand-forecast.ts';
export { DEMAND_PRIOR } from './supply-chain/demand-curve.ts';
export type { DemandPrior } from './supply-chain/demand-curve.ts';
export { arrivalGains, arrivalValue } from './supply-chain/arrival-value.ts';
export type { ArrivalGains, RetailMarket, RetailView } from './supply-chain/arrival-value.ts';
export { bestAmendment } from './supply-chain/retail-plan.ts';
export type { Amendment, LaneQuote, ShipmentSlot } from './supply-chain/retail-plan.ts';
export { localOrders } from './supply-chain/local-rule.ts';
export type { LocalItem, LocalSupplier, LocalView, SharedDemand } from './supply-chain/local-rule.ts';
export { baseStock } from './supply-chain/policies/base-stock.ts';
export type { BaseStockSettings } from './supply-chain/policies/base-stock.ts';
export { echelonBaseStock } from './supply-chain/policies/echelon-base-stock.ts';
export type { EchelonSettings } from './supply-chain/policies/echelon-base-stock.ts';
export { exponentialSmoothing } from './supply-chain/policies/exponential-smoothing.ts';
export type { SmoothingSettings } from './supply-chain/policies/exponential-smoothing.ts';
export {
  ANTICIPATION_ACTIONS,
  ANTICIPATION_FEATURES,
  anticipationFeatures,
  fixedAnticipation,
} from './supply-chain/policies/anticipation.ts';
export type { Anticipation } from './supply-chain/policies/anticipation.ts';
export { fixedShare, GAIN_SHARE_ACTIONS, GAIN_SHARE_FEATURES } from './supply-chain/policies/gain-share.ts';
export { newsvendor } from './supply-chain/policies/newsvendor.ts';
export type { NewsvendorSettings } from './supply-chain/policies/newsvendor.ts';
export { reorderPoint } from './supply-chain/policies/reorder-point.ts';
export type { ReorderPointSettings } from './supply-chain/policies/reorder-point.ts';
export {
  REPLENISHMENT_ACTIONS,
  REPLENISHMENT_FEATURES,
  replenishmentFeatures,
  replenishmentPolicy,
} from './supply-chain/policies/replenishment.ts';
export type { Replenishment, ReplenishmentRule } from './supply-chain/policies/replenishment.ts';
export { EchelonLevels } from './supply-chain/serial/echelon-levels.ts';
export { GoodsDelivery } from './supply-chain/serial/goods-delivery.ts';
export { serialStage } from './supply-chain/serial/stage.ts';
export type { StageParams, StageState } from './supply-chain/serial/stage-state.ts';
export { endCustomers } from './supply-chain/serial/end-customers.ts';
export type { EndCustomersState } from './supply-chain/serial/end-customers.ts';
export { orderBy, stermanRule } from './supply-chain/serial/order-policies.ts';
export type { OrderView, StermanAims } from './supply-chain/serial/order-policies.ts';
export { planStage } from './supply-chain/serial/penalty-schedule.ts';
export type { PenaltySchedule, StageCosts, StagePlan } from './supply-chain/serial/penalty-schedule.ts';
export { latticeLaw, normalLaw, poissonLaw, roundedNormalLaw, uniformLaw } from './supply-chain/serial/lattice-law.ts';
export type { LatticeLaw } from './supply-chain/serial/lattice-law.ts';
export { equalGains } from './market/equal-gains.ts';
export type { GainTransfer, Stake } from './market/equal-gains.ts';
