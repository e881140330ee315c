import type { Did } from '../../agent-core/identity/did-key.ts';
import { equalGains, type Stake } from '../market/equal-gains.ts';
import type { Move, Payment } from './exchange-protocol.ts';

/** What one party of a session pays, gets, gives and takes. */
export interface Terms {
  readonly pays: readonly Payment[];
  readonly receives: readonly Payment[];
  readonly gives: readonly Move[];
  readonly takes: readonly Move[];
}

/** A trip that the draft gives to another party than it was with; `from` is null where nobody served it. */
export interface Transferred {
  readonly trip: number;
  readonly from: Did | null;
  readonly to: Did;
}

/**
 * Terms by which everybody gains the same, or null where together they do not gain. Whoever gains more than its share pays those
 * who gain less. Riders whom nobody served pay what the others lose by serving them, in equal parts.
 */
export function dealOf(stakes: readonly Stake[], moved: readonly Transferred[]): ReadonlyMap<Did, Terms> | null {
  const fromRiders = moved.filter(({ from }) => from === null);
  const sum = stakes.reduce((total, { gain }) => total + gain, 0n);
  const fare = fromRiders.length === 0 || sum > 0n ? 0n : (-sum + 1n) / BigInt(fromRiders.length) + 1n;
  const gains = stakes.map(({ party, gain }) => {
    const riders = fromRiders.filter(({ to }) => to === party).length;
    return { party, gain: gain + fare * BigInt(riders) };
  });
  const total = sum + fare * BigInt(fromRiders.length);
  if (total <= 0n) return null;
  const transfers = equalGains(gains);
  return new Map(
    gains.map(({ party }) => [
      party,
      {
        pays: transfers.filter(({ from }) => from === party).map(({ to, amount }) => ({ party: to, amount })),
        receives: transfers.filter(({ to }) => to === party).map(({ from, amount }) => ({ party: from, amount })),
        gives: moved.filter(({ from }) => from === party).map(({ trip, to }) => ({ trip, party: to, fare: null })),
        takes: moved
          .filter(({ to }) => to === party)
          .map(({ trip, from }) => ({ trip, party: from, fare: from === null ? fare : null })),
      },
    ]),
  );
}

/** What the terms of a deal add to what a draft is worth to a party. */
export function netOf({ pays, receives, takes }: Terms): bigint {
  const sum = (payments: readonly Payment[]): bigint => payments.reduce((total, { amount }) => total + amount, 0n);
  return sum(receives) - sum(pays) + takes.reduce((total, { fare }) => total + (fare ?? 0n), 0n);
}

/** The trips that a party's best draft lacks, and those that are new in it. */
export interface Change {
  readonly self: Did;
  readonly gone: readonly number[];
  readonly come: readonly number[];
}

/**
 * Whether terms say what a party's best draft does, and nothing else: each trip that is gone goes to another party, each that has
 * come comes from another, or from nobody and then with the fare to ask for; no payment is to itself.
 */
export function isDealOf({ pays, receives, gives, takes }: Terms, { self, gone, come }: Change): boolean {
  const isOther = ({ party }: { readonly party: Did | null }): boolean => party !== self;
  return (
    isSame(gives, gone) &&
    isSame(takes, come) &&
    gives.every(({ party, fare }) => party !== null && fare === null) &&
    takes.every(({ party, fare }) => (party === null) === (fare !== null)) &&
    [...gives, ...takes, ...pays, ...receives].every(isOther)
  );
}

function isSame(moves: readonly Move[], trips: readonly number[]): boolean {
  const moved = new Set(moves.map(({ trip }) => trip));
  return moves.length === trips.length && moved.size === trips.length && trips.every((trip) => moved.has(trip));
}
