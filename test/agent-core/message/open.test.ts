import { readFileSync } from 'node:fs';
import test from 'ava';
import { MAIL_HEADER } from '../../../agent-core/message/mail.ts';
import * as fc from 'fast-check';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { portableBackend } from '../../../agent-core/identity/portable.ts';
import { encodeBase64Url } from '../../../agent-core/identity/encoding.ts';
import { LIMITS } from '../../../agent-core/limits.ts';
import { canonicalize } from '../../../agent-core/message/canonical.ts';
import { encodeEnvelope, type Envelope } from '../../../agent-core/message/envelope.ts';
import {
  batchRootBytes,
  createVerifiedRoots,
  PROOF_HEADER,
  SIGNATURE_HEADER,
} from '../../../agent-core/message/evidence.ts';
import { createAuditor, createOpener, type RecordedMessage } from '../../../agent-core/message/open.ts';
import { isRefusal, REFUSALS } from '../../../agent-core/message/refusals.ts';
import { createReplayWindow } from '../../../agent-core/message/replay-window.ts';
import { signable, SIGNING_PURPOSES } from '../../../agent-core/message/signable.ts';
import { alice, bob, carol, codeOf, envelope, NOW, REALM, receiver, send, sendOne } from './fixtures.ts';

const backends = [nodeBackend, portableBackend];

for (const mode of ['each', 'batch'] as const) {
  test(`opens what is sealed ${mode}, on either backend, and keeps the proof`, (t) => {
    for (const backend of backends) {
      const message = sendOne(envelope(), mode);
      const opened = receiver({ backend }).open(message);
      t.deepEqual(opened, { envelope: envelope(), evidence: mode, message });
    }
  });
}

test('opens every message of a batch alone and in any order, with one signature check for all', (t) => {
  let checks = 0;
  const backend = {
    ...nodeBackend,
    verify: (input: Parameters<typeof nodeBackend.verify>[0]) => {
      checks += 1;
      return nodeBackend.verify(input);
    },
  };
  for (const size of [1, 2, 3, 7, 64, 100]) {
    checks = 0;
    const payloads = Array.from({ length: size }, (_, i) => encodeEnvelope(envelope({ seq: i + 1 })));
    const opener = receiver({ backend });
    for (const message of send(payloads, 'batch').toReversed()) t.is(codeOf(opener.open(message)), 'opened');
    t.is(checks, 1);
  }
});

test('splits a flush above the bound into several roots', (t) => {
  const size = LIMITS.batchMessages + 3;
  const payloads = Array.from({ length: size }, (_, i) => encodeEnvelope(envelope({ seq: i + 1 })));
  const messages = send(payloads, 'batch');
  t.is(messages.length, size);
  t.is(new Set(messages.map(({ headers }) => headers[SIGNATURE_HEADER])).size, 2);
  const opener = receiver();
  for (const message of [messages[0], messages.at(-1), messages[LIMITS.batchMessages - 1]]) {
    if (message !== undefined) t.is(codeOf(opener.open(message)), 'opened');
  }
});

test('requires a signature unless told otherwise, and checks one that is there always', (t) => {
  t.is(codeOf(receiver().open(sendOne(envelope(), 'off'))), 'unsigned');
  t.is(codeOf(receiver({ requireSignature: false }).open(sendOne(envelope(), 'off'))), 'opened');
  const forged = { ...sendOne(envelope()), headers: sendOne(envelope({ seq: 2 })).headers };
  t.is(codeOf(receiver({ requireSignature: false }).open(forged)), 'bad-signature');
  const proofAlone = { ...sendOne(envelope()), headers: { [PROOF_HEADER]: '0.1.' } };
  t.is(codeOf(receiver({ requireSignature: false }).open(proofAlone)), 'malformed-signature');
});

