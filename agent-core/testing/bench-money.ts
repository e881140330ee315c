import type { Clock } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import { createEvidenceCheck, type EvidenceOptions } from '../ledger/evidence-check.ts';
import { issueFunds, type Funds } from '../ledger/funds.ts';
import { createLedger, type Ledger } from '../ledger/ledger.ts';
import { viewLedger, visibleTo, type LedgerView } from '../ledger/ledger-view.ts';
import { ISSUER, type ChainOutcome, type Operation } from '../ledger/operation.ts';
import type { LedgerPort } from '../ledger/port.ts';
import { isOpenChain, openChain, sealChain } from '../ledger/sealed-chain.ts';
import { createPeerLedger, type PeerLedger } from './peer-ledger.ts';

/** Options of {@link BenchMoney}: how evidence is judged, and the time of the bench. */
export interface BenchMoneyParts extends EvidenceOptions {
  readonly clock: Clock;
}

/** The book of a bench. Chains go unsigned; what the agent asks is answered when the bench says so. */
export class BenchMoney {
  /** The book as a test reads it. */
  readonly view: LedgerView;
  readonly #parts: BenchMoneyParts;
  readonly #book: Ledger;
  readonly #questions: (() => void)[] = [];
  #fundings = 0;

  constructor(parts: BenchMoneyParts) {
    this.#parts = parts;
    this.#book = createLedger({ checkEvidence: createEvidenceCheck(parts) });
    this.view = viewLedger(() => this.#present());
  }

  /** True while the agent waits for an answer. */
  get waiting(): boolean {
    return this.#questions.length > 0;
  }

  /** Answers what was asked so far, in the order of the calls; a chain takes effect as it is answered. */
  answer(): void {
    for (const question of this.#questions.splice(0)) question();
  }

  /** Issues funds now. @throws HaggleError `bad-funds` */
  fund(name: string, to: Did, funds: Funds): void {
    this.#fundings += 1;
    issueFunds(funds, { name, to, id: `funds-${this.#fundings}` }, (operations) =>
      this.#present().apply({ from: ISSUER, operations }, this.#parts.clock.now()),
    );
  }

  /** The agent's way to the book. */
  port(from: Did): LedgerPort {
    const later = (question: () => void): void => void this.#questions.push(question);
    return {
      submit: (operations, done) => {
        const handIn = this.#sealed(from, operations);
        later(() => done(handIn()));
      },
      balance: (asset, done) => later(() => done(this.view.balance(from, asset))),
      reservation: ({ payer, id }, done) => later(() => done(visibleTo(from, this.view.reservation(payer, id)))),
    };
  }

  /** A peer's way to the book. */
  peer(did: Did): PeerLedger {
    return createPeerLedger({
      did,
      clock: this.#parts.clock,
      submit: (operations) => this.#sealed(did, operations)(),
      balance: (asset) => this.view.balance(did, asset),
      reservation: (payer, id) => visibleTo(did, this.view.reservation(payer, id)),
    });
  }

  /** A chain on its way, as it is in a world: what no ledger could read is thrown now, the rest is known when it is handed in. */
  #sealed(from: Did, operations: readonly Operation[]): () => ChainOutcome {
    const { realm, backend, clock } = this.#parts;
    const sealed = sealChain(realm, { from, operations }, null);
    return () => {
      const opened = openChain(sealed, { realm, backend, requireSignature: false });
      return isOpenChain(opened) ? this.#present().apply(opened, clock.now()) : opened;
    };
  }

  /** The ledger at the present time. */
  #present(): Ledger {
    this.#book.advance(this.#parts.clock.now());
    return this.#book;
  }
}
