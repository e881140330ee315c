import type { Did } from '../identity/did-key.ts';
import { createAuditor, type AuditorOptions, type RecordedMessage } from './open.ts';
import { isRefusal, type Refusal } from './refusals.ts';

/** Two messages that one key signed under one number to one receiver: whoever holds both can show it to anyone. */
export interface EquivocationProof {
  readonly first: RecordedMessage;
  readonly second: RecordedMessage;
}

/** A proof that holds: `culprit` signed two contents as message `seq` to `to`. */
export interface Equivocation {
  readonly verdict: 'equivocation';
  readonly culprit: Did;
  readonly to: Did;
  readonly realm: string;
  readonly seq: number;
}

/** A proof that shows nothing, and why. `refusal` is there where one of the messages itself does not hold. */
export interface NoEquivocation {
  readonly verdict: 'no-equivocation';
  readonly reason: 'message-refused' | 'same-content' | 'other-sender' | 'other-receiver' | 'other-realm' | 'other-seq';
  readonly refusal?: Refusal;
}

/**
 * Checks a proof of equivocation. Pure: needs no clock and no memory, and accuses nobody over an unsigned message, whatever
 * `requireSignature` would be.
 */
export function checkEquivocation(
  options: Omit<AuditorOptions, 'requireSignature'>,
  proof: EquivocationProof,
): Equivocation | NoEquivocation {
  const auditor = createAuditor({ ...options, requireSignature: true });
  const first = auditor.audit(proof.first);
  if (isRefusal(first)) return { verdict: 'no-equivocation', reason: 'message-refused', refusal: first };
  const second = auditor.audit(proof.second);
  if (isRefusal(second)) return { verdict: 'no-equivocation', reason: 'message-refused', refusal: second };
  const a = first.envelope;
  const b = second.envelope;
  const reason = differs(
    [a.from === b.from, 'other-sender'],
    [a.to === b.to, 'other-receiver'],
    [a.realm === b.realm, 'other-realm'],
    [a.seq === b.seq, 'other-seq'],
    // Canonical texts: equal content has equal text.
    [proof.first.payload !== proof.second.payload, 'same-content'],
  );
  if (reason !== null) return { verdict: 'no-equivocation', reason };
  return { verdict: 'equivocation', culprit: a.from, to: a.to, realm: a.realm, seq: a.seq };
}

type Reason = NoEquivocation['reason'];

function differs(...conditions: readonly (readonly [holds: boolean, reason: Reason])[]): Reason | null {
  return conditions.find(([holds]) => !holds)?.[1] ?? null;
}