test('refuses each kind of message for its own reason', (t) => {
  const field = (changes: Readonly<Record<string, unknown>>): RecordedMessage =>
    sendOne(canonicalize({ ...envelope(), ...changes }));
  const life = LIMITS.messageLifeMicros;
  const skew = LIMITS.clockSkewMicros;
  const cases: readonly (readonly [RecordedMessage, string])[] = [
    [{ ...sendOne(envelope()), subject: '' }, 'malformed-subject'],
    [{ ...sendOne(envelope()), subject: 'haggle.test.in.x.U' }, 'malformed-subject'],
    [field({ v: 2 }), 'wrong-version'],
    [field({ v: '1' }), 'wrong-version'],
    [sendOne(envelope({ from: carol.did })), 'sender-mismatch'],
    [sendOne(envelope(), 'each', carol), 'sender-mismatch'],
    [sendOne(envelope({ to: carol.did })), 'not-for-me'],
    [sendOne(envelope({ realm: 'other' })), 'wrong-realm'],
    [sendOne(envelope({ exp: NOW + life + 1 })), 'life-too-long'],
    [sendOne(envelope({ exp: NOW + life })), 'opened'],
    [mailed(envelope({ exp: NOW + LIMITS.mailLifeMicros, by: NOW + 2 * LIMITS.mailLifeMicros })), 'opened'],
    [mailed(envelope({ exp: NOW + LIMITS.mailLifeMicros + 1, by: NOW + 2 * LIMITS.mailLifeMicros })), 'life-too-long'],
    [sendOne(envelope({ sent: NOW + skew + 1, exp: NOW + skew + 1 })), 'sent-in-future'],
    [sendOne(envelope({ sent: NOW + skew, exp: NOW + skew })), 'opened'],
    [sendOne(envelope({ sent: NOW - 9, exp: NOW - 1 })), 'expired'],
    [sendOne(envelope({ sent: NOW - 9, exp: NOW })), 'opened'],
    [field({ exp: null }), 'malformed-envelope'],
  ];
  for (const [message, code] of cases) t.is(codeOf(receiver().open(message)), code);
});

test('refuses an envelope that lacks any field, has one more, or one of another kind or size', (t) => {
  const good: Readonly<Record<string, unknown>> = { ...envelope({ trace: 't' }) };
  for (const name of Object.keys(good)) {
    const { [name]: _left, ...rest } = good;
    const optional = name === 'trace' ? 'opened' : name === 'v' ? 'wrong-version' : 'malformed-envelope';
    t.is(codeOf(receiver().open(sendOne(canonicalize(rest)))), optional, name);
  }
  const wrong: readonly (readonly [string, readonly unknown[]])[] = [
    ['id', ['', 'a'.repeat(65), 'a b', 'é', 'a/b', 1, null]],
    ['realm', ['', 'a.b', '*', '>', 'a'.repeat(65)]],
    ['from', ['', 'did:key:z6Mk', bob.nkey, 7]],
    ['to', ['', `${bob.did} `, null]],
    ['protocol', ['a', 'a/b', 'a/b/', '/b/c', 'a//c', 'a/b/c/d', `a/b/${'c'.repeat(190)}`]],
    ['dialogue', ['', 'a'.repeat(129), 'a b']],
    ['seq', [0, -1, 1.5, '1', 9_007_199_254_740_992, null]],
    ['re', ['', 0, false, 'a'.repeat(65)]],
    ['type', ['', 'a b', 'a'.repeat(65)]],
    ['sent', [-1, 0.5, '0', null]],
    ['exp', [-1, 0.5, '0', NOW - 1]],
    ['trace', ['', null, 'a'.repeat(129)]],
    ['extra', [0, null]],
  ];
  for (const [name, values] of wrong) {
    for (const value of values) {
      const outcome = receiver().open(sendOne(canonicalize({ ...good, [name]: value })));
      t.is(codeOf(outcome), 'malformed-envelope', `${name} ${String(value)}`);
      if (isRefusal(outcome) && name !== 'extra') t.true(outcome.detail.startsWith(`${name}:`), outcome.detail);
    }
  }
});

test('refuses each hostile payload, though signed by a valid key, with the code the data file says', (t) => {
  type Parts = readonly (readonly [string, number])[];
  const {
    payloads,
  }: {
    readonly payloads: readonly {
      readonly name: string;
      readonly text?: Parts;
      readonly body?: Parts;
      readonly refused: string;
    }[];
  } = JSON.parse(readFileSync('test/hostile/payloads.json', 'utf8'));
  const build = (parts: Parts): string => parts.map(([piece, times]) => piece.repeat(times)).join('');
  for (const { name, text, body, refused } of payloads) {
    const payload =
      body === undefined
        ? build(text ?? [])
        : encodeEnvelope(envelope({ body: 'BODY' })).replace('"BODY"', () => build(body));
    const signature = encodeBase64Url(alice.sign(Buffer.from(`haggle/v1/message\0${payload}`)));
    const message = { ...sendOne(envelope()), payload, headers: { [SIGNATURE_HEADER]: signature } };
    t.is(codeOf(receiver().open(message)), refused, name);
    if (!Object.hasOwn(Object.prototype, 'isAdmin')) continue;
    t.fail(`${name} reached Object.prototype`);
  }
});

