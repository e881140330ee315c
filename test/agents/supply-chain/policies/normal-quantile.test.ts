import test from 'ava';
import * as fc from 'fast-check';
import { normalQuantile } from '../../../../agents/supply-chain/policies/normal-quantile.ts';

test('equals the quantiles that tables give', (t) => {
  const known: readonly (readonly [number, number])[] = [
    [0.5, 0],
    [0.75, 0.6744897501960817],
    [0.95, 1.6448536269514722],
    [0.975, 1.959963984540054],
    [0.001, -3.090232306167813],
    [1e-10, -6.361340902404056],
    [1e-15, -7.941345326170998],
  ];
  for (const [share, deviate] of known) t.true(Math.abs(normalQuantile(share) - deviate) < 1e-13, `${share}`);
});

test('rises with the share, and is odd about a half', (t) => {
  const share = fc.double({ min: 1e-9, max: 0.5, noNaN: true });
  fc.assert(
    fc.property(share, share, (a, b) => {
      if (a < b) t.true(normalQuantile(a) <= normalQuantile(b));
      // 1 - a rounds to half a unit of 1, whose weight grows as the density falls: a / 2 is a lower bound of it.
      t.true(Math.abs(normalQuantile(a) + normalQuantile(1 - a)) <= 1e-15 + 2.3e-16 / a);
    }),
  );
});

test('has no finite value at nothing and at certainty', (t) => {
  t.deepEqual([0, -1, 1, 2].map(normalQuantile), [-Infinity, -Infinity, Infinity, Infinity]);
  t.is(normalQuantile(Number.NaN), Number.NaN);
});
