import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import util from 'node:util';
import type * as tfjs from '@tensorflow/tfjs';
import type * as wasmBackend from '@tensorflow/tfjs-backend-wasm';
import { hasFunctions } from '../../builtin-module.ts';
import { HaggleError } from '../../errors.ts';
import type { TensorflowBackend } from './backend.ts';

/** The library, whichever package it came from. */
export type Tensorflow = typeof tfjs;

/** What {@link loadTensorflow} found. */
export interface LoadedTensorflow {
  readonly tf: Tensorflow;
  readonly backend: TensorflowBackend;
  readonly version: string;
  /** Why it is this backend, for the log: `wasm, for tfjs-node does not load: …`. */
  readonly reason: string;
}

/** In order of preference. */
const BACKENDS: readonly TensorflowBackend[] = ['node', 'wasm', 'cpu'];

const requireHere = createRequire(import.meta.url);

/**
 * Loads tfjs with the first backend that works: tfjs-node, else WebAssembly, else plain JavaScript. Nothing of tfjs is loaded
 * before the first call. tfjs has one backend a process: a later call that forces another changes it for all.
 *
 * @param forced - the one backend to take
 * @throws HaggleError `no-tensorflow` where the forced backend, or none at all, loads
 */
export async function loadTensorflow(forced?: TensorflowBackend): Promise<LoadedTensorflow> {
  const problems: string[] = [];
  for (const backend of forced === undefined ? BACKENDS : [forced]) {
    try {
      const tf = await LOADERS[backend]();
      const why = forced === undefined ? problems.map((problem) => `, for ${problem}`).join('') : ', as asked';
      return { tf, backend, version: tf.version_core, reason: `${backend}${why}` };
    } catch (cause) {
      problems.push(`${backend} does not load: ${firstLine(cause)}`);
    }
  }
  throw new HaggleError('no-tensorflow', `tfjs must load with a backend; ${problems.join('; ')}`);
}

const LOADERS: Readonly<Record<TensorflowBackend, () => Promise<Tensorflow>>> = {
  node: async () => {
    restoreRemovedUtil();
    return await started('@tensorflow/tfjs-node', 'tensorflow');
  },
  wasm: async () => {
    const name = '@tensorflow/tfjs-backend-wasm';
    const backend = required(name);
    if (!isWasmBackend(backend)) throw unlike(name);
    backend.setWasmPaths(`${dirname(requireHere.resolve(name))}${sep}`);
    return await started('@tensorflow/tfjs', 'wasm');
  },
  cpu: async () => await started('@tensorflow/tfjs', 'cpu'),
};

/** By `require` and not `import()`: a third of the time (93 ms, not 326 ms). */
const required = (name: string): unknown => requireHere(name);

function isTensorflow(module: unknown): module is Tensorflow {
  return hasFunctions(module, ['enableProdMode', 'ready', 'setBackend', 'tidy', 'valueAndGrads']);
}

function isWasmBackend(module: unknown): module is Pick<typeof wasmBackend, 'setWasmPaths'> {
  return hasFunctions(module, ['setWasmPaths']);
}

function unlike(name: string): HaggleError {
  return new HaggleError('no-tensorflow', `the package ${name} does not offer what it should`);
}

async function started(name: string, backend: string): Promise<Tensorflow> {
  const tf = required(name);
  if (!isTensorflow(tf)) throw unlike(name);
  // Silences the advice to install tfjs-node, which the caller has from `reason`.
  tf.enableProdMode();
  if (!(await tf.setBackend(backend))) {
    throw new HaggleError('no-tensorflow', `the backend ${backend} is there but does not start`);
  }
  await tf.ready();
  return tf;
}

/** tfjs-node 4.22 calls two functions that Node 23 removed (tensorflow/tfjs issues 8609 and 8746). */
function restoreRemovedUtil(): void {
  const missing = {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: (value: unknown) => Array.isArray(value),
  };
  for (const [name, value] of Object.entries(missing)) {
    if (!(name in util)) Object.defineProperty(util, name, { value, configurable: true, writable: true });
  }
}

function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? 'for no stated reason'
  );
}
