import { micros, type Duration, type Micros } from '../clock.ts';
import { AssertionError, HaggleError } from '../errors.ts';
import type { BusMessage, Subscription } from '../bus/bus.ts';
import { senderToken, subjects } from '../bus/subjects.ts';
import { publicKeyOfNkey } from '../identity/nkey.ts';
import { didOf } from '../identity/did-key.ts';
import { LIMITS } from '../limits.ts';
import { canonicalize, type JsonValue } from '../message/canonical.ts';
import type { Agent, HandlerResult } from './agent.ts';
import { collectBehaviour, type Behaviour } from './behaviour.ts';
import { createContext } from './context-door.ts';
import type { Context, TimerId } from './context.ts';
import { DialogueHandle, ReceivedHandle } from './conversation.ts';
import type { DialogueRecord } from './dialogue-book.ts';
import { Dialogues, type ClosedCode } from './dialogues.ts';
import type { LostDialogue } from './lost-dialogue.ts';
import type { Host } from './host.ts';
import { severable, type Severable } from './severable-host.ts';
import { createLifecycle, type Lifecycle, type LifecycleState } from './lifecycle.ts';
import { createDeliveries } from './deliveries.ts';
import { createOutbox, RECEIPT_HEADER, type Outbox } from './outbox.ts';
import type { Stoppable } from './runs.ts';
import type { Rest } from './rest.ts';
import { decodeState, encodeState } from './state-codec.ts';
import { pendingTimer, type PendingTimer, type SetTimer } from './set-timer.ts';
import { createTurns, type Turns } from './turns.ts';

/** Counters of one agent. */
export interface RuntimeCounters {
  /** Messages that reached a dialogue check. */
  readonly accepted: number;
  /** Messages refused before anything of them was believed, by code. */
  readonly refused: ReadonlyMap<string, number>;
  /** Messages answered with `not-understood`, by code. */
  readonly misunderstood: ReadonlyMap<string, number>;
  readonly dialoguesOpen: number;
  /** Dialogues ended, by outcome. */
  readonly dialoguesEnded: ReadonlyMap<string, number>;
  readonly handlerErrors: number;
  readonly timersPending: number;
}

/** The shell that drives one agent from a host: the same in every world. */
export class AgentRuntime<Params, State> {
  readonly state: State;
  readonly #host: Host;
  readonly #severable: Severable;
  readonly #lifecycle: Lifecycle;
  readonly #outbox: Outbox;
  readonly #turns: Turns;
  readonly #dialogues: Dialogues;
  readonly #behaviour: Behaviour<Params, State>;
  readonly #context: Context<Params, State>;
  readonly #timers = new Map<TimerId, SetTimer>();
  readonly #tags: readonly string[];
  /** When each interval ticks next, by its number: several may have one handler. */
  readonly #ticks = new Map<number, { readonly at: Micros; readonly wake: number }>();
  readonly #rest: Rest | null;
  readonly #refused = new Map<string, number>();
  readonly #runs = new Set<Stoppable>();
  #subscription: Subscription | null = null;
  #endMail: (() => void) | undefined;
  #nextTimer = 1;
  #accepted = 0;
  #handlerErrors = 0;
  readonly #counted = new WeakSet<Error>();
  #running = false;
  #flushing = false;
  #stopAsked = false;

