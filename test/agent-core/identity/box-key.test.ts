import test from 'ava';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { BOX_NONCE_BYTES, boxKeyOf } from '../../../agent-core/identity/box-key.ts';
import { encodeHex } from '../../../agent-core/identity/encoding.ts';
import { portableBackend } from '../../../agent-core/identity/portable.ts';
import { printed, spellings } from '../adapters/keys/secrets.ts';

const seedOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const boxOf = (byte: number): ReturnType<typeof boxKeyOf> => boxKeyOf(seedOf(byte), nodeBackend.sha256);
const nonce = new Uint8Array(BOX_NONCE_BYTES).fill(9);
const plain = new TextEncoder().encode('reserve price: 12');

test('what one seals for another, the other opens and nobody else', (t) => {
  const [ann, bob, eve] = [boxOf(1), boxOf(2), boxOf(3)];
  const sealed = ann.seal({ plain, nonce, to: bob.publicKey });
  t.deepEqual(bob.open({ sealed, nonce, from: ann.publicKey }), plain);
  t.is(eve.open({ sealed, nonce, from: ann.publicKey }), null);
  t.is(bob.open({ sealed, nonce, from: eve.publicKey }), null);
});

test('a changed byte does not open', (t) => {
  const [ann, bob] = [boxOf(1), boxOf(2)];
  const sealed = ann.seal({ plain, nonce, to: bob.publicKey });
  for (let i = 0; i < sealed.length; i++) {
    const changed = sealed.map((byte, at) => (at === i ? byte ^ 1 : byte));
    t.is(bob.open({ sealed: changed, nonce, from: ann.publicKey }), null);
  }
  t.is(bob.open({ sealed: new Uint8Array(0), nonce, from: ann.publicKey }), null);
});

test('the same seed gives the same key with every backend, for ever', (t) => {
  t.deepEqual(boxKeyOf(seedOf(1), portableBackend.sha256).publicKey, boxOf(1).publicKey);
  t.is(encodeHex(boxOf(1).publicKey), 'ee5ecb71fe1f05db8c3299a92f14792a92297399ebaa60ca2da6d622e8c82005');
});

test('a nonce or key of a wrong length is refused', (t) => {
  const box = boxOf(1);
  t.throws(() => box.seal({ plain, nonce: nonce.subarray(1), to: box.publicKey }), { code: 'bad-box-key' });
  t.throws(() => box.open({ sealed: plain, nonce, from: box.publicKey.subarray(1) }), { code: 'bad-box-key' });
  t.throws(() => boxKeyOf(new Uint8Array(31), nodeBackend.sha256), { code: 'bad-seed' });
});

test('a sealing key prints without its secrets and is of no use after its disposal', (t) => {
  const box = boxOf(1);
  for (const spelling of spellings(seedOf(1))) t.false(printed(box).includes(spelling));
  box.dispose();
  t.throws(() => box.seal({ plain, nonce, to: box.publicKey }), { code: 'key-disposed' });
});
