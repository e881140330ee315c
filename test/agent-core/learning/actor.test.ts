import test from 'ava';
import * as fc from 'fast-check';
import {
  createActor,
  createBrain,
  standardiseRows,
  trainedNetwork,
  type Anatomy,
  type Snapshot,
} from '../../../agent-core/learning/actor.ts';
import { denseShapes, firstParameters, layersIn, parameterCount } from '../../../agent-core/learning/flat-network.ts';
import { networkPolicy } from '../../../agent-core/policy/network-policy.ts';
import { decide } from '../../../agent-core/policy/policy.ts';
import { box, discrete, type ActionSpace, type Mask } from '../../../agent-core/policy/space.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';

const observes = box([
  { name: 'a', min: -100, max: 100 },
  { name: 'b', min: 0, max: 1 },
]);
const random = createRandomRoot('actor').stream('weights');

function brainOf(acts: ActionSpace): { readonly anatomy: Anatomy; readonly snapshot: Snapshot } {
  const outputs = acts.kind === 'discrete' ? acts.choices.length : acts.features.length;
  const net = { inputs: 2, hidden: [8], activation: 'tanh' as const };
  const anatomy: Anatomy = {
    observes,
    acts,
    policy: denseShapes({ ...net, outputs }),
    value: denseShapes({ ...net, outputs: 1 }),
  };
  const layers = firstParameters(anatomy.policy, random, 1);
  const deviations = acts.kind === 'box' ? new Float32Array(outputs).fill(Math.log(0.5)) : new Float32Array(0);
  const snapshot: Snapshot = {
    policy: Float32Array.from([...layers, ...deviations]),
    value: firstParameters(anatomy.value, random, 1),
    inputs: { means: Float64Array.of(3.3, 0.4), deviations: Float64Array.of(17.1, 0.2) },
    worth: { mean: 50, deviation: 10 },
  };
  return { anatomy, snapshot };
}

const choices = discrete(['x', 'y', 'z']);
const numbers = box([
  { name: 'price', min: 0.1, max: 0.7 },
  { name: 'size', min: -3, max: 40 },
]);
const anyView = fc.tuple(fc.double({ min: -150, max: 150, noNaN: true }), fc.double({ min: -1, max: 2, noNaN: true }));

for (const acts of [choices, numbers]) {
  test(`an actor that does not explore does what the policy file does, to the bit: ${acts.kind}`, (t) => {
    const { anatomy, snapshot } = brainOf(acts);
    const actor = createActor(createBrain(anatomy, snapshot), { exploration: { kind: 'none' }, random });
    const policy = networkPolicy({ name: 'trained', ...trainedNetwork(anatomy, snapshot) });
    fc.assert(
      fc.property(anyView, fc.boolean(), (view, masked) => {
        const mask: Mask | undefined = masked && acts.kind === 'discrete' ? [true, false, true] : undefined;
        const decision = decide(policy, view, mask);
        t.deepEqual(actor.choose(decision.observation, mask).action, decision.action);
      }),
      { seed: 74 },
    );
  });
}

test('choices are drawn by the softmax of their scores, masked ones never', (t) => {
  const { anatomy, snapshot } = brainOf(choices);
  const brain = createBrain(anatomy, snapshot);
  const actor = createActor(brain, { exploration: { kind: 'sample' }, random: createRandomRoot(3).stream('draws') });
  const counts = new Map<number, number>();
  const chances = new Map<number, number>();
  for (let k = 0; k < 6_000; k++) {
    const { action, logChance } = actor.choose([1, 0.5], [true, false, true]);
    counts.set(action[0] ?? -1, (counts.get(action[0] ?? -1) ?? 0) + 1);
    chances.set(action[0] ?? -1, Math.exp(logChance));
  }
  t.deepEqual(
    [...chances.keys()].toSorted((a, b) => a - b),
    [0, 2],
  );
  t.true(Math.abs([...chances.values()].reduce((sum, chance) => sum + chance, 0) - 1) < 1e-6);
  for (const [choice, chance] of chances) t.true(Math.abs((counts.get(choice) ?? 0) / 6_000 - chance) < 0.02);
});

test('a share of random choices is random, and open', (t) => {
  const { anatomy, snapshot } = brainOf(choices);
  const exploring = { exploration: { kind: 'random', share: 1 } as const, random: createRandomRoot(4).stream('draws') };
  const actor = createActor(createBrain(anatomy, snapshot), exploring);
  const drawn = Array.from({ length: 200 }, () => actor.choose([1, 0.5], [false, true, true]).action[0] ?? -1);
  t.deepEqual(
    [...new Set(drawn)].toSorted((a, b) => a - b),
    [1, 2],
  );
});

test('numbers are drawn with the density that is told, and held within their box', (t) => {
  const { anatomy, snapshot } = brainOf(numbers);
  const actor = createActor(createBrain(anatomy, snapshot), {
    exploration: { kind: 'sample' },
    random: createRandomRoot(5).stream('draws'),
  });
  const sure = createActor(createBrain(anatomy, snapshot), { exploration: { kind: 'none' }, random });
  const means = sure.choose([1, 0.5], undefined).drawn;
  for (let k = 0; k < 200; k++) {
    const { action, drawn, logChance } = actor.choose([1, 0.5], undefined);
    const density = drawn.reduce((sum, value, at) => {
      const z = (value - (means[at] ?? 0)) / 0.5;
      return sum - 0.5 * z * z - Math.log(0.5) - 0.5 * Math.log(2 * Math.PI);
    }, 0);
    t.true(Math.abs(density - logChance) < 1e-5);
    numbers.features.forEach(({ min, max }, at) => t.true((action[at] ?? -1e9) >= min && (action[at] ?? 1e9) <= max));
  }
});

test('a worth is told in the units of rewards', (t) => {
  const { anatomy, snapshot } = brainOf(choices);
  const how = { exploration: { kind: 'none' } as const, random };
  const worth = createActor(createBrain(anatomy, snapshot), how).worth([1, 0.5]);
  const plain = createActor(createBrain(anatomy, { ...snapshot, worth: { mean: 0, deviation: 1 } }), how).worth([
    1, 0.5,
  ]);
  t.true(Math.abs(worth - (50 + 10 * plain)) < 1e-9);
  t.is(createActor(createBrain({ ...anatomy, value: [] }, snapshot), how).worth([1, 0.5]), 0);
});

test('rows are standardised and held within ten deviations', (t) => {
  const rows = standardiseRows(Float32Array.of(1, 2, 900, 4), {
    means: Float64Array.of(1, 0),
    deviations: Float64Array.of(2, 4),
  });
  t.deepEqual(rows, Float32Array.of(0, 0.5, 10, 1));
});

test('the layers of a flat vector are views of it, one after another', (t) => {
  const shapes = denseShapes({ inputs: 2, hidden: [3], outputs: 1, activation: 'relu' });
  t.is(parameterCount(shapes), 13);
  const flat = Float32Array.from({ length: 13 }, (_, k) => k);
  const [first, last] = layersIn(shapes, flat);
  t.deepEqual(first?.bias, Float32Array.of(6, 7, 8));
  t.deepEqual(last?.kernel, Float32Array.of(9, 10, 11));
  t.deepEqual([first?.activation, last?.activation], ['relu', 'linear']);
});
