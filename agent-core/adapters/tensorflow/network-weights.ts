import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import { assert } from '../../errors.ts';
import { layersIn } from '../../learning/flat-network.ts';
import { joinColumns } from '../../learning/rows.ts';
import type { DenseShape } from '../../policy/network.ts';
import type { Tensorflow } from './load.ts';

/** A net's parameters as tensors: weights and biases by turns, layer after layer. To be made, and let go of, inside `tf.tidy`. */
export function parameterTensors(tf: Tensorflow, shapes: readonly DenseShape[], flat: Float32Array): Tensor[] {
  // Copies: the plain backend would keep a view and see it change under its hands.
  return layersIn(shapes, flat).flatMap(({ kernel, bias, inputs, outputs }) => [
    tf.tensor2d(kernel.slice(), [inputs, outputs]),
    tf.tensor1d(bias.slice()),
  ]);
}

/** A net's forward pass in tensors: what the inference kernel computes, for a whole batch and with gradients. */
export function passForward(shapes: readonly DenseShape[], parameters: readonly Tensor[], input: Tensor2D): Tensor2D {
  return shapes.reduce((from, { activation }, k) => {
    const [kernel, bias] = parameters.slice(2 * k);
    assert(kernel !== undefined && bias !== undefined, 'two tensors a layer');
    const sum = from.matMul<Tensor2D>(kernel).add<Tensor2D>(bias);
    return activation === 'relu' ? sum.relu() : activation === 'tanh' ? sum.tanh() : sum;
  }, input);
}

/** A loss and its gradient by all parameters, flat as they were. */
export interface Slope {
  readonly loss: number;
  readonly gradient: Float32Array;
}

/**
 * The gradient of a loss by flat parameters. Leaves no tensor behind.
 *
 * @param tensors - makes the parameters' tensors, in the order in which they stand in the flat vector
 */
export function slopeOf(
  tf: Tensorflow,
  tensors: () => Tensor[],
  loss: (parameters: readonly Tensor[]) => Tensor,
): Slope {
  let found = Number.NaN;
  let gradient: Float32Array = new Float32Array(0);
  // Nothing is returned from `tidy`: it would walk through every number in search of tensors.
  tf.tidy(() => {
    const { value, grads } = tf.valueAndGrads((...parameters: Tensor[]) => loss(parameters).asScalar())(tensors());
    gradient = joinColumns(grads.map((grad) => grad.dataSync<'float32'>()));
    found = value.dataSync()[0] ?? Number.NaN;
  });
  return { loss: found, gradient };
}
