import type { Duration } from '../../agent-core/clock.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import type { Terms, Transferred } from './deal.ts';
import type { Desk } from './desk.ts';
import type { Lot } from './exchange-protocol.ts';
import type { Topic } from './release.ts';

/** What the chair of a session brings. */
export interface Session {
  readonly members: readonly Did[];
  /** Share of those invited without whom there is no session. */
  readonly quorum: number;
  readonly rounds: number;
  /** Bound of the whole session. */
  readonly within: Duration;
  readonly desk: Desk;
  /** Temperature of the first round, in units of cost. */
  readonly heat: number;
  /** Data of a trip that the chair has heard of. */
  lotOf(trip: number): Lot | undefined;
  /** Whether a topic is on the chair's map. */
  isOnMap(topic: Topic): boolean;
  /** Called with the data of every trip that a member tells of. */
  learn(lot: Lot): void;
  /** Trips whose riders nobody serves, as far as the chair knows. */
  readonly waiting: readonly Lot[];
  /** What serving one of them is worth, in units of cost. */
  readonly unservedCost: number;
  /** The topic of the first round; drawn where it is null. */
  readonly about: Topic | null;
  /** What the best draft is worth to the chair, micro-tokens. */
  stake(): bigint;
  /** Whether terms are what the chair's own draft says, and it does not lose by them. */
  isFair(terms: Terms): boolean;
  /** Whether the chair's own route or tour have changed since the session began. */
  isStale(): boolean;
  /** The chair has offered a deal, and does nothing until it knows whether it holds. */
  bound(): void;
  /** The deal holds. `name` is that of what is set aside for it. */
  commit(terms: Terms, name: string): void;
}

/** How a session ended. */
export type Outcome =
  | {
      readonly type: 'committed';
      readonly terms: Terms;
      /** Sum of all stakes, micro-tokens. */
      readonly gain: bigint;
      readonly moved: readonly Transferred[];
    }
  | { readonly type: 'no-gain' }
  /** Too few could come. */
  | { readonly type: 'alone' }
  /** Somebody left, or was not heard of any more. */
  | { readonly type: 'failed'; readonly code: string };

/** How a session ended for its chair. */
export type SessionResult = Outcome & {
  readonly rounds: number;
  /** Bids that the chair read. */
  readonly bids: number;
};
