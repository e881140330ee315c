/** The simulator: agents in virtual time, in one process, the same on every run. */
export { world } from './world.ts';
export type { World } from './world.ts';
export type { Progress, RunOptions, RunSummary, SpawnOptions, Traffic, WorldOptions } from './world-options.ts';
export { randomFaults } from './random-faults.ts';
export type { RandomFaults, RandomFaultsOptions } from './random-faults.ts';
export type { PlannedFault } from './fault-plan.ts';
export type { Fate, FaultModel, LinkFaults, Partition } from './link.ts';
export type { LedgerEntry, MoneyOptions, WorldLedger } from './money.ts';
export type { Funds } from '../agent-core/ledger/funds.ts';
export type { PlacedAgent } from './placed-agent.ts';
export { fingerprintOfTrace, traceRecord } from './trace.ts';
export type { TraceRecord } from './trace.ts';
export { createKernel } from './kernel.ts';
export type { EventSource, Kernel, KernelOptions, RunEnd } from './kernel.ts';
export type { EventHandle, OrderKey } from './event-queue.ts';
export { createNetwork } from './network.ts';
export type {
  Delivery,
  LatencyModel,
  LatencyRange,
  Link,
  Network,
  NetworkCounters,
  NetworkOptions,
  Sending,
} from './network.ts';
export { createFingerprint, fingerprintOf } from './fingerprint.ts';
export type { Fingerprint } from './fingerprint.ts';
export { createGuard } from '../agent-core/agent/guard.ts';
export type { Guard } from '../agent-core/agent/guard.ts';
export { coordinate } from './shards/coordinator.ts';
export type { Coordination, CoordinatorOptions, ShardedSummary } from './shards/coordinator.ts';
export { work } from './shards/worker.ts';
export type { WorkerOptions, WorkerPart } from './shards/worker.ts';
export type { Shard } from './shards/shard.ts';
export type { ShardOptions } from './shards/shard-options.ts';
export type { Wall, WallMillis } from './shards/wall.ts';
export type { Notice, Notices } from './notices.ts';
