import test from 'ava';
import { z } from 'zod';
import { amount } from '../../../agent-core/protocol/amount.ts';
import {
  messageReference,
  protocolMarkdown,
  protocolSchema,
  textTable,
} from '../../../agent-core/protocol/reference.ts';
import { fieldTexts, wireSchema } from '../../../agent-core/protocol/schema-text.ts';
import { Haul } from '../../fixtures/metering.ts';

test('tells of each message its act, who says it, its fields and when it may be said', (t) => {
  t.deepEqual(messageReference(Haul)[1], {
    type: 'propose',
    as: 'propose',
    from: 'participant',
    fields: ['price: number'],
    states: ['called'],
  });
  t.deepEqual(
    messageReference(Haul).map(({ type }) => type),
    Object.keys(Haul.messages),
  );
});

const bodies: readonly (readonly [string, z.ZodType, readonly string[]])[] = [
  ['money', z.object({ price: amount(), text: z.string().regex(/^a/) }), ['price: amount', 'text: string']],
  ['an optional field', z.object({ note: z.string().optional() }), ['note?: string']],
  [
    'bounds',
    z.object({ n: z.number().int().min(1).max(9), x: z.number().positive() }),
    ['n: integer ≥ 1 and ≤ 9', 'x: number > 0'],
  ],
  ['bounds from above', z.object({ x: z.number().lt(2) }), ['x: number < 2']],
  ['a choice', z.object({ side: z.enum(['buy', 'sell']) }), ['side: "buy" | "sell"']],
  ['a constant', z.object({ v: z.literal(1) }), ['v: 1']],
  ['a union', z.object({ x: z.union([z.string(), z.null()]) }), ['x: string | null']],
  [
    'lists',
    z.object({ a: z.array(z.number()).max(3), b: z.array(z.object({ c: z.boolean() })) }),
    ['a: number[] (at most 3)', 'b: ({ c: boolean })[]'],
  ],
  ['a tuple', z.object({ pair: z.tuple([z.string(), z.number()]) }), ['pair: [string, number]']],
  [
    'a nested object',
    z.object({ place: z.object({ x: z.number(), name: z.string().optional() }) }),
    ['place: { x: number, name?: string }'],
  ],
  ['a record', z.object({ by: z.record(z.string(), z.number()) }), ['by: { [name]: number }']],
  ['anything', z.object({ x: z.json() }), ['x: any']],
  ['no field', z.object({}), []],
  ['no object', z.array(z.string()), ['string[]']],
];

for (const [what, body, fields] of bodies) {
  test(`tells ${what} of a body in short`, (t) => t.deepEqual(fieldTexts(wireSchema(body)), fields));
}

test('the schema document has what both sides must agree on', (t) => {
  const document = protocolSchema(Haul);
  t.like(document, { name: 'haul', version: '1.0.0', digest: Haul.digest, roles: ['initiator', 'participant'] });
  t.like(document.messages['cfp'], { from: 'initiator', as: 'cfp', body: { type: 'object', required: ['tonnes'] } });
  t.deepEqual(JSON.parse(JSON.stringify(document.dialogue)), document.dialogue);
});

test('the Markdown of a protocol has a section, a diagram and a row for each message', (t) => {
  const text = protocolMarkdown(Haul, { about: 'Somebody hauls something.', source: 'Smith 1980' });
  t.true(text.startsWith('## haul 1.0.0\n\nSomebody hauls something.\n\nSource: Smith 1980.\n\nRoles: `initiator`'));
  t.is(text.match(/^```mermaid\nstateDiagram-v2$/gm)?.length, 1);
  for (const type of Object.keys(Haul.messages)) t.regex(text, new RegExp(`^\\| \`${type}\` +\\|`, 'm'));
});

test('columns of a text line up', (t) => {
  t.deepEqual(textTable([['a', 'b'], ['long', 'c'], ['d']]), ['a     b', 'long  c', 'd']);
  t.deepEqual(textTable([]), []);
});
