import test from 'ava';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { checkEquivocation, type NoEquivocation } from '../../../agent-core/message/equivocation.ts';
import { createVerifiedRoots } from '../../../agent-core/message/evidence.ts';
import type { RecordedMessage } from '../../../agent-core/message/open.ts';
import { alice, bob, carol, envelope, REALM, sendOne } from './fixtures.ts';

function judge(first: RecordedMessage, second: RecordedMessage): ReturnType<typeof checkEquivocation> {
  return checkEquivocation({ backend: nodeBackend, verifiedRoots: createVerifiedRoots() }, { first, second });
}

test('two signed contents under one number convict their signer, in any mix of modes', (t) => {
  for (const modes of [
    ['each', 'each'],
    ['each', 'batch'],
    ['batch', 'batch'],
  ] as const) {
    const first = sendOne(envelope({ body: 1 }), modes[0]);
    const second = sendOne(envelope({ body: 2 }), modes[1]);
    t.deepEqual(judge(first, second), {
      verdict: 'equivocation',
      culprit: alice.did,
      to: bob.did,
      realm: REALM,
      seq: 1,
    });
  }
});

test('convicts nobody of two different messages, of one sent twice, or over what they did not sign', (t) => {
  const first = sendOne(envelope({ body: 1 }));
  const cases: readonly (readonly [RecordedMessage, NoEquivocation['reason']])[] = [
    [first, 'same-content'],
    [sendOne(envelope({ body: 1 }), 'batch'), 'same-content'],
    [sendOne(envelope({ seq: 2 })), 'other-seq'],
    [sendOne(envelope({ to: carol.did })), 'other-receiver'],
    [sendOne(envelope({ realm: 'live' })), 'other-realm'],
    [sendOne(envelope({ from: carol.did }), 'each', carol), 'other-sender'],
    [sendOne(envelope({ body: 2 }), 'off'), 'message-refused'],
    [{ ...first, payload: first.payload.replace('"body":1', '"body":2') }, 'message-refused'],
    [sendOne(envelope({ body: 2 }), 'each', carol), 'message-refused'],
  ];
  for (const [second, reason] of cases) {
    for (const result of [judge(first, second), judge(second, first)]) {
      t.is(result.verdict, 'no-equivocation');
      if (result.verdict === 'no-equivocation') t.is(result.reason, reason);
    }
  }
});
