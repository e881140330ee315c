import test from 'ava';
import * as fc from 'fast-check';
import { HaggleError } from '../../../agent-core/errors.ts';
import { canonicalize, type JsonValue } from '../../../agent-core/message/canonical.ts';
import { encodeEnvelope, type Envelope } from '../../../agent-core/message/envelope.ts';
import { scanCanonical } from '../../../agent-core/message/scan.ts';
import { codeOf, envelope, receiver, sendOne } from './fixtures.ts';

const name = fc.string({ unit: fc.constantFrom(...Array.from('abcXYZ019-_.~')), minLength: 1, maxLength: 20 });
const token = fc.string({ unit: fc.constantFrom(...Array.from('abcXYZ019-_')), minLength: 1, maxLength: 20 });
const envelopes: fc.Arbitrary<Envelope> = fc
  .record({
    id: name,
    realm: token,
    protocol: fc.tuple(name, name, name).map((parts) => parts.join('/')),
    dialogue: name,
    seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    re: fc.option(name),
    type: name,
    body: fc
      .jsonValue({ maxDepth: 3, stringUnit: 'grapheme' })
      .map((value): JsonValue => JSON.parse(JSON.stringify(value))),
    sent: fc.nat(),
    exp: fc.integer({ min: 2 ** 31, max: 2 ** 40 }),
    by: fc.integer({ min: 2 ** 40, max: 2 ** 50 }),
    trace: fc.option(name),
  })
  .map(({ trace, ...fields }) => envelope(trace === null ? fields : { ...fields, trace }))
  .filter(({ body }) => isCanonicalizable(body));

function isCanonicalizable(body: unknown): boolean {
  try {
    canonicalize(body);
    return true;
  } catch {
    return false;
  }
}

test('the written text is the canonical form of the envelope, and reads back as it', (t) => {
  fc.assert(
    fc.property(envelopes, (value) => {
      const text = encodeEnvelope(value);
      t.is(text, canonicalize(value));
      t.is(scanCanonical(text), null);
      t.is(canonicalize(JSON.parse(text)), text);
    }),
    { seed: 1_122, numRuns: 500 },
  );
});

test('two different envelopes have two different texts', (t) => {
  fc.assert(
    fc.property(envelopes, envelopes, (a, b) => {
      t.is(encodeEnvelope(a) === encodeEnvelope(b), canonicalize(a) === canonicalize(b));
    }),
    { seed: 1_122, numRuns: 500 },
  );
});

test('text cannot move across a boundary: the three holes of unframed digests give three signatures', (t) => {
  // Swapped neighbours, characters moved from the content into the expiry, a shifted boundary of type and protocol.
  const pairs: readonly (readonly [Envelope, Envelope])[] = [
    [envelope({ exp: 1_700_000_012_345_678, seq: 1 }), envelope({ exp: 1_700_000_000_000_000, seq: 12_345_678 })],
    [envelope({ body: 'x17000000', exp: 1_700_000_000_000_001 }), envelope({ body: 'x', exp: 1_700_000_000_000_002 })],
    [envelope({ dialogue: 'ab', type: 'c' }), envelope({ dialogue: 'a', type: 'bc' })],
  ];
  for (const [a, b] of pairs) {
    t.not(encodeEnvelope(a), encodeEnvelope(b));
    for (const mode of ['each', 'batch'] as const) {
      const forged = { ...sendOne(a, mode), payload: encodeEnvelope(b) };
      t.is(codeOf(receiver().open(forged)), 'bad-signature');
    }
  }
});

test('refuses to write what every receiver would refuse', (t) => {
  const cases: readonly (readonly [Envelope, string])[] = [
    [envelope({ id: '"' }), 'malformed-envelope'],
    [envelope({ seq: 0 }), 'malformed-envelope'],
    [envelope({ sent: Number.NaN }), 'malformed-envelope'],
    [Object.assign(envelope(), { trace: undefined }), 'malformed-envelope'],
    [Object.assign(envelope(), { v: 2 }), 'malformed-envelope'],
    [envelope({ body: Number.NaN }), 'not-canonicalizable'],
    [envelope({ body: JSON.parse('['.repeat(16) + ']'.repeat(16)) }), 'not-canonicalizable'],
    [envelope({ body: 'x'.repeat(65_536) }), 'payload-too-large'],
    [envelope({ body: 'é'.repeat(32_768) }), 'payload-too-large'],
    [envelope({ body: Array.from({ length: 1_024 }, () => ({ a: 0 })) }), 'too-many-keys'],
  ];
  for (const [value, code] of cases) {
    t.is(t.throws(() => encodeEnvelope(value), { instanceOf: HaggleError }).code, code);
  }
});
