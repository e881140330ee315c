import { createEvidenceCheck } from '../agent-core/ledger/evidence-check.ts';
import { issueFunds, type Funds } from '../agent-core/ledger/funds.ts';
import { createLedger, type Ledger, type LedgerOptions } from '../agent-core/ledger/ledger.ts';
import { viewLedger, visibleTo, type LedgerView } from '../agent-core/ledger/ledger-view.ts';
import {
  ISSUER,
  type Asset,
  type Balance,
  type Operation,
  type ChainOutcome,
  type Owner,
  type Reservation,
} from '../agent-core/ledger/operation.ts';
import type { LedgerPort } from '../agent-core/ledger/port.ts';
import { restoreLedger, snapshotLedger, type LedgerSnapshot } from '../agent-core/ledger/snapshot.ts';
import { encodeChain, isOpenChain, openChain, sealChain, type SealedChain } from '../agent-core/ledger/sealed-chain.ts';
import { decodeState, encodeState } from '../agent-core/agent/state-codec.ts';
import type { Micros } from '../agent-core/clock.ts';
import { assert, AssertionError } from '../agent-core/errors.ts';
import type { Did } from '../agent-core/identity/did-key.ts';
import type { JsonValue } from '../agent-core/message/canonical.ts';
import type { SignatureBackend, Signer } from '../agent-core/identity/signer.ts';
import type { VerifiedRoots } from '../agent-core/message/evidence.ts';
import type { OrderKey } from './event-slots.ts';
import { createFingerprint, type Fingerprint } from './fingerprint.ts';
import type { EventSource, Kernel } from './kernel.ts';
import { badParcel } from './network.ts';
import type { AnswerCargo, AskCargo, SendElsewhere } from './shards/parcel.ts';

/** One line of the journal: a chain with its outcome, or what ran out. */
export type LedgerEntry =
  | {
      readonly type: 'chain';
      readonly time: Micros;
      readonly from: Owner;
      /** The canonical text, as it was signed. */
      readonly text: string;
      readonly operations: readonly Operation[];
      readonly outcome: ChainOutcome;
    }
  | { readonly type: 'expired'; readonly time: Micros; readonly reservation: Reservation };

/** The money of a world, from outside. Reads are as of the world's present time. */
export interface WorldLedger extends LedgerView {
  /** Everything that happened so far, where the world was made with `money: { record: true }`. */
  readonly journal: readonly LedgerEntry[];
}

/** Options of a world's money. */
export interface MoneyOptions {
  /** Keep a journal: in {@link WorldLedger.journal}, or by a function that sees each entry. */
  readonly record?: boolean | ((entry: LedgerEntry) => void);
}

/** Options of {@link createMoney}. */
export interface MoneyParts extends MoneyOptions {
  readonly kernel: Kernel;
  readonly realm: string;
  readonly backend: SignatureBackend;
  readonly verifiedRoots: VerifiedRoots;
  /** False in mode `off`: chains go unsigned. */
  readonly signed: boolean;
  /** From an agent to the book, and back again. */
  readonly latencyMicros: Micros;
  /** False where another part of the world keeps the book. */
  readonly bookHere: boolean;
  readonly sendElsewhere?: SendElsewhere | undefined;
}

/** One agent's means of speaking to the book. */
export interface MoneyClient {
  readonly name: string;
  readonly signer: Signer;
  readonly source: EventSource;
}

/** What a book has at the end, for whoever looks at it from another part of the world. */
export interface BookReport {
  readonly snapshot: LedgerSnapshot;
  /** Fingerprints of the chains of each agent that handed any in. */
  readonly chains: Readonly<Record<string, string>>;
  /** Journal entries since the first event, where a journal is kept. */
  readonly journal: JsonValue;
}

/** The book of a world: a ledger some latency away from every agent. */
export interface Money {
  readonly ledger: WorldLedger;
  /** Fingerprints of the chains that were handed in, with outcome and place in the order of events, by agent. */
  readonly chains: Pick<Fingerprint, 'of' | 'endpoints'>;
  /** Makes an agent known whose ledger may be used here or elsewhere. */
  open(client: MoneyClient): void;
  port(name: string): LedgerPort;
  /** Issues what an agent starts with, now. @throws HaggleError `bad-funds` */
  fund(name: string, funds: Funds): void;
  /** Takes in a question or an answer from another part of the world. @throws HaggleError `bad-parcel` */
  accept(key: OrderKey, cargo: AskCargo | AnswerCargo): void;
  /** The book as it is at the world's present time. */
  report(): BookReport;
  /** Takes over a book that was kept elsewhere. */
  restore(report: BookReport): void;
}

/** Funds are booked before the agent that has them starts. */
const FUNDING_PRIORITY = -2;

/** The book of a world: empty, at the kernel's time. */
export function createMoney(parts: MoneyParts): Money {
  return new SimulatedMoney(parts);
}

