/** The library: what an author of agents and protocols needs, in reading order. */
// Agents and their conversations.
export { defineAgent } from './agent/agent.ts';
export type {
  Agent,
  AgentBuilder,
  AgentFactory,
  AgentSpec,
  HandlerResult,
  Handlers,
  PlayOptions,
} from './agent/agent.ts';
export type { Context, DialogueOptions, TimerId, TimerTag } from './agent/context.ts';
export type {
  Answer,
  Delivery,
  Dialogue,
  DialogueEnd,
  DialogueOutcome,
  NoAnswer,
  Received,
  Sent,
} from './agent/dialogue.ts';
export { defineProgram } from './agent/program.ts';
export type { Following, Heard, OpeningOf, Program, Run } from './agent/program.ts';
export type { Hold, LedgerAccess, Payment, Receipt, Unnamed } from './agent/ledger-access.ts';

// Protocols: the means to make, describe and prove them,
export { defineProtocol } from './protocol/protocol.ts';
export type { DialogueStates, MessageSpec, Protocol, ProtocolSpec } from './protocol/protocol.ts';
export type { AnyProtocol, BodyOf, Hears, RoleOf, Says, TypeOf } from './protocol/conversation-types.ts';
export { PERFORMATIVES } from './protocol/performative.ts';
export type { Performative } from './protocol/performative.ts';
export { did } from './protocol/did.ts';
export { amount } from './protocol/amount.ts';
export type { MicroTokens } from './protocol/amount.ts';
export { createCancellation } from './protocol/cancellation.ts';
export type { Cancellation } from './protocol/cancellation.ts';
export type { Failed } from './protocol/failed.ts';
export { bearsOut, proveOutcome } from './protocol/dialogue-record.ts';
export type { ProvenOutcome, RecordQuestion } from './protocol/dialogue-record.ts';
export type { FaultCode, ProvenFault } from './protocol/dialogue-faults.ts';
export { stateDiagram } from './protocol/diagram.ts';
export { messageReference, protocolSchema } from './protocol/reference.ts';
export type { MessageReference, ProtocolSchema } from './protocol/reference.ts';

// those of the library: FIPA's plain conversations,
export { request } from './protocol/request.ts';
export type {
  Performed,
  RequestCall,
  RequestHeard,
  RequestPolicy,
  RequestProtocol,
  RequestResult,
  RequestSpec,
} from './protocol/request.ts';
export { query } from './protocol/query.ts';
export type {
  Answered,
  QueryCall,
  QueryHeard,
  QueryIfCall,
  QueryPolicy,
  QueryProtocol,
  QueryRefCall,
  QueryResult,
  QuerySpec,
} from './protocol/query.ts';
export { SUBSCRIBERS_MAX, SUBSCRIPTIONS_OF_PEER_MAX, subscribe } from './protocol/subscribe.ts';
export type {
  Informed,
  Publisher,
  PublisherPolicy,
  SubscribeHeard,
  SubscribeProtocol,
  SubscribeResult,
  SubscribeSpec,
  Subscriber,
  Subscribing,
} from './protocol/subscribe.ts';
export { propose } from './protocol/propose.ts';
export type {
  Offering,
  ProposeDecision,
  ProposeHeard,
  ProposePolicy,
  ProposeProtocol,
  ProposeResult,
  ProposeSpec,
} from './protocol/propose.ts';

// calls for proposals,
export { contractNet } from './protocol/contract-net.ts';
export type {
  Answers,
  Call,
  ContractNet,
  ContractNetResult,
  Disputed,
  Fulfilled,
  Proposal,
  Unfulfilled,
} from './protocol/contract-net.ts';
export type { CallTerms, TenderResult } from './protocol/contract-net-tender.ts';
export type { ContractNetSpec } from './protocol/contract-net-protocol.ts';
export { AwardGivenBack, RefusedCall } from './protocol/contract-net-participant.ts';
export type { Award, CallHeard, Contractor } from './protocol/contract-net-participant.ts';
export { CALL_ROUNDS_MAX, iteratedContractNet } from './protocol/iterated-contract-net.ts';
export type {
  IteratedCall,
  IteratedContractNet,
  IteratedResult,
  Round,
  RoundDecision,
} from './protocol/iterated-contract-net.ts';
export { SETTLEMENT_MICROS, escrowId, escrowNotice, lockEscrow } from './protocol/escrow.ts';
export type { Escrow, EscrowNotice, EscrowParty, EscrowTerms } from './protocol/escrow.ts';

