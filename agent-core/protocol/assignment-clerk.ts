import type { Dialogue, DialogueEnd } from '../agent/dialogue.ts';
import { defineProgram, type Following, type Heard, type Run } from '../agent/program.ts';
import { micros, type Duration } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import { ASSIGNMENT_PHASES } from './assignment-messages.ts';
import type { AssignmentTerms } from './assignment-terms.ts';

/** What the clerk is told. */
export interface ClerkInput {
  readonly terms: AssignmentTerms;
  readonly sellers: readonly Did[];
  /** Time for the whole auction. */
  readonly within: Duration;
}

/** How the auction ended for the clerk: with every object sold, or the code of the first that was heard to fail. */
export type ClerkResult =
  | { readonly type: 'assigned'; readonly phases: number; readonly rounds: number }
  | { readonly type: 'failed'; readonly code: string; readonly seller: Did; readonly phase: number };

type ClerkRun = Run<typeof ASSIGNMENT_PHASES, 'clerk', ClerkResult>;
type Line = Dialogue<typeof ASSIGNMENT_PHASES, 'clerk'>;

/** The clerk's program: counts sales, and says when a phase or a round is over. */
export const assignmentClerk = defineProgram(
  ASSIGNMENT_PHASES,
  'clerk',
  (run: ClerkRun, input: ClerkInput) => new Clerk(run, input),
);

class Clerk implements Following<typeof ASSIGNMENT_PHASES, 'clerk'> {
  readonly #run: ClerkRun;
  readonly #terms: AssignmentTerms;
  readonly #lines = new Map<Did, Line>();
  /** Sellers that have sold in this phase. A price only rises, so that who has sold once stays sold. */
  readonly #sold = new Set<Did>();
  /** Sellers with bids of this round, and whether one of them is acceptable. */
  readonly #noted = new Map<Did, boolean>();
  #bids = 0;
  #phase = 0;
  #round = 0;

  constructor(run: ClerkRun, { terms, sellers, within }: ClerkInput) {
    if (new Set(sellers).size + 1 !== terms.scale) {
      const problem = `${sellers.length} sellers, one or more twice, or not the ${terms.scale - 1} of the terms`;
      throw new HaggleError('bad-parameter', `keeping an assignment auction: ${problem}`);
    }
    this.#run = run;
    this.#terms = terms;
    const by = run.now() + micros(within);
    for (const seller of sellers) {
      this.#lines.set(seller, run.open(seller, 'phase', { body: { phase: 0, round: 0 }, by }));
    }
  }

  heard(message: Heard<typeof ASSIGNMENT_PHASES, 'clerk'>): void {
    const { from, type, body } = message;
    const synchronous = this.#terms.mode === 'synchronous';
    if (type === 'sold') {
      const inTurn = !synchronous && body.phase === this.#phase && !this.#sold.has(from);
      if (!inTurn) return this.#fail(from, 'sold-out-of-turn');
      this.#sold.add(from);
      if (this.#sold.size === this.#lines.size) this.#endPhase();
      return;
    }
    if (!synchronous || body.round !== this.#round) return this.#fail(from, 'noted-out-of-turn');
    this.#noted.set(from, body.acceptable || this.#noted.get(from) === true);
    this.#bids += 1;
    // Persons without an object are as many as objects without a buyer, and each of them bids once a round.
    if (this.#bids === this.#lines.size - this.#sold.size) this.#endRound();
  }

  ended({ peer, outcome, code }: DialogueEnd): void {
    if (outcome !== 'done') this.#fail(peer, code);
  }

  #endRound(): void {
    const body = { round: this.#round };
    for (const [seller, acceptable] of this.#noted) {
      this.#lines.get(seller)?.send('close', body);
      if (acceptable) this.#sold.add(seller);
    }
    this.#noted.clear();
    this.#bids = 0;
    this.#round += 1;
    if (this.#sold.size === this.#lines.size) this.#endPhase();
  }

  #endPhase(): void {
    this.#phase += 1;
    this.#sold.clear();
    if (this.#phase < this.#terms.epsilons.length) {
      const body = { phase: this.#phase, round: this.#round };
      for (const line of this.#lines.values()) line.send('phase', body);
      return;
    }
    for (const line of this.#lines.values()) line.send('settle', {});
    this.#run.finish({ type: 'assigned', phases: this.#phase, rounds: this.#round });
  }

  #fail(seller: Did, code: string): void {
    this.#run.finish({ type: 'failed', code, seller, phase: this.#phase });
  }
}
