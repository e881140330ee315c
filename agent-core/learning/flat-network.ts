import { assert } from '../errors.ts';
import { weightsIn, type DenseLayer, type DenseShape } from '../policy/network.ts';
import type { RandomStream } from '../random.ts';

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
  return shapes.reduce((sum, shape) => sum + weightsIn(shape), 0);
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
