import type { Did } from '../identity/did-key.ts';
import { createAuditor, type AuditorOptions, type RecordedMessage } from '../message/open.ts';
import { isRefusal } from '../message/refusals.ts';

/** What a payer who wants its money back has to prove. */
export interface FailureClaim {
  readonly evidence: RecordedMessage;
  /** Who is said to have said `failure`. */
  readonly payee: Did;
  /** To whom. */
  readonly payer: Did;
  readonly dialogue: string;
}

/** Judges a claim. Pure: the same claim has the same verdict on every machine and at every time. */
export type EvidenceCheck = (claim: FailureClaim) => boolean;

/** Options of {@link createEvidenceCheck}. */
export interface EvidenceOptions extends AuditorOptions {
  readonly realm: string;
}

/** Believes a recorded message that the payee signed, in this realm, to the payer, in the dialogue, of type `failure`. */
export function createEvidenceCheck(options: EvidenceOptions): EvidenceCheck {
  const auditor = createAuditor(options);
  return ({ evidence, payee, payer, dialogue }) => {
    const opened = auditor.audit(evidence);
    if (isRefusal(opened)) return false;
    const { envelope } = opened;
    return (
      envelope.type === 'failure' &&
      envelope.from === payee &&
      envelope.to === payer &&
      envelope.dialogue === dialogue &&
      envelope.realm === options.realm
    );
  };
}
