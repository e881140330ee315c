import test from 'ava';
import * as fc from 'fast-check';
import { holm, meanInterval, pairedDifference, studentCdf, studentQuantile } from '../../agent-core/statistics.ts';

// 97.5 % and 99.5 % points of Student's t, from the tables that every textbook prints.
for (const [degrees, at975, at995] of [
  [1, 12.706, 63.657],
  [2, 4.303, 9.925],
  [5, 2.571, 4.032],
  [9, 2.262, 3.25],
  [30, 2.042, 2.75],
  [120, 1.98, 2.617],
] as const) {
  test(`knows the printed quantiles of Student's t at ${degrees} degrees of freedom`, (t) => {
    t.true(Math.abs(studentQuantile(0.975, degrees) - at975) < 6e-4);
    t.true(Math.abs(studentQuantile(0.995, degrees) - at995) < 6e-4);
  });
}

test('the distribution function of one degree of freedom is that of Cauchy', (t) => {
  for (const x of [-30, -2, -0.1, 0, 0.5, 1, 7]) {
    t.true(Math.abs(studentCdf(x, 1) - (0.5 + Math.atan(x) / Math.PI)) < 1e-12, String(x));
  }
});

test('quantiles undo the distribution function, and lie symmetric about 0', (t) => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 0.999, noNaN: true }),
      fc.integer({ min: 1, max: 200 }),
      (share, degrees) => {
        const quantile = studentQuantile(share, degrees);
        t.true(Math.abs(studentCdf(quantile, degrees) - share) < 1e-9);
        t.true(Math.abs(quantile + studentQuantile(1 - share, degrees)) < 1e-6 * Math.max(1, Math.abs(quantile)));
      },
    ),
  );
});

test('an interval is that of Student: for 1, 2, 3, 4 it is 2.5 ± 2.054', (t) => {
  const { mean, half, deviation, count } = meanInterval([1, 2, 3, 4]);
  t.like({ mean, count }, { mean: 2.5, count: 4 });
  t.true(Math.abs(half - 2.0542) < 1e-4);
  t.true(Math.abs(deviation - 1.290994) < 1e-6);
  t.true(Number.isNaN(meanInterval([7]).half), 'a single value has no interval');
});

test('a paired test sees a small difference between samples that vary much', (t) => {
  const first = [10, 200, 35, 77, 1_000];
  const second = first.map((value, k) => value - 1 - k / 10);
  const { mean, p, half, varianceRatio } = pairedDifference(first, second);
  t.true(Math.abs(mean - 1.2) < 1e-9);
  t.true(half < 0.2 && p < 1e-4 && varianceRatio > 1_000);
});

test('a difference that is always 0 proves nothing, and one that never varies everything', (t) => {
  t.is(pairedDifference([1, 2, 3], [1, 2, 3]).p, 1);
  t.is(pairedDifference([2, 3, 4], [1, 2, 3]).p, 0);
});

test('the distribution function of two degrees of freedom is the known closed form', (t) => {
  for (const x of [-9, -1, 0, 0.3, 4]) {
    t.true(Math.abs(studentCdf(x, 2) - (0.5 + x / (2 * Math.sqrt(2 + x * x)))) < 1e-12, String(x));
  }
});

test("Holm's correction multiplies the smallest by all, the next by one fewer, and never falls", (t) => {
  t.deepEqual(
    holm([0.01, 0.04, 0.03]).map((p) => Number(p.toFixed(4))),
    [0.03, 0.06, 0.06],
  );
  t.deepEqual(holm([]), []);
  t.deepEqual(holm([0.9, 0.8]), [1, 1]);
});

for (const [what, run, code] of [
  ['no values', () => meanInterval([]), 'bad-sample'],
  ['a value that is not finite', () => meanInterval([1, Infinity]), 'bad-sample'],
  ['a confidence of 1', () => meanInterval([1, 2], 1), 'bad-confidence'],
  ['samples of different length', () => pairedDifference([1, 2], [1]), 'bad-sample'],
  ['a single pair', () => pairedDifference([1], [1]), 'bad-sample'],
] as const) {
  test(`refuses ${what}`, (t) => {
    t.throws(run, { code });
  });
}
