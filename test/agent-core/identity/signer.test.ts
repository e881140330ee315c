import { inspect } from 'node:util';
import test from 'ava';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { HaggleError } from '../../../agent-core/errors.ts';
import { portableBackend } from '../../../agent-core/identity/portable.ts';

// RFC 8032 section 7.1, tests 1 and 2.
const RFC_8032 = [
  {
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
];

for (const backend of [nodeBackend, portableBackend]) {
  test(`${backend.name} signs the examples of RFC 8032`, (t) => {
    for (const { seed, publicKey, message, signature } of RFC_8032) {
      const signer = backend.signer(Buffer.from(seed, 'hex'));
      t.is(Buffer.from(signer.publicKey).toString('hex'), publicKey);
      t.is(Buffer.from(signer.sign(Buffer.from(message, 'hex'))).toString('hex'), signature);
    }
  });

  test(`${backend.name} hashes the examples of FIPS 180-4 and text as UTF-8`, (t) => {
    const hex = (data: string | Uint8Array): string => Buffer.from(backend.sha256(data)).toString('hex');
    t.is(hex('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    t.is(hex(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    t.is(hex('é€😀'), hex(Buffer.from('é€😀')));
  });

  test(`${backend.name} shows its seed in no property, printout or JSON`, (t) => {
    const seed = new Uint8Array(32).fill(0xab);
    const signer = backend.signer(seed);
    const shown = [
      inspect(signer, { depth: 9, showHidden: true }),
      JSON.stringify(signer),
      inspect(signer),
      inspect({ ...signer }, { depth: 9, showHidden: true }),
      Object.getOwnPropertyNames(signer).join(),
    ].join('\n');
    for (const spelling of ['ab'.repeat(4), '171, 171', '171,171', Buffer.from(seed).toString('base64').slice(0, 10)]) {
      t.false(shown.includes(spelling), spelling);
    }
    t.true(shown.includes(signer.did));
    t.true(Object.isFrozen(signer));
  });

  test(`${backend.name} keeps signing alike when the caller wipes the seed`, (t) => {
    const seed = new Uint8Array(32).fill(4);
    const signer = backend.signer(seed);
    const before = [...signer.sign(Uint8Array.of(1))];
    seed.fill(0);
    t.deepEqual([...signer.sign(Uint8Array.of(1))], before);
  });

  test(`${backend.name} refuses a seed that has not 32 bytes`, (t) => {
    for (const length of [0, 31, 33, 64]) {
      const error = t.throws(() => backend.signer(new Uint8Array(length)), { instanceOf: HaggleError });
      t.is(error.code, 'bad-seed');
    }
  });
}
