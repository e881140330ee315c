import { createRequire } from 'node:module';
import test from 'ava';
import { loadTensorflow } from '../../../../agent-core/adapters/tensorflow/load.ts';

for (const backend of ['cpu', 'wasm'] as const) {
  test.serial(`loads the ${backend} backend where it is asked for`, async (t) => {
    const loaded = await loadTensorflow(backend);
    t.is(loaded.backend, backend);
    t.is(loaded.tf.getBackend(), backend);
    t.is(loaded.reason, `${backend}, as asked`);
    const sum = loaded.tf.tidy(() => loaded.tf.tensor1d([1, 2, 3]).sum().dataSync()[0]);
    t.is(sum, 6);
  });
}

test.serial('takes the first backend that loads, and says why not an earlier one', async (t) => {
  const { backend, reason } = await loadTensorflow();
  t.true(backend === 'node' ? reason === 'node' : /^wasm, for node does not load: .+/.test(reason), reason);
});

test.serial('an absent or broken tfjs-node is an error with a name, not a crash', async (t) => {
  const outcome = await loadTensorflow('node').then(
    ({ backend }) => backend,
    (cause: unknown) => cause,
  );
  if (outcome === 'node') t.pass();
  else t.like(outcome, { code: 'no-tensorflow' });
});

test.serial('gives tfjs-node the two functions that Node 23 took away', async (t) => {
  const util: object = createRequire(import.meta.url)('node:util');
  const had = Object.getOwnPropertyDescriptor(util, 'isNullOrUndefined');
  Reflect.deleteProperty(util, 'isNullOrUndefined');
  try {
    await loadTensorflow('node').catch(() => undefined);
    const found: unknown = Reflect.get(util, 'isNullOrUndefined');
    t.deepEqual(
      [undefined, null, 0].map((value) => typeof found === 'function' && Reflect.apply(found, undefined, [value])),
      [true, true, false],
    );
  } finally {
    if (had !== undefined) Object.defineProperty(util, 'isNullOrUndefined', had);
  }
});
