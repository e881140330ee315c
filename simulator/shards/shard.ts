import { decodeState, encodeState } from '../../agent-core/agent/state-codec.ts';
import type { Micros } from '../../agent-core/clock.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { JsonValue } from '../../agent-core/message/canonical.ts';
import { hashPath } from '../../agent-core/stream-hash.ts';
import type { RunFailure } from '../drive.ts';
import type { Fingerprint } from '../fingerprint.ts';
import type { Kernel } from '../kernel.ts';
import type { BookReport, Money } from '../money.ts';
import type { Network, NetworkCounters } from '../network.ts';
import type { Notice, Notices } from '../notices.ts';
import type { Placement } from '../placement.ts';
import { recordDeliveries, type TraceRecord } from '../trace.ts';
import type { AbsentAgent, AgentReport } from './absent.ts';
import type { Parcel, SendElsewhere } from './parcel.ts';
import type { ShardOptions } from './shard-options.ts';

/** What a part of a world has for the others since it was asked last. */
export interface ShardOutput {
  /** By worker. */
  readonly parcels: ReadonlyMap<number, readonly Parcel[]>;
  readonly notices: readonly Notice[];
  /** Time of the earliest parcel; `Infinity` where there is none. */
  readonly earliest: Micros;
  readonly records: readonly TraceRecord[];
}

/** What one part of a world reports at the end. */
export interface ShardReport {
  readonly events: number;
  readonly counters: NetworkCounters;
  /** How often policies were asked here, by their hash. */
  readonly decisions: Readonly<Record<string, number>>;
  /** By endpoint. */
  readonly fingerprints: Readonly<Record<string, string>>;
  readonly agents: readonly JsonValue[];
  readonly book: BookReport | null;
}

/** One part of a world that runs in several processes, as whoever drives it sees it. */
export interface Shard {
  readonly worker: number | null;
  readonly workers: number;
  /** No part hears of another within this time. */
  readonly lookahead: Micros;
  /** A hash of the names of all agents in the order of placing: parts of one world agree on it. */
  readonly plan: string;
  /** Time of the first pending event; `Infinity` where there is none. */
  next(): Micros;
  /** Time of the last event. */
  now(): Micros;
  /** Takes in what comes from other parts. @throws HaggleError `bad-parcel`, `bad-notice`, `time-in-past` */
  accept(parcels: readonly Parcel[]): void;
  learn(notices: readonly Notice[]): void;
  /** Runs all events before `end`; the failure that stopped it, or null. */
  advance(end: Micros): Promise<RunFailure | null>;
  take(): ShardOutput;
  /** Says that no window follows. */
  close(): void;
  /** What became of the agents here, at the end of all. */
  report(now: Micros): ShardReport;
  /** Takes over what all parts reported. */
  gather(reports: readonly ShardReport[], now: Micros): void;
  /** Hands a record of a delivery elsewhere to whoever records this world. */
  readonly record: (record: TraceRecord) => void;
}

/** What a shard works on. */
export interface ShardParts extends ShardOptions {
  readonly lookahead: Micros;
  readonly kernel: Kernel;
  readonly network: Network;
  readonly notices: Notices;
  readonly money: Money | null;
  readonly fingerprint: Fingerprint;
  readonly placements: ReadonlyMap<string, Placement<unknown> | AbsentAgent>;
  readonly advance: (end: Micros) => Promise<RunFailure | null>;
  readonly close: () => void;
  /** Events here that every part has, where another counts them. */
  readonly countedElsewhere: () => number;
  readonly record: (record: TraceRecord) => void;
}

/** What goes out of a part of a world, until somebody takes it. */
export interface Departures {
  readonly sendElsewhere: SendElsewhere;
  readonly post: (notice: Notice) => void;
  take(): Omit<ShardOutput, 'records'>;
}

/** The worker that keeps the book of the world. */
export const BOOK_WORKER = 0;

/** Gathers what goes out, by worker. */
export function createDepartures(workerOf: (agent: string) => number): Departures {
  let parcels = new Map<number, Parcel[]>();
  let notices: Notice[] = [];
  let earliest = Infinity;
  return {
    sendElsewhere: (to, parcel) => {
      const worker = to === 'book' ? BOOK_WORKER : workerOf(to.agent);
      const before = parcels.get(worker);
      if (before === undefined) parcels.set(worker, [parcel]);
      else before.push(parcel);
      earliest = Math.min(earliest, parcel.key.time);
    },
    post: (notice) => void notices.push(notice),
    take: () => {
      const output = { parcels, notices, earliest };
      parcels = new Map();
      notices = [];
      earliest = Infinity;
      return output;
    },
  };
}

/** @throws HaggleError `no-lookahead` where some link has no latency; `bad-shard` for a worker that cannot be */
export function createShard(parts: ShardParts, departures: Departures): WorldShard {
  const { worker, workers, lookahead } = parts;
  if (!Number.isInteger(workers) || workers < 1 || (worker !== null && !(worker >= 0 && worker < workers))) {
    throw new HaggleError('bad-shard', `a world cannot be split into ${workers} parts of which this is ${worker}`);
  }
  if (lookahead < 1) {
    const problem = 'the least latency of its links is 0 us, so no part of it could run ahead of another';
    throw new HaggleError('no-lookahead', `splitting a world: ${problem}; give every link at least 1 us`);
  }
  return new WorldShard(parts, departures);
}

