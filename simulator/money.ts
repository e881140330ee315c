import { createEvidenceCheck } from '../agent-core/ledger/evidence-check.ts';
import { issueFunds, type Funds } from '../agent-core/ledger/funds.ts';
import { createLedger, type Ledger } from '../agent-core/ledger/ledger.ts';
import { viewLedger, visibleTo, type LedgerView } from '../agent-core/ledger/ledger-view.ts';
import {
  ISSUER,
  type Operation,
  type ChainOutcome,
  type Owner,
  type Reservation,
} from '../agent-core/ledger/operation.ts';
import type { LedgerPort } from '../agent-core/ledger/port.ts';
import { encodeChain, isOpenChain, openChain, sealChain, type SealedChain } from '../agent-core/ledger/sealed-chain.ts';
import type { Micros } from '../agent-core/clock.ts';
import { assert } from '../agent-core/errors.ts';
import type { SignatureBackend, Signer } from '../agent-core/identity/signer.ts';
import type { VerifiedRoots } from '../agent-core/message/evidence.ts';
import { hashPath } from '../agent-core/stream-hash.ts';
import { createFingerprint, type Fingerprint } from './fingerprint.ts';
import type { EventSource, Kernel } from './kernel.ts';

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
}

/** One agent's means of speaking to the book. */
export interface MoneyClient {
  readonly name: string;
  readonly signer: Signer;
  readonly source: EventSource;
}

/** The book of a world: a ledger some latency away from every agent. */
export interface Money {
  readonly ledger: WorldLedger;
  /**
   * A fingerprint that covers what was heard and, where there are any, the chains handed in, with outcome and place in the order of
   * events; those of one agent where its name is given.
   */
  fingerprint(heard: string, agent?: string): string;
  port(client: MoneyClient): LedgerPort;
  /** Issues what an agent starts with, now. @throws HaggleError `bad-funds` */
  fund(client: MoneyClient, funds: Funds): void;
}

/** Funds are booked before the agent that has them starts. */
const FUNDING_PRIORITY = -2;

/** The book of a world: empty, at the kernel's time. */
export function createMoney(parts: MoneyParts): Money {
  return new SimulatedMoney(parts);
}

class SimulatedMoney implements Money {
  readonly ledger: WorldLedger;
  readonly #chains: Fingerprint = createFingerprint();
  readonly #parts: MoneyParts;
  readonly #book: Ledger;
  readonly #journal: LedgerEntry[] = [];
  readonly #note: ((entry: LedgerEntry) => void) | null;
  /** Fundings that were refused so far. */
  #refused = 0;

  constructor(parts: MoneyParts) {
    this.#parts = parts;
    const { realm, backend, verifiedRoots, signed, record = false } = parts;
    const checkEvidence = createEvidenceCheck({ realm, backend, verifiedRoots, requireSignature: signed });
    this.#book = createLedger({ checkEvidence });
    this.#note = record === true ? (entry) => void this.#journal.push(entry) : record === false ? null : record;
    this.ledger = Object.freeze({ ...viewLedger(() => this.#present()), journal: this.#journal });
  }

  fingerprint(heard: string, agent?: string): string {
    const submitters = this.#chains.endpoints();
    if (agent === undefined) return submitters.length === 0 ? heard : combined(heard, this.#chains.global());
    return submitters.includes(agent) ? combined(heard, this.#chains.of(agent)) : heard;
  }

  port({ name, signer, source }: MoneyClient): LedgerPort {
    const { realm, signed, latencyMicros } = this.#parts;
    const from = signer.did;
    const ask = <T>(read: () => T, done: (answer: T) => void): void => {
      source.after(latencyMicros, answerLater, { read, done, source, latencyMicros });
    };
    return {
      submit: (operations, done) => {
        const chain = sealChain(realm, { from, operations }, signed ? signer : null);
        ask(() => this.#handIn(name, chain), done);
      },
      balance: (asset, done) => ask(() => this.ledger.balance(from, asset), done),
      reservation: ({ payer, id }, done) => ask(() => visibleTo(from, this.ledger.reservation(payer, id)), done),
    };
  }

  fund({ name, signer, source }: MoneyClient, funds: Funds): void {
    const to = signer.did;
    // The ledger remembers ids of what it refused, and the name may be funded again with what it has.
    const attempt = this.#refused === 0 ? '' : `/${this.#refused}`;
    issueFunds(funds, { name, to, id: `funds/${to}${attempt}` }, (operations) => {
      const text = encodeChain(this.#parts.realm, { from: ISSUER, operations });
      const outcome = this.#apply(ISSUER, operations, text);
      if (outcome.type === 'refused') this.#refused += 1;
      else source.at(this.#parts.kernel.now(), () => this.#print(name, text, outcome), undefined, FUNDING_PRIORITY);
      return outcome;
    });
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
    this.#note?.({ type: 'chain', time, from, text, operations, outcome });
    return outcome;
  }

  /** The ledger at the kernel's time. */
  #present(): Ledger {
    const time = this.#parts.kernel.now();
    if (this.#book.now === time) return this.#book;
    for (const reservation of this.#book.advance(time)) {
      this.#note?.({ type: 'expired', time: reservation.expires, reservation });
    }
    return this.#book;
  }

  /** Only the text and what became of it: a signature is part of no fingerprint. */
  #print(name: string, text: string, outcome: ChainOutcome): void {
    const key = this.#parts.kernel.current;
    assert(key !== undefined, 'a chain is handed in inside an event');
    const result = outcome.type === 'applied' ? outcome.type : `${outcome.code} ${outcome.index}`;
    const message = { subject: result, payload: text, headers: {}, reply: undefined, noResponders: false };
    this.#chains.record(key, { time: key.time, from: name, to: name, message });
  }
}

interface Question<T> {
  readonly read: () => T;
  readonly done: (answer: T) => void;
  readonly source: EventSource;
  readonly latencyMicros: Micros;
}

function answerLater<T>({ read, done, source, latencyMicros }: Question<T>): void {
  source.after(latencyMicros, done, read());
}

/** 16 hexadecimal digits that stand for two fingerprints. */
function combined(first: string, second: string): string {
  const [high, low] = hashPath([first, second]);
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}
