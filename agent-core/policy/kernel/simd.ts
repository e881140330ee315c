/**
 * Inference by WebAssembly SIMD: one instance for all networks of a thread, because the engine reserves gigabytes of addresses
 * for each memory. Its source is simd.as; how numbers lie in its memory is decided here and said there.
 */
import { assert } from '../../errors.ts';
import { decodeBase64Url } from '../../identity/encoding.ts';
import {
  badInput,
  endsOf,
  type Activation,
  type DenseLayer,
  type Layer,
  type LayerNorm,
  type Network,
  type NetworkDescription,
} from '../network.ts';
import { createArena, type Arena } from './arena.ts';
import { SIMD_MODULE } from './simd-module.ts';

// The runtime's own, which the language's declarations leave out.
declare const WebAssembly: {
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /** Address of the output. */
  readonly run: (program: number, steps: number) => number;
}

/** The instance, with views of its memory that are new after each growth. */
interface Machine {
  readonly run: Exports['run'];
  readonly arena: Arena;
  floats: Float32Array;
  words: Int32Array;
}

const PAGE_BYTES = 65_536;
const STEP_WORDS = 5;
/** Two areas of the widest layer, between which layers take turns; networks are kept behind them. The input is written at 0. */
const AREA_BYTES = 32_768;
const ACTIVATIONS: readonly Activation[] = ['linear', 'relu', 'tanh', 'softmax'];
const DENSE = 0;
const LAYER_NORM = 1;

let shared: Machine | null | undefined;

/** Gives back the memory of networks that were collected. */
const collected = new FinalizationRegistry(({ address, bytes }: Piece) => shared?.arena.give(address, bytes));

interface Piece {
  readonly address: number;
  readonly bytes: number;
}

/** True where this runtime can run the kernel: it has WebAssembly with SIMD, and its numbers lie in memory as WebAssembly's do. */
export function hasSimd(): boolean {
  return machine() !== null;
}

/** Bytes that networks hold now in the shared memory. */
export function heldBytes(): number {
  return machine()?.arena.lent() ?? 0;
}

function machine(): Machine | null {
  if (shared === undefined) shared = createMachine();
  return shared;
}

function createMachine(): Machine | null {
  const bytes = decodeBase64Url(SIMD_MODULE);
  assert(bytes !== null, 'the module is base64url');
  const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
  if (!littleEndian || typeof WebAssembly === 'undefined' || !WebAssembly.validate(bytes)) return null;
  const { memory, run } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Exports;
  const made: Machine = {
    run,
    arena: createArena({
      from: AREA_BYTES,
      end: () => memory.buffer.byteLength,
      grow: (more) => {
        try {
          memory.grow(Math.ceil(more / PAGE_BYTES));
        } catch {
          // A RangeError: more than the module or the machine allows.
          return false;
        }
        made.floats = new Float32Array(memory.buffer);
        made.words = new Int32Array(memory.buffer);
        return true;
      },
    }),
    floats: new Float32Array(memory.buffer),
    words: new Int32Array(memory.buffer),
  };
  return made;
}

/** A checked network in the shared instance; null where there is no SIMD, or no memory left (1 GiB). */
export function simdNetwork(description: NetworkDescription): Network | null {
  const home = machine();
  if (home === null) return null;
  const { layers } = description;
  const bytes = 4 * layers.reduce((sum, layer) => sum + numbersOf(layer), STEP_WORDS * layers.length + 3);
  const address = home.arena.take(bytes);
  if (address === null) return null;
  writeProgram(home, layers, address);
  return networkAt(home, { address, bytes }, description);
}

function networkAt(home: Machine, piece: Piece, description: NetworkDescription): Network {
  const ends = endsOf(description);
  const { inputs, outputs } = ends;
  const steps = description.layers.length;
  // Whoever holds `run` alone holds this too: it is what must be gone before the memory is given back.
  const held = { program: piece.address };
  collected.register(held, piece, held);
  return Object.freeze({
    inputs,
    outputs,
    run(input: Float32Array | readonly number[], output: Float32Array) {
      assert(held.program !== 0, 'a network is not asked after its release');
      if (input.length !== inputs || output.length !== outputs) throw badInput(ends, input, output);
      const { floats } = home;
      let zero = 0;
      for (let k = 0; k < inputs; k++) {
        const value = Math.fround(input[k] as number);
        floats[k] = value;
        zero += value - value;
      }
      // NaN, if one of them is not finite.
      if (zero !== 0) throw badInput(ends, input, output);
      const at = home.run(held.program, steps) >> 2;
      for (let k = 0; k < outputs; k++) output[k] = floats[at + k] as number;
    },
    release() {
      if (held.program === 0) return;
      held.program = 0;
      collected.unregister(held);
      home.arena.give(piece.address, piece.bytes);
    },
  });
}

/** Vectors of four that hold so many numbers. */
function vectorsFor(numbers: number): number {
  return (numbers + 3) >> 2;
}

/** Numbers of a layer in memory: outputs in whole vectors. */
function numbersOf(layer: Layer): number {
  if (layer.type === 'dense') return 4 * vectorsFor(layer.outputs) * (layer.inputs + 1);
  return 8 * vectorsFor(layer.size);
}

function writeProgram({ floats, words }: Machine, layers: readonly Layer[], address: number): void {
  let step = address >> 2;
  // Vectors are read fastest where none straddles two lines of the cache.
  let at = (step + STEP_WORDS * layers.length + 3) & ~3;
  for (const layer of layers) {
    const end = at + numbersOf(layer);
    floats.fill(0, at, end);
    if (layer.type === 'dense') {
      words.set([DENSE, layer.inputs, layer.outputs, ACTIVATIONS.indexOf(layer.activation), 4 * at], step);
      writeDense(floats, layer, at);
    } else {
      words.set([LAYER_NORM, layer.size, layer.size, 0, 4 * at], step);
      floats[step + 3] = layer.epsilon;
      writeNorm(floats, layer, at);
    }
    step += STEP_WORDS;
    at = end;
  }
}

function writeNorm(floats: Float32Array, { size, gamma, beta }: LayerNorm, at: number): void {
  floats.set(gamma, at);
  floats.set(beta, at + 4 * vectorsFor(size));
}

/** Biases; then outputs in blocks of 8 vectors, and at the end of 4, 2 and 1: of each the weights of input after input. */
function writeDense(floats: Float32Array, layer: DenseLayer, from: number): void {
  const { inputs, outputs, kernel, bias } = layer;
  floats.set(bias, from);
  const vectors = vectorsFor(outputs);
  let at = from + 4 * vectors;
  for (let done = 0; done < vectors;) {
    const block = blockOf(vectors - done);
    const first = 4 * done;
    const last = Math.min(outputs, first + 4 * block);
    for (let i = 0; i < inputs; i++) {
      floats.set(kernel.subarray(i * outputs + first, i * outputs + last), at);
      at += 4 * block;
    }
    done += block;
  }
}

/** Vectors of the next block where so many are left. */
function blockOf(vectors: number): number {
  if (vectors >= 8) return 8;
  if (vectors >= 4) return 4;
  return vectors >= 2 ? 2 : 1;
}
