import type { Did } from '../../agent-core/identity/did-key.ts';

/** A party with what a deal is worth to it, micro-tokens; below zero where it loses. */
export interface Stake {
  readonly party: Did;
  readonly gain: bigint;
}

/** What one party pays another, micro-tokens. */
export interface GainTransfer {
  readonly from: Did;
  readonly to: Did;
  readonly amount: bigint;
}

/**
 * Payments by which all gain the same: whoever gains more than its share pays those who gain less. Shares are rounded down for
 * those who receive; the remainder stays with those who pay.
 */
export function equalGains(gains: readonly Stake[]): readonly GainTransfer[] {
  if (gains.length === 0) return [];
  const total = gains.reduce((sum, { gain }) => sum + gain, 0n);
  const share = total / BigInt(gains.length);
  const owed = gains.filter(({ gain }) => gain < share).map(({ party, gain }) => ({ party, left: share - gain }));
  const transfers: GainTransfer[] = [];
  for (const { party, gain } of gains) {
    let surplus = gain - share;
    for (const claim of owed) {
      if (surplus <= 0n) break;
      const amount = claim.left < surplus ? claim.left : surplus;
      if (amount > 0n) transfers.push({ from: party, to: claim.party, amount });
      claim.left -= amount;
      surplus -= amount;
    }
  }
  return transfers;
}
