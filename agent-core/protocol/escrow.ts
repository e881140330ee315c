import { z } from 'zod';
import type { Micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import { TOKEN, type Asset, type LedgerCode, type ChainOutcome } from '../ledger/operation.ts';
import type { LedgerPort } from '../ledger/port.ts';
import type { RecordedMessage } from '../message/open.ts';
import { amount } from './amount.ts';

/** What is set aside for whoever does the work. */
export interface EscrowTerms {
  readonly amount: bigint;
  /** `token` if left out. */
  readonly asset?: Asset;
}

/** The part of a message that tells a payee what was set aside: it can look it up by `ctx.ledger.reservation`. */
export const escrowNotice = z
  .object({ reservation: z.string().max(192), asset: z.string().max(64), amount: amount() })
  .nullable();

/** As {@link escrowNotice}: null where nothing was. */
export type EscrowNotice = z.output<typeof escrowNotice>;

/** What is set aside outlives its dialogue by this much, so that a last-moment result can still be paid: 10 s. */
export const SETTLEMENT_MICROS = 10_000_000;

/** Whose dialogue an escrow belongs to, and how long it lives. */
export interface EscrowParty {
  readonly to: Did;
  readonly dialogue: string;
  /** When the dialogue ends. */
  readonly deadline: Micros;
}

/** Money that waits for one dialogue: locked once, then released or refunded, or back by itself after the deadline. */
export interface Escrow {
  readonly notice: NonNullable<EscrowNotice>;
  /** Pays it out. Calls back with null, or with the code of the refusal. */
  release(done: (refused: LedgerCode | null) => void): void;
  /** Takes it back with the payee's signed `failure`. */
  refund(evidence: RecordedMessage, done: (refused: LedgerCode | null) => void): void;
}

/** The payer's id for what it sets aside for one dialogue: whoever is its payee can look it up, told or not. */
export function escrowId(dialogue: string): string {
  return `${dialogue}/escrow`;
}

/** Sets an amount aside for one dialogue. Calls back with the escrow, or with the code of the ledger's refusal. */
export function lockEscrow(
  ledger: LedgerPort,
  { amount: locked, asset = TOKEN, ...party }: EscrowTerms & EscrowParty,
  done: (escrow: Escrow | LedgerCode) => void,
): void {
  const { to, dialogue, deadline } = party;
  const id = escrowId(dialogue);
  const codeOf = (outcome: ChainOutcome): LedgerCode | null => (outcome.type === 'applied' ? null : outcome.code);
  const expires = deadline + SETTLEMENT_MICROS;
  const escrow: Escrow = {
    notice: { reservation: id, asset, amount: locked },
    release: (told) =>
      ledger.submit([{ type: 'post', id: `${id}/release`, reservation: id, amount: locked }], (outcome) =>
        told(codeOf(outcome)),
      ),
    refund: (evidence, told) =>
      ledger.submit([{ type: 'void', id: `${id}/refund`, reservation: id, evidence }], (outcome) =>
        told(codeOf(outcome)),
      ),
  };
  ledger.submit(
    [{ type: 'reserve', id, to, asset, amount: locked, expires, release: 'payer', reference: dialogue }],
    (outcome) => done(codeOf(outcome) ?? escrow),
  );
}
