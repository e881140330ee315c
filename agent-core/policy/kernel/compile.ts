import { checkNetwork, type Network, type NetworkDescription } from '../network.ts';
import { referenceNetwork } from './reference.ts';
import { hasSimd, simdNetwork } from './simd.ts';

/** What answers for networks here. */
export type InferenceKernel = 'wasm-simd' | 'reference';

/** Which kernel this runtime has; it is found once. Answers are those of the reference, bit by bit, so this is for logs. */
export function inferenceKernel(): InferenceKernel {
  return hasSimd() ? 'wasm-simd' : 'reference';
}

/**
 * Makes a network ready to be asked: by WebAssembly SIMD, or by the plain reference where there is none or its memory of 1 GiB is
 * full. The answers are the same bits. The weights are copied.
 *
 * @throws HaggleError `bad-network` for sizes that do not fit, weights that are not finite, or too much of anything
 */
export function compileNetwork(description: NetworkDescription): Network {
  checkNetwork(description);
  return simdNetwork(description) ?? referenceNetwork(description);
}
