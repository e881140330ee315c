/**
 * The inference kernel in AssemblyScript: the twin of reference.ts, four neighbouring outputs a vector, so that each output
 * is summed in the reference's order. Every operation is rounded to f32 as IEEE 754 says and none is fused: bits are equal.
 *
 * `npm run build:kernel` compiles it into simd-module.ts. It owns no data: simd.ts lays out the memory.
 * A program is `steps` times the words: kind, inputs, outputs, activation or epsilon (f32 bits), address of the numbers.
 */

const DENSE = 0;
const STEP_BYTES: usize = 20;

const RELU = 1;
const TANH = 2;
const SOFTMAX = 3;

/** Where a program finds its input and works: two areas, each as large as the widest layer. */
const FRONT: usize = 0;
const BACK: usize = 16384;

/** Runs a program on what is in FRONT; returns the address of its output. */
export function run(program: usize, steps: i32): usize {
  let from = FRONT;
  let to = BACK;
  for (let end = program + <usize>steps * STEP_BYTES; program < end; program += STEP_BYTES) {
    const outputs = load<i32>(program, 8);
    const numbers = load<usize>(program, 16);
    if (load<i32>(program) != DENSE) {
      normalise(from, outputs, load<f32>(program, 12), numbers);
      continue;
    }
    dense(from, load<i32>(program, 4), to, outputs, numbers);
    activate(to, outputs, load<i32>(program, 12));
    const free = from;
    from = to;
    to = free;
  }
  return from;
}

/** Numbers: the biases of all outputs, in fours, then for every block of outputs the weights of one input after the other. */
function dense(from: usize, inputs: i32, to: usize, outputs: i32, numbers: usize): void {
  let vectors = (outputs + 3) >> 2;
  let bias = numbers;
  let weights = numbers + (<usize>vectors << 4);
  const end = from + (<usize>inputs << 2);
  for (; vectors >= 8; vectors -= 8) {
    weights = dense8(from, end, to, bias, weights);
    to += 128;
    bias += 128;
  }
  if (vectors & 4) {
    weights = dense4(from, end, to, bias, weights);
    to += 64;
    bias += 64;
  }
  if (vectors & 2) {
    weights = dense2(from, end, to, bias, weights);
    to += 32;
    bias += 32;
  }
  if (vectors & 1) dense1(from, end, to, bias, weights);
}

export function dense8(from: usize, end: usize, to: usize, bias: usize, weights: usize): usize {
  let a = v128.load(bias, 0);
  let b = v128.load(bias, 16);
  let c = v128.load(bias, 32);
  let d = v128.load(bias, 48);
  let e = v128.load(bias, 64);
  let f = v128.load(bias, 80);
  let g = v128.load(bias, 96);
  let h = v128.load(bias, 112);
  for (; from < end; from += 4) {
    const x = v128.load32_splat(from);
    a = f32x4.add(a, f32x4.mul(x, v128.load(weights, 0)));
    b = f32x4.add(b, f32x4.mul(x, v128.load(weights, 16)));
    c = f32x4.add(c, f32x4.mul(x, v128.load(weights, 32)));
    d = f32x4.add(d, f32x4.mul(x, v128.load(weights, 48)));
    e = f32x4.add(e, f32x4.mul(x, v128.load(weights, 64)));
    f = f32x4.add(f, f32x4.mul(x, v128.load(weights, 80)));
    g = f32x4.add(g, f32x4.mul(x, v128.load(weights, 96)));
    h = f32x4.add(h, f32x4.mul(x, v128.load(weights, 112)));
    weights += 128;
  }
  v128.store(to, a, 0);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
  v128.store(to, d, 48);
  v128.store(to, e, 64);
  v128.store(to, f, 80);
  v128.store(to, g, 96);
  v128.store(to, h, 112);
  return weights;
}

export function dense4(from: usize, end: usize, to: usize, bias: usize, weights: usize): usize {
  let a = v128.load(bias, 0);
  let b = v128.load(bias, 16);
  let c = v128.load(bias, 32);
  let d = v128.load(bias, 48);
  for (; from < end; from += 4) {
    const x = v128.load32_splat(from);
    a = f32x4.add(a, f32x4.mul(x, v128.load(weights, 0)));
    b = f32x4.add(b, f32x4.mul(x, v128.load(weights, 16)));
    c = f32x4.add(c, f32x4.mul(x, v128.load(weights, 32)));
    d = f32x4.add(d, f32x4.mul(x, v128.load(weights, 48)));
    weights += 64;
  }
  v128.store(to, a, 0);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
  v128.store(to, d, 48);
  return weights;
}

