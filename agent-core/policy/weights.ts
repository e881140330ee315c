/** Weights as bytes: layer after layer; kernel (by input, then by output) and bias, or gamma and beta; each f32 little-endian. */
import { sha256 } from '@noble/hashes/sha2.js';
import { assert } from '../errors.ts';
import { encodeHex } from '../identity/encoding.ts';
import { arraysOf, weightsIn, type Layer, type LayerShape } from './network.ts';

/** Bytes of a weight. */
export const WEIGHT_BYTES = 4;

/** The weights of all layers. */
export function weightBytes(layers: readonly Layer[]): Uint8Array {
  const bytes = new Uint8Array(WEIGHT_BYTES * layers.reduce((sum, layer) => sum + weightsIn(layer), 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const layer of layers) {
    for (const [, values] of arraysOf(layer)) {
      for (const value of values) {
        view.setFloat32(at, value, true);
        at += WEIGHT_BYTES;
      }
    }
  }
  assert(at === bytes.length, 'layers have the weights that their shapes say');
  return bytes;
}

/** Layers of these shapes with the weights of {@link weightBytes}, which must be as many. */
export function layersFrom(shapes: readonly LayerShape[], bytes: Uint8Array): readonly Layer[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const next = (count: number): Float32Array => {
    const values = new Float32Array(count);
    for (let k = 0; k < count; k++) values[k] = view.getFloat32(at + WEIGHT_BYTES * k, true);
    at += WEIGHT_BYTES * count;
    return values;
  };
  const layers = shapes.map((shape): Layer => {
    if (shape.type === 'dense') {
      const kernel = next(shape.inputs * shape.outputs);
      return { ...shape, kernel, bias: next(shape.outputs) };
    }
    const gamma = next(shape.size);
    return { ...shape, gamma, beta: next(shape.size) };
  });
  assert(at === bytes.length, 'there are as many weights as the shapes say');
  return layers;
}

/** A layer without its weights, and without whatever else the object carries. */
export function shapeOf(layer: LayerShape): LayerShape {
  if (layer.type === 'dense') {
    const { type, inputs, outputs, activation } = layer;
    return { type, inputs, outputs, activation };
  }
  const { type, size, epsilon } = layer;
  return { type, size, epsilon };
}

/** SHA-256 of weights, in hexadecimal. */
export function weightsDigest(bytes: Uint8Array): string {
  return encodeHex(sha256(bytes));
}
