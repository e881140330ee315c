import test from 'ava';
import * as fc from 'fast-check';
import { authenticatorOf, isNonce } from '../../../../agent-core/adapters/keys/authenticator.ts';
import { nodeBackend } from '../../../../agent-core/adapters/node-crypto.ts';
import { verifyStrict } from '../../../../agent-core/identity/strict.ts';
import { signable, SIGNING_PURPOSES } from '../../../../agent-core/message/signable.ts';

const signer = nodeBackend.signer(new Uint8Array(32).fill(7));
const NONCE = 'aB3_-Zq09xYtLmN';

test('a nonce is signed by the key that the login names', (t) => {
  const login = authenticatorOf(signer)(NONCE);
  if (login === undefined || !('nkey' in login) || login.sig === undefined) return t.fail('no login');
  t.deepEqual(Object.keys(login), ['nkey', 'sig']);
  t.is(login.nkey, signer.nkey);
  const signature = Buffer.from(login.sig, 'base64url');
  return t.true(verifyStrict(nodeBackend, { publicKey: signer.publicKey, message: Buffer.from(NONCE), signature }));
});

test('a token of the operator takes the place of the name of the key', (t) => {
  const login = authenticatorOf(signer, { jwt: 'e.y.J' })(NONCE);
  t.deepEqual(Object.keys(login ?? {}), ['jwt', 'sig']);
});

test('a broker that asks for nothing is told nothing', (t) => {
  t.is(authenticatorOf(signer, { jwt: 'e.y.J' })(), undefined);
  t.is(authenticatorOf(signer)(''), undefined);
});

test('refuses to sign what is no nonce', (t) => {
  const odd = [
    'short12',
    'x'.repeat(65),
    `${NONCE}\n`,
    ` ${NONCE}`,
    'haggle/v1/message',
    'abc+defgh',
    'abcdefgh=',
    'ünicodeé',
  ];
  for (const nonce of odd) t.throws(() => authenticatorOf(signer)(nonce), { code: 'odd-nonce' }, nonce);
  for (const nonce of ['x'.repeat(8), 'x'.repeat(64)]) t.notThrows(() => authenticatorOf(signer)(nonce));
});

test('nothing that is ever signed for another purpose is a nonce', (t) => {
  for (const purpose of SIGNING_PURPOSES) {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 80 }), fc.stringMatching(/^[A-Za-z0-9_-]{0,64}$/)), (content) => {
        const bytes = signable(purpose, content);
        t.false(isNonce(Buffer.from(bytes).toString('latin1')));
        t.false(isNonce(Buffer.from(bytes).toString('utf8')));
      }),
      { seed: 1, numRuns: 300 },
    );
  }
});

test('no nonce is ever a signable: whatever is signed at login lacks the NUL and the "/" of every tag', (t) => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{8,64}$/), (nonce) => {
      t.true(isNonce(nonce));
      t.false(nonce.includes('\0') || nonce.includes('/'));
    }),
    { seed: 1, numRuns: 300 },
  );
  for (const purpose of SIGNING_PURPOSES)
    t.regex(Buffer.from(signable(purpose, '')).toString(), /^haggle\/v\d+\/[a-z-]+\0$/);
});