// auctions,
export { englishAuction } from './protocol/english-auction.ts';
export type { EnglishAuction, EnglishBidder, EnglishCall } from './protocol/english-auction.ts';
export { dutchAuction } from './protocol/dutch-auction.ts';
export type { DutchAuction, DutchBidder, DutchCall } from './protocol/dutch-auction.ts';
export { sealedBidAuction } from './protocol/sealed-bid-auction.ts';
export type {
  SealedBidAuction,
  SealedBidCall,
  SealedBidReport,
  SealedBidResult,
} from './protocol/sealed-bid-auction.ts';
export type { SealedBidBidder } from './protocol/sealed-bid-bidder.ts';
export type { SealedBidTerms } from './protocol/sealed-bid-protocol.ts';
export {
  SEALED_BID_FAULTS,
  checkSealedBidOutcome,
  commitmentOf,
  commitmentsDigest,
  drawNonce,
  sealedBidOutcome,
} from './protocol/sealed-bid.ts';
export type {
  PublishedBid,
  SealedBid,
  SealedBidFault,
  SealedBidOutcome,
  SealedBidPublication,
  SealedBidRule,
} from './protocol/sealed-bid.ts';
export type {
  Absent,
  Attended,
  AuctionCall,
  AuctionResult,
  AuctionSpec,
  BidderOutcome,
  BidderPolicy,
  PaymentWay,
  Sale,
  Verdict,
} from './protocol/auction.ts';

// markets,
export { ContinuousDoubleAuction, ORDER_ENDS } from './protocol/continuous-double-auction.ts';
export type {
  ContinuousDoubleAuctionProtocol,
  OrderEnd,
  OrderFill,
  OrderResult,
  OrderWish,
  Terms,
} from './protocol/continuous-double-auction.ts';
export { CallMarket, checkClearing, DISCLOSED_ORDERS } from './protocol/call-market.ts';
export type { CallMarketProtocol, ClearedOrder, SealedResult, SealedWish } from './protocol/call-market.ts';
export { backingFault, costOf, ORDER_REFUSALS } from './protocol/market-order.ts';
export type { Cost, OrderRefusal } from './protocol/market-order.ts';
export { MarketTicker } from './protocol/market-ticker.ts';
export type { Tick } from './protocol/market-ticker.ts';

// bargaining,
export { alternatingOffers } from './protocol/alternating-offers.ts';
export type {
  AlternatingOffers,
  AlternatingOffersSpec,
  Bargainer,
  BargainingResult,
  Invitation,
  Invited,
} from './protocol/alternating-offers.ts';
export { stackedAlternatingOffers } from './protocol/stacked-alternating-offers.ts';
export type {
  PartyResult,
  SeatedBargainer,
  Seating,
  Sitting,
  SittingResult,
  StackedAlternatingOffers,
  StackedOffersSpec,
} from './protocol/stacked-alternating-offers.ts';

// matching, and agreement of a whole network.
export { AssignmentAuction } from './protocol/assignment-auction.ts';
export type { SellerOptions } from './protocol/assignment-auction.ts';
export { assignmentTerms } from './protocol/assignment-terms.ts';
export type { AssignmentMode, AssignmentSize, AssignmentTerms } from './protocol/assignment-terms.ts';
export type { BidderCounts, BidderInput, BidderResult } from './protocol/assignment-bidder.ts';
export type { ClerkInput, ClerkResult } from './protocol/assignment-clerk.ts';
export { createSale } from './protocol/assignment-sale.ts';
export type { AssignmentSale, SaleResult } from './protocol/assignment-sale.ts';
export {
  AVERAGE_ROUNDS_MAX,
  AVERAGE_VALUE_MAX,
  AverageConsensus,
  createAverage,
} from './protocol/average-consensus.ts';
export type { AverageMember, AverageResult, AverageState, AverageStop } from './protocol/average-consensus.ts';
export { playNeighbour } from './protocol/neighbourhood.ts';
export type { NeighbourHeard, NeighbourMember, NeighbourProtocol, NeighbourSay } from './protocol/neighbourhood.ts';
export { PriceCoordination } from './protocol/price-coordination.ts';

