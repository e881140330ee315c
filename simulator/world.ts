import type { Agent } from '../agent-core/agent/agent.ts';
import { createGuard, type Guard } from '../agent-core/agent/guard.ts';
import type { Host } from '../agent-core/agent/host.ts';
import type { Bus } from '../agent-core/bus/bus.ts';
import type { Micros } from '../agent-core/clock.ts';
import { HaggleError } from '../agent-core/errors.ts';
import type { Did } from '../agent-core/identity/did-key.ts';
import type { SignatureBackend, Signer } from '../agent-core/identity/signer.ts';
import { noLedger } from '../agent-core/ledger/port.ts';
import type { AgentCard } from '../agent-core/directory/card.ts';
import { silentLog } from '../agent-core/log.ts';
import { createVerifiedRoots, type VerifiedRoots } from '../agent-core/message/evidence.ts';
import { createRandomRoot, type RandomRoot } from '../agent-core/random.ts';
import { createDirectory, type Directory } from './directory.ts';
import { Driver } from './drive.ts';
import { chainsFingerprint, fingerprintOf, globalFingerprint, withChains, type Fingerprint } from './fingerprint.ts';
import { badPlan, layOut, type FaultStep } from './fault-plan.ts';
import { simulatedHost } from './host.ts';
import { createKernel, type EventSource, type Kernel } from './kernel.ts';
import { latencies } from './latencies.ts';
import { checkLinkFaults } from './link.ts';
import { createMailbox } from './mailbox.ts';
import { createMoney, type Money, type WorldLedger } from './money.ts';
import { createNetwork, type Network } from './network.ts';
import { createNotices } from './notices.ts';
import type { PlacedAgent } from './placed-agent.ts';
import { place, type Placement } from './placement.ts';
import { absentAgent } from './shards/absent.ts';
import type { SendElsewhere } from './shards/parcel.ts';
import { BOOK_WORKER, createDepartures, createShard, type Shard, type WorldShard } from './shards/shard.ts';
import { defaultBackend } from './signature-backend.ts';
import type { WorldOptions, SpawnOptions, RunOptions, RunSummary, Traffic } from './world-options.ts';
import { recordDeliveries, type TraceRecord } from './trace.ts';

/** A deterministic simulation of agents in one process. */
export interface World {
  readonly realm: string;
  /** Chance for whoever sets the world up; agents have streams of their own. */
  readonly random: RandomRoot;
  now(): Micros;
  /** The address that an agent of this name has or will have. */
  didOf(name: string): Did;
  /**
   * Places an agent; it starts at the present virtual time. Names are unique; without one the agent's own is numbered.
   *
   * @throws HaggleError `duplicate-agent`; `bad-funds` for amounts that cannot be issued, `no-ledger` for any in a world
   * without money; whatever the agent's setup throws, after which the name is still free.
   */
  spawn<Params, State>(agent: Agent<Params, State>, options?: SpawnOptions): PlacedAgent<State>;
  /**
   * Runs until nothing is pending, or to a bound.
   *
   * @throws HaggleError `foreign-await` where a handler waits on something else than `ctx`; in a strict world the error of
   * a handler; `world-running` while it runs; `bad-time` for an `until` in the past; `bad-fault-plan` where a fault is due for an
   * agent that is not placed.
   */
  run(options?: RunOptions): Promise<RunSummary>;
  /**
   * Hash over every delivery so far and, once there are any, over every chain that was submitted to the ledger; of one agent where
   * its name is given. Signatures are not part of it.
   */
  fingerprint(agent?: string): string;
  /** Hash over every chain that was submitted to the ledger, which is part of the world's fingerprint; null before the first. */
  chainsFingerprint(): string | null;
  /** Who holds what. @throws HaggleError `no-ledger` in a world without money */
  readonly ledger: WorldLedger;
  /** The cards of the agents that can be found now, by address. */
  readonly directory: readonly AgentCard[];
  /** Every delivery so far, where the world was made with `record: true`. */
  readonly trace: readonly TraceRecord[];
  readonly traffic: Traffic;
  /** How often policies were asked so far, by their hash. */
  readonly decisions: ReadonlyMap<string, number>;
  readonly agents: readonly PlacedAgent<unknown>[];
  /** What drives this world where it is one part of several; null where it is the whole. */
  readonly shard: Shard | null;
}