/** A question to the book, as data. */
type Request =
  | { readonly type: 'submit'; readonly chain: SealedChain }
  | { readonly type: 'balance'; readonly asset: Asset }
  | { readonly type: 'reservation'; readonly payer: Did; readonly id: string };

/** What the book says to a {@link Request} of each type. */
interface Answers {
  readonly submit: ChainOutcome;
  readonly balance: Balance;
  readonly reservation: Reservation | null;
}

/** An agent's standing with the book. */
interface Standing extends MoneyClient {
  /** Places the book's answers to this agent in the order of events; it belongs to the book, as its questions do to the agent. */
  readonly answers: EventSource;
  /** Questions so far. */
  asked: number;
  /** Who waits for an answer from elsewhere, by the number of the question. */
  readonly waiting: Map<number, (answer: unknown) => void>;
}

interface Question<Type extends Request['type']> {
  readonly from: Standing;
  readonly request: Extract<Request, { type: Type }>;
  readonly done: (answer: Answers[Type]) => void;
}

class SimulatedMoney implements Money {
  readonly ledger: WorldLedger;
  readonly #prints: Fingerprint = createFingerprint();
  readonly #parts: MoneyParts;
  readonly #ledgerOptions: LedgerOptions;
  #book: Ledger;
  /** Fingerprints of a book that was kept elsewhere. */
  #reported: ReadonlyMap<string, string> | null = null;
  readonly #standings = new Map<string, Standing>();
  readonly #journal: LedgerEntry[] = [];
  /** Entries since the first event, for whoever looks from elsewhere. */
  readonly #toReport: LedgerEntry[] = [];
  readonly #note: ((entry: LedgerEntry) => void) | null;
  /** Fundings that were refused so far. */
  #refused = 0;

