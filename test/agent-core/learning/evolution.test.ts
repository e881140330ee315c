import test from 'ava';
import { createEvolution, type Evolution } from '../../../agent-core/learning/evolution.ts';

/** A narrow bowl: directions differ a thousandfold in how much they matter. */
function bowl(weights: Float32Array): number {
  return -weights.reduce((sum, weight, k) => sum + 1_000 ** (k / (weights.length - 1)) * (weight - k) ** 2, 0);
}

function generations(evolution: Evolution, count: number, fitness = bowl): Evolution {
  for (let k = 0; k < count; k++) evolution.tell(evolution.candidates().map(fitness));
  return evolution;
}

const options = { start: new Float32Array(8), deviation: 1, seed: 5 };

test('finds the top of a narrow hill', (t) => {
  const top = generations(createEvolution(options), 600).centre();
  t.true(bowl(top) > -1e-6, String(top));
});

test('only the order of fitness counts', (t) => {
  const plain = generations(createEvolution(options), 20);
  const bent = generations(createEvolution(options), 20, (weights) => -Math.log(1 - bowl(weights)) * 7 + 3);
  t.deepEqual(plain.centre(), bent.centre());
});

test('candidates come in mirrored pairs, the same when asked again', (t) => {
  const evolution = createEvolution({ ...options, population: 4 });
  const [a, b, c, d] = evolution.candidates();
  t.deepEqual(evolution.candidates(), [a, b, c, d]);
  t.deepEqual(
    a,
    b?.map((weight) => -weight),
  );
  t.notDeepEqual(a, c);
});

test('equal fitness everywhere leads nowhere', (t) => {
  const evolution = generations(createEvolution(options), 3, () => 1);
  t.deepEqual(evolution.centre(), new Float32Array(8));
});

test('a saved evolution goes on to the bit', (t) => {
  const whole = generations(createEvolution(options), 10);
  const again = createEvolution(options, generations(createEvolution(options), 4).state());
  t.is(again.generation, 4);
  t.deepEqual(generations(again, 6).state(), whole.state());
});

test('refuses settings out of bounds, and fitness that is none', (t) => {
  t.throws(() => createEvolution({ ...options, start: [] }), { code: 'bad-training' });
  t.throws(() => createEvolution({ ...options, deviation: 0 }), { code: 'bad-training' });
  t.throws(() => createEvolution({ ...options, deviation: Infinity }), { code: 'bad-training' });
  t.throws(() => createEvolution({ ...options, population: 3 }), { code: 'bad-training' });
  const evolution = createEvolution({ ...options, population: 2 });
  t.throws(() => evolution.tell([1]), { code: 'bad-fitness' });
  t.throws(() => evolution.tell([1, Number.NaN]), { code: 'bad-fitness' });
});