/** Agents start before anything else happens at their instant. */
const START_PRIORITY = -1;
/** Planned faults happen before anything else at their instant. */
const FAULT_PRIORITY = -2;

/**
 * Makes a world. Nothing runs until {@link World.run}.
 *
 * @throws HaggleError `bad-seed`, `bad-duration`, `bad-link-faults`, `bad-fault-plan`, `bad-partition`; `no-lookahead`, `bad-shard` for a part of a world
 */
export function world(options: WorldOptions): World {
  const seed: unknown = (options as Partial<WorldOptions> | undefined)?.seed;
  if (typeof seed !== 'string' && typeof seed !== 'number') {
    throw new HaggleError('bad-seed', `a world needs a seed, a whole number or a text, got ${typeof seed}`);
  }
  return new SimulatedWorld(options);
}

class SimulatedWorld implements World {
  readonly realm: string;
  readonly random: RandomRoot;
  readonly #options: WorldOptions;
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #guard: Guard;
  readonly #money: Money | null;
  readonly #directory: Directory;
  readonly #leastLatency: Micros;
  readonly #backend: SignatureBackend;
  readonly #fingerprint: Fingerprint;
  readonly #verifiedRoots: VerifiedRoots;
  readonly #trace: TraceRecord[] = [];
  readonly #placements = new Map<string, Placement<unknown>>();
  readonly #driver: Driver;
  readonly #shard: WorldShard | null;
  readonly #workers = new Map<string, number>();
  readonly #absent = new Set<string>();
  readonly #hosts = new Map<string, { readonly host: Host; readonly source: EventSource }>();
  readonly #faultSource: EventSource;
  readonly #signers = new Map<string, Signer>();
  readonly #unnamed = new Map<string, number>();
  /** Faults that another part of the world counts. */
  #countedElsewhere = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.realm = options.realm ?? 'sim';
    this.random = createRandomRoot(options.seed);
    this.#backend = options.backend ?? defaultBackend();
    this.#kernel = createKernel();
    this.#guard = createGuard();
    this.#verifiedRoots = createVerifiedRoots();
    this.#driver = new Driver({
      kernel: this.#kernel,
      guard: this.#guard,
      strict: options.strict === true,
      placements: this.#placements,
    });
    const { steps, partitions } = layOut(options.faultPlan ?? []);
    if (typeof options.faults === 'object') checkLinkFaults(options.faults, 'all links');
    const { model, least } = latencies(options.latency ?? '1 ms');
    const kernel = this.#kernel;
    const { shard } = options;
    const departures = createDepartures((agent) => this.#workers.get(agent) ?? 0);
    const sendElsewhere = shard === undefined ? undefined : departures.sendElsewhere;
    const notices = createNotices({
      now: () => kernel.now(),
      live: () => this.#driver.running,
      delay: least,
      ...(shard === undefined ? {} : { onPost: departures.post }),
    });
    this.#network = createNetwork({
      kernel,
      random: this.random,
      latency: model,
      faults: options.faults,
      partitions,
      notices,
      sendElsewhere,
    });
    this.#money = this.#makeMoney(least, sendElsewhere);
    this.#leastLatency = least;
    this.#directory = createDirectory({ notices, now: () => kernel.now(), latencyMicros: least });
    if (options.onSent !== undefined) this.#network.observeSent(options.onSent);
    this.#faultSource = kernel.source('faults');
    for (const step of steps) this.#faultSource.at(step.at, (due) => this.#follow(due), step, FAULT_PRIORITY);
    this.#fingerprint = fingerprintOf(this.#network, kernel);
    const keep = this.#recorder(options.record);
    this.#shard =
      shard === undefined
        ? null
        : createShard(
            {
              ...shard,
              lookahead: least,
              kernel,
              network: this.#network,
              notices,
              money: this.#money,
              fingerprint: this.#fingerprint,
              placements: this.#placements,
              advance: (end) => this.#driver.advance(end),
              close: () => this.#driver.rest(),
              countedElsewhere: () => this.#countedElsewhere,
              record: keep ?? (() => undefined),
            },
            departures,
          );
  }

  #makeMoney(latencyMicros: Micros, sendElsewhere: SendElsewhere | undefined): Money | null {
    const { money, sign, shard } = this.#options;
    if (money === false) return null;
    return createMoney({
      ...money,
      kernel: this.#kernel,
      realm: this.realm,
      backend: this.#backend,
      verifiedRoots: this.#verifiedRoots,
      signed: sign !== 'off',
      latencyMicros,
      bookHere: shard === undefined || shard.worker === BOOK_WORKER,
      sendElsewhere,
    });
  }

  /** Notes every delivery, if anybody wants to know. */
  #recorder(record: WorldOptions['record']): ((record: TraceRecord) => void) | null {
    if (record === undefined || record === false) return null;
    const keep = record === true ? (entry: TraceRecord) => void this.#trace.push(entry) : record;
    recordDeliveries({ network: this.#network, kernel: this.#kernel }, keep);
    return keep;
  }

  now(): Micros {
    return this.#kernel.now();
  }

  get agents(): readonly PlacedAgent<unknown>[] {
    return [...this.#placements.values()].map(({ placed }) => placed);
  }

  get trace(): readonly TraceRecord[] {
    return this.#trace;
  }

  get directory(): readonly AgentCard[] {
    return this.#directory.cards();
  }

  get traffic(): Traffic {
    const { delivered, bytes, lost, duplicated, blocked } = this.#shard?.counters ?? this.#network.counters;
    return { messages: delivered, bytes, lost, duplicated, blocked };
  }

  get decisions(): ReadonlyMap<string, number> {
    return this.#shard?.decisions ?? this.#network.decisions;
  }

  get ledger(): WorldLedger {
    return this.#needMoney('reading the ledger').ledger;
  }

  fingerprint(agent?: string): string {
    const prints = this.#shard?.heard ?? this.#fingerprint;
    const heard = agent === undefined ? globalFingerprint(prints) : prints.of(agent);
    return this.#money === null ? heard : withChains(heard, this.#money.chains, agent);
  }

  chainsFingerprint(): string | null {
    return this.#money === null ? null : chainsFingerprint(this.#money.chains);
  }

  get shard(): Shard | null {
    return this.#shard;
  }

  didOf(name: string): Did {
    return this.#signer(name).did;
  }

  spawn<Params, State>(agent: Agent<Params, State>, options: SpawnOptions = {}): PlacedAgent<State> {
    const number = (this.#unnamed.get(agent.name) ?? 0) + 1;
    const name = options.name ?? `${agent.name}-${number}`;
    if (this.#placements.has(name)) {
      throw new HaggleError('duplicate-agent', `spawning "${name}": an agent of this name is placed already`);
    }
    const { funds } = options;
    const money = funds === undefined ? null : this.#needMoney(`spawning "${name}" with funds`);
    const placement = this.#isHere(name) ? this.#placeHere(name, agent) : this.#placeElsewhere<State>(name);
    try {
      if (funds !== undefined) money?.fund(name, funds);
    } catch (error) {
      placement.crash();
      throw error;
    }
    if (options.name === undefined) this.#unnamed.set(agent.name, number);
    this.#placements.set(name, placement);
    return placement.placed;
  }

  /** Whether this part of the world runs the agent that is placed next: they go round, in the order of placing. */
  #isHere(name: string): boolean {
    const shard = this.#shard;
    if (shard === null) return true;
    if (this.#driver.running) {
      const rule = 'a world that is split has all its agents from the start';
      throw new HaggleError('sharded-world', `spawning "${name}": ${rule}`);
    }
    const worker = this.#placements.size % shard.workers;
    this.#workers.set(name, worker);
    return worker === shard.worker;
  }

  #placeHere<Params, State>(name: string, agent: Agent<Params, State>): Placement<State> {
    const { host, source } = this.#hostOf(name);
    return place(agent, {
      host,
      soonStart: (start) => void source.at(this.#kernel.now(), start, undefined, START_PRIORITY),
      betweenEvents: (action) => this.#betweenEvents(action),
      crashed: () => this.#directory.crashed({ name, did: host.self }),
    });
  }

  /** Its sources are known here too, as names must not collide; what it listens to comes as notices of the part that has it. */
  #placeElsewhere<State>(name: string): Placement<State> {
    const signer = this.#signer(name);
    if (!this.#absent.has(name)) {
      this.#absent.add(name);
      this.#network.attachElsewhere(name);
      this.#money?.open({ name, signer, source: this.#kernel.source(`agent ${name}`) });
    }
    return absentAgent<State>(name, signer.did);
  }

  #betweenEvents(action: () => void): void {
    if (this.#driver.running && this.#shard !== null) {
      throw new HaggleError(
        'sharded-world',
        'crashing or restarting an agent by hand: in a world that is split only its fault plan does',
      );
    }
    if (this.#driver.running) this.#faultSource.at(this.#kernel.now(), action, undefined, FAULT_PRIORITY);
    else action();
  }

  /** A planned fault is due; partitions the network knows by itself. An agent that is over by itself stays as it is. */
  #follow({ type, agents, at }: FaultStep): void {
    for (const agent of agents) {
      const placement = this.#placements.get(agent);
      if (placement === undefined) throw badPlan(`${type} at ${at} us names "${agent}", and no such agent is placed`);
      if (type === 'crash') placement.crash();
      if (type === 'restart') placement.restart();
    }
    this.#countFault(agents, type);
  }

  /** Every part of a world follows the whole plan; one of them counts each step. */
  #countFault([agent = '']: FaultStep['agents'], type: FaultStep['type']): void {
    if (this.#shard === null) return;
    const worker = type === 'partition' ? 0 : this.#workers.get(agent);
    if (worker !== this.#shard.worker) this.#countedElsewhere += 1;
  }

  async run(options: RunOptions = {}): Promise<RunSummary> {
    if (this.#shard !== null) throw new HaggleError('sharded-world', 'running a part of a world: its coordinator does');
    return await this.#driver.run(options);
  }

  #needMoney(action: string): Money {
    if (this.#money !== null) return this.#money;
    throw noLedger(action);
  }

  #signer(name: string): Signer {
    let signer = this.#signers.get(name);
    if (signer === undefined) {
      const stream = this.random.stream('identity', name);
      const seed = Uint8Array.from({ length: 32 }, () => stream.uint32() & 0xff);
      signer = this.#backend.signer(seed);
      this.#signers.set(name, signer);
    }
    return signer;
  }

  /** Kept, so that a name whose agent failed in its setup can be used again. */
  #hostOf(name: string): { readonly host: Host; readonly source: EventSource } {
    let berth = this.#hosts.get(name);
    if (berth === undefined) {
      const source = this.#kernel.source(`agent ${name}`);
      berth = { source, host: this.#hostFor(name, source, this.#network.attach(name)) };
      this.#hosts.set(name, berth);
    }
    return berth;
  }

  #hostFor(name: string, source: EventSource, bus: Bus): Host {
    const signer = this.#signer(name);
    this.#money?.open({ name, signer, source });
    return simulatedHost({
      name,
      realm: this.realm,
      signer,
      mode: this.#options.sign ?? 'batch',
      backend: this.#backend,
      verifiedRoots: this.#verifiedRoots,
      kernel: this.#kernel,
      source,
      bus,
      ledger: this.#money?.port(name),
      log: this.#options.log?.(name) ?? silentLog,
      directory: this.#directory.port({ name, did: signer.did, source }),
      mail: createMailbox({ bus, realm: this.realm, nkey: signer.nkey, source, latencyMicros: this.#leastLatency }),
      random: this.random,
      guard: this.#guard,
      decider: this.#options.decider,
      note: (decision) => this.#network.note(name, decision),
      asyncStarted: () => this.#driver.asyncStarted(name),
      handlerFailed: (error) => this.#driver.handlerFailed(error),
    });
  }
}
