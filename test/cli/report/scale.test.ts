import test from 'ava';
import * as fc from 'fast-check';
import { extent } from '../../../cli/report/layout.ts';
import { linearAxis, logAxis, niceStep, niceTicks } from '../../../cli/report/scale.ts';

test('ticks are multiples of 1, 2 or 5 times a power of ten', (t) => {
  t.deepEqual(niceTicks(0, 100), [0, 20, 40, 60, 80, 100]);
  t.deepEqual(niceTicks(24.61, 28.65, 4), [24, 25, 26, 27, 28, 29]);
  t.deepEqual(niceTicks(-3, 9, 3), [-5, 0, 5, 10]);
  t.deepEqual(niceTicks(0, 0.3, 3), [0, 0.1, 0.2, 0.3]);
});

test('ticks enclose the values, ascend evenly and are neither few nor many', (t) => {
  const finite = fc.double({ min: -1e9, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(finite, finite, fc.integer({ min: 2, max: 10 }), (a, b, count) => {
      const [low, high] = extent([a, b]);
      fc.pre(high - low > 1e-6 * Math.max(1, Math.abs(low), Math.abs(high)));
      const ticks = niceTicks(low, high, count);
      const slack = 1e-6 * (high - low);
      t.true((ticks[0] ?? Infinity) <= low + slack && (ticks.at(-1) ?? -Infinity) >= high - slack);
      t.true(ticks.length >= 2 && ticks.length <= 2 * count + 3, `${ticks.length}`);
      t.true(ticks.every((tick, k) => k === 0 || tick > (ticks[k - 1] ?? Infinity)));
    }),
    { seed: 7 },
  );
});

test('a single value has room around it', (t) => {
  for (const value of [0, 5, -3]) {
    const { domain, at, range } = linearAxis({ low: value, high: value, range: [0, 100] });
    t.true(domain[0] < value && value < domain[1]);
    t.true(at(value) > range[0] && at(value) < range[1]);
  }
  t.is(niceStep(0, 5), 1);
});

test('a linear axis puts its ends at the ends of its range and writes ticks with as many digits as they need', (t) => {
  const axis = linearAxis({ low: 0, high: 0.3, range: [300, 0], count: 3 });
  t.is(axis.at(0), 300);
  t.is(Math.round(axis.at(0.3)), 0);
  t.deepEqual(axis.ticks.map(axis.label), ['0', '0.1', '0.2', '0.3']);
  t.deepEqual(
    linearAxis({ low: -1000, high: 1000, range: [0, 1], count: 2 }).ticks.map((tick) => tick),
    [-1000, 0, 1000],
  );
});

test('a logarithmic axis runs from power to power of ten', (t) => {
  const axis = logAxis({ low: 0.1, high: 3e7, range: [200, 0], count: 9 });
  t.deepEqual(axis.domain, [0.1, 1e8]);
  t.is(axis.label(axis.ticks[0] ?? 0), '10⁻¹');
  t.true(axis.at(0.1) > axis.at(1) && axis.at(1) > axis.at(3e7));
  t.true(logAxis({ low: 1, high: 1, range: [0, 10] }).ticks.length >= 2);
});
