import type { DialogueEnd } from '../agent/dialogue.ts';
import { defineProgram, type Following, type Heard, type Run } from '../agent/program.ts';
import { micros, type Duration, type Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import { ASSIGNMENT_SALE } from './assignment-messages.ts';
import type { AssignmentTerms } from './assignment-terms.ts';

/** What a person brings to the auction. */
export interface BidderInput {
  readonly terms: AssignmentTerms;
  readonly sellers: readonly Did[];
  /** What each object costs this person, whole numbers in the order of `sellers`. Nobody else learns them. */
  readonly costs: readonly number[];
  /** Time for the whole auction. */
  readonly within: Duration;
}

/** What a person did in the auction. */
export interface BidderCounts {
  readonly bids: number;
  /** Bids that were too low, because the person knew an old price. */
  readonly rejected: number;
}

/** How the auction ended for a person. */
export type BidderResult =
  | {
      readonly type: 'assigned';
      readonly seller: Did;
      /** Position of the object in `sellers`. */
      readonly object: number;
      /** In scaled units. */
      readonly price: number;
      readonly counts: BidderCounts;
    }
  /** No assignment: the code of what ended it, or `dishonest-seller`, `prices-out-of-range`. */
  | { readonly type: 'failed'; readonly code: string; readonly seller: Did | null; readonly counts: BidderCounts };

type BidderRun = Run<typeof ASSIGNMENT_SALE, 'bidder', BidderResult>;

/** A person's program: bids for one object at a time until it holds one for good. */
export const assignmentBidder = defineProgram(
  ASSIGNMENT_SALE,
  'bidder',
  (run: BidderRun, input: BidderInput) => new Bidder(run, input),
);

/** The bid that is open or holds an object. */
interface Standing {
  readonly dialogue: string;
  readonly object: number;
  readonly price: number;
}

class Bidder implements Following<typeof ASSIGNMENT_SALE, 'bidder'> {
  readonly #run: BidderRun;
  readonly #input: BidderInput;
  readonly #by: Micros;
  /** Scaled costs. */
  readonly #costs: readonly number[];
  /** Prices as this person knows them: never above the true ones, because those only rise. */
  readonly #prices: number[];
  #standing: Standing | null = null;
  #phase = 0;
  #bids = 0;
  #rejected = 0;

  constructor(run: BidderRun, input: BidderInput) {
    checkCosts(input);
    this.#run = run;
    this.#input = input;
    this.#by = run.now() + micros(input.within);
    this.#costs = input.costs.map((cost) => cost * input.terms.scale);
    this.#prices = input.costs.map(() => 0);
    this.#bid(0);
  }

  heard(message: Heard<typeof ASSIGNMENT_SALE, 'bidder'>): void {
    const standing = this.#standing;
    if (standing?.dialogue !== message.dialogue.id) return;
    const epsilon = this.#epsilon();
    switch (message.type) {
      case 'award':
        this.#prices[standing.object] = standing.price;
        return;
      case 'reject':
        this.#rejected += 1;
        // A seller may refuse only what does not raise its price by epsilon.
        if (standing.price >= message.body.price + epsilon) return this.#fail('dishonest-seller');
        return this.#again(message.body);
      case 'outbid':
        if (message.body.price < standing.price + epsilon) return this.#fail('dishonest-seller');
        return this.#again(message.body);
      case 'release':
        if (message.body.phase !== this.#phase + 1) return this.#fail('dishonest-seller');
        if (message.body.phase >= this.#input.terms.epsilons.length) return this.#fail('dishonest-seller');
        this.#phase = message.body.phase;
        return this.#bid(message.body.round);
      case 'settle':
        return this.#settled(standing);
    }
  }

  ended({ dialogue, outcome, code }: DialogueEnd): void {
    if (outcome !== 'done' && this.#standing?.dialogue === dialogue) this.#fail(code);
  }

  #again({ price, round }: { readonly price: number; readonly round: number }): void {
    const object = this.#standing?.object ?? 0;
    this.#prices[object] = price;
    this.#bid(round);
  }

  /** Bids for the object that is best at known prices, as much as leaves it epsilon worse than the second best. */
  #bid(round: number): void {
    let object = 0;
    let best = Infinity;
    let second = Infinity;
    for (const [k, cost] of this.#costs.entries()) {
      const total = cost + (this.#prices[k] ?? 0);
      if (total < best) {
        second = best;
        best = total;
        object = k;
      } else if (total < second) second = total;
    }
    const rise = (second === Infinity ? 0 : second - best) + this.#epsilon();
    const price = (this.#prices[object] ?? 0) + rise;
    const seller = this.#input.sellers[object];
    if (seller === undefined || !Number.isSafeInteger(price)) return this.#fail('prices-out-of-range');
    this.#bids += 1;
    const dialogue = this.#run.open(seller, 'bid', { body: { price, phase: this.#phase, round }, by: this.#by });
    this.#standing = { dialogue: dialogue.id, object, price };
  }

  #epsilon(): number {
    return this.#input.terms.epsilons[this.#phase] ?? 1;
  }

  #settled({ object, price }: Standing): void {
    const seller = this.#input.sellers[object];
    if (seller === undefined || this.#phase !== this.#input.terms.epsilons.length - 1) {
      return this.#fail('dishonest-seller');
    }
    this.#run.finish({ type: 'assigned', seller, object, price, counts: this.#counts() });
  }

  #fail(code: string): void {
    const seller = this.#standing === null ? null : (this.#input.sellers[this.#standing.object] ?? null);
    this.#run.finish({ type: 'failed', code, seller, counts: this.#counts() });
  }

  #counts(): BidderCounts {
    return { bids: this.#bids, rejected: this.#rejected };
  }
}

function checkCosts({ costs, sellers, terms }: BidderInput): void {
  const bad = (problem: string): never => {
    throw new HaggleError('bad-parameter', `bidding in an assignment auction: ${problem}`);
  };
  if (sellers.length + 1 !== terms.scale) bad(`${sellers.length} sellers, the terms are for ${terms.scale - 1}`);
  if (costs.length !== sellers.length) bad(`${costs.length} costs for ${sellers.length} sellers`);
  const odd = costs.findIndex((cost) => !Number.isSafeInteger(cost * terms.scale) || !Number.isInteger(cost));
  if (odd >= 0) bad(`cost ${odd} must be a whole number below 2^53 / ${terms.scale}, got ${costs[odd]}`);
}
