import { assert, HaggleError } from '../errors.ts';

/** What is done with the sums of a dense layer; `softmax` over all of them. */
export type Activation = 'linear' | 'relu' | 'tanh' | 'softmax';

/** Size of a dense layer. */
export interface DenseShape {
  readonly type: 'dense';
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: Activation;
}

/** Size of a layer normalisation. */
export interface LayerNormShape {
  readonly type: 'layer-norm';
  readonly size: number;
  /** Added to the variance; above 0, at most 1. */
  readonly epsilon: number;
}

/** A layer without its weights. */
export type LayerShape = DenseShape | LayerNormShape;

/** `activation(input * kernel + bias)`. */
export interface DenseLayer extends DenseShape {
  /** By input, then by output: as tfjs has it. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** `(x - mean) / sqrt(variance + epsilon) * gamma + beta` over one observation (Ba, Kiros and Hinton 2016, equation 4). */
export interface LayerNorm extends LayerNormShape {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
}

/** One step of a network, its weights in f32. */
export type Layer = DenseLayer | LayerNorm;

/** A feed-forward network: each layer takes what the one before gives. */
export interface NetworkDescription {
  readonly layers: readonly Layer[];
}

/** A network that can be asked. */
export interface Network {
  readonly inputs: number;
  readonly outputs: number;
  /**
   * Writes the answer to `input` into `output`. Nothing is allocated. Where sums overflow f32 the answer may be infinite or NaN.
   *
   * @throws HaggleError `bad-input` for another width of either, or an input that is not finite in f32
   */
  run(input: Float32Array | readonly number[], output: Float32Array): void;
  /** Gives back what the network holds, now rather than when it is collected. It must not be asked again. */
  release(): void;
}

/** Bounds of a network: numbers a layer takes or gives, layers, weights with biases. */
export const NETWORK_LIMITS = { width: 4_096, layers: 16, weights: 4_000_000 } as const;

/** Numbers that a layer takes. */
export function inputsOf(layer: LayerShape): number {
  return layer.type === 'dense' ? layer.inputs : layer.size;
}

/** Numbers that a layer gives. */
export function outputsOf(layer: LayerShape): number {
  return layer.type === 'dense' ? layer.outputs : layer.size;
}

/** Weights of a layer, biases included. */
export function weightsIn(layer: LayerShape): number {
  return layer.type === 'dense' ? (layer.inputs + 1) * layer.outputs : 2 * layer.size;
}

/** The arrays of a layer in the order in which they are written down: kernel and bias, gamma and beta. */
export function arraysOf(layer: Layer): readonly (readonly [name: string, values: Float32Array])[] {
  if (layer.type === 'dense') {
    return [
      ['kernel', layer.kernel],
      ['bias', layer.bias],
    ];
  }
  return [
    ['gamma', layer.gamma],
    ['beta', layer.beta],
  ];
}

/**
 * Checks sizes alone: nothing of theirs has been allocated yet.
 *
 * @returns how many weights the layers have
 * @throws HaggleError `bad-network` naming layer, value and bound
 */
export function checkShapes(layers: readonly LayerShape[]): number {
  if (layers.length === 0 || layers.length > NETWORK_LIMITS.layers) {
    throw badNetwork(`a network has 1 to ${NETWORK_LIMITS.layers} layers, got ${layers.length}`);
  }
  let weights = 0;
  let width: number | undefined;
  for (const [at, layer] of layers.entries()) {
    checkLayer(layer, at, width);
    weights += weightsIn(layer);
    width = outputsOf(layer);
  }
  if (weights > NETWORK_LIMITS.weights) {
    throw badNetwork(`a network has at most ${NETWORK_LIMITS.weights} weights, got ${weights}`);
  }
  return weights;
}

function checkLayer(layer: LayerShape, at: number, before: number | undefined): void {
  for (const width of [inputsOf(layer), outputsOf(layer)]) {
    if (Number.isInteger(width) && width >= 1 && width <= NETWORK_LIMITS.width) continue;
    throw badNetwork(`layer ${at} must be 1 to ${NETWORK_LIMITS.width} wide, got ${width}`);
  }
  if (before !== undefined && inputsOf(layer) !== before) {
    throw badNetwork(`layer ${at} takes ${inputsOf(layer)} numbers, the layer before it gives ${before}`);
  }
  if (layer.type === 'layer-norm' && !(Math.fround(layer.epsilon) > 0 && layer.epsilon <= 1)) {
    throw badNetwork(`epsilon of layer ${at} must be above 0 in f32 and at most 1, got ${layer.epsilon}`);
  }
}

/**
 * Checks sizes and weights of a network.
 *
 * @throws HaggleError `bad-network` naming layer, value and bound: sizes that do not fit, a weight that is not finite, too much of
 * anything
 */
export function checkNetwork({ layers }: NetworkDescription): void {
  checkShapes(layers);
  for (const [at, layer] of layers.entries()) {
    for (const [name, values] of arraysOf(layer)) checkArray(`${name} of layer ${at}`, values, sizeOf(layer, name));
  }
}

/** What goes in and comes out of a network that was checked. */
export function endsOf({ layers }: NetworkDescription): Ends {
  const first = layers[0];
  const last = layers.at(-1);
  assert(first !== undefined && last !== undefined, 'a checked network has a layer');
  return { inputs: inputsOf(first), outputs: outputsOf(last) };
}

function sizeOf(layer: Layer, name: string): number {
  return name === 'kernel' ? inputsOf(layer) * outputsOf(layer) : outputsOf(layer);
}

function checkArray(what: string, values: Float32Array, size: number): void {
  if (values.length !== size) throw badNetwork(`${what} must have ${size} numbers, got ${values.length}`);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw badNetwork(`${what} must be finite, got ${values[wrong]} at ${wrong}`);
}

/** A network's ends. */
export type Ends = Pick<Network, 'inputs' | 'outputs'>;

/** Says what {@link Network.run} refuses of an input or of the place for the output. */
export function badInput(
  { inputs, outputs }: Ends,
  input: Float32Array | readonly number[],
  output: Float32Array,
): HaggleError {
  for (const [verb, width, got] of [
    ['takes', inputs, input.length],
    ['gives', outputs, output.length],
  ] as const) {
    if (got !== width) return new HaggleError('bad-input', `asking a network: it ${verb} ${width} numbers, got ${got}`);
  }
  const at = Array.from(input).findIndex((value) => !Number.isFinite(Math.fround(value)));
  return new HaggleError('bad-input', `asking a network: input ${at} must be finite in f32, got ${input[at]}`);
}

function badNetwork(problem: string): HaggleError {
  return new HaggleError('bad-network', problem);
}
