import type { Did } from '../identity/did-key.ts';
import type { SignatureBackend } from '../identity/signer.ts';
import { isRecordRefusal, openRecord, type OpenRecord, type RecordRefusal, type SealedRecord } from './record.ts';

/** Two records that one key signed under one number for one realm: whoever holds both can show it to anyone. */
export interface RecordFraudProof {
  readonly first: SealedRecord;
  readonly second: SealedRecord;
}

/** A proof that holds: `culprit` signed two contents as its record `seq`. */
export interface RecordFraud {
  readonly verdict: 'fraud';
  readonly culprit: Did;
  readonly realm: string;
  readonly seq: number;
}

/** A proof that shows nothing, and why. `refusal` is there where one of the records itself does not hold. */
export interface NoRecordFraud {
  readonly verdict: 'no-fraud';
  readonly reason: 'record-refused' | 'same-content' | 'other-agent' | 'other-realm' | 'other-seq';
  readonly refusal?: RecordRefusal;
}

/** Checks a proof of fraud. Pure: needs no clock and no memory. */
export function checkRecordFraud(proof: RecordFraudProof, backend: SignatureBackend): RecordFraud | NoRecordFraud {
  const first = openRecord(proof.first, backend);
  if (isRecordRefusal(first)) return { verdict: 'no-fraud', reason: 'record-refused', refusal: first };
  const second = openRecord(proof.second, backend);
  if (isRecordRefusal(second)) return { verdict: 'no-fraud', reason: 'record-refused', refusal: second };
  const a = first.record;
  const b = second.record;
  if (a.agent !== b.agent) return { verdict: 'no-fraud', reason: 'other-agent' };
  if (a.realm !== b.realm) return { verdict: 'no-fraud', reason: 'other-realm' };
  if (a.seq !== b.seq) return { verdict: 'no-fraud', reason: 'other-seq' };
  if (sameContent(first, second)) return { verdict: 'no-fraud', reason: 'same-content' };
  return { verdict: 'fraud', culprit: a.agent, realm: a.realm, seq: a.seq };
}

/** Canonical texts: equal content has equal text. One content may carry two signatures, and that is no fraud. */
export function sameContent(first: OpenRecord, second: OpenRecord): boolean {
  return textOf(first) === textOf(second);
}

function textOf({ sealed }: OpenRecord): string {
  return sealed.slice(sealed.indexOf(' '));
}
