import { createRequire } from 'node:module';
import test from 'ava';
import * as fc from 'fast-check';
import { compileNetwork } from '../../../../agent-core/policy/kernel/compile.ts';
import { arraysOf, type Layer } from '../../../../agent-core/policy/network.ts';
import { answer, denseLayer, normLayer, numbers, plainDraw } from '../../../fixtures/networks.ts';

interface Tensor {
  dataSync(): Float32Array;
}

interface TfLayer {
  readonly name: string;
  setWeights(weights: readonly Tensor[]): void;
}

/** The part of tfjs that the comparison needs. */
interface Tfjs {
  readonly layers: {
    dense(options: object): TfLayer;
    layerNormalization(options: object): TfLayer;
  };
  env(): { set(flag: string, value: boolean): void };
  setBackend(name: string): Promise<boolean>;
  sequential(options: { readonly layers: readonly TfLayer[] }): { predict(input: Tensor): Tensor };
  tensor(values: Float32Array, shape: readonly number[]): Tensor;
  tidy<T>(run: () => T): T;
  engine(): { disposeVariables(): void };
}

const tf: Tfjs = createRequire(import.meta.url)('@tensorflow/tfjs');

test.before(async () => {
  tf.env().set('PROD', true);
  await tf.setBackend('cpu');
});

const firstShape = (layer: Layer): object => ({ inputShape: [layer.type === 'dense' ? layer.inputs : layer.size] });

/** The same layers made by tfjs, with the same weights; its answer. */
function tfjsAnswer(layers: readonly Layer[], input: Float32Array): Float32Array {
  const made = layers.map((layer, k) => {
    const shape = k === 0 ? firstShape(layer) : {};
    return layer.type === 'dense'
      ? tf.layers.dense({ ...shape, units: layer.outputs, activation: layer.activation })
      : tf.layers.layerNormalization({ ...shape, epsilon: layer.epsilon });
  });
  const model = tf.sequential({ layers: made });
  const output = tf.tidy(() => {
    for (const [k, layer] of layers.entries()) {
      made[k]?.setWeights(
        arraysOf(layer).map(([name, values]) =>
          tf.tensor(
            values,
            name === 'kernel' && layer.type === 'dense' ? [layer.inputs, layer.outputs] : [values.length],
          ),
        ),
      );
    }
    return model.predict(tf.tensor(input, [1, input.length])).dataSync();
  });
  tf.engine().disposeVariables();
  return output;
}

test('answers agree with tfjs to 1e-5', (t) => {
  const kind = fc.constantFrom('linear', 'relu', 'tanh', 'softmax', 'layer-norm');
  const steps = fc.array(fc.record({ kind, width: fc.integer({ min: 2, max: 70 }) }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 2, max: 40 }), steps, (seed, inputs, all) => {
      const draw = plainDraw(seed);
      let before = inputs;
      const layers = all.map((step) => {
        if (step.kind === 'layer-norm') return normLayer(before, draw);
        // As layers are initialised for training, so that answers are of the size of 1.
        const layer = denseLayer([before, step.width], step.kind, () => draw() / Math.sqrt(before));
        before = step.width;
        return layer;
      });
      const input = numbers(inputs, draw);
      const ours = answer(compileNetwork({ layers }), input);
      const theirs = tfjsAnswer(layers, input);
      t.is(ours.length, theirs.length);
      for (const [k, value] of ours.entries()) {
        t.true(Math.abs(value - (theirs[k] ?? Number.NaN)) < 1e-5, `${value} and ${theirs[k]}`);
      }
    }),
    { numRuns: 60 },
  );
});
