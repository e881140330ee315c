import test from 'ava';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { encodeEnvelope } from '../../../agent-core/message/envelope.ts';
import { createVerifiedRoots, PROOF_HEADER } from '../../../agent-core/message/evidence.ts';
import { createAuditor } from '../../../agent-core/message/open.ts';
import { codeOf, envelope, send } from './fixtures.ts';

test('forgetting roots and hashes costs checks and never a message', (t) => {
  const payloads = Array.from({ length: 70 }, (_, i) => encodeEnvelope(envelope({ seq: i + 1 })));
  const batches = [1, 2, 3].map(() => send(payloads, 'batch'));
  const auditor = createAuditor({
    backend: nodeBackend,
    requireSignature: true,
    verifiedRoots: createVerifiedRoots(2),
  });
  for (const batch of batches) for (const message of batch) t.is(codeOf(auditor.audit(message)), 'opened');
});

test('a proof moved to another leaf of a known batch is refused', (t) => {
  const payloads = Array.from({ length: 9 }, (_, i) => encodeEnvelope(envelope({ seq: i + 1 })));
  const messages = send(payloads, 'batch');
  const auditor = createAuditor({ backend: nodeBackend, requireSignature: true, verifiedRoots: createVerifiedRoots() });
  for (const message of messages) t.is(codeOf(auditor.audit(message)), 'opened');
  for (const message of messages) {
    for (const other of messages) {
      const moved = { ...message, headers: { ...message.headers, [PROOF_HEADER]: other.headers[PROOF_HEADER] ?? '' } };
      t.is(codeOf(auditor.audit(moved)), message === other ? 'opened' : 'bad-signature');
    }
  }
});
