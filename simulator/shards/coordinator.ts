import type { Bus, Subscription } from '../../agent-core/bus/bus.ts';
import { micros, type Duration, type Micros } from '../../agent-core/clock.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { JsonValue } from '../../agent-core/message/canonical.ts';
import type { OrderKey } from '../event-slots.ts';
import type { Notice } from '../notices.ts';
import type { RunSummary } from '../world-options.ts';
import { badWire } from './checks.ts';
import { createFrameSender, receiveFrames, type FrameSender } from './frames.ts';
import { named } from './named.ts';
import { decodeShardReport } from './report.ts';
import type { Shard, ShardReport } from './shard.ts';
import { WALL_MILLIS, type Wall, type WallMillis } from './wall.ts';
import { decodeFromWorker, encodeToWorker, runSubjects, type FromWorker, type ToWorker } from './wire.ts';

/** Options of {@link coordinate}. */
export interface CoordinatorOptions {
  readonly bus: Bus;
  readonly wall: Wall;
  /** Name of the run, one subject token. */
  readonly run: string;
  /** The world with all its agents, made as a part that runs none (`worker: null`). It hears at the end what became of all. */
  readonly shard: Shard;
  /** What the workers need to make the same world. */
  readonly about: JsonValue;
  /** UTF-8 bytes of one payload that the bus takes. */
  readonly maxPayloadBytes: number;
  /** Virtual time at which to stop; without it the run ends when nothing is pending. */
  readonly until?: Duration;
  /** Hand every delivery to the recorder of the shard, in the order of events. */
  readonly trace?: boolean;
  /** After each window in which anything changed: what the workers say of their agents, the latest of each. */
  readonly onProgress?: (progress: readonly JsonValue[]) => void;
  readonly onJoin?: (joined: number) => void;
  readonly millis?: WallMillis;
}

/** How a split run went. */
export interface ShardedSummary extends RunSummary {
  readonly windows: number;
  /** CPU time of all workers, where they tell. */
  readonly workerCpuSeconds: number;
}

/** A split run under way. */
export interface Coordination {
  /**
   * @throws HaggleError the error of the first handler that threw, in a strict world; `workers-missing`, `world-mismatch`,
   * `missing-messages`, `worker-lost`, `bad-wire`
   */
  readonly done: Promise<ShardedSummary>;
  /** Whoever started the workers saw one end. */
  lost(token: string, how: string): void;
}

/** Runs a world whose agents are spread over workers, until nothing is pending or to a bound. */
export function coordinate(options: CoordinatorOptions): Coordination {
  let coordinator: Coordinator | null = null;
  const done = new Promise<ShardedSummary>((resolve, reject) => {
    coordinator = new Coordinator(options, { resolve, reject });
    coordinator.open();
  });
  return { done, lost: (token, how) => coordinator?.lose(token, how) };
}

/** Windows of the least latency in one grant where nobody else has to hear of anything. */
const WINDOWS_ALONE = 256;
/** Pings after which a worker that is idle while we wait for it has missed something. */
const IDLE_PINGS = 3;

type Report = Extract<FromWorker, { type: 'report' }>;

interface Member {
  readonly token: string;
  readonly index: number;
  next: Micros;
  last: Micros;
  /** What it posted and the others have not heard of. */
  notices: readonly Notice[];
  progress: JsonValue;
  ready: boolean;
  report: Report | null;
  final: ShardReport | null;
  cpuSeconds: number;
  idlePings: number;
}

interface Settle {
  readonly resolve: (summary: ShardedSummary) => void;
  readonly reject: (error: unknown) => void;
}

