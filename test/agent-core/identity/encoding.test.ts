import test from 'ava';
import * as fc from 'fast-check';
import { nkeys as untyped } from 'nats';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { HaggleError } from '../../../agent-core/errors.ts';
import { didOf, isDid, publicKeyOf, type Did } from '../../../agent-core/identity/did-key.ts';
import {
  decodeBase32,
  decodeBase58,
  decodeBase64Url,
  decodeHex,
  encodeBase32,
  encodeBase58,
  encodeBase64Url,
  encodeHex,
  decodeUtf8,
  encodeUtf8,
  isWellFormed,
  utf8Length,
} from '../../../agent-core/identity/encoding.ts';
import { nkeyOf, publicKeyOfNkey } from '../../../agent-core/identity/nkey.ts';

interface NkeyPair {
  getSeed(): Uint8Array;
  getPublicKey(): string;
  verify(data: Uint8Array, signature: Uint8Array): boolean;
}

/** The part of the nkeys library in use: nats re-exports it without its types. */
const nkeys: Readonly<Record<'createUser' | 'createAccount' | 'createServer' | 'createOperator', () => NkeyPair>> & {
  fromPublic(publicKey: string): NkeyPair;
} = untyped;

const RUNS = { seed: 1_122, numRuns: 400 };
const encodings = [
  { name: 'base58', encode: encodeBase58, decode: decodeBase58 },
  { name: 'base32', encode: encodeBase32, decode: decodeBase32 },
  { name: 'base64url', encode: encodeBase64Url, decode: decodeBase64Url },
  { name: 'hex', encode: encodeHex, decode: decodeHex },
];
const publicKeys = fc.uint8Array({ minLength: 32, maxLength: 32 });

for (const { name, encode, decode } of encodings) {
  test(`${name} reads back what it wrote`, (t) => {
    const bytes = fc.uint8Array({ maxLength: 70 });
    fc.assert(
      fc.property(bytes, (data) => t.deepEqual([...(decode(encode(data)) ?? [])], [...data])),
      RUNS,
    );
  });

  test(`${name} accepts no second spelling`, (t) => {
    const text = fc.string({
      unit: fc.constantFrom(...Array.from('0123456789abcdefghijkABCDEFGHIJKLMNOPqrstuvwxyzZ-_=+/ 1l')),
      maxLength: 60,
    });
    fc.assert(
      fc.property(text, (candidate) => {
        const data = decode(candidate);
        t.true(data === null || encode(data) === candidate);
      }),
      { ...RUNS, numRuns: 2_000 },
    );
    t.is(decode('é'), null);
  });
}

test('base64url and hex agree with Node', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (data) => {
      t.is(encodeBase64Url(data), Buffer.from(data).toString('base64url'));
      t.is(encodeHex(data), Buffer.from(data).toString('hex'));
    }),
    RUNS,
  );
});

test('refuses padding, left-over bits, upper-case hex and odd lengths', (t) => {
  for (const text of ['AA==', 'AB', 'A', 'AAAAA', 'AA AA']) t.is(decodeBase64Url(text), null, text);
  for (const text of ['AA======', 'AB', 'A', 'aa', 'AAA', 'AAAAAA', '18']) t.is(decodeBase32(text), null, text);
  for (const text of ['AB', 'abc', '0x']) t.is(decodeHex(text), null, text);
  for (const text of ['0', 'O', 'I', 'l', '2'.repeat(129)]) t.is(decodeBase58(text), null, text);
});

test('base32 gives the examples of RFC 4648 without padding', (t) => {
  t.is(encodeBase32(Buffer.from('foobar')), 'MZXW6YTBOI');
  t.is(encodeBase32(Buffer.from('fooba')), 'MZXW6YTB');
});

test('UTF-8 agrees with Node on well-formed text', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      t.deepEqual([...encodeUtf8(text)], [...new TextEncoder().encode(text)]);
      t.is(utf8Length(text), Buffer.byteLength(text));
    }),
    RUNS,
  );
});

test('UTF-8 refuses lone surrogates', (t) => {
  for (const text of ['\ud800', 'a\udc00', '\udc00\ud800', '\ud800\ud800\udc00']) {
    t.false(isWellFormed(text));
    const error = t.throws(() => encodeUtf8(text), { instanceOf: HaggleError });
    t.is(error.code, 'lone-surrogate');
  }
});

