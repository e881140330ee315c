import test from 'ava';
import * as fc from 'fast-check';
import { boxKeyOf } from '../../../agent-core/identity/box-key.ts';
import { encodeBase64Url, encodeUtf8 } from '../../../agent-core/identity/encoding.ts';
import { portableBackend } from '../../../agent-core/identity/portable.ts';
import { LIMITS } from '../../../agent-core/limits.ts';
import { openLetter, sealLetter } from '../../../agent-core/message/sealed-letter.ts';

const { sha256 } = portableBackend;
const seed = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const [alice, bob] = [boxKeyOf(seed(1), sha256), boxKeyOf(seed(2), sha256)];
const subject = 'haggle.test.mail.A.B';
const message = { payload: '{"price":"120"}', headers: { 'Haggle-Signature': 'abc', 'Haggle-Proof': '0.1.' } };
const sealedFor = (to: Uint8Array, payload = message.payload): string =>
  sealLetter({ ...message, payload }, { to, subject, entropy: seed(9), sha256 });
const opened = (text: string, box = alice, at = subject) => openLetter(text, { box, subject: at, sha256 });

test('opens what was sealed for it, proof and all', (t) => {
  t.deepEqual(opened(sealedFor(alice.publicKey)), message);
});

test('any text goes there and back', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (payload) => {
        t.deepEqual(opened(sealedFor(alice.publicKey, payload)), { ...message, payload });
      }),
      { seed: 43, numRuns: 50 },
    ),
  );
});

test('shows nothing of what is inside', (t) => {
  const text = sealedFor(alice.publicKey);
  t.false(text.includes('price'));
  t.false(text.includes(encodeBase64Url(encodeUtf8('price')).slice(0, 5)));
});

test('nobody else opens it, and nobody opens it elsewhere', (t) => {
  const text = sealedFor(alice.publicKey);
  t.is(opened(text, bob), 'unopened-letter');
  t.is(opened(text, alice, 'haggle.test.mail.A.C'), 'unopened-letter');
});

test('refuses a letter with any one character changed', (t) => {
  const text = sealedFor(alice.publicKey);
  for (let at = 0; at < text.length; at++) {
    const changed = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
    t.is(typeof opened(changed), 'string', `at ${at}`);
  }
});

test('refuses what is no letter', (t) => {
  t.is(opened(''), 'malformed-letter');
  t.is(opened(sealedFor(alice.publicKey).replace('.', '-')), 'malformed-letter');
  t.is(opened(`${'A'.repeat(43)}.!`), 'malformed-letter');
  t.is(opened('A'.repeat(LIMITS.payloadBytes + 1)), 'letter-too-large');
});

test('refuses content that is no message with its proof', (t) => {
  const writer = boxKeyOf(seed(9), sha256);
  const around = sealedFor(alice.publicKey);
  t.is(around.slice(0, 43), encodeBase64Url(writer.publicKey));
  // The nonce follows from keys and subject, so the same keys seal other content only in a test.
  const nonce = sha256(
    Uint8Array.from([
      ...encodeUtf8('haggle/v1/sealed-mail\0'),
      ...writer.publicKey,
      ...alice.publicKey,
      ...encodeUtf8(subject),
    ]),
  ).slice(0, 24);
  const letter = (plain: Uint8Array): string =>
    `${encodeBase64Url(writer.publicKey)}.${encodeBase64Url(writer.seal({ plain, nonce, to: alice.publicKey }))}`;
  t.deepEqual(opened(letter(encodeUtf8('{"headers":{},"payload":"x"}'))), { headers: {}, payload: 'x' });
  for (const content of [
    '',
    '[]',
    '{"headers":{}}',
    '{"headers":{},"payload":1}',
    '{"headers":[],"payload":"x"}',
    '{"headers":{"Nats-Expected-Stream":"x"},"payload":"x"}',
    '{"headers":{"Haggle-Signature":1},"payload":"x"}',
    '{"headers":{},"more":1,"payload":"x"}',
    '{"headers":{}, "payload":"x"}',
  ]) {
    t.is(opened(letter(encodeUtf8(content))), 'malformed-content', content);
  }
  t.is(opened(letter(Uint8Array.of(0xff))), 'malformed-content');
});

test('seals no more than can be sent', (t) => {
  const room = LIMITS.sealedPlainBytes - sealedFor(alice.publicKey, '').length;
  t.true(sealedFor(alice.publicKey, 'x'.repeat(room)).length <= LIMITS.payloadBytes);
  t.throws(() => sealedFor(alice.publicKey, 'x'.repeat(LIMITS.sealedPlainBytes)), { code: 'letter-too-large' });
});
