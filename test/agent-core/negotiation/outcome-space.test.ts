import test from 'ava';
import * as fc from 'fast-check';
import type { Issue } from '../../../agent-core/negotiation/issue.ts';
import { ISSUES_MAX, OUTCOMES_MAX, outcomeSpace } from '../../../agent-core/negotiation/outcome-space.ts';
import { SALE } from './trade.ts';

const name = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' });
const anyIssue: fc.Arbitrary<Issue> = fc.oneof(
  fc.record({
    type: fc.constant('integer' as const),
    name,
    min: fc.integer({ min: -50, max: 50 }),
    max: fc.integer({ min: 51, max: 60 }),
    step: fc.integer({ min: 20, max: 40 }),
  }),
  fc.record({
    type: fc.constant('categorical' as const),
    name,
    values: fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    type: fc.constant('continuous' as const),
    name,
    min: fc.double({ min: -9, max: 1, noNaN: true }),
    max: fc.double({ min: 2, max: 9, noNaN: true }),
    levels: fc.integer({ min: 2, max: 5 }),
  }),
);
const anySpace = fc
  .uniqueArray(anyIssue, { minLength: 1, maxLength: 4, selector: (issue) => issue.name })
  .filter((issues) => !issues.some((issue) => issue.name === '__proto__'))
  .map((issues) => outcomeSpace({ issues }));

test('lists every outcome once, in order of its index, and each one fits the schema', (t) => {
  fc.assert(
    fc.property(anySpace, (space) => {
      const listed = [...space.enumerate()];
      t.is(listed.length, space.size);
      t.is(new Set(listed.map((outcome) => JSON.stringify(outcome))).size, space.size);
      for (const [index, outcome] of listed.entries()) {
        t.deepEqual(space.outcomeAt(index), outcome);
        t.is(space.indexOf(outcome), index);
        t.true(space.contains(outcome));
        t.true(space.schema.safeParse(outcome).success);
        t.deepEqual(JSON.parse(JSON.stringify(outcome)), outcome);
      }
    }),
    { numRuns: 60, seed: 1 },
  );
});

test('the schema and contains agree on what is no outcome', (t) => {
  const good = { price: 3, colour: 'red', weeks: 2.25 };
  const bad: readonly unknown[] = [
    null,
    7,
    [],
    {},
    { ...good, price: 3.5 },
    { ...good, price: 21 },
    { ...good, price: '3' },
    { ...good, price: Number.NaN },
    { ...good, colour: 'pink' },
    { ...good, colour: 0 },
    { ...good, weeks: 0.99 },
    { ...good, weeks: Infinity },
    { ...good, more: 1 },
    { price: 3, colour: 'red' },
  ];
  t.true(SALE.contains(good) && SALE.schema.safeParse(good).success);
  for (const value of bad) {
    t.false(SALE.contains(value), JSON.stringify(value));
    t.false(SALE.schema.safeParse(value).success, JSON.stringify(value));
  }
});

test('a step leaves out the whole numbers in between', (t) => {
  const space = outcomeSpace({ issues: [{ type: 'integer', name: 'lot', min: 5, max: 31, step: 10 }] });
  t.deepEqual([...space.enumerate()], [{ lot: 5 }, { lot: 15 }, { lot: 25 }]);
  t.true(space.schema.safeParse({ lot: 25 }).success);
  t.false(space.schema.safeParse({ lot: 30 }).success);
});

test('a continuous value between two levels has the index of the nearest', (t) => {
  t.is(SALE.indexOf({ price: 0, colour: 'red', weeks: 2.4 }), 1);
  t.is(SALE.indexOf({ price: 0, colour: 'red', weeks: 2.6 }), 2);
  t.is(outcomeSpace({ issues: [{ type: 'continuous', name: 'x', min: 0, max: 1 }] }).size, 11);
});

test('refuses issues that are none', (t) => {
  const wrong: readonly (readonly Issue[])[] = [
    [],
    Array.from({ length: ISSUES_MAX + 1 }, (_, k) => ({ type: 'categorical', name: `i${k}`, values: ['a'] })),
    [
      { type: 'categorical', name: 'a', values: ['x'] },
      { type: 'integer', name: 'a', min: 0, max: 1 },
    ],
    [{ type: 'categorical', name: '', values: ['a'] }],
    [{ type: 'categorical', name: '__proto__', values: ['a'] }],
    [{ type: 'categorical', name: 'constructor', values: ['a'] }],
    [{ type: 'categorical', name: 'n'.repeat(201), values: ['a'] }],
    [{ type: 'categorical', name: '\ud800', values: ['a'] }],
    [{ type: 'categorical', name: 'c', values: [] }],
    [{ type: 'categorical', name: 'c', values: ['a', 'a'] }],
    [{ type: 'categorical', name: 'c', values: [''] }],
    [{ type: 'categorical', name: 'c', values: Array.from({ length: 10_001 }, (_, k) => `${k}`) }],
    [{ type: 'integer', name: 'n', min: 2, max: 1 }],
    [{ type: 'integer', name: 'n', min: 0.5, max: 1 }],
    [{ type: 'integer', name: 'n', min: 0, max: Infinity }],
    [{ type: 'integer', name: 'n', min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }],
    [{ type: 'integer', name: 'n', min: 0, max: 9, step: 0 }],
    [{ type: 'integer', name: 'n', min: 0, max: 9, step: 1.5 }],
    [{ type: 'continuous', name: 'x', min: 1, max: 1 }],
    [{ type: 'continuous', name: 'x', min: 0, max: Number.NaN }],
    [{ type: 'continuous', name: 'x', min: -1e308, max: 1e308 }],
    [{ type: 'continuous', name: 'x', min: 0, max: 1, levels: 1 }],
    [{ type: 'continuous', name: 'x', min: 0, max: 1, levels: 2.5 }],
  ];
  for (const issues of wrong) t.throws(() => outcomeSpace({ issues }), { code: 'bad-issue' }, JSON.stringify(issues));
});

test('a space that is too large to be listed can still be offered from', (t) => {
  const space = outcomeSpace({ issues: [{ type: 'integer', name: 'n', min: 0, max: OUTCOMES_MAX }] });
  t.throws(() => space.enumerate().next(), { code: 'too-many-outcomes', message: /1000001 outcomes: at most 1000000/ });
  t.true(space.contains({ n: 77 }));
  t.deepEqual(space.outcomeAt(77), { n: 77 });
});

test('refuses an index beyond the space and an outcome of another space', (t) => {
  for (const index of [-1, 0.5, SALE.size]) t.throws(() => SALE.outcomeAt(index), { code: 'no-such-outcome' });
  t.throws(() => SALE.indexOf({ price: 1, colour: 'pink', weeks: 2 }), {
    code: 'outcome-outside',
    message: /"colour".*"pink"/,
  });
  t.throws(() => SALE.indexOf({}), { code: 'outcome-outside' });
});
