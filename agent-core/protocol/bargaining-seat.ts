import type { Heard, Moment, Negotiator } from '../negotiation/negotiator.ts';
import type { Outcome } from '../negotiation/outcome-space.ts';

/** What a party does at its turn. */
export type Move =
  | { readonly type: 'offer'; readonly outcome: Outcome }
  | { readonly type: 'accept'; readonly outcome: Outcome }
  | { readonly type: 'leave' };

/** An offer on the table. */
export interface Standing {
  readonly outcome: Outcome;
  /** Who made it, by any name that stays the same. */
  readonly from: string;
}

/** The moment of a round: relative time goes from 0 in the first to 1 in the last. */
export function momentOf(round: number, rounds: number): Moment {
  return { time: rounds === 1 ? 1 : round / (rounds - 1), round };
}

/** What a negotiator hears of an offer. */
export function offerHeard({ time, round }: Moment, from: string): Heard {
  return { time, round, type: 'offer', from };
}

/** Asks a negotiator for its move: first whether the standing offer will do, then for an offer of its own. */
export function moveOf(negotiator: Negotiator, moment: Moment, standing: Standing | null): Move {
  if (standing !== null) {
    const answer = negotiator.respond(standing.outcome, offerHeard(moment, standing.from));
    if (answer === 'accept') return { type: 'accept', outcome: standing.outcome };
    if (answer === 'end') return { type: 'leave' };
  }
  const outcome = negotiator.propose(moment);
  return outcome === null ? { type: 'leave' } : { type: 'offer', outcome };
}
