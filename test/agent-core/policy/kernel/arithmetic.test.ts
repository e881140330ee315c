import test from 'ava';
import * as fc from 'fast-check';
import {
  EXP_COEFFICIENTS,
  expBelowZero,
  TANH_COEFFICIENTS,
  TANH_NEAR,
  tanh,
} from '../../../../agent-core/policy/kernel/reference.ts';

/** Coefficients, by rising power, of the polynomial that agrees with `f` at `count` Chebyshev points of [low, high]. */
function interpolated(f: (x: number) => number, [low, high]: readonly [number, number], count: number): number[] {
  const xs = Array.from(
    { length: count },
    (_, k) => (low + high) / 2 + ((high - low) / 2) * Math.cos((Math.PI * (2 * k + 1)) / (2 * count)),
  );
  const at = (k: number): number => xs[k] ?? 0;
  // Newton's divided differences, then Horner's rule on polynomials.
  const differences = xs.map((x) => f(x));
  for (let order = 1; order < count; order++) {
    for (let k = count - 1; k >= order; k--) {
      differences[k] = ((differences[k] ?? 0) - (differences[k - 1] ?? 0)) / (at(k) - at(k - order));
    }
  }
  let polynomial: number[] = [];
  for (let k = count - 1; k >= 0; k--) {
    const shifted = [0, ...polynomial];
    polynomial = shifted.map((value, power) => value - at(k) * (polynomial[power] ?? 0));
    polynomial[0] = (polynomial[0] ?? 0) + (differences[k] ?? 0);
  }
  return polynomial.slice(0, count);
}

/** (e^r - 1 - r) / r^2 by its series, without the cancellation. */
function exponentialRest(r: number): number {
  let sum = 0;
  let term = 0.5;
  for (let k = 3; k < 30; k++) {
    sum += term;
    term *= r / k;
  }
  return sum;
}

test('the coefficients are those that their documentation says', (t) => {
  const half = Math.LN2 / 2;
  t.deepEqual(interpolated(exponentialRest, [-half, half], 5).map(Math.fround), [...EXP_COEFFICIENTS]);
  const tanhRest = (z: number): number => (Math.tanh(Math.sqrt(z)) / Math.sqrt(z) - 1) / z;
  t.deepEqual(interpolated(tanhRest, [0, TANH_NEAR ** 2], 5).map(Math.fround), [...TANH_COEFFICIENTS]);
});

test('e to the power x is right to 1e-7 of it down to the least normal number, and 0 below', (t) => {
  let worst = 0;
  for (let k = 0; k <= 400_000; k++) {
    const x = Math.fround((-87.3 * k) / 400_000);
    worst = Math.max(worst, Math.abs(expBelowZero(x) / Math.exp(x) - 1));
  }
  t.true(worst < 1e-7, String(worst));
  t.is(expBelowZero(0), 1);
  t.is(expBelowZero(-0), 1);
  t.is(expBelowZero(-87.31), 0);
  t.is(expBelowZero(-Infinity), 0);
  t.is(expBelowZero(Number.NaN), Number.NaN);
});

test('tanh is right to 1e-7, odd, and never beyond 1', (t) => {
  let worst = 0;
  for (let k = 0; k <= 400_000; k++) {
    const x = Math.fround((20 * k) / 400_000);
    worst = Math.max(worst, Math.abs(tanh(x) - Math.tanh(x)));
  }
  t.true(worst < 1e-7, String(worst));
  fc.assert(
    fc.property(fc.float({ noNaN: true }), (x) => {
      t.is(tanh(-x) + 0, -tanh(x) + 0);
      t.true(Math.abs(tanh(x)) <= 1);
    }),
  );
  t.is(tanh(Infinity), 1);
  t.is(tanh(Number.NaN), Number.NaN);
});
