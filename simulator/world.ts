import type { Agent } from '../agent-core/agent/agent.ts';
import { createGuard, type Guard } from '../agent-core/agent/guard.ts';
import type { Host } from '../agent-core/agent/host.ts';
import { micros, type Duration, type Micros } from '../agent-core/clock.ts';
import { assert, HaggleError } from '../agent-core/errors.ts';
import type { Did } from '../agent-core/identity/did-key.ts';
import type { SignatureBackend, Signer } from '../agent-core/identity/signer.ts';
import { noLedger } from '../agent-core/ledger/port.ts';
import type { AgentCard } from '../agent-core/directory/card.ts';
import { silentLog } from '../agent-core/log.ts';
import { createVerifiedRoots, type VerifiedRoots } from '../agent-core/message/evidence.ts';
import { createOpener } from '../agent-core/message/open.ts';
import { createReplayWindow } from '../agent-core/message/replay-window.ts';
import { createSealer } from '../agent-core/message/seal.ts';
import { createRandomRoot, type RandomRoot } from '../agent-core/random.ts';
import { settlePromises } from './barrier.ts';
import { createDirectory, type Directory } from './directory.ts';
import { fingerprintOf, type Fingerprint } from './fingerprint.ts';
import { badPlan, layOut, type FaultStep } from './fault-plan.ts';
import { createKernel, type EventSource, type Kernel } from './kernel.ts';
import { checkLinkFaults } from './link.ts';
import { createMoney, type Money, type WorldLedger } from './money.ts';
import { createNetwork, type LatencyRange, type Network } from './network.ts';
import { createNotices } from './notices.ts';
import type { PlacedAgent } from './placed-agent.ts';
import { place, type Placement } from './placement.ts';
import { defaultBackend } from './signature-backend.ts';
import type { WorldOptions, SpawnOptions, RunOptions, RunSummary, Traffic } from './world-options.ts';
import { traceRecord, type TraceRecord } from './trace.ts';

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
  /** Who holds what. @throws HaggleError `no-ledger` in a world without money */
  readonly ledger: WorldLedger;
  /** The cards of the agents that can be found now, by address. */
  readonly directory: readonly AgentCard[];
  /** Every delivery so far, where the world was made with `record: true`. */
  readonly trace: readonly TraceRecord[];
  readonly traffic: Traffic;
  readonly agents: readonly PlacedAgent<unknown>[];
}

const PROGRESS_EVENTS = 4_096;

/** Agents start before anything else happens at their instant. */
const START_PRIORITY = -1;
/** Planned faults happen before anything else at their instant. */
const FAULT_PRIORITY = -2;

/** What agents say leaves after everything else that happens at its instant. */
const FLUSH_PRIORITY = 1;

