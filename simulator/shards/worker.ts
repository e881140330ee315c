import type { Bus, Subscription } from '../../agent-core/bus/bus.ts';
import type { Micros } from '../../agent-core/clock.ts';
import { assert, HaggleError } from '../../agent-core/errors.ts';
import type { JsonValue } from '../../agent-core/message/canonical.ts';
import type { RunFailure } from '../drive.ts';
import { createFrameSender, receiveFrames, type FrameSender } from './frames.ts';
import { Inbound } from './inbound.ts';
import { badWire } from './checks.ts';
import { named } from './named.ts';
import type { Parcel } from './parcel.ts';
import { encodeShardReport } from './report.ts';
import type { Shard } from './shard.ts';
import type { ShardOptions } from './shard-options.ts';
import { WALL_MILLIS, type Wall, type WallMillis } from './wall.ts';
import {
  decodePacket,
  decodeToWorker,
  encodeFromWorker,
  encodePacket,
  runSubjects,
  type FromWorker,
  type ToWorker,
  type WorkerState,
} from './wire.ts';

/** One part of a world, ready to run. */
export interface WorkerPart {
  readonly shard: Shard;
  /** How far the agents here are, for whoever waits. Asked once each least latency. */
  readonly progress?: () => JsonValue;
}

/** Options of {@link work}. */
export interface WorkerOptions {
  readonly bus: Bus;
  readonly wall: Wall;
  /** Name of the run, one subject token. */
  readonly run: string;
  /** This worker's own name in the run, one subject token that no other has. */
  readonly token: string;
  /** Makes this part of the world, by the coordinator's description. */
  readonly populate: (about: JsonValue, shard: ShardOptions) => Promise<WorkerPart> | WorkerPart;
  /** UTF-8 bytes of one payload that the bus takes. */
  readonly maxPayloadBytes: number;
  /** CPU time of this process so far. */
  readonly cpuSeconds?: () => number;
  readonly millis?: WallMillis;
}

/**
 * Takes part in a run until the coordinator says that it is over.
 *
 * @throws HaggleError what stopped the run: the coordinator's reason, `no-coordinator`, `coordinator-lost`, or why this part cannot go on
 */
export function work(options: WorkerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    new Worker(options, { resolve, reject }).join();
  });
}

type Report = Extract<FromWorker, { type: 'report' }>;
type Grant = Extract<ToWorker, { type: 'grant' }>;
type Welcome = Extract<ToWorker, { type: 'welcome' }>;

interface Settle {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A part that was made, with what has come for it and gone from it. */
interface Joined extends WorkerPart {
  readonly inbound: Inbound;
  /** Messages sent to each worker so far. */
  readonly sent: number[];
}

class Worker {
  readonly #options: WorkerOptions;
  readonly #settle: Settle;
  readonly #frames: FrameSender;
  readonly #subscriptions: Subscription[] = [];
  #cancelHello: () => void = () => undefined;
  #cancelSilence: () => void = () => undefined;
  #cancelMissing: () => void = () => undefined;
  #welcomed = false;
  #joined: Joined | null = null;
  #grant: Grant | null = null;
  #epoch = 0;
  /** The first instant that no window here has had. */
  #reached: Micros = 0;
  #state: WorkerState = 'idle';
  #over = false;
  #lastProgress = 'null';

  constructor(options: WorkerOptions, settle: Settle) {
    this.#options = options;
    this.#settle = settle;
    const { bus, token, maxPayloadBytes } = options;
    this.#frames = createFrameSender({ bus, sender: token, maxPayloadBytes });
  }

