import { readFileSync } from 'node:fs';
import test from 'ava';
import * as fc from 'fast-check';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { portableBackend } from '../../../agent-core/identity/portable.ts';
import { isStrongPublicKey, verifyStrict } from '../../../agent-core/identity/strict.ts';
import type { SignatureBackend, VerifyInput } from '../../../agent-core/identity/signer.ts';

/** Data files are read from the sources: tests run compiled, from `dist`, at the root of the repository. */
const vectors: readonly {
  readonly message: string;
  readonly publicKey: string;
  readonly signature: string;
}[] = JSON.parse(readFileSync('test/agent-core/identity/speccheck.json', 'utf8'));

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const FIELD = 2n ** 255n - 19n;
const backends = [nodeBackend, portableBackend] as const;

function bytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function bigintOf(little: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(little.toReversed()).toString('hex')}`);
}

function verdicts(verify: (input: VerifyInput) => boolean): string {
  return vectors
    .map(({ message, publicKey, signature }) =>
      verify({ message: bytes(message), publicKey: bytes(publicKey), signature: bytes(signature) }) ? 'V' : 'X',
    )
    .join('');
}

/** The eight points of small order in all fourteen encodings: five y, two of them also as y + p, each with both sign bits. */
function smallOrderEncodings(): readonly Uint8Array[] {
  const y8 = bigintOf(bytes('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'));
  const ys = [0n, 1n, FIELD - 1n, y8, FIELD - y8, FIELD, FIELD + 1n];
  return ys.flatMap((y) => [littleEndian(y), littleEndian(y | (1n << 255n))]);
}

for (const backend of backends) {
  test(`${backend.name} behind the strict check accepts exactly the one sound vector of ed25519-speccheck`, (t) => {
    t.is(
      verdicts((input) => verifyStrict(backend, input)),
      'XXXVXXXXXXXX',
    );
  });

  test(`${backend.name} refuses all 14 small-order encodings as key and as R`, (t) => {
    const signer = backend.signer(new Uint8Array(32).fill(7));
    const message = bytes('00');
    const good = signer.sign(message);
    const encodings = smallOrderEncodings();
    t.is(new Set(encodings.map((point) => Buffer.from(point).toString('hex'))).size, 14);
    for (const point of encodings) {
      const zeroS = new Uint8Array(64);
      zeroS.set(point);
      t.false(isStrongPublicKey(point));
      t.false(verifyStrict(backend, { publicKey: point, message, signature: zeroS }));
      t.false(verifyStrict(backend, { publicKey: point, message, signature: good }));
      const smallR = good.slice();
      smallR.set(point);
      t.false(verifyStrict(backend, { publicKey: signer.publicKey, message, signature: smallR }));
    }
  });

  test(`${backend.name} refuses a signature whose S is not below L`, (t) => {
    const signer = backend.signer(new Uint8Array(32).fill(8));
    const message = bytes('0102');
    const good = signer.sign(message);
    t.true(verifyStrict(backend, { publicKey: signer.publicKey, message, signature: good }));
    for (const s of [bigintOf(good.subarray(32)) + ORDER, ORDER, ORDER + 1n, 2n ** 256n - 1n]) {
      const signature = good.slice();
      signature.set(littleEndian(s), 32);
      t.false(verifyStrict(backend, { publicKey: signer.publicKey, message, signature }));
    }
  });

  test(`${backend.name} refuses keys and signatures of other lengths without throwing`, (t) => {
    const signer = backend.signer(new Uint8Array(32).fill(9));
    const message = bytes('03');
    const signature = signer.sign(message);
    for (const length of [0, 1, 31, 33, 63, 64, 65, 100]) {
      const other = new Uint8Array(length).fill(1);
      if (length !== 64) t.false(verifyStrict(backend, { publicKey: signer.publicKey, message, signature: other }));
      t.false(verifyStrict(backend, { publicKey: other, message, signature }));
    }
  });
}

test('the raw backends still differ, which is why nobody may call them without the strict check', (t) => {
  t.is(
    verdicts((input) => portableBackend.verify(input)),
    'VVVVXXVVXXXV',
  );
  // OpenSSL 3.0 (Node 20 and 22) as it is; the one of Node 24 has become as strict as we are.
  t.true(['VVVVXXXXXXXV', 'XXXVXXXXXXXX'].includes(verdicts((input) => nodeBackend.verify(input))));
  const message = bytes('ff');
  const signer = portableBackend.signer(new Uint8Array(32).fill(5));
  const malleated = signer.sign(message);
  malleated.set(littleEndian(bigintOf(malleated.subarray(32)) + ORDER), 32);
  t.true(portableBackend.verify({ publicKey: signer.publicKey, message, signature: malleated }));
  t.false(nodeBackend.verify({ publicKey: signer.publicKey, message, signature: malleated }));
});

test('accepts the largest reduced coordinate that is no small-order point as an encoding', (t) => {
  t.true(isStrongPublicKey(littleEndian(FIELD - 2n)));
  t.false(isStrongPublicKey(littleEndian(FIELD - 1n)));
  for (let k = 0n; k < 19n; k++) t.false(isStrongPublicKey(littleEndian(FIELD + k)));
});

test('both backends sign the same bytes and judge alike, also what was tampered with', (t) => {
  const flip = fc.record({
    part: fc.constantFrom('none', 'message', 'publicKey', 'signature'),
    at: fc.nat(),
    bit: fc.nat(7),
  });
  const property = fc.property(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.uint8Array({ minLength: 1, maxLength: 80 }),
    flip,
    (seed, message, { part, at, bit }) => {
      const a = nodeBackend.signer(seed).sign(message);
      const b = portableBackend.signer(seed).sign(message);
      t.deepEqual([...a], [...b]);
      const { publicKey } = nodeBackend.signer(seed);
      const parts = { message: message.slice(), publicKey: publicKey.slice(), signature: new Uint8Array(a) };
      if (part === 'message' || part === 'publicKey' || part === 'signature') {
        const target = parts[part];
        target[at % target.length] = (target[at % target.length] ?? 0) ^ (1 << bit);
      }
      const judge = (backend: SignatureBackend): boolean => verifyStrict(backend, parts);
      t.is(judge(nodeBackend), part === 'none');
      t.is(judge(portableBackend), part === 'none');
    },
  );
  fc.assert(property, { seed: 20_261_122, numRuns: 150 });
});

test('both backends judge random keys and signatures alike', (t) => {
  const property = fc.property(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.uint8Array({ minLength: 64, maxLength: 64 }),
    (publicKey, signature) => {
      const input = { publicKey, signature, message: bytes('aa') };
      t.is(verifyStrict(nodeBackend, input), verifyStrict(portableBackend, input));
    },
  );
  fc.assert(property, { seed: 20_261_123, numRuns: 150 });
});
