import test from 'ava';
import * as fc from 'fast-check';
import { exp, ln } from '../../agent-core/float-math.ts';

function bits(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}

test('ln has golden bits', (t) => {
  const golden: readonly (readonly [number, string])[] = [
    [2, '3fe62e42fefa39ef'],
    [0.1, 'c0026bb1bbb55515'],
    [1e300, '4085963447f87fb5'],
    [5e-324, 'c0874385446d71c3'],
    [1.0000001, '3e7ad7f2847b6492'],
    [1e-10, 'c037069e2aa2aa5b'],
  ];
  for (const [x, expected] of golden) t.is(bits(ln(x)), expected, `ln(${x})`);
});

test('exp has golden bits', (t) => {
  const golden: readonly (readonly [number, string])[] = [
    [1, '4005bf0a8b14576a'],
    [-1, '3fd78b56362cef38'],
    [0.1, '3ff1aec7b35a00d4'],
    [700.5, '7f18625c7d4f56c2'],
    [-745, '0000000000000001'],
    [1e-9, '3ff000000044b830'],
  ];
  for (const [x, expected] of golden) t.is(bits(exp(x)), expected, `exp(${x})`);
});

test('ln and exp keep the conventions at the edges', (t) => {
  t.deepEqual([ln(1), ln(0), ln(Infinity), ln(-1), ln(NaN)], [0, -Infinity, Infinity, NaN, NaN]);
  t.deepEqual([exp(0), exp(-Infinity), exp(Infinity), exp(NaN)], [1, 0, Infinity, NaN]);
  t.deepEqual([exp(709.79), exp(-745.2)], [Infinity, 0]);
  t.true(exp(709.78) < Infinity);
});

test('ln and exp lie within 2 ulp of the engine', (t) => {
  const close = (a: number, b: number): boolean => Math.abs(a - b) <= 2 * Number.EPSILON * Math.abs(b);
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => close(ln(x), Math.log(x))),
    { seed: 1, numRuns: 1_000 },
  );
  fc.assert(
    fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => close(exp(x), Math.exp(x))),
    { seed: 2, numRuns: 1_000 },
  );
  t.pass();
});