// Bargaining itself: what can be agreed on, what it is worth, how to concede.
export { outcomeSpace } from './negotiation/outcome-space.ts';
export type { Outcome, OutcomeSpace } from './negotiation/outcome-space.ts';
export type {
  CategoricalIssue,
  ContinuousIssue,
  IntegerIssue,
  Issue,
  IssueScale,
  IssueValue,
} from './negotiation/issue.ts';
export { additivePreferences, discountOfRounds, normalised, preferencesOf } from './negotiation/preferences.ts';
export type { AdditiveSpec, Preferences, ValueUtilities } from './negotiation/preferences.ts';
export type {
  Heard as HeardOffer,
  Moment,
  NegotiationStrategy,
  Negotiator,
  NegotiatorResponse,
  NegotiatorSetup,
} from './negotiation/negotiator.ts';
export { adaptive } from './negotiation/adaptive.ts';
export {
  boulware,
  conceder,
  hardHeaded,
  linear,
  timeDependent,
  titForTat,
  zeroIntelligence,
} from './negotiation/plain-strategies.ts';
export { negotiate, utilityOf } from './negotiation/alternating-offers.ts';
export type {
  NegotiationParty,
  NegotiationRecord,
  NegotiationSpec,
  NegotiationTurn,
} from './negotiation/alternating-offers.ts';
export { analyseBargaining, productOfGains } from './negotiation/bargaining-points.ts';
export type { BargainingAnalysis } from './negotiation/bargaining-points.ts';

// Markets.
export { ORDER_BOUNDS, accepts, checkOrder, opposite } from './market/order.ts';
export type { Order, RestingOrder, Side, Submission, Trade } from './market/order.ts';
export { createOrderBook, restoreOrderBook } from './market/order-book.ts';
export type { BookLimits, BookTrade, OrderBook, OrderReceipt, PriceLevel } from './market/order-book.ts';
export type { BookSnapshot } from './market/book-snapshot.ts';
export { clearUniformPrice } from './market/uniform-price.ts';
export type { Clearing, ClearingRule, Fill } from './market/uniform-price.ts';
export type { Crossing } from './market/crossing.ts';
export { allocativeEfficiency, convergenceCoefficient, equilibrium, realisedSurplus } from './market/efficiency.ts';
export type { PrivateValue } from './market/efficiency.ts';
export { zeroIntelligenceQuote } from './market/zero-intelligence.ts';
export type { QuoteDraw } from './market/zero-intelligence.ts';
export { drawZipTrader, zipHears, zipQuote } from './market/zip.ts';
export type { Shout, ZipHearing, ZipTrader } from './market/zip.ts';

// Money.
export { createEvidenceCheck } from './ledger/evidence-check.ts';
export type { EvidenceCheck } from './ledger/evidence-check.ts';
export { isOpenChain, openChain, sealChain } from './ledger/sealed-chain.ts';
export type { SealedChain } from './ledger/sealed-chain.ts';
export { createLedger } from './ledger/ledger.ts';
export type { Ledger } from './ledger/ledger.ts';
export { ISSUER, LEDGER_CODES, TOKEN } from './ledger/operation.ts';
export type {
  Account,
  Asset,
  Balance,
  ChainOutcome,
  Issuance,
  LedgerCode,
  Operation,
  Owner,
  Post,
  Refused,
  Release,
  Reservation,
  ReservationState,
  Reserve,
  Transfer,
  Void,
} from './ledger/operation.ts';
export type { LedgerPort } from './ledger/port.ts';
export type { LedgerView } from './ledger/ledger-view.ts';
export type { Funds } from './ledger/funds.ts';
export { restoreLedger, snapshotLedger } from './ledger/snapshot.ts';
export type { LedgerSnapshot } from './ledger/snapshot.ts';
export { auditLedger } from './ledger/audit.ts';
export type { LedgerAudit } from './ledger/audit.ts';

// Finding others, and mail for those who are away.
export type { AgentsWanted, DirectoryAccess } from './agent/directory-access.ts';
export type { AgentCard, CardWords, PlayedProtocol } from './directory/card.ts';
export { checkRecordFraud } from './directory/fraud.ts';
export type { NoRecordFraud, RecordFraud, RecordFraudProof } from './directory/fraud.ts';
export type { DirectoryPort } from './directory/port.ts';
export type { DirectoryQuery } from './directory/query.ts';
export { isRecordRefusal, openRecord, RECORD_REFUSALS, sealRecord } from './directory/record.ts';
export type { AgentRecord, OpenRecord, RecordRefusal, RecordRefusalCode, SealedRecord } from './directory/record.ts';
export { createRecordStore } from './directory/record-store.ts';
export type { Arrival, RecordStore, StoreLimits, StoreOptions, Taken } from './directory/record-store.ts';
export { MAIL_HEADER } from './message/mail.ts';
export type { Letter, LetterRefusal, MailPort, MailWay } from './message/mail.ts';

// Time, chance, errors, bounds.
export { micros, seconds } from './clock.ts';
export type { Clock, Duration, Micros } from './clock.ts';
export { createRandomRoot } from './random.ts';
export type { RandomRoot, RandomStream } from './random.ts';
export type { Log, LogEntry } from './log.ts';
export { AssertionError, HaggleError, assert } from './errors.ts';
export { LIMITS } from './limits.ts';