test('checks cost before signature, signature before form, form before content, content before time, time before replay', (t) => {
  const unsigned = (payload: string): RecordedMessage => sendOne(payload, 'off');
  const good = encodeEnvelope(envelope());
  t.is(codeOf(receiver().open(unsigned('['.repeat(20)))), 'too-deep');
  t.is(codeOf(receiver().open(unsigned('{ bad'))), 'unsigned');
  t.is(codeOf(receiver().open({ ...unsigned('{ bad'), headers: sendOne(good).headers })), 'bad-signature');
  t.is(codeOf(receiver().open(sendOne('{ "v":2}'))), 'not-canonical');
  const late = envelope({ from: carol.did, to: carol.did, realm: 'x', sent: 0, exp: 0 });
  t.is(codeOf(receiver().open(sendOne(late))), 'sender-mismatch');
  t.is(codeOf(receiver().open(sendOne({ ...late, from: alice.did }))), 'not-for-me');
  t.is(codeOf(receiver().open(sendOne({ ...late, from: alice.did, to: bob.did }))), 'wrong-realm');
  t.is(codeOf(receiver().open(sendOne(envelope({ sent: 0, exp: 0 })))), 'expired');
});

test('accepts a message once: replays, stale numbers and senders beyond the bound are refused', (t) => {
  const opener = receiver({ replayPeers: 1 });
  const first = sendOne(envelope());
  t.is(codeOf(opener.open(first)), 'opened');
  t.is(codeOf(opener.open(first)), 'replayed');
  t.is(codeOf(opener.open(sendOne(envelope(), 'batch'))), 'replayed');
  t.is(codeOf(opener.open(sendOne(envelope({ id: 'm-2' })))), 'replayed');
  t.is(codeOf(opener.open(sendOne(envelope({ seq: 5_000 })))), 'opened');
  t.is(codeOf(opener.open(sendOne(envelope({ seq: 2 })))), 'too-old-seq');
  t.is(codeOf(opener.open(sendOne(envelope({ from: carol.did }), 'each', carol))), 'replay-peers-full');
});

test('a refused message leaves no trace: its number is still free', (t) => {
  const opener = receiver();
  const good = sendOne(envelope());
  t.is(codeOf(opener.open({ ...good, headers: {} })), 'unsigned');
  t.is(codeOf(opener.open(sendOne(envelope({ sent: 0, exp: 0 })))), 'expired');
  t.is(codeOf(opener.open(good)), 'opened');
});

test('a recorded log replayed after a restart is refused whole', (t) => {
  const log = send(
    Array.from({ length: 50 }, (_, i) => encodeEnvelope(envelope({ seq: i * 2 + 1 }))),
    'batch',
  );
  const replay = createReplayWindow();
  const options = {
    me: bob.did,
    realm: REALM,
    backend: nodeBackend,
    clock: { now: () => NOW },
    requireSignature: true,
  };
  const before = createOpener({ ...options, verifiedRoots: createVerifiedRoots(), replay });
  for (const message of log) t.is(codeOf(before.open(message)), 'opened');
  const restored = createReplayWindow({ snapshot: replay.snapshot() });
  const after = createOpener({ ...options, verifiedRoots: createVerifiedRoots(), replay: restored });
  for (const message of log) t.is(codeOf(after.open(message)), 'replayed');
});

test('an auditor proves a recorded message again, whoever it was for and however old', (t) => {
  const auditor = createAuditor({ backend: nodeBackend, requireSignature: true, verifiedRoots: createVerifiedRoots() });
  for (const mode of ['each', 'batch'] as const) {
    const message = sendOne(envelope({ to: carol.did, realm: 'other', sent: 1, exp: 2 }), mode);
    t.is(codeOf(auditor.audit(message)), 'opened');
    t.is(codeOf(auditor.audit(message)), 'opened');
    t.is(codeOf(auditor.audit({ ...message, payload: message.payload.replace('kWh', 'MWh') })), 'bad-signature');
  }
});

