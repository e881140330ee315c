import test from 'ava';
import { clipNorm, createAdam } from '../../../agent-core/learning/adam.ts';

test('a first step goes against the gradient by the rate, whatever the gradient is', (t) => {
  const parameters = Float32Array.of(1, 1, 1);
  createAdam(3).step(parameters, Float32Array.of(1e-2, -50, 0), 0.1);
  t.true(Math.abs((parameters[0] ?? 0) - 0.9) < 2e-4);
  t.true(Math.abs((parameters[1] ?? 0) - 1.1) < 1e-5);
  t.is(parameters[2], 1);
});

test('finds the bottom of a bowl', (t) => {
  const parameters = Float32Array.of(3, -2);
  const adam = createAdam(2);
  for (let k = 0; k < 2_000; k++) {
    adam.step(parameters, Float32Array.of((parameters[0] ?? 0) - 1, 10 * (parameters[1] ?? 0)), 0.01);
  }
  t.true(Math.abs((parameters[0] ?? 0) - 1) < 1e-3 && Math.abs(parameters[1] ?? 1) < 1e-3, String(parameters));
});

test('a saved optimiser goes on to the bit', (t) => {
  const [a, b] = [Float32Array.of(1, 2), Float32Array.of(1, 2)];
  const [one, other] = [createAdam(2), createAdam(2)];
  const gradient = Float32Array.of(0.3, -0.7);
  for (let k = 0; k < 5; k++) {
    one.step(a, gradient, 0.01);
    other.step(b, gradient, 0.01);
  }
  const again = createAdam(2, other.state());
  one.step(a, gradient, 0.01);
  again.step(b, gradient, 0.01);
  t.deepEqual(a, b);
  t.deepEqual(one.state(), again.state());
});

test('a long gradient is shortened, a short one is left alone', (t) => {
  const long = Float32Array.of(3, 4);
  t.is(clipNorm(long, 1), 5);
  t.true(Math.abs(Math.hypot(...long) - 1) < 1e-6);
  const short = Float32Array.of(0.3, 0.4);
  clipNorm(short, 1);
  t.deepEqual(short, Float32Array.of(0.3, 0.4));
});
