import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { subjects } from '../../../agent-core/bus/subjects.ts';
import type { SignatureBackend, Signer } from '../../../agent-core/identity/signer.ts';
import { encodeEnvelope, type Envelope } from '../../../agent-core/message/envelope.ts';
import { createVerifiedRoots } from '../../../agent-core/message/evidence.ts';
import { createOpener, type Opened, type Opener, type RecordedMessage } from '../../../agent-core/message/open.ts';
import { isRefusal, type Refusal } from '../../../agent-core/message/refusals.ts';
import { createReplayWindow } from '../../../agent-core/message/replay-window.ts';
import { createSealer, type Sealed, type SigningMode } from '../../../agent-core/message/seal.ts';

export const NOW = 1_700_000_000_000_000;
export const REALM = 'test';

function signerOf(n: number): Signer {
  return nodeBackend.signer(new Uint8Array(32).fill(n));
}

export const alice = signerOf(1);
export const bob = signerOf(2);
export const carol = signerOf(3);

/** A good envelope from alice to bob, changed as told. */
export function envelope(changes: Partial<Envelope> = {}): Envelope {
  return {
    v: 1,
    id: 'm-1',
    realm: REALM,
    from: alice.did,
    to: bob.did,
    protocol: 'contract-net/1.0.0/Zm9vYmFy',
    dialogue: 'd-1',
    seq: 1,
    re: null,
    type: 'propose',
    body: { price: '12500000', quantity: 40, unit: 'kWh' },
    sent: NOW,
    exp: NOW + 30_000_000,
    by: NOW + 3_600_000_000,
    ...changes,
  };
}

export function record(sealed: Sealed, by: Signer = alice, to: Signer = bob): RecordedMessage {
  return { subject: subjects.inbox(REALM, to.nkey, by.nkey), payload: sealed.payload, headers: sealed.headers };
}

/** Signs payloads, good or not, with a key in one flush. */
export function send(payloads: readonly string[], mode: SigningMode = 'each', by: Signer = alice): RecordedMessage[] {
  return createSealer({ mode, signer: by, backend: nodeBackend })
    .seal(payloads)
    .map((sealed) => record(sealed, by));
}

export function sendOne(value: Envelope | string, mode: SigningMode = 'each', by: Signer = alice): RecordedMessage {
  const [message] = send([typeof value === 'string' ? value : encodeEnvelope(value)], mode, by);
  if (message === undefined) throw new TypeError('a sealer seals each payload');
  return message;
}

export interface Receiving {
  readonly requireSignature?: boolean;
  readonly backend?: SignatureBackend;
  readonly now?: number;
  readonly replayPeers?: number;
}

/** Bob, with a fresh memory. */
export function receiver({
  requireSignature = true,
  backend = nodeBackend,
  now = NOW,
  replayPeers = 8,
}: Receiving = {}): Opener {
  return createOpener({
    me: bob.did,
    realm: REALM,
    backend,
    clock: { now: () => now },
    requireSignature,
    verifiedRoots: createVerifiedRoots(64),
    replay: createReplayWindow({ limits: { replayWindowMessages: 1_024, replayPeers } }),
  });
}

export function codeOf(outcome: Opened | Refusal): string {
  return isRefusal(outcome) ? outcome.refused : 'opened';
}
