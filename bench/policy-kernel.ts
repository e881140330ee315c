/**
 * Rates of inference on one core, by CPU time: `npm run bench:policy-kernel`.
 *
 * One observation at a time, as agents decide: the kernel, its reference, and tfjs with weights of the same sizes. Inputs differ from
 * call to call and every answer is used. A row of different networks asks each in turn, so its weights come from further away.
 */
import { createRequire } from 'node:module';
import { assert } from '../agent-core/errors.ts';
import { compileNetwork, inferenceKernel } from '../agent-core/policy/kernel/compile.ts';
import { referenceNetwork } from '../agent-core/policy/kernel/reference.ts';
import type { Activation, DenseLayer, Layer, Network, NetworkDescription } from '../agent-core/policy/network.ts';
import { networkPolicy } from '../agent-core/policy/network-policy.ts';
import { formatPolicyFile, parsePolicyFile, type PolicyFile } from '../agent-core/policy/policy-file.ts';
import { decide } from '../agent-core/policy/policy.ts';
import { discrete } from '../agent-core/policy/space.ts';
import { createRandomRoot } from '../agent-core/random.ts';

const TRIALS = 20;
const WIDTHS = [32, 64, 64, 8];
const INPUTS = 64;

const random = createRandomRoot('policy kernel').stream('weights');

/** So many numbers in f32, normal with a deviation. */
function numbers(count: number, deviation: number): Float32Array {
  return Float32Array.from({ length: count }, () => random.normal(0, deviation));
}

function dense([inputs, outputs]: readonly [number, number], activation: Activation): DenseLayer {
  const kernel = numbers(inputs * outputs, 1 / Math.sqrt(inputs));
  return { type: 'dense', inputs, outputs, activation, kernel, bias: numbers(outputs, 0.1) };
}

interface NetworkPlan {
  readonly hidden?: Activation;
  readonly last?: Activation;
  readonly norm?: boolean;
}

function network(widths: readonly number[], { hidden = 'relu', last = 'linear', norm = false }: NetworkPlan = {}) {
  const layers = widths.slice(1).flatMap((outputs, k): readonly Layer[] => {
    const inputs = widths[k] ?? 0;
    if (k === widths.length - 2) return [dense([inputs, outputs], last)];
    const layer = dense([inputs, outputs], hidden);
    if (!norm) return [layer];
    const beta = new Float32Array(outputs);
    return [layer, { type: 'layer-norm', size: outputs, epsilon: 0.001, gamma: numbers(outputs, 1), beta }];
  });
  return { layers } satisfies NetworkDescription;
}

/** Best calls per CPU-second over several trials, and the worst; one before them warms up. */
function rate(count: number, run: (k: number) => void): readonly [best: number, worst: number] {
  const rates = Array.from({ length: TRIALS + 1 }, () => {
    const before = process.cpuUsage();
    for (let k = 0; k < count; k++) run(k);
    const { user, system } = process.cpuUsage(before);
    return (count * 1e6) / (user + system);
  }).slice(1);
  return [Math.max(...rates), Math.min(...rates)];
}

function print(name: string, [best, worst]: readonly [number, number]): void {
  const text = (value: number): string => Math.round(value).toLocaleString('en').padStart(11);
  console.log(`| ${name.padEnd(52)} | ${text(best)} | ${text(worst)} |`);
}

let used = 0;

/** Asks networks in turn. */
function ask(networks: readonly Network[], count: number): readonly [number, number] {
  const [first] = networks;
  assert(first !== undefined, 'there is a network to ask');
  const inputs = Array.from({ length: INPUTS }, () => numbers(first.inputs, 1));
  const output = new Float32Array(first.outputs);
  const rates = rate(count, (k) => {
    const one = networks[k % networks.length] ?? first;
    one.run(inputs[k % INPUTS] as Float32Array, output);
    used += output[0] as number;
  });
  for (const one of networks) one.release();
  return rates;
}

interface Tensor {
  dataSync(): Float32Array;
}

/** The part of tfjs that the comparison needs. */
interface Tfjs {
  env(): { set(flag: string, value: boolean): void };
  setBackend(name: string): Promise<boolean>;
  tensor2d(values: Float32Array, shape: readonly [number, number]): Tensor;
  tensor1d(values: Float32Array): Tensor;
  tidy<T>(run: () => T): T;
  keep(tensor: Tensor): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  matMul(a: Tensor, b: Tensor): Tensor;
  relu(a: Tensor): Tensor;
}

