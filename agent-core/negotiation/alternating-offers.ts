import { HaggleError } from '../errors.ts';
import { createRandomRoot, type RandomRoot } from '../random.ts';
import type { Heard, Moment, NegotiationStrategy, Negotiator } from './negotiator.ts';
import type { Outcome, OutcomeSpace } from './outcome-space.ts';
import { discountAt, type Preferences } from './preferences.ts';

/** One seat at the table. */
export interface NegotiationParty {
  readonly preferences: Preferences;
  readonly strategy: NegotiationStrategy;
}

/** What one party did at its turn. `party` is its place in the list, from 0. */
export interface NegotiationTurn {
  readonly party: number;
  readonly round: number;
  readonly type: 'offer' | 'accept' | 'end';
  /** What was offered or accepted; null where the party left. */
  readonly outcome: Outcome | null;
}

/** How a negotiation went. */
export interface NegotiationRecord {
  /** What all agreed on, or null. */
  readonly agreement: Outcome | null;
  /** Why it is over; `left` names a party that walked away, `deadline` that the rounds were used up. */
  readonly end: 'agreed' | 'left' | 'deadline';
  /** The round in which it ended, from 0. */
  readonly round: number;
  /** Relative time of the end. */
  readonly time: number;
  /** Utility of the agreement, or the reservation value, of each party, discounted at the time of the end. */
  readonly utilities: readonly number[];
  readonly history: readonly NegotiationTurn[];
}

/** A negotiation to run. */
export interface NegotiationSpec {
  readonly space: OutcomeSpace;
  /** In order of turns; at least 2. */
  readonly parties: readonly NegotiationParty[];
  /** Deadline: turns of each party, 1 to {@link ROUNDS_MAX}. */
  readonly rounds: number;
  /** Root of the parties' random streams, unless `random` is given. 0 unless said. */
  readonly seed?: number | string;
  readonly random?: RandomRoot;
}

/** Most rounds of one negotiation: its history holds one entry a turn. */
export const ROUNDS_MAX = 100_000;

/** Most parties of one negotiation. */
export const PARTIES_MAX = 64;

/**
 * Runs one negotiation to its end by the stacked alternating offers protocol: parties speak in turn; each accepts the standing offer,
 * replaces it by its own, or leaves, which ends it for all; an offer that every other party has accepted is the agreement (Aydogan,
 * Festen, Hindriks and Jonker, "Alternating Offers Protocols for Multilateral Negotiation", 2017). For two parties this is
 * Rubinstein's alternating offers with a deadline. Equal inputs give equal records.
 *
 * @throws HaggleError `bad-negotiation` for too few or too many parties or rounds, `illegal-offer` if a strategy offers what is
 * not in the space, and what the strategies throw.
 */
export function negotiate(spec: NegotiationSpec): NegotiationRecord {
  const table = seat(spec);
  const { rounds } = spec;
  for (let round = 0; round < rounds; round++) {
    const moment: Moment = { time: rounds === 1 ? 1 : round / (rounds - 1), round };
    for (const party of table.negotiators.keys()) {
      const end = takeTurn(table, party, moment);
      if (end !== null) return recordOf(spec, table, { end, moment });
    }
  }
  return recordOf(spec, table, { end: 'deadline', moment: { time: 1, round: rounds - 1 } });
}

interface Table {
  readonly space: OutcomeSpace;
  readonly negotiators: readonly Negotiator[];
  readonly history: NegotiationTurn[];
  /** The standing offer, who made it and how many others agreed to it. */
  standing: { readonly outcome: Outcome; readonly by: number; readonly agreed: number } | null;
}

function seat({ space, parties, rounds, seed = 0, random = createRandomRoot(seed) }: NegotiationSpec): Table {
  if (parties.length < 2 || parties.length > PARTIES_MAX) throw badSpec('parties', parties.length, PARTIES_MAX);
  if (!Number.isSafeInteger(rounds) || rounds < 1 || rounds > ROUNDS_MAX) throw badSpec('rounds', rounds, ROUNDS_MAX);
  const negotiators = parties.map(({ preferences, strategy }, party) =>
    strategy.negotiator({ space, preferences, random: random.stream('party', `${party}`), parties: parties.length }),
  );
  return { space, negotiators, history: [], standing: null };
}

/** One party speaks. Returns why the negotiation is over, or null. */
function takeTurn(table: Table, party: number, moment: Moment): 'agreed' | 'left' | null {
  const { standing, negotiators, history, space } = table;
  const negotiator = negotiators[party];
  if (negotiator === undefined) return null;
  const { round } = moment;
  if (standing !== null) {
    const answer = negotiator.respond(standing.outcome, { ...moment, type: 'offer', from: `${standing.by}` });
    if (answer === 'end') {
      history.push({ party, round, type: 'end', outcome: null });
      return 'left';
    }
    if (answer === 'accept') {
      history.push({ party, round, type: 'accept', outcome: standing.outcome });
      table.standing = { ...standing, agreed: standing.agreed + 1 };
      if (table.standing.agreed === negotiators.length - 1) return 'agreed';
      tell(table, standing.outcome, { ...moment, type: 'accept', from: `${party}` });
      return null;
    }
  }
  const outcome = negotiator.propose(moment);
  if (outcome === null) {
    history.push({ party, round, type: 'end', outcome });
    return 'left';
  }
  if (!space.contains(outcome)) {
    const text = JSON.stringify(outcome).slice(0, 200);
    throw new HaggleError('illegal-offer', `party ${party} offers ${text}, which is not in the outcome space`);
  }
  history.push({ party, round, type: 'offer', outcome });
  table.standing = { outcome, by: party, agreed: 0 };
  tell(table, outcome, { ...moment, type: 'offer', from: `${party}` });
  return null;
}

function tell({ negotiators }: Table, outcome: Outcome, said: Heard): void {
  for (const [party, negotiator] of negotiators.entries()) {
    if (`${party}` !== said.from) negotiator.hear(outcome, said);
  }
}

interface Ending {
  readonly end: NegotiationRecord['end'];
  readonly moment: Moment;
}

function recordOf({ parties }: NegotiationSpec, table: Table, { end, moment }: Ending): NegotiationRecord {
  const agreement = end === 'agreed' ? (table.standing?.outcome ?? null) : null;
  const { round, time } = moment;
  return {
    agreement,
    end,
    round,
    time,
    utilities: parties.map(({ preferences }) => utilityOf(preferences, agreement, time)),
    history: table.history,
  };
}

/** What an agreement, or none (null), is worth to a party at a relative time. The reservation value is discounted too. */
export function utilityOf(preferences: Preferences, agreement: Outcome | null, time: number): number {
  if (agreement !== null) return preferences.utility(agreement, time);
  return preferences.reservation * discountAt(preferences.discount, time);
}

function badSpec(what: string, value: number, limit: number): HaggleError {
  const least = what === 'parties' ? 2 : 1;
  return new HaggleError('bad-negotiation', `a negotiation has ${least} to ${limit} ${what}, got ${value}`, {
    fields: { [what]: value, limit },
  });
}
