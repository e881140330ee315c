import test from 'ava';
import * as fc from 'fast-check';
import { gammaDraw, poissonDraw } from '../../agent-core/draws.ts';
import { lnGamma } from '../../agent-core/float-math.ts';
import { createRandomRoot } from '../../agent-core/random.ts';

const repeat = (count: number, draw: () => number): number[] => Array.from({ length: count }, draw);

test('draws have golden values', (t) => {
  const random = createRandomRoot(42).stream('draws');
  t.deepEqual(
    [0.3, 4, 10, 55.5, 1e6].map((mean) => poissonDraw(random, mean)),
    [0, 0, 13, 37, 1000300],
  );
  t.deepEqual(
    [0.2, 1, 40].map((shape) => gammaDraw(random, shape)),
    [7.87444776677551e-9, 1.402429099825252, 32.04493082880971],
  );
});

test('ln-gamma is the logarithm of a factorial and obeys its recurrence', (t) => {
  let factorial = 1;
  for (let n = 1; n <= 20; n++) {
    factorial *= n;
    t.true(Math.abs(lnGamma(n + 1) - Math.log(factorial)) < 1e-13 * Math.max(1, Math.log(factorial)), `${n}!`);
  }
  t.true(Math.abs(lnGamma(0.5) - Math.log(Math.PI) / 2) < 1e-14);
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (x) => {
      const next = lnGamma(x + 1);
      return Math.abs(next - lnGamma(x) - Math.log(x)) <= 2e-13 * Math.max(1, Math.abs(next));
    }),
    { seed: 11, numRuns: 1_000 },
  );
  t.deepEqual([lnGamma(0), lnGamma(-1), lnGamma(NaN), lnGamma(Infinity)], [NaN, NaN, NaN, Infinity]);
});

test('a Poisson draw has its mean and variance on both sides of the change of method', (t) => {
  const random = createRandomRoot('poisson').stream('moments');
  const n = 40_000;
  for (const mean of [0.05, 3, 9.99, 10, 200]) {
    const draws = repeat(n, () => poissonDraw(random, mean));
    const average = draws.reduce((a, b) => a + b, 0) / n;
    const variance = draws.reduce((a, b) => a + (b - average) ** 2, 0) / n;
    t.true(Math.abs(average - mean) < 4 * Math.sqrt(mean / n), `mean of ${mean}: ${average}`);
    // The variance of a Poisson sample's variance is (mean + 2 mean^2) / n.
    t.true(Math.abs(variance - mean) < 4 * Math.sqrt((mean + 2 * mean * mean) / n), `variance of ${mean}: ${variance}`);
    t.true(draws.every((units) => Number.isInteger(units) && units >= 0));
  }
});

test('Poisson draws by rejection follow the probabilities', (t) => {
  const random = createRandomRoot('poisson').stream('chi');
  const [n, mean] = [50_000, 12];
  const counts = new Map<number, number>();
  for (const units of repeat(n, () => poissonDraw(random, mean))) counts.set(units, (counts.get(units) ?? 0) + 1);
  let chi = 0;
  for (let units = 4; units <= 22; units++) {
    const expected = n * Math.exp(units * Math.log(mean) - mean - lnGamma(units + 1));
    chi += ((counts.get(units) ?? 0) - expected) ** 2 / expected;
  }
  // 99.9 % point of chi squared with 18 degrees of freedom is 42.3.
  t.true(chi < 42.3, `chi squared ${chi}`);
});

test('a gamma draw has its mean and variance below and above shape 1', (t) => {
  const random = createRandomRoot('gamma').stream('moments');
  const n = 40_000;
  for (const shape of [0.1, 0.7, 1, 2.5, 60]) {
    const draws = repeat(n, () => gammaDraw(random, shape));
    const average = draws.reduce((a, b) => a + b, 0) / n;
    const variance = draws.reduce((a, b) => a + (b - average) ** 2, 0) / n;
    t.true(Math.abs(average - shape) < 4 * Math.sqrt(shape / n), `mean of ${shape}: ${average}`);
    // Fourth central moment of a gamma: 3 shape^2 + 6 shape.
    t.true(Math.abs(variance - shape) < 4 * Math.sqrt((2 * shape * shape + 6 * shape) / n), `of ${shape}: ${variance}`);
    t.true(draws.every((x) => x >= 0));
  }
});

test('refuses parameters that no distribution has', (t) => {
  const random = createRandomRoot(1).stream('a');
  for (const mean of [-1, NaN, Infinity, 1.1e9]) t.throws(() => poissonDraw(random, mean), { code: 'bad-range' });
  for (const shape of [0, -1, NaN, Infinity]) t.throws(() => gammaDraw(random, shape), { code: 'bad-range' });
  t.is(poissonDraw(random, 0), 0);
});
