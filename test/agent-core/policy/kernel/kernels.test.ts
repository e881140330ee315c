import { execFileSync } from 'node:child_process';
import { setFlagsFromString } from 'node:v8';
import { setImmediate } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import * as fc from 'fast-check';
import { compileNetwork, inferenceKernel } from '../../../../agent-core/policy/kernel/compile.ts';
import { referenceNetwork } from '../../../../agent-core/policy/kernel/reference.ts';
import { heldBytes } from '../../../../agent-core/policy/kernel/simd.ts';
import type { Network, NetworkDescription } from '../../../../agent-core/policy/network.ts';
import {
  answer,
  anyNetwork,
  denseLayer,
  denseNetwork,
  hardDraw,
  normLayer,
  numbers,
  plainDraw,
  sameBits,
} from '../../../fixtures/networks.ts';

const KERNELS = [
  ['reference', referenceNetwork],
  ['compiled', compileNetwork],
] as const;

/** Weights that are easy to calculate with: the sum and the difference of two numbers. */
const pair: NetworkDescription = {
  layers: [
    {
      type: 'dense',
      inputs: 2,
      outputs: 2,
      activation: 'relu',
      kernel: Float32Array.of(1, 1, 1, -1),
      bias: Float32Array.of(0, 0.5),
    },
  ],
};

test('this runtime has the fast kernel, so that the tests compare two', (t) => {
  t.is(inferenceKernel(), 'wasm-simd');
});

test('both kernels give the same bits on any network and input', (t) => {
  const hard = fc.constantFrom(0, -0, 2 ** -149, -(2 ** -130), 3.4e38, -3.4e38, 1e-30, -88);
  const input = fc.infiniteStream(
    fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), hard, fc.double({ min: -4, max: 4, noNaN: true })),
  );
  fc.assert(
    fc.property(anyNetwork(40), input, (description, stream) => {
      const fast = compileNetwork(description);
      const exact = referenceNetwork(description);
      const taken = Array.from({ length: exact.inputs }, () => Number(stream.next().value));
      t.true(sameBits(answer(fast, taken), answer(exact, taken)), 'from plain numbers');
      const single = Float32Array.from(taken);
      t.true(sameBits(answer(fast, single), answer(exact, single)), 'from f32');
      fast.release();
    }),
    { numRuns: 400 },
  );
});

test('both kernels give the same bits for every width up to 70, and for large ones', (t) => {
  const draw = plainDraw(3);
  const widths = [...Array.from({ length: 70 }, (_, k) => k + 1), 127, 500, 4_096];
  for (const width of widths) {
    const layers = [
      denseLayer([3, width], 'tanh', draw),
      normLayer(width, draw),
      denseLayer([width, width > 1_000 ? 5 : width], 'relu', draw),
    ];
    const description = { layers: [...layers, denseLayer([width > 1_000 ? 5 : width, 7], 'softmax', draw)] };
    const input = numbers(3, draw);
    const fast = compileNetwork(description);
    t.true(sameBits(answer(fast, input), answer(referenceNetwork(description), input)), `${width} wide`);
    fast.release();
  }
});

test('sums that overflow become infinite or NaN in both kernels alike, and are not hidden by relu', (t) => {
  const layers = [denseLayer([4, 9], 'relu', () => 3e38), denseLayer([9, 5], 'relu', hardDraw(1))];
  const description = { layers: [...layers, denseLayer([5, 3], 'softmax', hardDraw(2))] };
  const input = [1, 1, -1, 1];
  for (const [name, make] of KERNELS) {
    t.deepEqual(Array.from(answer(make(description), input)), [Number.NaN, Number.NaN, Number.NaN], name);
  }
});

