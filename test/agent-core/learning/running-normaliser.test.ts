import test from 'ava';
import * as fc from 'fast-check';
import { joinMoments, momentsOf, noMoments, standardOf } from '../../../agent-core/learning/running-normaliser.ts';

const table = fc
  .array(
    fc.tuple(fc.double({ min: -1e3, max: 1e3, noNaN: true }), fc.double({ min: 1e6, max: 1e6 + 9, noNaN: true })),
    {
      maxLength: 40,
    },
  )
  .map((rows) => rows.flat());

test('moments of parts, joined, are those of the whole', (t) => {
  fc.assert(
    fc.property(table, table, (a, b) => {
      const whole = momentsOf([...a, ...b], 2);
      const joined = joinMoments(momentsOf(a, 2), momentsOf(b, 2));
      t.is(joined.count, whole.count);
      for (const k of [0, 1]) {
        t.true(Math.abs((joined.means[k] ?? 0) - (whole.means[k] ?? 0)) < 1e-7);
        t.true(Math.abs((joined.squares[k] ?? 0) - (whole.squares[k] ?? 0)) < 1e-3);
      }
    }),
    { seed: 73 },
  );
});

test('a standard is the mean and the deviation of all that was seen', (t) => {
  const { means, deviations } = standardOf(momentsOf([1, 10, 3, 10], 2));
  t.deepEqual(Array.from(means), [2, 10]);
  t.deepEqual(Array.from(deviations), [1, 1], 'what never varies is not blown up');
});

test('where fewer than two vectors were seen nothing is shifted', (t) => {
  t.deepEqual(standardOf(noMoments(1)), { means: Float64Array.of(0), deviations: Float64Array.of(1) });
  t.deepEqual(standardOf(momentsOf([5], 1)), { means: Float64Array.of(0), deviations: Float64Array.of(1) });
});
