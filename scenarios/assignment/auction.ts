import { assignmentPerson } from '../../agents/assignment/person.ts';
import { auctionClerk } from '../../agents/assignment/auction-clerk.ts';
import { objectSeller } from '../../agents/assignment/object-seller.ts';
import type { Duration } from '../../agent-core/clock.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { SigningMode } from '../../agent-core/message/seal.ts';
import type { BidderResult } from '../../agent-core/protocol/assignment-bidder.ts';
import type { ClerkResult } from '../../agent-core/protocol/assignment-clerk.ts';
import type { AssignmentSale } from '../../agent-core/protocol/assignment-sale.ts';
import {
  assignmentTerms,
  type AssignmentMode,
  type AssignmentTerms,
} from '../../agent-core/protocol/assignment-terms.ts';
import type { PlacedAgent } from '../../simulator/placed-agent.ts';
import { world, type World } from '../../simulator/world.ts';
import { certify, type AssignmentCertificate } from './certificate.ts';
import type { AssignmentProblem } from './or-library.ts';

/** Life of the auction in virtual time: far longer than any takes. */
const WITHIN: Duration = '30 d';

/** How an auction is run. */
export interface AuctionOptions {
  readonly mode: AssignmentMode;
  readonly seed: number | string;
  /** `batch` if left out. */
  readonly sign?: SigningMode;
  /** Latency of every link; 1 ms if left out. */
  readonly latency?: Duration | readonly [Duration, Duration];
  /** Phases of epsilon scaling; those of `assignmentTerms` if left out. */
  readonly startDivisor?: number;
  readonly factor?: number;
}

/** What came of an auction. */
export interface AuctionOutcome {
  /** The object of each person. */
  readonly objects: readonly number[];
  /** Of each object, in units of 1 / (size + 1) of a cost unit. */
  readonly prices: readonly number[];
  readonly certificate: AssignmentCertificate;
  readonly bids: number;
  /** Bids that rested on too old a price. */
  readonly rejected: number;
  readonly phases: number;
  /** Rounds; 0 in asynchronous mode, which has none. */
  readonly rounds: number;
  readonly messages: number;
  readonly bytes: number;
  readonly virtualSeconds: number;
  readonly fingerprint: string;
}

/**
 * Places a person and a seller for every row and column, and a clerk, and lets them find the assignment.
 *
 * @throws HaggleError `no-agreement` where they do not, `bad-parameter` as `assignmentTerms` does
 */
export async function auctionAssignment(problem: AssignmentProblem, options: AuctionOptions): Promise<AuctionOutcome> {
  const { seed, sign = 'batch', latency = '1 ms' } = options;
  const terms = termsOf(problem, options);
  const place = world({ seed, sign, latency, strict: true });
  const placed = populateAuction(place, problem, terms);
  const { now } = await place.run();
  const clerk = placed.clerk.state.result;
  const found = placed.persons.map(({ state }) => state.result);
  const objects = found.flatMap((result) => (result?.type === 'assigned' ? [result.object] : []));
  if (clerk?.type !== 'assigned' || objects.length < problem.size) {
    const code = clerk?.type === 'failed' ? clerk.code : 'unknown';
    throw new HaggleError('no-agreement', `${problem.size - objects.length} persons have no object: ${code}`);
  }
  const prices = placed.sellers.map(({ state }) => state.sale.price);
  const total = (count: 'bids' | 'rejected'): number =>
    found.reduce((sum, result) => sum + (result?.counts[count] ?? 0), 0);
  return {
    objects,
    prices,
    certificate: certify(problem, { objects, prices, scale: terms.scale }),
    bids: total('bids'),
    rejected: total('rejected'),
    phases: clerk.phases,
    rounds: clerk.rounds,
    messages: place.traffic.messages,
    bytes: place.traffic.bytes,
    virtualSeconds: now / 1e6,
    fingerprint: place.fingerprint(),
  };
}

function termsOf({ size, costs }: AssignmentProblem, options: AuctionOptions): AssignmentTerms {
  const { mode, startDivisor, factor } = options;
  let [least, most] = [Infinity, -Infinity];
  for (const row of costs) for (const cost of row) [least, most] = [Math.min(least, cost), Math.max(most, cost)];
  const phases = {
    ...(startDivisor === undefined ? {} : { startDivisor }),
    ...(factor === undefined ? {} : { factor }),
  };
  return assignmentTerms({ mode, size, costSpread: most - least, ...phases });
}

/** The agents of an auction, by position. */
export interface PlacedAuction {
  readonly sellers: readonly PlacedAgent<{ readonly sale: AssignmentSale }>[];
  readonly clerk: PlacedAgent<{ result: ClerkResult | null }>;
  readonly persons: readonly PlacedAgent<{ result: BidderResult | null }>[];
}

/** Places the agents. Each person gets its own row of costs, and nobody else gets any. */
export function populateAuction(
  place: World,
  { size, costs }: AssignmentProblem,
  terms: AssignmentTerms,
): PlacedAuction {
  const numbers = Array.from({ length: size }, (_, k) => k);
  const sellers = numbers.map((k) => place.didOf(`object-${k}`));
  const bidders = new Set(numbers.map((k) => place.didOf(`person-${k}`)));
  const within = WITHIN;
  const clerk = place.didOf('clerk');
  return {
    sellers: numbers.map((k) => place.spawn(objectSeller({ terms, clerk, bidders }), { name: `object-${k}` })),
    clerk: place.spawn(auctionClerk({ terms, sellers, within }), { name: 'clerk' }),
    persons: numbers.map((k) =>
      place.spawn(assignmentPerson({ terms, sellers, costs: costs[k] ?? [], within }), { name: `person-${k}` }),
    ),
  };
}
