/**
 * Inference in plain TypeScript: what the answer of a network is, bit by bit, on every machine.
 *
 * Every operation is rounded to f32 by `Math.fround`. Products and sums of two f32 numbers, quotients and square roots that are
 * computed in f64 and then rounded are the correctly rounded f32 results (Figueroa 1995: 53 >= 2 * 24 + 2), so this is
 * IEEE 754 single precision without fused operations, which hardware and WebAssembly do as well.
 */
import { assert } from '../../errors.ts';
import {
  badInput,
  checkNetwork,
  endsOf,
  outputsOf,
  type Activation,
  type DenseLayer,
  type Layer,
  type LayerNorm,
  type Network,
  type NetworkDescription,
} from '../network.ts';

const { abs, fround, max, sqrt } = Math;

/** log2(e), and ln(2) in two parts: the first has 9 zero bits at its end, so that its product with a power of ours is exact. */
const LOG2_E = fround(1.4426950216293335);
const LN2_HIGH = fround(0.693145751953125);
const LN2_LOW = fround(0.000001428606765330187);
/** Adding and taking away 1.5 * 2^23 leaves a number smaller than 2^22 rounded to a whole one, ties to even. */
const ROUNDER = 12_582_912;
/** e to a power below this is less than the least normal number and counts as 0. */
const EXP_FLOOR = fround(-87.3);

/**
 * Coefficients of (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2, by rising power: the polynomial that agrees at the five Chebyshev
 * points, rounded to f32. Its own error in e^r is 8e-9.
 */
export const EXP_COEFFICIENTS: readonly number[] = [
  0.5, 0.16666577756404877, 0.041666556149721146, 0.008363173343241215, 0.0013926175888627768,
];

/** Above this tanh is made of e^(-2x), below of a polynomial. */
export const TANH_NEAR = 0.625;

/** Coefficients of (tanh(x) / x - 1) / z in z = x^2, 0 < x < 0.625, made as those above. Its own error in tanh is 1e-8. */
export const TANH_COEFFICIENTS: readonly number[] = [
  -0.333333283662796, 0.1333276927471161, -0.05385090783238411, 0.020997179672122, -0.006096714176237583,
];

const [EXP_0 = 0, EXP_1 = 0, EXP_2 = 0, EXP_3 = 0, EXP_4 = 0] = EXP_COEFFICIENTS;
const [TANH_0 = 0, TANH_1 = 0, TANH_2 = 0, TANH_3 = 0, TANH_4 = 0] = TANH_COEFFICIENTS;

const BITS = new Int32Array(1);
const FLOAT = new Float32Array(BITS.buffer);

/** acc * x + c in two roundings. */
function step(acc: number, x: number, c: number): number {
  return fround(fround(acc * x) + c);
}

/** e to the power x in f32 for x <= 0, a relative 1e-7 from it; 0 below -87.3. x = n ln(2) + r with a whole n. */
export function expBelowZero(x: number): number {
  if (x < EXP_FLOOR) return 0;
  const n = fround(fround(fround(x * LOG2_E) + ROUNDER) - ROUNDER);
  const r = fround(fround(x - fround(n * LN2_HIGH)) - fround(n * LN2_LOW));
  const p = step(step(step(step(EXP_4, r, EXP_3), r, EXP_2), r, EXP_1), r, EXP_0);
  const y = fround(1 + fround(r + fround(fround(r * r) * p)));
  BITS[0] = (n + 127) << 23;
  return fround(y * (FLOAT[0] as number));
}

/** Hyperbolic tangent in f32, within 1e-7 of it. */
export function tanh(x: number): number {
  const size = abs(x);
  if (size < TANH_NEAR) {
    const z = fround(x * x);
    const q = step(step(step(step(TANH_4, z, TANH_3), z, TANH_2), z, TANH_1), z, TANH_0);
    return fround(x + fround(fround(x * z) * q));
  }
  const e = expBelowZero(fround(-2 * size));
  const far = fround(fround(1 - e) / fround(1 + e));
  return x < 0 ? -far : far;
}