/**
 * Makes a world. Nothing runs until {@link World.run}.
 *
 * @throws HaggleError `bad-seed`, `bad-duration`, `bad-link-faults`, `bad-fault-plan`, `bad-partition`
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
  readonly #backend: SignatureBackend;
  readonly #fingerprint: Fingerprint;
  readonly #verifiedRoots: VerifiedRoots;
  readonly #trace: TraceRecord[] = [];
  readonly #placements = new Map<string, Placement<unknown>>();
  readonly #hosts = new Map<string, { readonly host: Host; readonly source: EventSource }>();
  readonly #faultSource: EventSource;
  readonly #signers = new Map<string, Signer>();
  readonly #unsettled = new Set<string>();
  readonly #unnamed = new Map<string, number>();
  #failure: { readonly error: unknown } | null = null;
  #running = false;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.realm = options.realm ?? 'sim';
    this.random = createRandomRoot(options.seed);
    this.#backend = options.backend ?? defaultBackend();
    this.#kernel = createKernel();
    this.#guard = createGuard();
    this.#verifiedRoots = createVerifiedRoots();
    const { steps, partitions } = layOut(options.faultPlan ?? []);
    if (typeof options.faults === 'object') checkLinkFaults(options.faults, 'all links');
    const latency = latencyRange(options.latency ?? '1 ms');
    this.#network = createNetwork({
      kernel: this.#kernel,
      random: this.random,
      latency,
      faults: options.faults,
      partitions,
    });
    this.#money =
      options.money === false
        ? null
        : createMoney({
            ...options.money,
            kernel: this.#kernel,
            realm: this.realm,
            backend: this.#backend,
            verifiedRoots: this.#verifiedRoots,
            signed: options.sign !== 'off',
            latencyMicros: latency.min,
          });
    this.#directory = createDirectory({
      notices: createNotices({ now: () => this.#kernel.now(), live: () => this.#running, delay: latency.min }),
      now: () => this.#kernel.now(),
      latencyMicros: latency.min,
    });
    if (options.onSent !== undefined) this.#network.observeSent(options.onSent);
    this.#faultSource = this.#kernel.source('faults');
    for (const step of steps) this.#faultSource.at(step.at, (due) => this.#follow(due), step, FAULT_PRIORITY);
    this.#fingerprint = fingerprintOf(this.#network, this.#kernel);
    const { record } = options;
    if (record !== undefined && record !== false) {
      const keep = record === true ? (entry: TraceRecord) => void this.#trace.push(entry) : record;
      this.#network.observe((delivery) => {
        const key = this.#kernel.current;
        assert(key !== undefined, 'a delivery happens inside an event');
        keep(traceRecord(key, delivery));
      });
    }
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
    const { delivered, bytes, lost, duplicated, blocked } = this.#network.counters;
    return { messages: delivered, bytes, lost, duplicated, blocked };
  }

  get ledger(): WorldLedger {
    return this.#needMoney('reading the ledger').ledger;
  }

  fingerprint(agent?: string): string {
    const heard = agent === undefined ? this.#fingerprint.global() : this.#fingerprint.of(agent);
    return this.#money?.fingerprint(heard, agent) ?? heard;
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
    const { host, source } = this.#hostOf(name);
    const placement = place(agent, {
      host,
      soonStart: (start) => void source.at(this.#kernel.now(), start, undefined, START_PRIORITY),
      betweenEvents: (action) => this.#betweenEvents(action),
      crashed: () => this.#directory.crashed({ name, did: host.self }),
    });
    try {
      if (funds !== undefined) money?.fund({ name, signer: this.#signer(name), source }, funds);
    } catch (error) {
      placement.crash();
      throw error;
    }
    if (options.name === undefined) this.#unnamed.set(agent.name, number);
    this.#placements.set(name, placement);
    return placement.placed;
  }

  #betweenEvents(action: () => void): void {
    if (this.#running) this.#faultSource.at(this.#kernel.now(), action, undefined, FAULT_PRIORITY);
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
  }

  async run(options: RunOptions = {}): Promise<RunSummary> {
    if (this.#running) throw new HaggleError('world-running', 'running a world that runs already');
    this.#running = true;
    const uninstall = this.#guard.install();
    try {
      return await this.#drive(options);
    } finally {
      this.#running = false;
      uninstall();
    }
  }

  async #drive(options: RunOptions): Promise<RunSummary> {
    const until = options.until === undefined ? undefined : micros(options.until);
    const from = this.#kernel.processed;
    const step = Math.max(1, options.progressEvents ?? PROGRESS_EVENTS);
    const summary = (end: RunSummary['end']): RunSummary => ({
      end,
      now: this.#kernel.now(),
      events: this.#kernel.processed - from,
    });
    let breath = this.#kernel.processed;
    for (;;) {
      const left = (options.maxEvents ?? Infinity) - (this.#kernel.processed - from);
      const end = this.#kernel.run({
        ...(until === undefined ? {} : { until }),
        maxEvents: Math.min(left, step),
      });
      if (end === 'paused') await this.#settle();
      else if (this.#kernel.processed - breath >= PROGRESS_EVENTS) {
        // Signals, timers and sockets of the process get a turn; virtual time knows nothing of it.
        breath = this.#kernel.processed;
        await settlePromises();
      }
      this.#raise();
      options.onProgress?.(summary('idle'));
      if (options.done?.() === true) return summary('done');
      if (end === 'idle' || end === 'until') return summary(end);
      if (end === 'max-events' && left <= step) return summary(end);
    }
  }

  /** Lets the promises of handlers come to rest, then sends what they said. */
  async #settle(): Promise<void> {
    while (this.#unsettled.size > 0) {
      const names = [...this.#unsettled].toSorted();
      this.#unsettled.clear();
      await settlePromises();
      for (const name of names) {
        const placement = this.#placements.get(name);
        placement?.flush();
        if (placement?.stuck === true) {
          throw new HaggleError(
            'foreign-await',
            `a handler of "${name}" awaits something else than a promise of ctx, so virtual time cannot go on`,
          );
        }
      }
    }
  }

  #raise(): void {
    const failure = this.#failure;
    if (failure === null) return;
    this.#failure = null;
    throw failure.error;
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
      berth = { source, host: this.#hostFor(name, source) };
      this.#hosts.set(name, berth);
    }
    return berth;
  }

  #hostFor(name: string, source: EventSource): Host {
    const signer = this.#signer(name);
    const mode = this.#options.sign ?? 'batch';
    const kernel = this.#kernel;
    const sealer = createSealer({ mode, signer, backend: this.#backend });
    const opener = createOpener({
      me: signer.did,
      realm: this.realm,
      backend: this.#backend,
      clock: kernel,
      requireSignature: mode !== 'off',
      verifiedRoots: this.#verifiedRoots,
      replay: createReplayWindow(),
    });
    const run = (wake: () => void): void => wake();
    return {
      realm: this.realm,
      self: signer.did,
      nkey: signer.nkey,
      name,
      clock: kernel,
      bus: this.#network.attach(name),
      log: this.#options.log?.(name) ?? silentLog,
      ...(this.#money === null ? {} : { ledger: this.#money.port({ name, signer, source }) }),
      directory: this.#directory.port({ name, did: signer.did, source }),
      stream: (...purpose) => this.random.stream('agent', name, ...purpose),
      seal: (payloads) => sealer.seal(payloads),
      receive: (message) => opener.open(message),
      wakeAt: (time, wake) => source.at(time, run, wake),
      cancelWake: (handle) => kernel.cancel(handle),
      endOfInstant: (call) => void source.at(kernel.now(), run, call, FLUSH_PRIORITY),
      guarded: (call) => this.#guard.run(name, call),
      asyncStarted: () => {
        this.#unsettled.add(name);
        kernel.pause();
      },
      handlerFailed: (error) => {
        if (this.#options.strict !== true || this.#failure !== null) return;
        this.#failure = { error };
        kernel.pause();
      },
    };
  }
}

function latencyRange(latency: Duration | readonly [Duration, Duration]): LatencyRange {
  if (typeof latency !== 'object') return { min: micros(latency) };
  return { min: micros(latency[0]), max: micros(latency[1]) };
}
