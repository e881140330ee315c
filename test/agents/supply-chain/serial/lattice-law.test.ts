import test from 'ava';
import * as fc from 'fast-check';
import {
  added,
  checkLaw,
  latticeLaw,
  meanOf,
  normalLaw,
  poissonLaw,
  roundedNormalLaw,
  sumOfDraws,
  uniformLaw,
  type LatticeLaw,
} from '../../../../agents/supply-chain/serial/lattice-law.ts';

function variance(law: LatticeLaw): number {
  const mean = meanOf(law);
  return law.masses.reduce((sum, mass, k) => sum + mass * ((law.first + k) * law.step - mean) ** 2, 0);
}

function near(actual: number, expected: number, tolerance = 1e-9): boolean {
  return Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected));
}

test('a normal law on a lattice has the mean and the variance of the normal law', (t) => {
  const law = normalLaw({ mean: 5.3, deviation: 1.7, step: 0.1 });
  t.true(near(meanOf(law), 5.3));
  t.true(near(variance(law), 1.7 ** 2));
});

test('a Poisson law has its mean as variance, far out too', (t) => {
  for (const mean of [0.3, 4, 32, 900]) {
    t.true(near(meanOf(poissonLaw(mean)), mean));
    t.true(near(variance(poissonLaw(mean)), mean));
  }
});

test('a rounded normal demand has whole units, none below 0, and the same mean where it is far from 0', (t) => {
  const law = roundedNormalLaw(10, 2);
  t.is(law.step, 1);
  t.true(near(meanOf(law), 10, 1e-6));
  // Sheppard's correction.
  t.true(near(variance(law), 4 + 1 / 12, 1e-4));
  t.is(roundedNormalLaw(0, 1).first, 0);
});

test('sums of draws add means and variances', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 6 }),
      (weights, draws) => {
        fc.pre(weights.some((weight) => weight > 0));
        const law = latticeLaw(0.5, -2, weights);
        const sum = sumOfDraws(law, draws);
        t.true(near(meanOf(sum), draws * meanOf(law)));
        t.true(near(variance(sum), draws * variance(law)));
      },
    ),
    { seed: 6 },
  );
});

test('two laws add to the law of the sum', (t) => {
  t.deepEqual(added(uniformLaw(0, 1), uniformLaw(1, 2)), { step: 1, first: 1, masses: [0.25, 0.5, 0.25] });
});

test('refuses laws that no demand has', (t) => {
  const bad = { code: 'bad-law' };
  t.throws(() => latticeLaw(0, 0, [1]), bad);
  t.throws(() => latticeLaw(1, 0.5, [1]), bad);
  t.throws(() => latticeLaw(1, 0, [1, -1]), bad);
  t.throws(() => latticeLaw(1, 0, [0]), bad);
  t.throws(
    () =>
      latticeLaw(
        1,
        0,
        Array.from({ length: 20_000 }, () => 1),
      ),
    bad,
  );
  t.throws(() => normalLaw({ mean: 1, deviation: 0, step: 1 }), bad);
  t.throws(() => normalLaw({ mean: 1, deviation: 1, step: 1e-6 }), bad);
  t.throws(() => poissonLaw(0), bad);
  t.throws(() => poissonLaw(5_000), bad);
});

test('refuses a law that another firm tells with chances that do not sum to 1', (t) => {
  t.throws(() => checkLaw({ step: 1, first: 0, masses: [0.5, 0.4] }), { code: 'bad-law' });
  t.throws(() => checkLaw({ step: 1, first: 0, masses: [1.5, -0.5] }), { code: 'bad-law' });
  t.deepEqual(checkLaw(uniformLaw(0, 3)), uniformLaw(0, 3));
});
