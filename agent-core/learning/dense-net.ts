import { assert } from '../errors.ts';
import { exp } from '../float-math.ts';
import type { RandomStream } from '../random.ts';

/** A dense layer as training sees it: where its parameters stand in a flat vector follows from its place. */
export interface DenseShape {
  readonly type: 'dense';
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: 'relu' | 'tanh' | 'linear';
}

/** Weights and biases of one layer: views of the flat vector. Weights are by input, then by output. */
export interface DenseLayer extends DenseShape {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** The layers of a net: hidden ones alike, the last linear. */
export function denseShapes(net: {
  readonly inputs: number;
  readonly hidden: readonly number[];
  readonly outputs: number;
  readonly activation: 'relu' | 'tanh';
}): readonly DenseShape[] {
  const widths = [net.inputs, ...net.hidden, net.outputs];
  return widths.slice(1).map((outputs, k) => ({
    type: 'dense',
    inputs: widths[k] as number,
    outputs,
    activation: k < net.hidden.length ? net.activation : 'linear',
  }));
}

/** How many numbers the layers need. */
export function parameterCount(shapes: readonly DenseShape[]): number {
  return shapes.reduce((sum, { inputs, outputs }) => sum + (inputs + 1) * outputs, 0);
}

/** The layers as views of a flat vector, which may be longer: layer after layer, weights before biases. */
export function layersIn(shapes: readonly DenseShape[], flat: Float32Array): readonly DenseLayer[] {
  assert(flat.length >= parameterCount(shapes), 'a vector holds all layers');
  let at = 0;
  return shapes.map((shape) => {
    const kernel = flat.subarray(at, at + shape.inputs * shape.outputs);
    const bias = flat.subarray(at + kernel.length, at + kernel.length + shape.outputs);
    at += kernel.length + bias.length;
    return { ...shape, kernel, bias };
  });
}

/**
 * Parameters to begin with: biases 0, weights normal with deviation `gain / sqrt(inputs)`; gain sqrt(2) before a relu (He, Zhang,
 * Ren and Sun 2015), else 1, and `lastGain` in the last layer (a small one makes first actions even; Andrychowicz and others 2021).
 */
export function firstParameters(shapes: readonly DenseShape[], random: RandomStream, lastGain: number): Float32Array {
  const flat = new Float32Array(parameterCount(shapes));
  layersIn(shapes, flat).forEach(({ kernel, inputs, activation }, k) => {
    const gain = k === shapes.length - 1 ? lastGain : activation === 'relu' ? Math.SQRT2 : 1;
    const deviation = gain / Math.sqrt(Math.max(1, inputs));
    for (let w = 0; w < kernel.length; w++) kernel[w] = random.normal(0, deviation);
  });
  return flat;
}

/** One pass forward: fills `output` from `input`. */
export type Forward = (input: Float32Array, output: Float32Array) => void;

/** A net's forward pass, in f32 with a fixed order of operations. */
export function forwardOf(shapes: readonly DenseShape[], flat: Float32Array): Forward {
  const layers = layersIn(shapes, flat);
  const results = layers.map(({ outputs }) => new Float32Array(outputs));
  return (input, output) => {
    let from = input;
    layers.forEach((layer, k) => {
      const to = k === layers.length - 1 ? output : (results[k] as Float32Array);
      passLayer(layer, from, to);
      from = to;
    });
  };
}

function passLayer({ kernel, bias, outputs, activation }: DenseLayer, from: Float32Array, to: Float32Array): void {
  to.set(bias);
  for (let i = 0; i < from.length; i++) {
    const x = from[i] as number;
    const row = i * outputs;
    for (let o = 0; o < outputs; o++) {
      to[o] = (to[o] as number) + Math.fround((kernel[row + o] as number) * x);
    }
  }
  if (activation === 'relu') for (let o = 0; o < outputs; o++) to[o] = Math.max(0, to[o] as number);
  if (activation === 'tanh') for (let o = 0; o < outputs; o++) to[o] = 1 - 2 / (exp(2 * (to[o] as number)) + 1);
}