export function dense2(from: usize, end: usize, to: usize, bias: usize, weights: usize): usize {
  let a = v128.load(bias, 0);
  let b = v128.load(bias, 16);
  for (; from < end; from += 4) {
    const x = v128.load32_splat(from);
    a = f32x4.add(a, f32x4.mul(x, v128.load(weights, 0)));
    b = f32x4.add(b, f32x4.mul(x, v128.load(weights, 16)));
    weights += 32;
  }
  v128.store(to, a, 0);
  v128.store(to, b, 16);
  return weights;
}

export function dense1(from: usize, end: usize, to: usize, bias: usize, weights: usize): void {
  let a = v128.load(bias);
  for (; from < end; from += 4) {
    a = f32x4.add(a, f32x4.mul(v128.load32_splat(from), v128.load(weights)));
    weights += 16;
  }
  v128.store(to, a);
}

function activate(at: usize, outputs: i32, activation: i32): void {
  const end = at + (<usize>((outputs + 3) >> 2) << 4);
  if (activation == RELU) {
    const zero = f32x4.splat(0);
    for (; at < end; at += 16) v128.store(at, f32x4.max(v128.load(at), zero));
  } else if (activation == TANH) {
    for (; at < end; at += 16) v128.store(at, tanh(v128.load(at)));
  } else if (activation == SOFTMAX) softmax(at, outputs, end);
}

/** What stands behind the last output changes too, but nothing reads it. */
function softmax(at: usize, outputs: i32, end: usize): void {
  const last = at + (<usize>outputs << 2);
  let largest = load<f32>(at);
  for (let p = at + 4; p < last; p += 4) largest = max<f32>(largest, load<f32>(p));
  const shift = f32x4.splat(largest);
  for (let p = at; p < end; p += 16) v128.store(p, expBelowZero(f32x4.sub(v128.load(p), shift)));
  let sum: f32 = 0;
  for (let p = at; p < last; p += 4) sum += load<f32>(p);
  const divisor = f32x4.splat(sum);
  for (let p = at; p < end; p += 16) v128.store(p, f32x4.div(v128.load(p), divisor));
}

/** Numbers: gamma of all, in fours, then beta. */
function normalise(at: usize, size: i32, epsilon: f32, numbers: usize): void {
  const last = at + (<usize>size << 2);
  const bytes = <usize>((size + 3) >> 2) << 4;
  let sum: f32 = 0;
  for (let p = at; p < last; p += 4) sum += load<f32>(p);
  const mean = sum / <f32>size;
  let squares: f32 = 0;
  for (let p = at; p < last; p += 4) {
    const off = load<f32>(p) - mean;
    squares += off * off;
  }
  const means = f32x4.splat(mean);
  const spread = f32x4.splat(sqrt<f32>(squares / <f32>size + epsilon));
  for (let end = at + bytes; at < end; at += 16) {
    const unit = f32x4.div(f32x4.sub(v128.load(at), means), spread);
    v128.store(at, f32x4.add(f32x4.mul(unit, v128.load(numbers)), v128.load(numbers + bytes)));
    numbers += 16;
  }
}

/** e to the power x for x <= 0, as reference.ts has it. */
// @ts-ignore: decorator
@inline
function expBelowZero(x: v128): v128 {
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.4426950216293335)));
  const high = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693145751953125)));
  const r = f32x4.sub(high, f32x4.mul(n, f32x4.splat(0.000001428606765330187)));
  let p = f32x4.splat(0.0013926175888627768);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.008363173343241215));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.041666556149721146));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.16666577756404877));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.5));
  const y = f32x4.add(f32x4.splat(1), f32x4.add(r, f32x4.mul(f32x4.mul(r, r), p)));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return v128.andnot(f32x4.mul(y, power), f32x4.lt(x, f32x4.splat(-87.30000305175781)));
}

/** Hyperbolic tangent, as reference.ts has it. */
// @ts-ignore: decorator
@inline
function tanh(x: v128): v128 {
  const one = f32x4.splat(1);
  const size = f32x4.abs(x);
  const e = expBelowZero(f32x4.mul(size, f32x4.splat(-2)));
  const far = f32x4.div(f32x4.sub(one, e), f32x4.add(one, e));
  const z = f32x4.mul(x, x);
  let q = f32x4.splat(-0.006096714176237583);
  q = f32x4.add(f32x4.mul(q, z), f32x4.splat(0.020997179672122));
  q = f32x4.add(f32x4.mul(q, z), f32x4.splat(-0.05385090783238411));
  q = f32x4.add(f32x4.mul(q, z), f32x4.splat(0.1333276927471161));
  q = f32x4.add(f32x4.mul(q, z), f32x4.splat(-0.333333283662796));
  const near = f32x4.add(x, f32x4.mul(f32x4.mul(x, z), q));
  const signed = v128.or(far, v128.and(x, f32x4.splat(-0.0)));
  return v128.bitselect(near, signed, f32x4.lt(size, f32x4.splat(0.625)));
}