class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #settle: Settle;
  readonly #frames: FrameSender;
  readonly #until: Micros;
  readonly #members: Member[] = [];
  readonly #subscriptions: Subscription[] = [];
  #cancelJoin: () => void = () => undefined;
  #cancelPing: () => void = () => undefined;
  #cancelSilence: () => void = () => undefined;
  #phase: 'joining' | 'running' | 'finishing' | 'over' = 'joining';
  #epoch = 0;
  #pings = 0;
  #summary: Pick<ShardedSummary, 'end' | 'now'> = { end: 'idle', now: 0 };

  constructor(options: CoordinatorOptions, settle: Settle) {
    this.#options = options;
    this.#settle = settle;
    const { bus, maxPayloadBytes, until } = options;
    this.#until = until === undefined ? Infinity : micros(until);
    this.#frames = createFrameSender({ bus, sender: 'coordinator', maxPayloadBytes });
  }

  open(): void {
    const { bus, run, shard } = this.#options;
    const onFault = (error: unknown): void => this.#fail(error);
    this.#subscriptions.push(
      receiveFrames({
        bus,
        subject: runSubjects.coordinator(run),
        onDocument: (document, sender) => this.#hear(decodeFromWorker(document), sender),
        onFault,
      }),
      receiveFrames({
        bus,
        subject: runSubjects.gone(run, '*'),
        onDocument: () => undefined,
        onNobody: (subject) => this.#gone(subject.slice(subject.lastIndexOf('.') + 1)),
        onFault,
      }),
    );
    this.#cancelJoin = this.#after('join', (millis) => {
      const ready = this.#members.filter((member) => member.ready).length;
      const problem = `${ready} of ${shard.workers} workers were ready after ${millis} ms`;
      this.#fail(new HaggleError('workers-missing', `starting run "${run}": ${problem}`, { fields: { ready } }));
    });
  }

  /** A worker has ended; one that was through with everything is missed by nobody. */
  lose(token: string, how: string): void {
    const member = this.#members.find((one) => one.token === token);
    if (member !== undefined && member.final !== null) return;
    const name = member === undefined ? `worker "${token}"` : `worker ${member.index} ("${token}")`;
    const fields = { worker: token, epoch: this.#epoch };
    this.#fail(new HaggleError('worker-lost', `${name} is lost in epoch ${this.#epoch}: ${how}`, { fields }));
  }

  /** The bus says that nobody hears what we say to a worker. Whom we sent away may be gone. */
  #gone(token: string): void {
    if (this.#members.some((member) => member.token === token)) this.lose(token, 'it left the bus');
  }

  #after(name: keyof WallMillis, call: (millis: number) => void): () => void {
    const millis = this.#options.millis?.[name] ?? WALL_MILLIS[name];
    return this.#options.wall.after(millis, () => {
      try {
        call(millis);
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  #say(member: { readonly token: string }, said: ToWorker): void {
    const { run } = this.#options;
    this.#frames.send(runSubjects.worker(run, member.token), encodeToWorker(said), runSubjects.gone(run, member.token));
  }

  #hear(said: FromWorker, sender: string): void {
    if (this.#phase === 'over') return;
    if (said.type === 'hello') return this.#greet(said.token);
    const member = this.#members.find((one) => one.token === sender);
    if (member === undefined) return;
    switch (said.type) {
      case 'ready':
        return this.#ready(member, said);
      case 'report':
        return this.#take(member, said);
      case 'final':
        return this.#conclude(member, said);
      case 'pong':
        return this.#pong(member, said);
      case 'trouble':
        return this.#fail(said.error);
    }
  }

  #greet(token: string): void {
    const { shard, about, trace = false } = this.#options;
    let member = this.#members.find((one) => one.token === token);
    if (member === undefined) {
      if (this.#members.length >= shard.workers) {
        const error = new HaggleError('run-full', `the run has its ${shard.workers} workers`);
        return this.#say({ token }, { type: 'stop', error });
      }
      member = newMember(token, this.#members.length);
      this.#members.push(member);
      this.#options.onJoin?.(this.#members.length);
    }
    // Said again to whoever says hello again: it may not have heard.
    this.#say(member, { type: 'welcome', worker: member.index, workers: shard.workers, trace, about });
  }

  /** What nobody waits for would run a window twice, or end what has not run. */
  #expect(said: FromWorker, member: Member, awaited: boolean): void {
    if (!awaited)
      throw badWire(`worker ${member.index} ("${member.token}") says "${said.type}" and nobody waits for it`);
  }

  #ready(member: Member, said: Extract<FromWorker, { type: 'ready' }>): void {
    const { shard } = this.#options;
    const { plan, lookahead, next, notices } = said;
    this.#expect(said, member, this.#phase === 'joining' && !member.ready);
    if (plan !== shard.plan || lookahead !== shard.lookahead) {
      const problem = `worker ${member.index} ("${member.token}") made another world: other agents, another order or another latency`;
      return this.#fail(new HaggleError('world-mismatch', problem));
    }
    member.ready = true;
    member.next = next;
    member.notices = notices;
    if (this.#members.length < shard.workers || !this.#members.every((one) => one.ready)) return;
    this.#cancelJoin();
    this.#phase = 'running';
    this.#proceed();
  }

  #take(member: Member, report: Report): void {
    const awaited = this.#phase === 'running' && member.report === null && report.epoch === this.#epoch;
    this.#expect(report, member, awaited);
    if (report.sent.length !== this.#members.length) {
      throw badWire(`worker ${member.index} counts what it sent to ${report.sent.length} workers`);
    }
    member.report = report;
    member.next = report.next;
    member.last = report.last;
    member.notices = report.notices;
    if (this.#members.every((one) => one.report !== null)) this.#proceed();
  }

  /** All that was sent is known: grants the next window, or ends. */
  #proceed(): void {
    const reports = this.#members.flatMap(({ report }) => (report === null ? [] : [report]));
    const failures = reports.flatMap(({ failure }) => (failure === null ? [] : [failure]));
    const [first] = failures.toSorted((a, b) => compareKeys(a.key, b.key));
    this.#record(reports, first?.key);
    for (const { notices } of this.#members) this.#options.shard.learn(notices);
    if (first !== undefined) return this.#fail(first.error);
    this.#tell();
    const next = Math.min(...this.#members.map((member) => member.next), ...reports.map(({ earliest }) => earliest));
    if (next === Infinity || next > this.#until) return this.#finish(next === Infinity ? 'idle' : 'until');
    this.#grant(next);
  }

  /** Progress of a window, step by step; a worker that said less often stands where it stood. */
  #tell(): void {
    const steps = Math.max(...this.#members.map(({ report }) => report?.progress.length ?? 0));
    for (let step = 0; step < steps; step++) {
      for (const member of this.#members) member.progress = member.report?.progress[step] ?? member.progress;
      this.#options.onProgress?.(this.#members.map(({ progress }) => progress));
    }
  }

  /** In the order of events, up to the one that stops the run: what other workers ran behind it in one process would not happen. */
  #record(reports: readonly Report[], last: OrderKey | undefined): void {
    if (this.#options.trace !== true) return;
    const records = reports.flatMap((report) => report.records).toSorted(compareKeys);
    for (const record of records) {
      if (last !== undefined && compareKeys(record, last) > 0) return;
      this.#options.shard.record(record);
    }
  }

  #grant(from: Micros): void {
    const { lookahead, workers } = this.#options.shard;
    const span = workers === 1 ? lookahead * WINDOWS_ALONE : lookahead;
    const end = Math.min(from + span, this.#until + 1, Number.MAX_SAFE_INTEGER);
    this.#epoch += 1;
    const known = this.#members.map(({ report, notices }) => ({ sent: report?.sent ?? [], notices }));
    for (const member of this.#members) {
      const expect = known.map(({ sent }) => sent[member.index] ?? 0);
      const notices = known.flatMap((other, source) => (source === member.index ? [] : other.notices));
      member.report = null;
      member.idlePings = 0;
      this.#say(member, { type: 'grant', epoch: this.#epoch, end, expect, notices });
    }
    this.#watch();
  }

  #finish(end: 'idle' | 'until'): void {
    this.#phase = 'finishing';
    const last = Math.max(...this.#members.map((member) => member.last));
    this.#summary = { end, now: this.#until === Infinity ? last : this.#until };
    for (const member of this.#members) this.#say(member, { type: 'finish', now: this.#summary.now });
    this.#watch();
  }

  #conclude(member: Member, said: Extract<FromWorker, { type: 'final' }>): void {
    this.#expect(said, member, this.#phase === 'finishing' && member.final === null);
    member.final = decodeShardReport(said.report);
    member.cpuSeconds = said.cpuSeconds;
    const reports = this.#members.flatMap(({ final }) => (final === null ? [] : [final]));
    if (reports.length < this.#members.length) return;
    const { shard } = this.#options;
    shard.gather(reports, this.#summary.now);
    this.#close();
    this.#settle.resolve({
      ...this.#summary,
      events: reports.reduce((sum, { events }) => sum + events, 0),
      windows: this.#epoch,
      workerCpuSeconds: this.#members.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    });
  }

  /**
   * Asks again and again whether the workers are there; the bus says so where they are not. Also those that have answered: they wait for
   * the others, and must not take us for gone meanwhile.
   */
  #watch(): void {
    this.#cancelPing();
    const ping = (): void => {
      this.#pings += 1;
      this.#cancelPing = this.#after('ping', ping);
      for (const member of this.#members) this.#say(member, { type: 'ping', number: this.#pings });
    };
    this.#cancelPing = this.#after('ping', ping);
    this.#watchSilence();
  }

  #awaited(): readonly Member[] {
    return this.#members.filter(({ report, final }) =>
      this.#phase === 'finishing' ? final === null : report === null,
    );
  }

  /**
   * A worker that answers is alive; one that is idle while we wait has missed our word, or we its. Only prompt answers say so: a
   * worker that computed answers late what was asked long ago.
   */
  #pong(member: Member, { number, epoch, state }: Extract<FromWorker, { type: 'pong' }>): void {
    if (!this.#awaited().includes(member)) return;
    this.#watchSilence();
    if (state !== 'idle') member.idlePings = 0;
    else if (number === this.#pings) member.idlePings += 1;
    if (member.idlePings < IDLE_PINGS) return;
    const what = epoch === this.#epoch ? 'report of' : 'grant to';
    const problem = `the ${what} worker ${member.index} ("${member.token}") in epoch ${this.#epoch} did not arrive`;
    this.#fail(new HaggleError('missing-messages', problem, { fields: { worker: member.index, epoch: this.#epoch } }));
  }

  #watchSilence(): void {
    this.#cancelSilence();
    this.#cancelSilence = this.#after('silence', (millis) => {
      const [member] = this.#awaited();
      if (member !== undefined) this.lose(member.token, `it has said nothing for ${millis} ms`);
    });
  }

  #fail(error: unknown): void {
    if (this.#phase === 'over') return;
    this.#close();
    this.#settle.reject(error);
    const stop = encodeToWorker({ type: 'stop', error: named(error) });
    try {
      for (const { token } of this.#members) this.#frames.send(runSubjects.worker(this.#options.run, token), stop);
    } catch {
      // The bus may be what failed; then the workers hear nothing more of us, and end by that.
    }
  }

  #close(): void {
    this.#phase = 'over';
    this.#cancelJoin();
    this.#cancelPing();
    this.#cancelSilence();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }
}

function newMember(token: string, index: number): Member {
  return {
    token,
    index,
    next: Infinity,
    last: 0,
    notices: [],
    progress: null,
    ready: false,
    report: null,
    final: null,
    cpuSeconds: 0,
    idlePings: 0,
  };
}

function compareKeys(a: OrderKey, b: OrderKey): number {
  return a.time - b.time || a.priority - b.priority || a.sourceKey - b.sourceKey || a.sourceCounter - b.sourceCounter;
}
