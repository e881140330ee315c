/** Scenarios: instances, agents in them, and how their outcomes are judged. */
export { SCENARIOS, scenarioName } from './registry.ts';
export type { ScenarioName } from './registry.ts';
export type { Assessment, Kpis, Objective, Population, RoundProgress, Scenario } from './scenario.ts';
export { generateInstance, loadInstance } from './instance-source.ts';
export type { FolderFiles, InstanceSource } from './instance-source.ts';
export { simulate } from './simulate.ts';
export type { Simulation, SimulationOptions, SimulationResult } from './simulate.ts';
export { workOn } from './split-run.ts';
export type { Meeting, SplitRun, WorkOptions } from './split-run.ts';
export { energy } from './energy/scenario.ts';
export type { EnergyProblem, EnergySolution } from './energy/scenario.ts';
export { gridDispatch } from './energy/grid-scenario.ts';
export { homeCommunities } from './energy/community/community-scenario.ts';
export type { CommunityHome, CommunityInstance } from './energy/community/community.ts';
export type { CommunityOptions, CommunityProblem } from './energy/community/options.ts';
export type { CommunitySolution } from './energy/community/solution.ts';
export { parseCityLearn } from './energy/community/city-learn.ts';
export { generateCommunity } from './energy/community/generator.ts';
export { communityLines } from './energy/community/references.ts';
export type { CommunityLines } from './energy/community/references.ts';
export { pooledOptimum } from './energy/community/optimum.ts';
export { FastCommunity, playCommunity } from './energy/community/fast-model.ts';
export type { FastOutcome } from './energy/community/fast-model.ts';
export type { Grid, GridBranch, GridBus, GridGenerator } from './energy/grid.ts';
export { flowsMw } from './energy/grid.ts';
export { parseMatpower } from './energy/matpower.ts';
export { toMatpower } from './energy/matpower-text.ts';
export { generateGrid } from './energy/generator.ts';
export { optimalDispatch } from './energy/optimum.ts';
export type { Dispatch, Optimum } from './energy/optimum.ts';
export { meritOrderDispatch } from './energy/baseline.ts';
export { scoreDispatch } from './energy/score.ts';
export type { DispatchScore, PricedDispatch } from './energy/score.ts';
export { solveProgram } from './energy/linear-program.ts';
export { ASSIGNMENT_COST_MAX, ASSIGNMENT_SIZE_MAX, parseAssignment } from './assignment/or-library.ts';
export type { AssignmentProblem } from './assignment/or-library.ts';
export { auctionAssignment, populateAuction } from './assignment/auction.ts';
export type { AuctionOptions, AuctionOutcome, PlacedAuction } from './assignment/auction.ts';
export { certify } from './assignment/certificate.ts';
export type { AssignmentCertificate } from './assignment/certificate.ts';
export { ANAC_CHARS_MAX, parseAnacDomain } from './bargaining/anac-domain.ts';
export type { AnacDomain, UtilityPair } from './bargaining/anac-domain.ts';
export { rideSharing } from './ride-sharing/scenario.ts';
export type { RideOptions, RideProblem } from './ride-sharing/options.ts';
export type {
  PlacePosition,
  PublishedRoutes,
  RideCosts,
  RideInstance,
  RideMap,
  RideRequest,
  RideVariant,
  RideVehicle,
} from './ride-sharing/instance.ts';
export type { RideSolution, RideTrade, Seen } from './ride-sharing/solution.ts';
export { parseDialARide } from './ride-sharing/dial-a-ride.ts';
export { parsePdptw } from './ride-sharing/pdptw.ts';
export { rideFormat } from './ride-sharing/format.ts';
export type { RideFormat } from './ride-sharing/format.ts';
export { parseRideFolder } from './ride-sharing/folder.ts';
export { competingFleets, parseFleetPy } from './ride-sharing/fleetpy.ts';
export { parseManhattan } from './ride-sharing/manhattan.ts';
export { generateCity } from './ride-sharing/city.ts';
export { assessRides } from './ride-sharing/score.ts';
export { ownTaxi, trivialContractNet } from './ride-sharing/references.ts';
export { OPTIMUM_REQUESTS_MAX, optimalRides } from './ride-sharing/optimum.ts';
export { supplyChain } from './supply-chain/scenario.ts';
export type { SupplyChainProblem, SupplyChainSolution } from './supply-chain/scenario.ts';
export { supplyNetworks } from './supply-chain/network-scenario.ts';
export type { NetworkProblem } from './supply-chain/network-scenario.ts';
export { SUPPLY_RULES } from './supply-chain/options.ts';
export type { SupplyOptions } from './supply-chain/options.ts';
export type {
  Disruption,
  MarketLane,
  SupplyInstance,
  SupplyItem,
  SupplyKind,
  SupplyLane,
  SupplyNetwork,
  SupplyNode,
} from './supply-chain/network.ts';
export { laneName } from './supply-chain/solution.ts';
export type { FirmAccount, SupplyPayment, SupplySolution } from './supply-chain/solution.ts';
export { parseTopology } from './supply-chain/topology.ts';
export type { SupplyTopology } from './supply-chain/topology.ts';
export { chosenInstance, parseSupplyFile, parseSupplyFolder } from './supply-chain/folder.ts';
export type { SupplyChoice, SupplyFolder } from './supply-chain/folder.ts';
export { generateSupply } from './supply-chain/generator.ts';
export { SupplyEnvironment } from './supply-chain/environment.ts';
export type { SupplyHistory } from './supply-chain/environment.ts';
export { supplyOptimum } from './supply-chain/optimum.ts';
export { localRuleOrders, runLocalRule } from './supply-chain/references.ts';
export type { LocalRuleOptions, LocalRuleRun } from './supply-chain/references.ts';
export { replay, supplyKpis } from './supply-chain/score.ts';
export type { Replay } from './supply-chain/score.ts';
export { supplyViolations } from './supply-chain/violations.ts';
export { serialChains } from './supply-chain/serial-scenario.ts';
export type { SerialInstance, SerialProblem, SerialRule } from './supply-chain/serial-instance.ts';
export type { SerialFirm, SerialSolution } from './supply-chain/serial-solution.ts';
export { parseStockpyl } from './supply-chain/serial-stockpyl.ts';
export { generateBeer } from './supply-chain/beer-settings.ts';
export { fastBaseStock, fastSterman, playFast } from './supply-chain/beer-game.ts';
export type { FastGame, FastRule } from './supply-chain/beer-game.ts';
export { learnedPolicies } from './learned-policies.ts';
export { rolePolicies } from './role-policies.ts';
export type { PolicySource } from './role-policies.ts';
export { evaluate } from './evaluate.ts';
export type { Candidate, CandidateResult, Comparison, Evaluation, EvaluationOptions } from './evaluate.ts';
export { worldEnv } from './learning/world-env.ts';
export type { WorldEnvOptions } from './learning/world-env.ts';
export type { AskedTurn, Asker, EndedTurn, RunEpisode } from './learning/episode.ts';
export { scenarioEnv } from './learning/scenario-env.ts';
export type { ScenarioEnvOptions } from './learning/scenario-env.ts';
export type { ScenarioReward } from './learning/scenario-episode.ts';
