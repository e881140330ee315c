import test from 'ava';
import { z } from 'zod';
import { amount } from '../../../agent-core/protocol/amount.ts';
import { bodyCodec, encodesByParsing } from '../../../agent-core/protocol/body-codec.ts';

const offer = z.strictObject({
  price: amount(),
  quantity: z.int().min(0).max(9),
  unit: z.enum(['kWh', 'kg']),
  note: z.string().max(3).optional(),
});

/** Reads a count that the wire has as text; its text side is never empty. */
const count = z.codec(z.string().min(1), z.number().min(1), { decode: (text) => Number(text), encode: String });

const turned: readonly (readonly [string, z.ZodType])[] = [
  ['an object with a codec', offer],
  ['an object that drops what it does not know', z.object({ price: amount() })],
  ['a list of objects with codecs', z.array(offer).min(1).max(2)],
  ['a codec behind null', z.object({ price: z.nullable(amount()), list: z.array(z.nullable(count)) })],
  ['objects in objects', z.strictObject({ inner: z.strictObject({ count, flag: z.boolean() }), one: z.literal(1) })],
  ['plain values', z.strictObject({ a: z.number(), b: z.union([z.string(), z.null()]), c: z.array(z.string()) })],
  ['null', z.null()],
];

const zodDecides: readonly (readonly [string, z.ZodType])[] = [
  ['a default', z.object({ a: z.string().default('x'), price: amount() })],
  ['a trimmed text', z.object({ a: z.string().trim() })],
  ['a refinement beside a codec', z.strictObject({ price: amount() }).refine(({ price }) => price > 5n)],
  ['a codec that is refined', z.object({ price: amount().refine((price) => price > 5n) })],
  ['a codec in a codec', z.object({ price: z.codec(amount(), z.number(), { decode: Number, encode: BigInt }) })],
  ['an optional codec', z.object({ price: amount().optional() })],
  ['a union with a codec', z.object({ price: z.union([amount(), z.null()]) })],
  ['a coerced number', z.object({ a: z.coerce.number() })],
  ['an open object', z.looseObject({ price: amount() })],
  ['a URL', z.object({ a: z.url({ normalize: true }) })],
];

const good = { price: 7n, quantity: 3, unit: 'kg' };
const inner = { count: 3, flag: true };
const values: readonly unknown[] = [
  good,
  { ...good, note: 'abc' },
  { ...good, note: undefined },
  { ...good, note: 'abcd' },
  { ...good, extra: 1 },
  { ...good, price: -1n },
  { ...good, price: '7' },
  { ...good, quantity: 2.5 },
  { ...good, unit: 'ton' },
  [good],
  [good, good, good],
  [],
  { price: 1n },
  { price: null, list: [] },
  { price: null, list: [null, 4] },
  { price: null, list: [0] },
  { price: null },
  { price: 3 },
  { price: 12 },
  {},
  { inner, one: 1 },
  { inner: { ...inner, count: 0 }, one: 1 },
  { inner, one: 2 },
  { a: 1, b: null, c: ['x'] },
  { a: Number.NaN, b: 'x', c: [] },
  { a: ' x ' },
  { a: '7', price: 7n },
  { a: 'HTTP://EXAMPLE.org' },
  null,
  undefined,
  7,
  'text',
];

for (const [name, schema] of turned) test(`turns round ${name}`, (t) => t.true(encodesByParsing(schema)));
for (const [name, schema] of zodDecides) test(`leaves ${name} to zod`, (t) => t.false(encodesByParsing(schema)));

for (const [name, schema] of [...turned, ...zodDecides]) {
  test(`encodes ${name} with the verdict, data and issues of safeEncode, and decodes as safeParse does`, (t) => {
    const codec = bodyCodec(schema);
    for (const value of values) {
      const own = codec.encode(value);
      const zods = schema.safeEncode(value);
      t.is(own.success, zods.success);
      t.deepEqual(own.data, zods.data);
      t.deepEqual(own.error?.issues, zods.error?.issues);
      // Both what an honest sender writes and what no sender should.
      for (const wire of [own.data, value]) {
        const read = codec.decode(wire);
        const parsed = schema.safeParse(wire);
        t.is(read.success, parsed.success);
        t.deepEqual(read.data, parsed.data);
      }
    }
  });
}

test('what is encoded shares nothing with the body that the program keeps', (t) => {
  const body = { list: [{ a: 1 }] };
  const encoded = bodyCodec(z.object({ list: z.array(z.object({ a: z.number() })) })).encode(body);
  t.deepEqual(encoded.data, body);
  t.not(encoded.data, body);
});