for (const [name, make] of KERNELS) {
  test(`${name}: calculates what is easily calculated`, (t) => {
    const network = make(pair);
    t.deepEqual({ inputs: network.inputs, outputs: network.outputs }, { inputs: 2, outputs: 2 });
    t.deepEqual(answer(network, [3, 2]), Float32Array.of(5, 1.5));
    t.deepEqual(answer(network, [1, 2]), Float32Array.of(3, 0));
    const norm = make({
      layers: [
        { type: 'layer-norm', size: 2, epsilon: 2 ** -20, gamma: Float32Array.of(2, 2), beta: Float32Array.of(1, 0) },
      ],
    });
    const [high = 0, low = 0] = answer(norm, [1_000, -1_000]);
    t.deepEqual([high, low], [3, -2]);
  });

  test(`${name}: softmax sums to 1 and does not overflow`, (t) => {
    const unit = denseLayer([3, 3], 'softmax', () => 0);
    const network = make({
      layers: [{ ...unit, kernel: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) } as typeof unit],
    });
    t.deepEqual(answer(network, [3e38, 3e38, -3e38]), Float32Array.of(0.5, 0.5, 0));
    t.deepEqual(answer(network, [-3e38, -3e38, -3e38]), new Float32Array(3).fill(1 / 3));
  });

  test(`${name}: refuses an input of another width, or that is not finite in f32, and a place of another width`, (t) => {
    const network = make(pair);
    const refused = (input: readonly number[], message: RegExp): void => {
      t.throws(() => answer(network, input), { code: 'bad-input', message });
      t.throws(() => answer(network, Float32Array.from(input)), { code: 'bad-input', message });
    };
    refused([1], /it takes 2 numbers, got 1/);
    refused([1, 2, 3], /it takes 2 numbers, got 3/);
    refused([1, Number.NaN], /input 1 must be finite in f32, got NaN/);
    refused([-Infinity, 0], /input 0 must be finite in f32, got -Infinity/);
    refused([1e300, 0], /input 0 must be finite in f32, got (1e\+300|Infinity)/);
    t.throws(() => network.run([1, 2], new Float32Array(3)), {
      code: 'bad-input',
      message: /it gives 2 numbers, got 3/,
    });
    t.deepEqual(answer(network, [3, 2]), Float32Array.of(5, 1.5), 'what was refused leaves nothing behind');
  });

  test(`${name}: keeps its weights when those of the description change`, (t) => {
    const description = denseNetwork([3, 4, 2], { hidden: 'tanh', last: 'linear', draw: plainDraw(5) });
    const network = make(description);
    const before = answer(network, [1, 2, 3]);
    for (const layer of description.layers) if (layer.type === 'dense') layer.kernel.fill(9);
    t.deepEqual(answer(network, [1, 2, 3]), before);
  });

  test(`${name}: refuses a network with a weight that is NaN`, (t) => {
    t.throws(() => make(denseNetwork([2, 2], { hidden: 'relu', last: 'relu', draw: () => Number.NaN })), {
      code: 'bad-network',
    });
  });

  test(`${name}: is not asked after its release, which may be said twice`, (t) => {
    const network = make(pair);
    network.release();
    network.release();
    t.throws(() => answer(network, [1, 2]), { name: 'AssertionError' });
  });
}

test('thousands of different networks keep to their own weights while others come and go', (t) => {
  const inputs = [1, -2, 3];
  const kept: { readonly network: Network; readonly exact: Float32Array }[] = [];
  for (let k = 0; k < 3_000; k++) {
    const description = denseNetwork([3, 1 + (k % 37), 2], { hidden: 'relu', last: 'tanh', draw: plainDraw(k) });
    const network = compileNetwork(description);
    if (k % 3 === 0) network.release();
    else kept.push({ network, exact: answer(referenceNetwork(description), inputs) });
  }
  for (const { network, exact } of kept) t.true(sameBits(answer(network, inputs), exact));
  for (const { network } of kept) network.release();
});

test.serial('networks that nobody holds any more give their memory back', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const description = denseNetwork([64, 256, 64], { hidden: 'relu', last: 'tanh', draw: plainDraw(1) });
  const kept = compileNetwork(description);
  const answers = Array.from({ length: 300 }, () => answer(compileNetwork(description), numbers(64, plainDraw(2))));
  const before = heldBytes();
  t.true(before > 300 * 4 * 2 * 64 * 256);
  for (let turn = 0; turn < 200 && heldBytes() > before / 2; turn++) {
    collect();
    await setImmediate();
  }
  t.true(heldBytes() < before / 2, `${before} bytes, now ${heldBytes()}`);
  t.deepEqual(answer(kept, numbers(64, plainDraw(2))), answers[0]);
});

test('where there is no WebAssembly the reference answers, with the same bits', (t) => {
  const here = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const program = `
    import { compileNetwork, inferenceKernel } from ${here('../../../../agent-core/policy/kernel/compile.js')};
    import { answer, denseNetwork, plainDraw } from ${here('../../../fixtures/networks.js')};
    const network = compileNetwork(denseNetwork([3, 9, 4], { hidden: 'tanh', last: 'softmax', draw: plainDraw(8) }));
    console.log(inferenceKernel(), ...answer(network, [1, -2, 3]));`;
  const told = execFileSync(process.execPath, ['--jitless', '--input-type=module', '--eval', program], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const network = compileNetwork(denseNetwork([3, 9, 4], { hidden: 'tanh', last: 'softmax', draw: plainDraw(8) }));
  t.is(told, `reference ${answer(network, [1, -2, 3]).join(' ')}\n`);
});
