import type { Agent } from '../agent/agent.ts';
import type { Host } from '../agent/host.ts';
import { AgentRuntime } from '../agent/runtime.ts';
import { RECEIPT_HEADER } from '../agent/outbox.ts';
import type { Bus, BusMessage, PublishOptions } from '../bus/bus.ts';
import { subjects } from '../bus/subjects.ts';
import { micros, type Duration, type Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import type { Signer } from '../identity/signer.ts';
import type { Funds } from '../ledger/funds.ts';
import type { LedgerView } from '../ledger/ledger-view.ts';
import { noLedger, type LedgerPort } from '../ledger/port.ts';
import type { Log, LogEntry } from '../log.ts';
import { encodeEnvelope, type Envelope } from '../message/envelope.ts';
import { createVerifiedRoots } from '../message/evidence.ts';
import type { Letter } from '../message/mail.ts';
import { createOpener, type RecordedMessage } from '../message/open.ts';
import { createReplayWindow } from '../message/replay-window.ts';
import { createSealer, type SigningMode } from '../message/seal.ts';
import { BenchDirectory, type PeerCard } from './bench-directory.ts';
import { BenchMoney } from './bench-money.ts';
import { createKeys, type Keys } from './bench-keys.ts';
import { PeerMachine, peerView } from './peer.ts';
import { settleTurns } from './settle-turns.ts';
import { saidReader, type SpokenRecord, type Utterance } from './spoken.ts';
import type { LoggedEntry, PeerAddresses, TestBench, TestOptions } from './test-bench.ts';
import { VirtualTime } from './virtual-time.ts';

export type { LoggedEntry, PeerAddresses, TestBench, TestOptions } from './test-bench.ts';

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
  readonly #directory: BenchDirectory;
  readonly #signer: Signer;
  readonly #time: VirtualTime;
  readonly #runtime: AgentRuntime<Params, State>;
  readonly #peers = new Map<Did, PeerMachine>();
  readonly #utterances: Utterance[] = [];
  readonly #messages: SpokenRecord[] = [];
  readonly #log: LoggedEntry[] = [];
  readonly #errors: unknown[] = [];
  readonly #letters: Letter[] = [];
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
    this.#directory = new BenchDirectory(this.#time);
    this.#money = this.#moneyOf(options);
    this.#ledger = options.ledger ?? this.#money?.port(this.#signer.did);
    this.#runtime = new AgentRuntime(agent, this.#host());
    this.#runtime.start();
    this.#raise();
  }

  view(): TestBench<State> {
    const runtime = this.#runtime;
    const directory = this.#directory;
    const self = this.#signer.did;
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
      get card() {
        return directory.cardOf(self);
      },
      introduce: (name: string, card: PeerCard) => directory.introduce(this.#keys.peer(name).did, name, card),
      letters: this.#letters,
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
    this.#directory.answer();
    for (const { envelope, reply, receipt } of this.#unanswered.splice(0)) {
      const name = this.#keys.nameOf(envelope.to);
      if (name === envelope.to) {
        this.#listener?.({ subject: reply, payload: '', headers: {}, reply: undefined, noResponders: true });
      } else if (receipt) this.#peer(name).acknowledge(envelope);
    }
  }

  /** True where something goes on without time passing. */
  get #moving(): boolean {
    return this.#unsettled || this.#money?.waiting === true || this.#directory.waiting;
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
        const what = `a handler of "${this.#name}" asked its ledger or directory ${round} times`;
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
      directory: this.#directory.port(signer.did),
      mail: { post: (letter) => void this.#letters.push(letter), collect: () => () => undefined },
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