// Identity, and what is signed.
export { didOf, isDid, publicKeyOf } from './identity/did-key.ts';
export type { Did } from './identity/did-key.ts';
export { nkeyOf, nkeyOfKind, publicKeyOfNkey } from './identity/nkey.ts';
export type { NkeyKind } from './identity/nkey.ts';
export { boxKeyOf } from './identity/box-key.ts';
export type { BoxKey } from './identity/box-key.ts';
export { openKeyRotation, signKeyRotation } from './identity/key-rotation.ts';
export type { KeyRotation, KeyRotationInput } from './identity/key-rotation.ts';
export { portableBackend } from './identity/portable.ts';
export { verifyStrict } from './identity/strict.ts';
export type { SignatureBackend, Signer } from './identity/signer.ts';
export { canonicalize } from './message/canonical.ts';
export type { JsonValue } from './message/canonical.ts';
export type { Envelope } from './message/envelope.ts';
export { checkEquivocation } from './message/equivocation.ts';
export { createVerifiedRoots } from './message/evidence.ts';
export type { VerifiedRoots } from './message/evidence.ts';
export { createAuditor, createOpener } from './message/open.ts';
export type { Auditor, RecordedMessage } from './message/open.ts';
export { REFUSALS } from './message/refusals.ts';
export type { Refusal, RefusalCode } from './message/refusals.ts';
export { createReplayWindow } from './message/replay-window.ts';
export type { NumberedMessage } from './message/replay-window.ts';
export { createSealer } from './message/seal.ts';
export type { Sealed, SigningMode } from './message/seal.ts';

// For whoever hosts agents.
export type { PendingTimer } from './agent/set-timer.ts';
export type { Bus, BusMessage, Headers, PublishOptions, SubscribeOptions, Subscription } from './bus/bus.ts';
export { subjects } from './bus/subjects.ts';
export { BROKER_ROLES, permissionsOf, permissionTemplate, streamsOf, SUBJECT_CLASSES } from './bus/permissions.ts';
export type { BrokerRole, Holder, Permissions, SubjectClass } from './bus/permissions.ts';
export { decodeState, encodeState } from './agent/state-codec.ts';
export { AgentRuntime } from './agent/runtime.ts';
export type { RuntimeCounters } from './agent/runtime.ts';
export type { LifecycleState } from './agent/lifecycle.ts';
export type { LostDialogue } from './agent/lost-dialogue.ts';
export type { Host } from './agent/host.ts';
export { compileNetwork, inferenceKernel } from './policy/kernel/compile.ts';
export type { InferenceKernel } from './policy/kernel/compile.ts';
export { referenceNetwork } from './policy/kernel/reference.ts';
export { NETWORK_LIMITS } from './policy/network.ts';
export type { Activation, DenseLayer, Layer, LayerNorm, Network, NetworkDescription } from './policy/network.ts';
export { networkPolicy } from './policy/network-policy.ts';
export type { NetworkPolicyOptions, NetworkPolicySpec, Normaliser } from './policy/network-policy.ts';
export { formatPolicyFile, parsePolicyFile, POLICY_FILE_LIMITS, policyOf } from './policy/policy-file.ts';
export type { PolicyFile, PolicyOrigin } from './policy/policy-file.ts';
export { decide, definePolicy, observationHash } from './policy/policy.ts';
export type { Asked, Decider, DecisionRecord } from './agent/decision.ts';
export { holm, meanInterval, pairedDifference } from './statistics.ts';
export type { MeanInterval, PairedDifference } from './statistics.ts';
export type { Asker, Decision, Policy, PolicySpec } from './policy/policy.ts';
export { box, discrete } from './policy/space.ts';
export type { ActionSpace, Box, Discrete, Feature, Mask } from './policy/space.ts';
export type { Actions, DecisionEnv, Turn, Turns } from './learning/decision-env.ts';
export { checkAction, checkActions, sampleAction } from './learning/actions.ts';
export { trainedNetwork, type Anatomy, type Snapshot } from './learning/actor.ts';
export type { Schedule } from './learning/schedule.ts';
export { parallelEnv } from './learning/parallel-env.ts';
export type { Info, ParallelEnv, ParallelReset, ParallelStep } from './learning/parallel-env.ts';
export { aecEnv, type AecEnv, type Last } from './learning/aec-env.ts';
export { checkEnv } from './learning/check-env.ts';
export type { CheckEnvOptions, EnvReport } from './learning/check-env.ts';
export type { EnvFault, EnvFinding, EnvPlace } from './learning/env-findings.ts';
export { bridge, BRIDGE_LINE_CHARS, BRIDGE_PROTOCOL, type Bridge } from './learning/bridge.ts';