  constructor(parts: MoneyParts) {
    this.#parts = parts;
    const { realm, backend, verifiedRoots, signed, record = false } = parts;
    this.#ledgerOptions = {
      checkEvidence: createEvidenceCheck({ realm, backend, verifiedRoots, requireSignature: signed }),
    };
    this.#book = createLedger(this.#ledgerOptions);
    this.#note = record === true ? (entry) => void this.#journal.push(entry) : record === false ? null : record;
    this.ledger = Object.freeze({ ...viewLedger(() => this.#present()), journal: this.#journal });
  }

  get chains(): Pick<Fingerprint, 'of' | 'endpoints'> {
    const reported = this.#reported;
    if (reported === null) return this.#prints;
    return { endpoints: () => [...reported.keys()], of: (name) => reported.get(name) ?? this.#prints.of(name) };
  }

  open(client: MoneyClient): void {
    const answers = this.#parts.kernel.source(`book/${client.name}`);
    this.#standings.set(client.name, { ...client, answers, asked: 0, waiting: new Map() });
  }

  port(name: string): LedgerPort {
    const { realm, signed } = this.#parts;
    const standing = this.#standing(name);
    const { signer } = standing;
    const from = signer.did;
    return {
      submit: (operations, done) => {
        const chain = sealChain(realm, { from, operations }, signed ? signer : null);
        this.#ask<'submit'>({ from: standing, request: { type: 'submit', chain }, done });
      },
      balance: (asset, done) => this.#ask<'balance'>({ from: standing, request: { type: 'balance', asset }, done }),
      reservation: ({ payer, id }, done) =>
        this.#ask<'reservation'>({ from: standing, request: { type: 'reservation', payer, id }, done }),
    };
  }

  fund(name: string, funds: Funds): void {
    const { signer, answers } = this.#standing(name);
    const to = signer.did;
    // The ledger remembers ids of what it refused, and the name may be funded again with what it has.
    const attempt = this.#refused === 0 ? '' : `/${this.#refused}`;
    issueFunds(funds, { name, to, id: `funds/${to}${attempt}` }, (operations) => {
      const text = encodeChain(this.#parts.realm, { from: ISSUER, operations });
      const outcome = this.#apply(ISSUER, operations, text);
      if (outcome.type === 'refused') this.#refused += 1;
      // Every part of a world funds its agents alike; the one that keeps the book has the event.
      else if (this.#parts.bookHere) {
        answers.at(this.#parts.kernel.now(), () => this.#print(name, text, outcome), undefined, FUNDING_PRIORITY);
      }
      return outcome;
    });
  }

  accept(key: OrderKey, cargo: AskCargo | AnswerCargo): void {
    const { kernel, bookHere, latencyMicros, sendElsewhere } = this.#parts;
    const { agent, id } = cargo;
    if (!this.#standings.has(agent)) throw badParcel(`a parcel of the unknown agent "${agent}"`);
    const standing = this.#standing(agent);
    if (cargo.type === 'ask') {
      const request = decodeState(cargo.request);
      if (!bookHere || !isRequest(request)) throw badParcel(`a question of "${agent}" to the book`);
      const serve = (): void => {
        const answer = encodeState(this.#serve(standing, request));
        const at = standing.answers.claim(kernel.now() + latencyMicros);
        sendElsewhere?.({ agent }, { key: at, cargo: { type: 'answer', agent, id, answer } });
      };
      kernel.insert(key, serve, undefined);
      return;
    }
    const done = standing.waiting.get(id);
    if (done === undefined) throw badParcel(`answer ${id} to "${agent}", which did not ask`);
    standing.waiting.delete(id);
    kernel.insert(key, done, decodeState(cargo.answer));
  }

  report(): BookReport {
    const chains = this.#prints.endpoints().map((name) => [name, this.#prints.of(name)] as const);
    return {
      snapshot: snapshotLedger(this.#present()),
      chains: Object.fromEntries(chains),
      journal: encodeState(this.#toReport),
    };
  }

  restore({ snapshot, chains, journal }: BookReport): void {
    this.#book = restoreLedger(snapshot, this.#ledgerOptions);
    this.#reported = new Map(Object.entries(chains).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a worker of this very version wrote
    for (const entry of decodeState(journal) as readonly LedgerEntry[]) this.#note?.(entry);
  }

  #standing(name: string): Standing {
    const standing = this.#standings.get(name);
    assert(standing !== undefined, `"${name}" has a standing with the book`);
    return standing;
  }

  #ask<Type extends Request['type']>(question: Question<Type>): void {
    const { kernel, bookHere, latencyMicros, sendElsewhere } = this.#parts;
    const { from, request, done } = question;
    if (bookHere) return void from.source.after(latencyMicros, (due) => this.#answer(due), question);
    const id = from.asked++;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the book answers a request of a type by its kind
    from.waiting.set(id, done as (answer: unknown) => void);
    const key = from.source.claim(kernel.now() + latencyMicros);
    sendElsewhere?.('book', { key, cargo: { type: 'ask', agent: from.name, id, request: encodeState(request) } });
  }

  #answer<Type extends Request['type']>({ from, request, done }: Question<Type>): void {
    from.answers.after(this.#parts.latencyMicros, done, this.#serve(from, request));
  }

  #serve<Type extends Request['type']>(from: Standing, request: Extract<Request, { type: Type }>): Answers[Type];
  #serve({ name, signer }: Standing, request: Request): Answers[Request['type']] {
    switch (request.type) {
      case 'submit':
        return this.#handIn(name, request.chain);
      case 'balance':
        return this.ledger.balance(signer.did, request.asset);
      case 'reservation':
        return visibleTo(signer.did, this.ledger.reservation(request.payer, request.id));
    }
    throw new AssertionError('the book knows three requests');
  }

  #handIn(name: string, sealed: SealedChain): ChainOutcome {
    const { realm, backend, signed } = this.#parts;
    const opened = openChain(sealed, { realm, backend, requireSignature: signed });
    const outcome = isOpenChain(opened) ? this.#apply(opened.from, opened.operations, sealed.text) : opened;
    this.#print(name, sealed.text, outcome);
    return outcome;
  }

  #apply(from: Owner, operations: readonly Operation[], text: string): ChainOutcome {
    const time = this.#present().now;
    const outcome = this.#book.apply({ from, operations }, time);
    this.#enter({ type: 'chain', time, from, text, operations, outcome });
    return outcome;
  }

  /** The ledger at the kernel's time. */
  #present(): Ledger {
    const time = this.#parts.kernel.now();
    if (this.#book.now === time) return this.#book;
    for (const reservation of this.#book.advance(time)) {
      this.#enter({ type: 'expired', time: reservation.expires, reservation });
    }
    return this.#book;
  }

  #enter(entry: LedgerEntry): void {
    const { sendElsewhere, kernel } = this.#parts;
    if (this.#note !== null && sendElsewhere !== undefined && kernel.processed > 0) this.#toReport.push(entry);
    this.#note?.(entry);
  }

  /** Only the text and what became of it: a signature is part of no fingerprint. */
  #print(name: string, text: string, outcome: ChainOutcome): void {
    const key = this.#parts.kernel.current;
    assert(key !== undefined, 'a chain is handed in inside an event');
    const result = outcome.type === 'applied' ? outcome.type : `${outcome.code} ${outcome.index}`;
    const message = { subject: result, payload: text, headers: {}, reply: undefined, noResponders: false };
    this.#prints.record(key, { time: key.time, from: name, to: name, message });
  }
}

/** A question comes from another process: its form is a claim. What a chain holds is checked where it is opened. */
function isRequest(value: unknown): value is Request {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  switch (value.type) {
    case 'submit':
      return 'chain' in value && typeof value.chain === 'object' && value.chain !== null;
    case 'balance':
      return 'asset' in value && typeof value.asset === 'string';
    case 'reservation':
      return 'payer' in value && typeof value.payer === 'string' && 'id' in value && typeof value.id === 'string';
    default:
      return false;
  }
}