test('writes the did:key of the did:key specification', (t) => {
  // The Ed25519 example of the did:key method.
  const did = 'did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp';
  t.true(isDid(did));
  if (isDid(did)) t.is(didOf(publicKeyOf(did)), did);
});

test('an address names one key and a key one address', (t) => {
  fc.assert(
    fc.property(publicKeys, (key) => {
      const did = didOf(key);
      t.true(did.startsWith('did:key:z6Mk'));
      t.true(isDid(did));
      t.deepEqual([...publicKeyOf(did)], [...key]);
      t.false(isDid(`${did}1`));
      t.false(isDid(did.replace('z6Mk', 'z16Mk')));
      t.false(isDid(did.toUpperCase()));
    }),
    RUNS,
  );
});

test('the key in an address cannot be overwritten by who asked for it', (t) => {
  const did = didOf(new Uint8Array(32).fill(3));
  publicKeyOf(did).fill(0);
  t.deepEqual([...publicKeyOf(did)], [...new Uint8Array(32).fill(3)]);
});

/** What a careless cast would pass. */
function forged(text: string): Did {
  return JSON.parse(JSON.stringify(text));
}

test('refuses addresses of other methods, codecs and lengths', (t) => {
  const other = [
    '',
    'did:key:',
    'did:key:z',
    'did:web:example.org',
    'z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp',
  ];
  const x25519 = `did:key:z${encodeBase58(Uint8Array.of(0xec, 0x01, ...new Uint8Array(32)))}`;
  const short = `did:key:z${encodeBase58(Uint8Array.of(0xed, 0x01, ...new Uint8Array(31)))}`;
  for (const text of [...other, x25519, short]) {
    t.false(isDid(text));
    t.is(t.throws(() => publicKeyOf(forged(text)), { instanceOf: HaggleError }).code, 'malformed-did');
  }
  t.is(t.throws(() => didOf(new Uint8Array(31)), { instanceOf: HaggleError }).code, 'bad-public-key');
  t.is(t.throws(() => nkeyOf(new Uint8Array(33)), { instanceOf: HaggleError }).code, 'bad-public-key');
});

test('an NKEY is what the nkeys library makes of the same seed', (t) => {
  for (let i = 0; i < 5; i++) {
    const pair = nkeys.createUser();
    // An encoded seed is two prefix bytes, the seed, two of checksum.
    const seed = decodeBase32(Buffer.from(pair.getSeed()).toString())?.slice(2, 34) ?? new Uint8Array(0);
    const signer = nodeBackend.signer(seed);
    t.is(signer.nkey, pair.getPublicKey());
    t.deepEqual([...(publicKeyOfNkey(pair.getPublicKey()) ?? [])], [...signer.publicKey]);
  }
});

test('the nkeys library reads our NKEY and verifies our signature with it', (t) => {
  fc.assert(
    fc.property(publicKeys, (seed) => {
      const signer = nodeBackend.signer(seed);
      t.true(nkeys.fromPublic(signer.nkey).verify(Buffer.from('x'), signer.sign(Buffer.from('x'))));
    }),
    { ...RUNS, numRuns: 10 },
  );
});

test('refuses an NKEY with any one character changed, of another role or length', (t) => {
  const nkey = nkeyOf(new Uint8Array(32).fill(17));
  for (let at = 0; at < nkey.length; at++) {
    for (const char of 'ABYZ27a=.') {
      if (char === nkey[at]) continue;
      t.is(publicKeyOfNkey(nkey.slice(0, at) + char + nkey.slice(at + 1)), null);
    }
  }
  for (const pair of [nkeys.createAccount(), nkeys.createServer(), nkeys.createOperator()]) {
    t.is(publicKeyOfNkey(pair.getPublicKey()), null);
  }
  for (const text of ['', 'U', nkey.slice(1), `${nkey}A`]) t.is(publicKeyOfNkey(text), null);
});

test('UTF-8 is read strictly: what it wrote, and nothing that it would not write', (t) => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const expected = (bytes: Uint8Array): string | null => {
    try {
      return strict.decode(bytes);
    } catch {
      return null;
    }
  };
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.string({ unit: 'binary' }).map(encodeUtf8)), (bytes) => {
        t.is(decodeUtf8(bytes), expected(bytes));
      }),
      { seed: 44 },
    ),
  );
  for (const bad of [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80], [0xe2, 0x82]]) {
    t.is(decodeUtf8(Uint8Array.from(bad)), null);
  }
});
