import type { Decider } from '../agent-core/agent/decision.ts';
import type { Duration, Micros } from '../agent-core/clock.ts';
import type { SignatureBackend } from '../agent-core/identity/signer.ts';
import type { Funds } from '../agent-core/ledger/funds.ts';
import type { Log } from '../agent-core/log.ts';
import type { SigningMode } from '../agent-core/message/seal.ts';
import type { PlannedFault } from './fault-plan.ts';
import type { LinkFaults } from './link.ts';
import type { MoneyOptions } from './money.ts';
import type { Link, Sending } from './network.ts';
import type { ShardOptions } from './shards/shard-options.ts';
import type { TraceRecord } from './trace.ts';

/** Options of `world`. */
export interface WorldOptions {
  /** Everything that is chance follows from it: keys, message ids, latencies, the agents' own draws. */
  readonly seed: number | string;
  /** Name of the realm; messages of another realm are refused. */
  readonly realm?: string;
  /** Signing mode; `batch` if left out. It never changes what happens: fingerprints are equal in all modes. */
  readonly sign?: SigningMode;
  /** Latency of every link: constant, or uniform between two bounds; or by link. 1 ms if left out. */
  readonly latency?: Duration | readonly [Duration, Duration] | LatencyByLink;
  /** Stop the run with the error of the first handler that throws. Otherwise errors are counted and logged. */
  readonly strict?: boolean;
  /** Ed25519 implementation; node:crypto where the runtime has it, else the portable one. */
  readonly backend?: SignatureBackend;
  /** Record every delivery: in `World.trace`, or by a function that sees each before its receiver does. */
  readonly record?: boolean | ((record: TraceRecord) => void);
  /** Called with each message as it leaves its sender, whether or not it will arrive. */
  readonly onSent?: (sending: Sending) => void;
  /** Answers in the place of the agents' policies, for one that learns; each is asked itself if left out. */
  readonly decider?: Decider;
  /** What goes wrong on the links between agents, at random; nothing if left out. */
  readonly faults?: LinkFaults | ((link: Link) => LinkFaults);
  /** Crashes, restarts and partitions, each at its time. */
  readonly faultPlan?: readonly PlannedFault[];
  /** Makes the log of an agent; silent if left out. */
  readonly log?: (agent: string) => Log;
  /** Agents hold accounts in a book of the world; false for a world without money. */
  readonly money?: MoneyOptions | false;
  /** This world is one part of one that runs in several processes; the whole of it if left out. */
  readonly shard?: ShardOptions | undefined;
}

/** Latencies that differ from link to link. */
export interface LatencyByLink {
  /** No link has less. News of who listens travels as fast, and so do questions to the book. */
  readonly least: Duration;
  /** Asked once a link: constant, or uniform between two bounds. */
  readonly of: (link: Link) => Duration | readonly [Duration, Duration];
}

/** Options of `World.spawn`. */
export interface SpawnOptions {
  readonly name?: string;
  /** What is issued to the agent: micro-tokens, or an amount of each asset. */
  readonly funds?: Funds;
}

/** Bounds of one `World.run`. */
export interface RunOptions {
  /** Virtual time from the start of the world at which to stop; without it the run ends when nothing is pending. */
  readonly until?: Duration;
  /** Events to process at most. */
  readonly maxEvents?: number;
  /** Events between two calls of `onProgress`; 4,096 if left out. */
  readonly progressEvents?: number;
  /** Called at least every `progressEvents` events and whenever async handlers have come to rest, outside handlers. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the run between events once it returns true. Asked as often as `onProgress`. */
  readonly done?: () => boolean;
}

/** Where a run stands. */
export interface Progress {
  readonly now: Micros;
  readonly events: number;
}

/** Why and where a run ended. */
export interface RunSummary extends Progress {
  readonly end: 'idle' | 'until' | 'max-events' | 'done';
}

/** Traffic of a world so far. */
export interface Traffic {
  /** Messages that were delivered. */
  readonly messages: number;
  /** UTF-8 bytes of the payloads that were sent. */
  readonly bytes: number;
  /** Messages that a link lost. */
  readonly lost: number;
  /** Copies that a link made. */
  readonly duplicated: number;
  /** Messages that a partition was in the way of. */
  readonly blocked: number;
}