test('a signature for one purpose passes under no other', (t) => {
  const content = encodeEnvelope(envelope());
  for (const signed of SIGNING_PURPOSES) {
    const signature = alice.sign(signable(signed, content));
    for (const claimed of SIGNING_PURPOSES) {
      const message = signable(claimed, content);
      t.is(nodeBackend.verify({ publicKey: alice.publicKey, message, signature }), signed === claimed);
      t.deepEqual([...message], [...signable(claimed, Buffer.from(content))]);
    }
    const headers = { [SIGNATURE_HEADER]: encodeBase64Url(signature) };
    const outcome = codeOf(receiver().open({ ...sendOne(content), headers }));
    t.is(outcome, signed === 'message' ? 'opened' : 'bad-signature');
  }
});

test('a root signed as a message is no signed batch, and a payload signed as a root no message', (t) => {
  const message = sendOne(envelope(), 'batch');
  const root = nodeBackend.sha256(`\0haggle/v1/message\0${message.payload}`);
  t.is(message.headers[SIGNATURE_HEADER], encodeBase64Url(alice.sign(batchRootBytes(root, 1))));
  const asMessage = encodeBase64Url(alice.sign(signable('message', root)));
  t.is(
    codeOf(receiver().open({ ...message, headers: { ...message.headers, [SIGNATURE_HEADER]: asMessage } })),
    'bad-signature',
  );
  const alone = { [SIGNATURE_HEADER]: message.headers[SIGNATURE_HEADER] ?? '' };
  t.is(codeOf(receiver().open({ ...message, headers: alone })), 'bad-signature');
});

test('never throws, whatever subject, payload and headers come in', (t) => {
  const opener = receiver();
  const lax = receiver({ requireSignature: false });
  const good = sendOne(envelope(), 'batch');
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.constant(good.payload),
    fc.uint8Array().map((b) => Buffer.from(b).toString('latin1')),
  );
  const header = fc.oneof(
    fc.string(),
    fc.base64String(),
    fc.constant(good.headers[SIGNATURE_HEADER] ?? ''),
    fc.constantFrom('0.1.', '1.1.', '0.0.', '-1.5.', '0.1024.', '0.9999999.', '1e3.5.', `0.2.${'A'.repeat(43)}`),
  );
  const headers = fc.dictionary(fc.constantFrom(SIGNATURE_HEADER, PROOF_HEADER, '__proto__'), header);
  const subject = fc.oneof(fc.string(), fc.constant(good.subject));
  fc.assert(
    fc.property(subject, text, headers, (to, payload, carried) => {
      const message = { subject: to, payload, headers: carried };
      for (const outcome of [opener.open(message), lax.open(message)]) {
        t.true(!isRefusal(outcome) || outcome.refused in REFUSALS);
      }
    }),
    { seed: 1_122, numRuns: 3_000 },
  );
});

test('swapping any one field between two signed envelopes is refused', (t) => {
  const a: Envelope = envelope({ trace: 'a' });
  const b: Envelope = envelope({
    id: 'm-2',
    realm: 'live',
    to: carol.did,
    protocol: 'auction/2/x',
    dialogue: 'd-2',
    seq: 2,
    re: 'm-0',
    type: 'refuse',
    body: [1],
    sent: NOW + 1,
    exp: NOW + 2,
    by: NOW + 3,
    trace: 'b',
    from: carol.did,
  });
  for (const mode of ['each', 'batch'] as const) {
    const { headers, subject } = sendOne(a, mode);
    for (const [name, value] of Object.entries(b)) {
      if (name === 'v') continue;
      const payload = canonicalize({ ...a, [name]: value });
      t.is(codeOf(receiver().open({ subject, headers, payload })), 'bad-signature', name);
    }
  }
});

/** A message that may wait in a mailbox. */
function mailed(said: Parameters<typeof sendOne>[0]): ReturnType<typeof sendOne> {
  const message = sendOne(said);
  return { ...message, headers: { ...message.headers, [MAIL_HEADER]: 'plain' } };
}