  /** `rest` is what an earlier life was, at {@link AgentRuntime.rest}: this one goes on from there. */
  constructor(agent: Agent<Params, State>, outside: Host, rest: Rest | null = null) {
    this.#rest = rest;
    this.#severable = severable(outside);
    const { host } = this.#severable;
    this.#host = host;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an earlier life of the same agent had this state
    this.state = rest === null ? agent.initialState() : (decodeState(rest.state) as State);
    this.#tags = agent.tags;
    this.#lifecycle = createLifecycle(host.name);
    this.#outbox = createOutbox(host);
    this.#turns = createTurns(host, () => this.#afterTurn());
    this.#dialogues = new Dialogues({
      host,
      outbox: this.#outbox,
      turns: this.#turns,
      deliveries: createDeliveries({ host, outbox: this.#outbox, turns: this.#turns }),
    });
    this.#context = createContext<Params, State>({
      host,
      agent,
      state: this.state,
      dialogues: this.#dialogues,
      turns: this.#turns,
      runs: this.#runs,
      lifecycle: () => this.#lifecycle.state,
      running: () => this.#running,
      failed: (error) => this.#failed(error),
      schedule: (tag, delay, data) => this.#schedule(tag, delay, data),
      cancel: (id) => this.#cancel(id),
      stop: () => {
        this.#stopAsked = true;
      },
    });
    this.#behaviour = collectBehaviour(agent, {
      play: (role) => this.#dialogues.play(role),
      handle: (handler, message, record) =>
        this.#turn(
          () => handler(this.#context, new ReceivedHandle(message, new DialogueHandle(this.#dialogues, record))),
          record,
        ),
      ended: (handler, end) => this.#turn(() => handler(this.#context, end), null),
    });
  }

  get lifecycle(): LifecycleState {
    return this.#lifecycle.state;
  }

  /** True where a handler awaits something else than a promise of `ctx`. */
  get stuck(): boolean {
    return this.#turns.stuck;
  }

  /** Handlers that are {@link stuck} count as failed with this error; nobody waits for them any longer. */
  giveUpStuck(error: HaggleError): void {
    this.#turns.giveUpStuck(error);
  }

  /** Programs that run now. */
  get runs(): number {
    return this.#runs.size;
  }

  /** The dialogues that are open: what another life must know to tell their peers that they are over. */
  get openDialogues(): readonly LostDialogue[] {
    return this.#dialogues.names;
  }

  /** The protocols that it plays, `name/version/digest`, sorted. */
  get protocols(): readonly string[] {
    return this.#dialogues.protocols;
  }

  /** From now on whoever opens a dialogue gets `not-understood` with this code; null takes it back. */
  closeTo(code: ClosedCode | null): void {
    this.#dialogues.closedTo = code;
  }

  /** Tells the peers of dialogues of an earlier life that they are over: `failure` with the code `agent-restarted`. */
  disown(lost: readonly LostDialogue[]): void {
    this.#dialogues.disown(lost);
    this.#flushSoon();
  }

  get counters(): RuntimeCounters {
    return {
      accepted: this.#accepted,
      refused: this.#refused,
      misunderstood: this.#dialogues.misunderstood,
      dialoguesOpen: this.#dialogues.open,
      dialoguesEnded: this.#dialogues.ended,
      handlerErrors: this.#handlerErrors,
      timersPending: this.#timers.size,
    };
  }

  /** The timers that are set, in the order in which they were set. */
  get timers(): readonly PendingTimer[] {
    return [...this.#timers.values()].map(pendingTimer);
  }

  /** Opens the agent's inbox on the bus, so that nobody who starts at the same time speaks to nobody. */
  connect(): void {
    const { realm, nkey, bus } = this.#host;
    this.#subscription ??= bus.subscribe(subjects.inboxOf(realm, nkey), (message) => this.#deliver(message));
  }

  /** Starts the agent: it takes messages, its intervals tick, its start handlers run. */
  start(): void {
    if (!this.#lifecycle.send('start')) return;
    this.#running = true;
    this.connect();
    this.#host.directory?.announce({
      name: this.#host.name,
      protocols: this.#behaviour.protocols,
      tags: this.#tags,
    });
    const now = this.#host.clock.now();
    const rest = this.#rest;
    for (const [index, { interval }] of this.#behaviour.intervals.entries()) {
      this.#tick(index, rest?.ticks[index] ?? now + interval);
    }
    if (rest !== null) return this.#goOn(rest);
    for (const handler of this.#behaviour.starts) this.#turn(() => handler(this.#context), null);
    if (this.#running) this.#endMail = this.#host.mail?.collect((message) => this.#deliver(message));
  }

  /**
   * All that the agent is, where nothing of it goes on: no dialogue, no program, no handler that waits; null otherwise. Another
   * life can go on from there. What an author keeps outside of `ctx.state` is not in it.
   *
   * @throws HaggleError `state-not-plain`
   */
  rest(): Rest | null {
    const goesOn = this.#dialogues.open > 0 || this.#runs.size > 0 || !this.#turns.idle || !this.#outbox.empty;
    if (goesOn || !this.#running) return null;
    return {
      state: encodeState(this.state),
      nextTimer: this.#nextTimer,
      timers: [...this.#timers].map(([id, { tag, at, data }]) => ({ id, tag, at, data })),
      ticks: this.#behaviour.intervals.map((_, index) => this.#ticks.get(index)?.at ?? null),
    };
  }

  #goOn({ nextTimer, timers }: Rest): void {
    for (const { id, tag, at, data } of timers) {
      this.#timers.set(id, { tag, at, data, wake: this.#host.wakeAt(at, () => this.#fire(id)) });
    }
    this.#nextTimer = nextTimer;
  }

  /** Stops the agent: its stop handlers run, its open dialogues end as `stopped`, the peers are told. */
  stop(): void {
    const ran = this.#running;
    if (!this.#lifecycle.send('stop')) return;
    if (ran) for (const handler of this.#behaviour.stops) this.#turn(() => handler(this.#context), null);
    this.#close();
    this.#lifecycle.send('drained');
  }

  /** Ends the agent as a cut of power would: no handler runs, nothing is said, open dialogues end at their peers by the deadline. */
  crash(): void {
    if (!this.#lifecycle.send('crash')) return;
    this.#running = false;
    this.#turns.cut();
    this.#dialogues.dropAll();
    this.#silence();
    this.#severable.sever();
  }

  /** Ends whatever could still run; the peers of open dialogues are told, and nobody shall look for this agent any more. */
  #close(): void {
    if (this.#running) this.#host.directory?.withdraw();
    this.#running = false;
    for (const run of this.#runs) run.stop();
    this.#dialogues.stopAll();
    this.#outbox.flush();
    this.#silence();
  }

  #silence(): void {
    for (const timer of this.#timers.values()) this.#host.cancelWake(timer.wake);
    this.#timers.clear();
    for (const { wake } of this.#ticks.values()) this.#host.cancelWake(wake);
    this.#ticks.clear();
    this.#subscription?.unsubscribe();
    this.#endMail?.();
  }

  /** Lets what handlers said after an await leave. The host calls this when their promises rest. */
  flush(): void {
    this.#afterTurn();
  }

  #deliver(message: BusMessage): void {
    if (!this.#running) return;
    if (message.noResponders) return this.#unreachable(message.subject);
    const opened = this.#host.receive(message);
    if ('refused' in opened) {
      this.#refused.set(opened.refused, (this.#refused.get(opened.refused) ?? 0) + 1);
      this.#host.log.debug({ event: 'refused', code: opened.refused });
      return;
    }
    this.#accepted += 1;
    if (message.headers[RECEIPT_HEADER] === undefined) this.#dialogues.receive(opened);
    else {
      const answered = this.#outbox.answersDuring(opened.envelope.id, () => this.#dialogues.receive(opened));
      if (!answered) this.#dialogues.acknowledge(opened.envelope);
    }
    this.#flushSoon();
  }

  /** The bus answers for nobody: the last token of the subject says which message, and to whom. */
  #unreachable(subject: string): void {
    const token = senderToken(subject);
    // An id may hold a hyphen, an NKEY holds none.
    const end = token.lastIndexOf('-');
    const key = publicKeyOfNkey(token.slice(end + 1));
    if (key === null) return;
    this.#dialogues.unreachable(didOf(key), token.slice(0, Math.max(end, 0)));
    this.#flushSoon();
  }

  #turn(call: () => HandlerResult, record: DialogueRecord | null, done?: () => void): void {
    this.#turns.run(
      call,
      (error) => {
        if (record !== null) this.#dialogues.crashed(record);
        this.#failed(error);
        if (this.#running) done?.();
      },
      done,
    );
  }

  /** Counts what author's code threw, once: what a program threw comes again to the handler that awaits its result. */
  #failed(error: unknown): void {
    if (error instanceof Error && this.#counted.has(error)) return;
    if (error instanceof Error) this.#counted.add(error);
    this.#handlerErrors += 1;
    this.#host.log.error({ event: 'handler-failed', error: describeError(error) });
    this.#host.handlerFailed(error);
    // A broken invariant is a defect: whatever the agent did next would rest on it.
    if (error instanceof AssertionError && this.#lifecycle.send('fail')) this.#close();
  }

  #flushSoon(): void {
    if (this.#flushing || this.#outbox.empty) return;
    this.#flushing = true;
    this.#host.endOfInstant(() => {
      this.#flushing = false;
      this.#outbox.flush();
    });
  }

  #afterTurn(): void {
    this.#flushSoon();
    if (this.#stopAsked) {
      this.#stopAsked = false;
      this.stop();
    }
  }

  #tick(index: number, at: Micros): void {
    const ticking = this.#behaviour.intervals[index];
    if (!this.#running || ticking === undefined) return;
    const { interval, handler } = ticking;
    const wake = this.#host.wakeAt(at, () => {
      this.#turn(
        () => handler(this.#context),
        null,
        () => this.#tick(index, this.#host.clock.now() + interval),
      );
    });
    this.#ticks.set(index, { at, wake });
  }

  #fire(id: TimerId): void {
    const timer = this.#timers.get(id);
    const handler = timer === undefined ? undefined : this.#behaviour.timers.get(timer.tag);
    this.#timers.delete(id);
    if (timer === undefined || handler === undefined || !this.#running) return;
    const { data } = pendingTimer(timer);
    this.#turn(() => handler(this.#context, data), null);
  }

  #schedule(tag: string, delay: Duration, data: JsonValue): TimerId {
    if (!this.#behaviour.timers.has(tag)) {
      throw new HaggleError('unknown-timer', `scheduling "${tag}": the agent declares no timer of this name`);
    }
    if (this.#timers.size >= LIMITS.timers) {
      throw new HaggleError(
        'too-many-timers',
        `scheduling "${tag}": ${this.#timers.size} are set, the limit is ${LIMITS.timers}`,
      );
    }
    const text = canonicalize(data);
    const id = this.#nextTimer++;
    const at = this.#host.clock.now() + micros(delay);
    this.#timers.set(id, { tag, at, data: text, wake: this.#host.wakeAt(at, () => this.#fire(id)) });
    return id;
  }

  #cancel(id: TimerId): boolean {
    const timer = this.#timers.get(id);
    if (timer !== undefined) this.#host.cancelWake(timer.wake);
    return this.#timers.delete(id);
  }
}

/** What was thrown, in one line; total, because anything can be thrown. */
function describeError(error: unknown): string {
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  return typeof error === 'string' ? error : `a thrown ${typeof error}`;
}
