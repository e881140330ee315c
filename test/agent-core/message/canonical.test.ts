import test from 'ava';
import * as fc from 'fast-check';
import { HaggleError } from '../../../agent-core/errors.ts';
import { canonicalize, FORBIDDEN_KEYS } from '../../../agent-core/message/canonical.ts';
import { scanCanonical, type ScanFault } from '../../../agent-core/message/scan.ts';

const SEED = 20_261_122;

/** RFC 8785 appendix B: bits of a double and its text. */
const NUMBERS: readonly (readonly [string, string])[] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
];

function codeOf(text: string): ScanFault['code'] | null {
  return scanCanonical(text)?.code ?? null;
}

function canonicalAfterParsing(text: string): boolean {
  try {
    return canonicalize(JSON.parse(text)) === text;
  } catch {
    return false;
  }
}

test('writes the numbers of RFC 8785 appendix B, and reads them as canonical', (t) => {
  for (const [bits, text] of NUMBERS) {
    const value = Buffer.from(bits, 'hex').readDoubleBE();
    t.is(canonicalize(value), text);
    t.is(canonicalize({ b: value, a: 0 }), `{"a":0,"b":${text}}`);
    t.is(codeOf(text), null, text);
  }
});

test('writes the example of RFC 8785 section 3.2.2', (t) => {
  const value: unknown = JSON.parse(String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`);
  t.is(
    canonicalize(value),
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
});

test('sorts by UTF-16 code units as RFC 8785 section 3.2.3 shows', (t) => {
  const names = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
  const text = canonicalize(Object.fromEntries(names.map((name) => [name, 0])));
  t.deepEqual(Object.keys(JSON.parse(text)), ['1', '\r', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33']);
  t.true(text.indexOf('"\\r"') < text.indexOf('"1"'));
  t.is(codeOf(text), null);
});

test('sorts names that look like array indices as text', (t) => {
  t.is(canonicalize({ 9: 0, 10: 0, '': 0, a: { b: 1, a: 2 } }), '{"":0,"10":0,"9":0,"a":{"a":2,"b":1}}');
});

test('refuses what JSON cannot carry exactly, with its path', (t) => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  const sparse: unknown[] = [];
  sparse.length = 2;
  const cases: readonly (readonly [unknown, string])[] = [
    [undefined, '$ '],
    [[undefined], '$[0]'],
    [{ a: [1, () => 0] }, '$.a[1]'],
    [{ a: 1n }, '$.a'],
    [{ a: Symbol('s') }, '$.a'],
    [[Number.NaN], '$[0]'],
    [[Number.POSITIVE_INFINITY], '$[0]'],
    ['\ud800', '$ '],
    [{ '\udc00': 1 }, '$ (a name)'],
    [{ at: new Date(0) }, '$.at'],
    [{ at: new Map() }, '$.at'],
    [{ a: { toJSON: () => 1 } }, '$.a.toJSON'],
    [sparse, '$[0]'],
    [cyclic, '$.self'],
    [JSON.parse('{"__proto__":1}'), '$.__proto__'],
    ...FORBIDDEN_KEYS.map((key) => [{ x: Object.fromEntries([[key, 1]]) }, `$.x.${key}`] as const),
  ];
  for (const [value, path] of cases) {
    const error = t.throws(() => canonicalize(value), { instanceOf: HaggleError });
    t.is(error.code, 'not-canonicalizable');
    t.true(error.message.includes(path), `${error.message} should name ${path}`);
  }
});

test('a backslash before "ud" is text and no surrogate', (t) => {
  t.is(canonicalize(['\\ud800', '\\udead']), String.raw`["\\ud800","\\udead"]`);
});

test('nests as deep as it is told and no deeper', (t) => {
  const nested = (depth: number): unknown => (depth === 0 ? 0 : [nested(depth - 1)]);
  t.is(canonicalize(nested(16)), `${'['.repeat(16)}0${']'.repeat(16)}`);
  t.throws(() => canonicalize(nested(17)), { instanceOf: HaggleError, message: /nested too deep/ });
  t.notThrows(() => canonicalize(nested(40), { depth: 40 }));
});

test('the scan accepts every canonical text', (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8, stringUnit: 'binary' }), (value) => {
      const text = canonicalText(value);
      t.true(text === null || codeOf(text) === null, text ?? '');
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});

function canonicalText(value: unknown): string | null {
  try {
    return canonicalize(value);
  } catch {
    return null;
  }
}

const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  '"a":',
  '"b":',
  '"\\n":',
  '"é":',
  ' ',
  '\\',
  '\\u000a',
  '\\u0001',
  '\\u001F',
  '\\ud800',
]
  .concat([
    '\\ud83d\\ude00',
    '\\/',
    '\ud800',
    '😀',
    '0',
    '-0',
    '1',
    '12',
    '1.0',
    '1.5',
    '1e5',
    '1e+21',
    '-',
    '.',
    'e',
    '+',
    '00',
    '\u0000',
  ])
  .concat([
    '9007199254740991',
    '9007199254740993',
    '9000000000000000',
    '999999999999999',
    '1e999',
    'true',
    'false',
    'null',
    'nul',
    'NaN',
  ])
  .concat([
    '"__proto__":',
    '"constructor":',
    '"prototype":',
    '"prototypf":',
    '""',
    '"x"',
    '\ufeff',
    '\n',
    '0.1',
    '5e-324',
    '\u007f',
  ]);

test('the scan accepts a text if and only if parsing and writing gives it back: random pieces', (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 9 }), (pieces) => {
      const text = pieces.join('');
      t.is(codeOf(text) === null, canonicalAfterParsing(text), JSON.stringify(text));
    }),
    { seed: SEED, numRuns: 30_000 },
  );
});

test('the scan accepts a text if and only if parsing and writing gives it back: mutated texts', (t) => {
  const edits = fc.array(fc.record({ at: fc.nat(), cut: fc.nat(2), put: fc.constantFrom('', ...PIECES) }), {
    maxLength: 2,
  });
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4, stringUnit: 'grapheme' }), edits, (value, changes) => {
      let text = canonicalText(value) ?? 'null';
      for (const { at, cut, put } of changes) {
        const from = at % (text.length + 1);
        text = text.slice(0, from) + put + text.slice(from + cut);
      }
      t.is(codeOf(text) === null, canonicalAfterParsing(text), JSON.stringify(text));
    }),
    { seed: SEED, numRuns: 20_000 },
  );
});

test('a text cut anywhere is refused, and no cut is mistaken for a whole', (t) => {
  const text = canonicalize({ a: [1.5, 'x\n', null, { b: true }], c: 'é😀', d: -12 });
  t.is(codeOf(text), null);
  for (let length = 0; length < text.length; length++) t.not(codeOf(text.slice(0, length)), null);
});

test('guards stop exactly above their bounds', (t) => {
  const limits = { payloadBytes: 40, jsonDepth: 2, jsonKeys: 3 };
  const code = (text: string): string | undefined => scanCanonical(text, limits)?.code;
  t.is(code(`"${'a'.repeat(38)}"`), undefined);
  t.is(code(`"${'a'.repeat(39)}"`), 'payload-too-large');
  t.is(code(`"${'é'.repeat(19)}"`), undefined);
  t.is(code(`"${'é'.repeat(20)}"`), 'payload-too-large');
  t.is(code('[[0]]'), undefined);
  t.is(code('[[[0]]]'), 'too-deep');
  t.is(code('{"a":0,"b":{"c":0}}'), undefined);
  t.is(code('{"a":0,"b":{"c":0,"d":0}}'), 'too-many-keys');
  t.deepEqual(scanCanonical('[0,[[0]]]', limits), { kind: 'guard', code: 'too-deep', offset: 4 });
});

test('names the fault and its offset', (t) => {
  t.deepEqual(scanCanonical('{"a":1,"a":2}'), { kind: 'form', code: 'duplicate-key', offset: 8 });
  t.deepEqual(scanCanonical('{"b":1,"a":2}'), { kind: 'form', code: 'not-canonical', offset: 8 });
  t.deepEqual(scanCanonical('{"\\n":1,"\\n":2}'), { kind: 'form', code: 'duplicate-key', offset: 9 });
  t.deepEqual(scanCanonical('[1, 2]'), { kind: 'form', code: 'not-canonical', offset: 3 });
  t.deepEqual(scanCanonical('["\\ud800"]'), { kind: 'form', code: 'lone-surrogate', offset: 2 });
  t.deepEqual(scanCanonical('[1'), { kind: 'form', code: 'truncated', offset: 2 });
});
