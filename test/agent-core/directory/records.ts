import { portableBackend } from '../../../agent-core/identity/portable.ts';
import { encodeBase64Url } from '../../../agent-core/identity/encoding.ts';
import type { Signer } from '../../../agent-core/identity/signer.ts';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { sealRecord, type AgentRecord, type SealedRecord } from '../../../agent-core/directory/record.ts';
import { canonicalize } from '../../../agent-core/message/canonical.ts';
import { signable } from '../../../agent-core/message/signable.ts';

/** Fast, and with the same verdicts as the portable one. */
export const backend = nodeBackend;
export { portableBackend };

/** The key with this number. */
export function key(number: number): Signer {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setUint32(0, number);
  return backend.signer(seed);
}

export const HOUR = 3_600_000_000;
export const NOW = 1_000 * HOUR;

/** A well-formed record of key 1, with some fields changed. */
export function recordOf(signer: Signer, changes: Partial<AgentRecord> = {}): AgentRecord {
  return {
    v: 1,
    realm: 'test',
    agent: signer.did,
    protocols: [{ id: 'haul/1.0.0/abc', roles: ['participant'] }],
    tags: ['region:north'],
    seq: 1,
    issued: NOW,
    expires: NOW + HOUR,
    ...changes,
  };
}

/** {@link recordOf}, signed. */
export function sealed(signer: Signer, changes: Partial<AgentRecord> = {}): SealedRecord {
  return sealRecord(recordOf(signer, changes), signer);
}

/** Whatever value, signed as a record without any check. */
export function forged(signer: Signer, value: unknown): SealedRecord {
  return signText(signer, canonicalize(value));
}

/** Whatever text, signed as a record. */
export function signText(signer: Signer, text: string): SealedRecord {
  return `${encodeBase64Url(signer.sign(signable('agent-record', text)))} ${text}`;
}