/** The same shape by the operations of tfjs, without its layers on top; so many observations a call. */
async function tfjs(backend: string, batch: number, count: number): Promise<readonly [number, number]> {
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs') as Tfjs;
  const wasm: unknown = require('@tensorflow/tfjs-backend-wasm');
  assert(wasm !== undefined, 'the wasm backend registers itself when it loads');
  tf.env().set('PROD', true);
  assert(await tf.setBackend(backend), `tfjs has its ${backend} backend`);
  const layers = network(WIDTHS).layers.flatMap((layer) => {
    if (layer.type !== 'dense') return [];
    const { inputs, outputs, activation } = layer;
    const kernel = tf.keep(tf.tensor2d(layer.kernel, [inputs, outputs]));
    return [{ kernel, bias: tf.keep(tf.tensor1d(layer.bias)), activation }];
  });
  const width = WIDTHS[0] ?? 0;
  const inputs = Array.from({ length: INPUTS }, () => numbers(batch * width, 1));
  const [best, worst] = rate(count, (k) => {
    const output = tf.tidy(() => {
      let values = tf.tensor2d(inputs[k % INPUTS] as Float32Array, [batch, width]);
      for (const { kernel, bias, activation } of layers) {
        const sums = tf.add(tf.matMul(values, kernel), bias);
        values = activation === 'relu' ? tf.relu(sums) : sums;
      }
      return values.dataSync();
    });
    used += output[0] as number;
  });
  return [best * batch, worst * batch];
}

/** A policy with the kernel behind it, and a file of it. */
function policyFile(): PolicyFile {
  return {
    name: 'bench',
    role: 'bench/bench',
    observes: Array.from({ length: 32 }, (_, k) => ({ name: `feature ${k}`, min: -3, max: 3 })),
    acts: discrete(Array.from({ length: 8 }, (_, k) => `choice ${k}`)),
    normaliser: { means: Array<number>(32).fill(0.1), deviations: Array<number>(32).fill(1.1), clip: 10 },
    network: network(WIDTHS),
    origin: { algorithm: 'none', command: 'none', seeds: [1], backend: 'none', haggle: 'none', score: 'none' },
  };
}

function decisions(count: number, make: typeof compileNetwork): readonly [number, number] {
  const policy = networkPolicy(policyFile(), { compile: make });
  const observations = Array.from({ length: INPUTS }, () => Array.from(numbers(32, 1)));
  return rate(count, (k) => {
    const [choice = 0] = decide(policy, observations[k % INPUTS] ?? []).action;
    used += choice;
  });
}

console.log(`Node ${process.version}, ${inferenceKernel()}; per CPU-second, ${TRIALS} trials\n`);
console.log(`| ${'one observation a call'.padEnd(52)} | ${'best'.padStart(11)} | ${'worst'.padStart(11)} |`);
console.log(`| ${'-'.repeat(52)} | ${'-'.repeat(10)}: | ${'-'.repeat(10)}: |`);

print('32-64-64-8 relu, kernel', ask([compileNetwork(network(WIDTHS))], 100_000));
print('32-64-64-8 relu, reference', ask([referenceNetwork(network(WIDTHS))], 4_000));
print('32-64-64-8 relu, tfjs wasm', await tfjs('wasm', 1, 1_000));
print('32-64-64-8 relu, tfjs cpu', await tfjs('cpu', 1, 1_000));
print('32-64-64-8 relu, tfjs wasm, 1,024 observations a call', await tfjs('wasm', 1_024, 10));
for (const count of [10, 100, 1_000, 10_000]) {
  const networks = Array.from({ length: count }, () => compileNetwork(network(WIDTHS)));
  print(`32-64-64-8 relu, kernel, ${count.toLocaleString('en')} networks in turn`, ask(networks, 50_000));
}
print('32-64-64-8 tanh, kernel', ask([compileNetwork(network(WIDTHS, { hidden: 'tanh' }))], 50_000));
print('32-64-64-8 relu, softmax, kernel', ask([compileNetwork(network(WIDTHS, { last: 'softmax' }))], 50_000));
print('32-64-64-8 relu, layer norms, kernel', ask([compileNetwork(network(WIDTHS, { norm: true }))], 50_000));
print('8-16-16-3 relu, kernel', ask([compileNetwork(network([8, 16, 16, 3]))], 100_000));
print('27-33-30-5 relu, kernel', ask([compileNetwork(network([27, 33, 30, 5]))], 50_000));
print('32-256-256-8 relu, kernel', ask([compileNetwork(network([32, 256, 256, 8]))], 10_000));
print('32-64-64-8 relu, decisions of a policy, kernel', decisions(50_000, compileNetwork));
print('32-64-64-8 relu, decisions of a policy, reference', decisions(4_000, referenceNetwork));

const small = network(WIDTHS);
print(
  '32-64-64-8 made ready and released',
  rate(500, () => compileNetwork(small).release()),
);
const text = formatPolicyFile(policyFile());
print(
  '32-64-64-8 policy files read',
  rate(30, () => {
    used += parsePolicyFile(text, 'bench').network.layers.length;
  }),
);
assert(!Number.isNaN(used), 'every answer is a number');
