import type { Agent } from '../agent/agent.ts';
import type { Host } from '../agent/host.ts';
import type { LifecycleState } from '../agent/lifecycle.ts';
import { AgentRuntime, type RuntimeCounters } from '../agent/runtime.ts';
import type { PendingTimer } from '../agent/set-timer.ts';
import { RECEIPT_HEADER } from '../agent/outbox.ts';
import type { Bus, BusMessage, PublishOptions } from '../bus/bus.ts';
import { subjects } from '../bus/subjects.ts';
import { micros, type Duration, type Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import type { SignatureBackend, Signer } from '../identity/signer.ts';
import type { Funds } from '../ledger/funds.ts';
import type { LedgerView } from '../ledger/ledger-view.ts';
import { noLedger, type LedgerPort } from '../ledger/port.ts';
import type { Log, LogEntry } from '../log.ts';
import { encodeEnvelope, type Envelope } from '../message/envelope.ts';
import { createVerifiedRoots } from '../message/evidence.ts';
import { createOpener, type RecordedMessage } from '../message/open.ts';
import { createReplayWindow } from '../message/replay-window.ts';
import { createSealer, type SigningMode } from '../message/seal.ts';
import { BenchMoney } from './bench-money.ts';
import { createKeys, type Keys } from './bench-keys.ts';
import { PeerMachine, peerView, type Peer } from './peer.ts';
import { settleTurns } from './settle-turns.ts';
import { saidReader, type SaidReader, type SpokenRecord, type Utterance } from './spoken.ts';
import { VirtualTime } from './virtual-time.ts';

/** One line of the agent's log. */
export interface LoggedEntry {
  readonly time: Micros;
  readonly level: keyof Log;
  readonly entry: LogEntry;
}

/** Options of {@link testAgent}. */
export interface TestOptions {
  /** All chance follows from it: keys, message ids, the agent's own draws. 1 if left out. */
  readonly seed?: number | string;
  /** Name of the agent; that of its kind if left out. With the same seed and name it draws as it would in a world. */
  readonly name?: string;
  /** Time at which the agent starts; 0 if left out, as in a world. */
  readonly startsAt?: Duration;
  /** Throw what a handler threw from the call that brought it about; true if left out. Otherwise see `errors`. */
  readonly strict?: boolean;
  /** How the agent signs. `off`, the default, also lets it take unsigned messages, and makes tests fast. */
  readonly sign?: SigningMode;
  /** Ed25519 implementation; the portable one if left out. */
  readonly backend?: SignatureBackend;
  /**
   * What the agent starts with: micro-tokens, or an amount of each asset; `{}` for accounts with nothing in them. Then the bench
   * has a ledger, as a world has; without `funds` there is no money.
   */
  readonly funds?: Funds;
  /** What a test puts in the place of a ledger; not together with `funds`. */
  readonly ledger?: LedgerPort;
}

/** One agent under test, with peers that the test plays, in virtual time that passes when the test says so. */
export interface TestBench<State> {
  readonly name: string;
  readonly did: Did;
  /** The agent's live state. */
  readonly state: State;
  readonly lifecycle: LifecycleState;
  readonly counters: RuntimeCounters;
  /** The timers that are set, in the order in which they were set. */
  readonly timers: readonly PendingTimer[];
  /** What handlers have thrown, in a bench that is not strict. */
  readonly errors: readonly unknown[];
  readonly log: readonly LoggedEntry[];
  /** Every message so far in both directions: for `transcript`. */
  readonly messages: readonly SpokenRecord[];
  /** What the agent has said, to anybody: all of it, or one type of a protocol with its bodies decoded. */
  readonly said: SaidReader;
  /** Who holds what, of a bench with `funds`. @throws HaggleError `no-ledger` */
  readonly ledger: LedgerView;
  now(): Micros;
  /** The address that a peer of this name has or will have. */
  didOf(name: string): Did;
  /** The peer of this name, made when first asked for. @throws HaggleError `bad-peer` */
  peer(name: string): Peer;
  /**
   * Issues money or goods, to a peer or to the agent by its name, on top of what it has.
   *
   * @throws HaggleError `bad-funds`; `no-ledger` in a bench without `funds`; `bad-peer`.
   */
  fund(name: string, funds: Funds): void;
  /**
   * Lets virtual time pass: timers and intervals fire, deadlines expire, async handlers go on.
   *
   * @throws HaggleError as {@link settle} does; `bad-duration`.
   */
  pass(duration: Duration): Promise<void>;
  /**
   * Lets async handlers go on as far as they can without time passing, after the agent has learned which of its messages
   * went to nobody; its ledger answers. A handler that awaits nothing needs none of it: it has run when `open` or `send` of a
   * peer returns.
   *
   * @throws HaggleError `foreign-await` where a handler waits on something else than `ctx`; `endless-asking` where it asks its
   * ledger for ever; in a strict bench what a handler threw.
   */
  settle(): Promise<void>;
  /** Stops the agent now, as `ctx.stop()` would. */
  stop(): void;
  /** Ends the agent as a crash would: nobody is told, and whatever its handlers still wait for never comes. */
  crash(): void;
  /** Delivers a message to the agent as it stands, evidence and all. */
  deliver(message: RecordedMessage): void;
}

/** Addresses of peers, for parameters of the agent that is to be tested. */
export interface PeerAddresses {
  readonly didOf: (name: string) => Did;
}

const REALM = 'test';

/** Rounds of answers from a ledger that one `settle` waits for: whoever asks on after that waits for a time that does not pass. */
const LEDGER_ROUNDS_MAX = 10_000;

/**
 * Puts one agent under test and starts it. Give a function where the agent's parameters name peers:
 * `testAgent(({ didOf }) => reader({ meter: didOf('meter') }))`.
 *
 * Nothing here knows of a test runner: what a test expects and does not get is a thrown error, and everything else is data
 * to compare.
 *
 * @throws HaggleError `bad-agent`, `bad-funds` and whatever else keeps the agent from starting.
 */
export function testAgent<Params, State>(
  agent: Agent<Params, State> | ((peers: PeerAddresses) => Agent<Params, State>),
  options: TestOptions = {},
): TestBench<State> {
  const keys = createKeys(options);
  const subject = typeof agent === 'function' ? agent({ didOf: (name) => keys.peer(name).did }) : agent;
  const stage = new Stage(subject, { keys, options });
  return stage.view();
}

interface StageParts {
  readonly keys: Keys;
  readonly options: TestOptions;
}

/** The agent, its host and its peers. */
class Stage<Params, State> {
  readonly #name: string;
  readonly #keys: Keys;
  readonly #strict: boolean;
  readonly #sign: SigningMode;
  readonly #ledger: LedgerPort | undefined;
  readonly #money: BenchMoney | null;
  readonly #signer: Signer;
  readonly #time: VirtualTime;
  readonly #runtime: AgentRuntime<Params, State>;
  readonly #peers = new Map<Did, PeerMachine>();
  readonly #utterances: Utterance[] = [];
  readonly #messages: SpokenRecord[] = [];
  readonly #log: LoggedEntry[] = [];
  readonly #errors: unknown[] = [];
  #raised = 0;
  #unsettled = false;
  readonly #unanswered: { readonly envelope: Envelope; readonly reply: string; readonly receipt: boolean }[] = [];
  #listener: ((message: BusMessage) => void) | null = null;

  constructor(agent: Agent<Params, State>, { keys, options }: StageParts) {
    this.#name = options.name ?? agent.name;
    this.#keys = keys;
    this.#strict = options.strict ?? true;
    this.#sign = options.sign ?? 'off';
    this.#signer = keys.of(this.#name);
    this.#time = new VirtualTime(micros(options.startsAt ?? 0));
    this.#money = this.#moneyOf(options);
    this.#ledger = options.ledger ?? this.#money?.port(this.#signer.did);
    this.#runtime = new AgentRuntime(agent, this.#host());
    this.#runtime.start();
    this.#raise();
  }

  view(): TestBench<State> {
    const runtime = this.#runtime;
    const ledger = (): LedgerView => this.#needMoney('reading the ledger').view;
    return Object.freeze({
      name: this.#name,
      did: this.#signer.did,
      state: runtime.state,
      get lifecycle() {
        return runtime.lifecycle;
      },
      get counters() {
        return runtime.counters;
      },
      get timers() {
        return runtime.timers;
      },
      get ledger() {
        return ledger();
      },
      errors: this.#errors,
      log: this.#log,
      messages: this.#messages,
      said: saidReader(() => this.#utterances),
      now: () => this.#time.now(),
      didOf: (name: string) => this.#keys.peer(name).did,
      peer: (name: string) => peerView(this.#peer(name)),
      fund: (name: string, funds: Funds) => this.#fund(name, funds),
      pass: (duration: Duration) => this.#pass(micros(duration)),
      settle: () => this.#settle(),
      stop: () => {
        runtime.stop();
        this.#raise();
      },
      crash: () => runtime.crash(),
      deliver: (message: RecordedMessage) => this.#deliver(message),
    });
  }

  #moneyOf({ funds, ledger }: TestOptions): BenchMoney | null {
    if (funds === undefined) return null;
    if (ledger !== undefined) {
      const what = `testing "${this.#name}" with funds and with a ledger of its own`;
      throw new HaggleError('bad-funds', `${what}: only one can say what it has`);
    }
    const money = new BenchMoney({
      realm: REALM,
      backend: this.#keys.backend,
      clock: this.#time,
      verifiedRoots: createVerifiedRoots(),
      requireSignature: this.#sign !== 'off',
    });
    money.fund(this.#name, this.#signer.did, funds);
    return money;
  }

  #needMoney(action: string): BenchMoney {
    if (this.#money !== null) return this.#money;
    throw noLedger(action);
  }

  #fund(name: string, funds: Funds): void {
    const { did } = name === this.#name ? this.#signer : this.#keys.peer(name);
    this.#needMoney(`funding "${name}"`).fund(name, did, funds);
  }

  #peer(name: string): PeerMachine {
    const signer = this.#keys.peer(name);
    const known = this.#peers.get(signer.did);
    if (known !== undefined) return known;
    const agent = { name: this.#name, did: this.#signer.did };
    if (signer.did === agent.did) throw new HaggleError('bad-peer', `"${name}" is the name of the agent under test`);
    const sealer = createSealer({ mode: this.#sign === 'off' ? 'off' : 'each', signer, backend: this.#keys.backend });
    const inbox = subjects.inbox(REALM, this.#signer.nkey, signer.nkey);
    const machine = new PeerMachine({
      name,
      signer,
      realm: REALM,
      agent,
      clock: this.#time,
      ledger: this.#money?.peer(signer.did) ?? null,
      thrown: () => this.#thrown(),
      deliver: (envelope) => {
        const payload = encodeEnvelope(envelope);
        this.#messages.push({ time: this.#time.now(), from: name, to: this.#name, payload });
        for (const sealed of sealer.seal([payload])) this.#deliver({ subject: inbox, ...sealed });
      },
    });
    this.#peers.set(signer.did, machine);
    // What the agent said before anybody asked for this peer.
    for (const said of this.#utterances) if (said.envelope.to === signer.did) machine.receive(said);
    return machine;
  }

  #deliver(message: RecordedMessage): void {
    this.#listener?.({ ...message, reply: undefined, noResponders: false });
    this.#raise();
  }

  /** The agent publishes: its words are kept and reach the peer that they are for. */
  #publish(subject: string, payload: string, { headers = {}, reply }: PublishOptions = {}): void {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the runtime has just encoded it
    const envelope = JSON.parse(payload) as Envelope;
    const time = this.#time.now();
    const to = this.#keys.nameOf(envelope.to);
    const utterance = { time, to, envelope, recorded: { subject, payload, headers } };
    this.#utterances.push(utterance);
    this.#messages.push({ time, from: this.#name, to, payload });
    this.#peers.get(envelope.to)?.receive(utterance);
    if (reply !== undefined) this.#unanswered.push({ envelope, reply, receipt: headers[RECEIPT_HEADER] !== undefined });
  }

  /** What bus, peers and ledger say by themselves: that nobody is there, that a message came where the agent asked to know. */
  #answer(): void {
    this.#money?.answer();
    for (const { envelope, reply, receipt } of this.#unanswered.splice(0)) {
      const name = this.#keys.nameOf(envelope.to);
      if (name === envelope.to) {
        this.#listener?.({ subject: reply, payload: '', headers: {}, reply: undefined, noResponders: true });
      } else if (receipt) this.#peer(name).acknowledge(envelope);
    }
  }

  /** True where something goes on without time passing. */
  get #moving(): boolean {
    return this.#unsettled || this.#money?.waiting === true;
  }

  async #pass(span: Micros): Promise<void> {
    const end = this.#time.now() + span;
    await this.#settle();
    while (this.#time.step(end)) if (this.#moving || this.#unanswered.length > 0) await this.#settle();
    this.#time.moveTo(end);
    this.#raise();
  }

  async #settle(): Promise<void> {
    this.#answer();
    for (let round = 0; this.#moving; round++) {
      if (round === LEDGER_ROUNDS_MAX) {
        const what = `a handler of "${this.#name}" asked its ledger ${round} times`;
        throw new HaggleError('endless-asking', `${what}, and virtual time cannot go on`);
      }
      this.#unsettled = false;
      await settleTurns(() => this.#unsettled || !this.#runtime.stuck);
      this.#runtime.flush();
      if (!this.#unsettled && this.#runtime.stuck) {
        const what = `a handler of "${this.#name}" awaits something else than a promise of ctx`;
        throw new HaggleError('foreign-await', `${what}, so virtual time cannot go on`);
      }
      this.#answer();
    }
    this.#raise();
  }

  #raise(): void {
    if (!this.#strict || this.#raised === this.#errors.length) return;
    const error = this.#errors[this.#raised];
    this.#raised = this.#errors.length;
    throw error;
  }

  #thrown(): string {
    const last = this.#errors.at(-1);
    return this.#errors.length === 0 ? '' : `; its handler threw ${last instanceof Error ? last.message : typeof last}`;
  }

  #host(): Host {
    const { backend, random } = this.#keys;
    const signer = this.#signer;
    const sealer = createSealer({ mode: this.#sign, signer, backend });
    const opener = createOpener({
      me: signer.did,
      realm: REALM,
      backend,
      clock: this.#time,
      requireSignature: this.#sign !== 'off',
      verifiedRoots: createVerifiedRoots(),
      replay: createReplayWindow(),
    });
    const write = (level: keyof Log) => (entry: LogEntry) =>
      void this.#log.push({ time: this.#time.now(), level, entry });
    return {
      realm: REALM,
      self: signer.did,
      nkey: signer.nkey,
      name: this.#name,
      clock: this.#time,
      bus: this.#bus(),
      ...(this.#ledger === undefined ? {} : { ledger: this.#ledger }),
      log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
      stream: (...purpose) => random.stream('agent', this.#name, ...purpose),
      seal: (payloads) => sealer.seal(payloads),
      receive: (message) => opener.open(message),
      wakeAt: (time, wake) => this.#time.wakeAt(time, wake),
      cancelWake: (handle) => this.#time.cancelWake(handle),
      endOfInstant: (call) => call(),
      guarded: (call) => call(),
      asyncStarted: () => {
        this.#unsettled = true;
      },
      handlerFailed: (error) => void this.#errors.push(error),
    };
  }

  #bus(): Bus {
    return {
      publish: (subject, payload, options) => this.#publish(subject, payload, options),
      subscribe: (subject, listener) => {
        this.#listener = listener;
        return { subject, unsubscribe: () => void (this.#listener = null) };
      },
      flush: () => Promise.resolve(),
      drain: () => Promise.resolve(),
    };
  }
}
