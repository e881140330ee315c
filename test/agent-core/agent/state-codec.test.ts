import test from 'ava';
import * as fc from 'fast-check';
import { decodeState, encodeState } from '../../../agent-core/agent/state-codec.ts';
import type { JsonValue } from '../../../agent-core/message/canonical.ts';

const { tree } = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.anything({ maxDepth: 0, withBigInt: true }),
    fc.double(),
    fc.bigInt(),
    fc.constantFrom(undefined, NaN, -0, Infinity, -Infinity, '$', '\ud800'),
    fc.float64Array(),
    fc.float32Array(),
    fc.uint8Array(),
    fc.int16Array(),
    fc.bigInt64Array(),
  ),
  key: fc.oneof(fc.string(), fc.constantFrom('$', '__proto__', 'constructor', 'value')),
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc
      .array(fc.tuple(tie('key'), tie('tree')), { maxLength: 4 })
      .map((all) => Object.fromEntries(all as [string, unknown][])),
    fc.array(fc.tuple(tie('tree'), tie('tree')), { maxLength: 4 }).map((all) => new Map(all)),
    fc.array(tie('tree'), { maxLength: 4 }).map((all) => new Set(all)),
  ),
}));

test('every state comes back from its JSON text as it was, -0 and undefined too', (t) => {
  fc.assert(
    fc.property(tree, (state) => {
      const back = decodeState(JSON.parse(JSON.stringify(encodeState(state))) as JsonValue);
      t.deepEqual(back, state);
      t.is(JSON.stringify(encodeState(back)), JSON.stringify(encodeState(state)));
    }),
    { numRuns: 500 },
  );
});

test('a simple state reads as itself', (t) => {
  const state = { price: 3, log: ['a', null, true], open: { deep: [1.5] } };
  t.deepEqual(encodeState(state), state);
});

test('members that would be taken for a mark are kept apart', (t) => {
  const state = { $: 'bigint', value: '7' };
  t.deepEqual(encodeState(state), {
    $: 'object',
    members: [
      ['$', 'bigint'],
      ['value', '7'],
    ],
  });
  t.deepEqual(decodeState(encodeState(state)), state);
});

test('an object without a prototype stays one, also with a member __proto__', (t) => {
  const state = Object.assign(Object.create(null) as object, JSON.parse('{"a":1,"__proto__":2}') as object);
  const back = decodeState(encodeState(state)) as object;
  t.is(Object.getPrototypeOf(back), null);
  t.deepEqual(Object.entries(back), Object.entries(state));
});

class Purse {
  readonly coins = 1;
}

const cycle: { self?: unknown } = {};
cycle.self = cycle;
const holed: number[] = [];
holed[2] = 1;

const REFUSED: readonly (readonly [what: string, state: unknown, path: RegExp])[] = [
  ['a function', { on: { tick: () => 1 } }, /^writing state\.on\.tick: it is a function/],
  ['a symbol', [Symbol('x')], /^writing state\[0\]: it is a symbol/],
  ['an instance of a class', { list: [0, new Purse()] }, /^writing state\.list\[1\]: it is an object of class Purse/],
  ['a date', new Map([['when', new Date(0)]]), /^writing state\.get\("when"\): it is an object of class Date/],
  ['a value of a set', new Set([new Purse()]), /^writing state\.items\[0\]/],
  ['a key of a map', new Map([[new Purse(), 1]]), /^writing state\.keys\[0\]/],
  ['a hole', { 'odd key': holed }, /^writing state\["odd key"\]: it is an array with a hole/],
  [
    'an accessor',
    {
      get a() {
        return 1;
      },
    },
    /^writing state\.a: it is an accessor/,
  ],
  ['a key that is a symbol', { [Symbol('k')]: 1 }, /symbol as a key/],
  ['a cycle', cycle, /nested deeper than 128, or a cycle/],
  ['a map of a class of its own', new (class Ledger extends Map {})(), /class Ledger/],
  ['an array of a class of its own', new (class List extends Array {})(), /array of another class/],
  ['a buffer', new ArrayBuffer(2), /class ArrayBuffer/],
];

for (const [what, state, message] of REFUSED) {
  test(`refuses ${what} and says where it is`, (t) => {
    t.throws(() => encodeState(state), { code: 'state-not-plain', message });
  });
}

const MALFORMED: readonly (readonly [what: string, json: JsonValue])[] = [
  ['an unknown kind', { $: 'Date', items: [] }],
  ['a kind that is no text', { $: 1 }],
  ['a bigint that is no number', { $: 'bigint', value: '1.5' }],
  ['an odd number that JSON can say', { $: 'number', value: '1' }],
  ['a map without entries', { $: 'Map' }],
  ['an entry that is no pair', { $: 'Map', entries: [[1]] }],
  ['a member whose name is no text', { $: 'object', members: [[1, 2]] }],
  ['a typed array of texts', { $: 'Uint8Array', items: ['a'] }],
  ['a typed array of bigints with a number', { $: 'BigInt64Array', items: [1] }],
  ['what is nested too deep', Array.from({ length: 200 }).reduce<JsonValue>((json) => [json], 0)],
];

for (const [what, json] of MALFORMED) {
  test(`refuses to read ${what}`, (t) => {
    t.throws(() => decodeState(json), { code: 'bad-state' });
  });
}