  join(): void {
    const { run, token } = this.#options;
    this.#listen(runSubjects.worker(run, token), (document) => this.#hear(decodeToWorker(document)));
    this.#cancelSilence = this.#after('join', (millis) => {
      this.#end(
        new HaggleError('no-coordinator', `nobody has answered worker "${token}" of run "${run}" for ${millis} ms`),
      );
    });
    this.#hello();
  }

  #hello(): void {
    this.#say({ type: 'hello', token: this.#options.token });
    this.#cancelHello = this.#after('hello', () => this.#hello());
  }

  #after(name: keyof WallMillis, call: (millis: number) => void): () => void {
    const millis = this.#options.millis?.[name] ?? WALL_MILLIS[name];
    return this.#options.wall.after(millis, () => {
      try {
        call(millis);
      } catch (error) {
        this.#abort(error);
      }
    });
  }

  #listen(subject: string, onDocument: (document: JsonValue) => void): void {
    const { bus } = this.#options;
    const onFault = (error: unknown): void => this.#abort(error);
    const guarded = (document: JsonValue): void => {
      if (!this.#over) onDocument(document);
    };
    this.#subscriptions.push(receiveFrames({ bus, subject, onDocument: guarded, onFault }));
  }

  #say(said: FromWorker): void {
    this.#frames.send(runSubjects.coordinator(this.#options.run), encodeFromWorker(said));
  }

  #hear(said: ToWorker): void {
    this.#cancelSilence();
    this.#cancelSilence = this.#after('silence', (millis) => {
      this.#end(
        new HaggleError('coordinator-lost', `the coordinator of run "${this.#options.run}" is silent for ${millis} ms`),
      );
    });
    switch (said.type) {
      case 'welcome':
        if (!this.#welcomed) this.#start(said);
        return;
      case 'grant':
        return this.#granted(said);
      case 'finish':
        return this.#finish(said.now);
      case 'ping':
        return this.#say({ type: 'pong', number: said.number, epoch: this.#epoch, state: this.#state });
      case 'stop':
        return this.#end(said.error);
    }
  }

  #start(welcome: Welcome): void {
    this.#welcomed = true;
    this.#cancelHello();
    this.#settled(this.#populate(welcome));
  }

  async #populate({ about, worker, workers, trace }: Welcome): Promise<void> {
    const { bus, run, populate } = this.#options;
    const inbound = new Inbound(worker, workers);
    this.#listen(runSubjects.packets(run, worker), (document) => {
      inbound.take(decodePacket(document));
      this.#runSoon();
    });
    const part = await populate(about, { worker, workers, trace });
    const { shard } = part;
    this.#joined = { ...part, inbound, sent: Array.from({ length: workers }, () => 0) };
    // Nobody may send to us before the bus knows that we listen.
    await bus.flush();
    const { notices, parcels } = shard.take();
    assert(parcels.size === 0, 'nobody speaks before a world runs');
    this.#say({ type: 'ready', plan: shard.plan, lookahead: shard.lookahead, next: shard.next(), notices });
  }

  #granted(grant: Grant): void {
    const workers = this.#joined?.sent.length ?? 0;
    const { epoch, expect } = grant;
    if (this.#state !== 'idle' || epoch !== this.#epoch + 1 || expect.length !== workers) {
      throw badWire(
        `a grant of epoch ${epoch} with ${expect.length} counts, in epoch ${this.#epoch} of ${workers} workers`,
      );
    }
    this.#grant = grant;
    this.#runSoon();
  }

  /** Runs the window that was granted once all that belongs before it is here. */
  #runSoon(): void {
    const joined = this.#joined;
    const grant = this.#grant;
    if (this.#over || joined === null || grant === null || this.#state === 'running') return;
    const { epoch, expect } = grant;
    if (joined.inbound.has(epoch, expect)) {
      this.#cancelMissing();
      this.#grant = null;
      this.#state = 'running';
      this.#settled(this.#window(joined, grant));
    } else if (this.#state === 'idle') {
      this.#state = 'waiting';
      this.#cancelMissing = this.#after('missing', () => this.#abort(joined.inbound.missing(epoch, expect)));
    }
  }

  async #window(joined: Joined, { epoch, end, expect, notices }: Grant): Promise<void> {
    const { shard, inbound } = joined;
    this.#epoch = epoch;
    const parcels = inbound.release(epoch, expect);
    for (const { key } of parcels) this.#checkAhead('a message', key.time);
    for (const { due } of notices) this.#checkAhead('a notice', due);
    shard.accept(parcels);
    shard.learn(notices);
    this.#reached = end;
    const { failure, progress } = await this.#advance(joined, end);
    if (this.#over) return;
    this.#report(joined, failure, progress);
    this.#state = 'idle';
    this.#runSoon();
  }

  /** What comes too late would silently be out of order. */
  #checkAhead(what: string, time: Micros): void {
    if (time >= this.#reached) return;
    throw badWire(`${what} of ${time} us came in epoch ${this.#epoch}, when all before ${this.#reached} us had run`);
  }

  /** In steps of the least latency, also where more was granted, so that who looks on misses nothing. */
  async #advance({ shard, progress }: Joined, end: Micros): Promise<Pick<Report, 'failure' | 'progress'>> {
    const told: JsonValue[] = [];
    while (!this.#over && shard.next() < end) {
      const failure = await shard.advance(Math.min(shard.next() + shard.lookahead, end));
      if (failure !== null) return { failure, progress: told };
      const now = progress?.() ?? null;
      const text = JSON.stringify(now);
      if (text !== this.#lastProgress) told.push(now);
      this.#lastProgress = text;
    }
    return { failure: null, progress: told };
  }

  #report({ shard, sent }: Joined, failure: RunFailure | null, progress: readonly JsonValue[]): void {
    const { parcels, notices, earliest, records } = shard.take();
    for (const [worker, list] of parcels) this.#sendPacket(worker, list, sent);
    this.#say({
      type: 'report',
      epoch: this.#epoch,
      next: shard.next(),
      sent,
      earliest,
      last: shard.now(),
      notices,
      records,
      progress,
      failure,
    });
  }

  #sendPacket(worker: number, parcels: readonly Parcel[], sent: number[]): void {
    const { run } = this.#options;
    const source = this.#joined?.shard.worker ?? null;
    assert(source !== null, 'a worker has a number');
    const before = sent[worker] ?? 0;
    sent[worker] = before + parcels.length;
    const packet = { epoch: this.#epoch, source, first: before + 1, parcels };
    this.#frames.send(runSubjects.packets(run, worker), encodePacket(packet));
  }

  #finish(now: number): void {
    const joined = this.#joined;
    if (joined === null) return;
    const report = encodeShardReport(joined.shard.report(now));
    this.#say({ type: 'final', report, cpuSeconds: this.#options.cpuSeconds?.() ?? 0 });
    // The coordinator's last word is a stop, or silence: what matters has been said.
    this.#settled(this.#endFlushed(null));
  }

  /** Says what this worker cannot go on with; the coordinator ends the run for all. */
  #abort(error: unknown): void {
    if (this.#over) return;
    this.#grant = null;
    try {
      this.#say({ type: 'trouble', error: named(error) });
    } catch {
      // The bus fails us too: that we are gone is all that the coordinator can learn.
      return this.#end(error);
    }
    void this.#endFlushed(error);
  }

  /** Ends once what was said has left. */
  async #endFlushed(error: unknown): Promise<void> {
    try {
      await this.#options.bus.flush();
      this.#end(error);
    } catch (failed) {
      this.#end(error ?? failed);
    }
  }

  /** What goes wrong inside a part is trouble for the whole. */
  #settled(promise: Promise<void>): void {
    promise.catch((error: unknown) => this.#abort(error));
  }

  #end(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelHello();
    this.#cancelSilence();
    this.#cancelMissing();
    this.#joined?.shard.close();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    if (error === null) this.#settle.resolve();
    else this.#settle.reject(error);
  }
}