/**
 * The network in plain TypeScript: the answer that compileNetwork gives too, faster.
 *
 * @throws HaggleError `bad-network`
 */
export function referenceNetwork(description: NetworkDescription): Network {
  checkNetwork(description);
  const layers = description.layers.map(copied);
  const ends = endsOf(description);
  const widest = Math.max(ends.inputs, ...layers.map(outputsOf));
  const areas = [new Float32Array(widest), new Float32Array(widest)] as const;
  let released = false;
  return Object.freeze({
    ...ends,
    run(input: Float32Array | readonly number[], output: Float32Array) {
      assert(!released, 'a network is not asked after its release');
      if (!take(input, areas[0], ends.inputs) || output.length !== ends.outputs) throw badInput(ends, input, output);
      let [from, to]: readonly [Float32Array, Float32Array] = areas;
      for (const layer of layers) {
        if (layer.type === 'layer-norm') {
          normalise(from, layer);
          continue;
        }
        dense(from, to, layer);
        activate(to, layer.outputs, layer.activation);
        [from, to] = [to, from];
      }
      for (let k = 0; k < output.length; k++) output[k] = from[k] as number;
    },
    release() {
      released = true;
    },
  });
}

/** Whoever made the description may go on training its arrays. */
function copied(layer: Layer): Layer {
  if (layer.type === 'dense') return { ...layer, kernel: layer.kernel.slice(), bias: layer.bias.slice() };
  return { ...layer, gamma: layer.gamma.slice(), beta: layer.beta.slice() };
}

/** False for what a network does not take. */
function take(input: Float32Array | readonly number[], area: Float32Array, inputs: number): boolean {
  if (input.length !== inputs) return false;
  for (let k = 0; k < inputs; k++) {
    const value = fround(input[k] as number);
    if (!Number.isFinite(value)) return false;
    area[k] = value;
  }
  return true;
}

/** Each output starts at its bias and adds its inputs in ascending order. Outputs side by side: each waits only for itself. */
function dense(from: Float32Array, to: Float32Array, { inputs, outputs, kernel, bias }: DenseLayer): void {
  to.set(bias);
  for (let i = 0, w = 0; i < inputs; i++) {
    const x = from[i] as number;
    for (let o = 0; o < outputs; o++, w++) {
      to[o] = fround((to[o] as number) + fround(x * (kernel[w] as number)));
    }
  }
}

function activate(values: Float32Array, size: number, activation: Activation): void {
  switch (activation) {
    case 'linear':
      return;
    case 'relu':
      for (let k = 0; k < size; k++) values[k] = max(values[k] as number, 0);
      return;
    case 'tanh':
      for (let k = 0; k < size; k++) values[k] = tanh(values[k] as number);
      return;
    case 'softmax':
      softmax(values, size);
  }
}

/** The largest is taken away first, so that nothing overflows; powers are added in ascending order. */
function softmax(values: Float32Array, size: number): void {
  let largest = values[0] as number;
  for (let k = 1; k < size; k++) largest = max(largest, values[k] as number);
  let sum = 0;
  for (let k = 0; k < size; k++) {
    const power = expBelowZero(fround((values[k] as number) - largest));
    values[k] = power;
    sum = fround(sum + power);
  }
  for (let k = 0; k < size; k++) values[k] = fround((values[k] as number) / sum);
}

/** Sums of values and of squared deviations are taken in ascending order. */
function normalise(values: Float32Array, { size, epsilon, gamma, beta }: LayerNorm): void {
  let sum = 0;
  for (let k = 0; k < size; k++) sum = fround(sum + (values[k] as number));
  const mean = fround(sum / size);
  let squares = 0;
  for (let k = 0; k < size; k++) {
    const off = fround((values[k] as number) - mean);
    squares = fround(squares + fround(off * off));
  }
  const spread = fround(sqrt(fround(fround(squares / size) + fround(epsilon))));
  for (let k = 0; k < size; k++) {
    const unit = fround(fround((values[k] as number) - mean) / spread);
    values[k] = fround(fround(unit * (gamma[k] as number)) + (beta[k] as number));
  }
}