/** A {@link Shard} and what it was told at the end. */
export class WorldShard implements Shard {
  readonly worker: number | null;
  readonly workers: number;
  readonly lookahead: Micros;
  readonly record: (record: TraceRecord) => void;
  readonly #parts: ShardParts;
  readonly #departures: Departures;
  #records: TraceRecord[] = [];
  /** Fingerprints of all endpoints, once they were gathered. */
  heard: Pick<Fingerprint, 'of' | 'endpoints'> | null = null;
  /** Traffic of all parts, once it was gathered. */
  counters: NetworkCounters | null = null;
  /** How often policies were asked in all parts, once that was gathered. */
  decisions: ReadonlyMap<string, number> | null = null;
  /** Events of all parts, once they were gathered. */
  events = 0;

  constructor(parts: ShardParts, departures: Departures) {
    this.#parts = parts;
    this.#departures = departures;
    this.worker = parts.worker;
    this.workers = parts.workers;
    this.lookahead = parts.lookahead;
    this.record = parts.record;
    if (parts.trace === true) recordDeliveries(parts, (record) => void this.#records.push(record));
  }

  get plan(): string {
    const { placements } = this.#parts;
    return hashPath([...placements].flatMap(([name, { placed }]) => [name, placed.did]))
      .map((word) => word.toString(16).padStart(8, '0'))
      .join('');
  }

  next(): Micros {
    return this.#parts.kernel.nextTime;
  }

  now(): Micros {
    return this.#parts.kernel.now();
  }

  accept(parcels: readonly Parcel[]): void {
    const { network, money } = this.#parts;
    for (const { key, cargo } of parcels) {
      if (cargo.type === 'message') network.accept(key, cargo);
      else if (money === null)
        throw new HaggleError('bad-parcel', `"${cargo.agent}" speaks of money; this world has none`);
      else money.accept(key, cargo);
    }
  }

  learn(notices: readonly Notice[]): void {
    for (const notice of notices) this.#parts.notices.accept(notice);
  }

  async advance(end: Micros): Promise<RunFailure | null> {
    return await this.#parts.advance(end);
  }

  close(): void {
    this.#parts.close();
  }

  take(): ShardOutput {
    const records = this.#records;
    this.#records = [];
    return { ...this.#departures.take(), records };
  }

  report(now: Micros): ShardReport {
    const { kernel, network, money, fingerprint, placements, worker, countedElsewhere } = this.#parts;
    kernel.run({ until: now });
    const fingerprints = fingerprint.endpoints().map((name) => [name, fingerprint.of(name)] as const);
    return {
      events: kernel.processed - countedElsewhere(),
      counters: network.counters,
      decisions: Object.fromEntries(network.decisions),
      fingerprints: Object.fromEntries(fingerprints),
      agents: [...placements.values()].filter(({ here }) => here).map(({ placed }) => reportOf(placed)),
      book: worker === BOOK_WORKER ? (money?.report() ?? null) : null,
    };
  }

  gather(reports: readonly ShardReport[], now: Micros): void {
    const { kernel, money, placements } = this.#parts;
    kernel.run({ until: now });
    const prints = new Map(reports.flatMap(({ fingerprints }) => Object.entries(fingerprints)));
    const endpoints = [...prints.keys()].toSorted((a, b) => (a < b ? -1 : 1));
    this.heard = { endpoints: () => endpoints, of: (name) => prints.get(name) ?? this.#parts.fingerprint.of(name) };
    this.counters = sumOf(reports.map(({ counters }) => counters));
    this.decisions = decisionsOf(reports);
    this.events = reports.reduce((sum, { events }) => sum + events, 0);
    for (const agent of reports.flatMap(({ agents }) => agents.map(agentReport))) {
      const placement = placements.get(agent.name);
      if (placement === undefined || !('tell' in placement)) {
        throw new HaggleError('bad-report', `a worker reports on "${agent.name}", which is not its own`);
      }
      placement.tell(agent);
    }
    for (const { book } of reports) if (book !== null) money?.restore(book);
  }
}

function reportOf({ name, lifecycle, counters, state }: Placement<unknown>['placed']): JsonValue {
  const about = { name, lifecycle, counters: encodeState({ ...counters }) };
  try {
    return { ...about, state: encodeState(state) };
  } catch (error) {
    if (!(error instanceof HaggleError)) throw error;
    // Only who reads it need know.
    return { ...about, problem: error.message };
  }
}

function agentReport(json: JsonValue): AgentReport {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the form was checked on receipt
  const { name, lifecycle, counters, state, problem } = json as unknown as {
    readonly name: string;
    readonly lifecycle: AgentReport['lifecycle'];
    readonly counters: JsonValue;
    readonly state: JsonValue;
    readonly problem?: string;
  };
  let decoded: { readonly state: unknown } | null = null;
  return {
    name,
    lifecycle,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as encoded by reportOf
    counters: decodeState(counters) as AgentReport['counters'],
    state: () => {
      if (problem !== undefined)
        throw new HaggleError('state-not-plain', `the state of "${name}" cannot travel: ${problem}`);
      decoded ??= { state: decodeState(state) };
      return decoded.state;
    },
  };
}

function decisionsOf(reports: readonly ShardReport[]): ReadonlyMap<string, number> {
  const all = new Map<string, number>();
  for (const [policy, count] of reports.flatMap(({ decisions }) => Object.entries(decisions))) {
    all.set(policy, (all.get(policy) ?? 0) + count);
  }
  return all;
}

function sumOf(all: readonly NetworkCounters[]): NetworkCounters {
  const add = (key: keyof NetworkCounters): number => all.reduce((sum, counters) => sum + counters[key], 0);
  return {
    published: add('published'),
    delivered: add('delivered'),
    dropped: add('dropped'),
    bytes: add('bytes'),
    noResponders: add('noResponders'),
    lost: add('lost'),
    duplicated: add('duplicated'),
    blocked: add('blocked'),
  };
}
