import type { z } from 'zod';
import { HaggleError } from '../errors.ts';
import type { JsonValue } from '../message/canonical.ts';
import type { RandomStream } from '../random.ts';
import type { Outcome, OutcomeSpace } from './outcome-space.ts';
import type { Preferences } from './preferences.ts';

/** Where a negotiation stands. */
export interface Moment {
  /** Relative time: 0 at the start, 1 at the last chance to speak. With n rounds, round / (n - 1). */
  readonly time: number;
  /** Rounds before this one. In a round each party speaks once. */
  readonly round: number;
}

/** What another party said, and when. `from` is any name that stays the same: a place at the table, a DID. */
export interface Heard extends Moment {
  readonly type: 'offer' | 'accept';
  readonly from: string;
}

/** An answer to the standing offer: agree, go on with an own offer, or leave without agreement. */
export type NegotiatorResponse = 'accept' | 'reject' | 'end';

/**
 * One party of one negotiation: a synchronous, deterministic machine that knows nothing of messages.
 *
 * Whoever runs it calls `hear` for everything that any other party offers or accepts, in order, and at the party's turn `respond`
 * where an offer of another stands, then `propose` unless the answer was `accept` or `end`. Time must not run backwards.
 */
export interface Negotiator {
  /** Takes note of what another party offered or accepted; nothing is answered. Comes before `respond` to the same offer. */
  hear(outcome: Outcome, said: Heard): void;
  /** The answer to the standing offer, which was heard before: `accept` agrees, `reject` goes on to `propose`, `end` leaves. */
  respond(outcome: Outcome, said: Heard): NegotiatorResponse;
  /** The next offer at this moment of its own turn, an outcome of the space; null to walk away. */
  propose(moment: Moment): Outcome | null;
  /** All that it remembers, as plain JSON, except for its random stream, whose owner keeps it. */
  state(): JsonValue;
}

/** What a negotiator is made of. */
export interface NegotiatorSetup {
  readonly space: OutcomeSpace;
  readonly preferences: Preferences;
  /** The only source of chance; strategies that need none draw nothing. */
  readonly random: RandomStream;
  /** Number of parties, this one included; at least 2. */
  readonly parties: number;
  /** Continues from what `state()` gave. @throws HaggleError `bad-negotiator-state` if it is no state of this strategy. */
  readonly state?: JsonValue;
}

/** A way to negotiate: makes one negotiator for each negotiation. */
export interface NegotiationStrategy {
  readonly name: string;
  /** @throws HaggleError `too-many-outcomes`, `bad-preferences`, `bad-negotiator-state`. */
  negotiator(setup: NegotiatorSetup): Negotiator;
}

/** A saved state, checked. @throws HaggleError `bad-negotiator-state`. */
export function readState<T>(schema: z.ZodType<T>, state: JsonValue): T {
  const read = schema.safeParse(state);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new HaggleError(
    'bad-negotiator-state',
    `resuming a negotiator: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit'}`,
  );
}
