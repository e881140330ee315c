import test from 'ava';
import { stepByDqn } from '../../../../agent-core/adapters/tensorflow/dqn-update.ts';
import { loadTensorflow, type Tensorflow } from '../../../../agent-core/adapters/tensorflow/load.ts';
import { parameterTensors, passForward, slopeOf } from '../../../../agent-core/adapters/tensorflow/network-weights.ts';
import { updateByPpo, type PpoSettings } from '../../../../agent-core/adapters/tensorflow/ppo-update.ts';
import { createAdam } from '../../../../agent-core/learning/adam.ts';
import type { Anatomy } from '../../../../agent-core/learning/actor.ts';
import { denseShapes, firstParameters, layersIn } from '../../../../agent-core/learning/flat-network.ts';
import type { Experience } from '../../../../agent-core/learning/path.ts';
import { compileNetwork } from '../../../../agent-core/policy/kernel/compile.ts';
import { box, discrete, type ActionSpace } from '../../../../agent-core/policy/space.ts';
import { createRandomRoot } from '../../../../agent-core/random.ts';

const observes = box([
  { name: 'a', min: -1, max: 1 },
  { name: 'b', min: -1, max: 1 },
]);
const choices = discrete(['x', 'y', 'z']);
const number = box([{ name: 'n', min: -1, max: 1 }]);

function anatomyFor(acts: ActionSpace): Anatomy {
  const outputs = acts.kind === 'discrete' ? acts.choices.length : acts.features.length;
  const net = { inputs: 2, hidden: [8], activation: 'tanh' as const };
  return { observes, acts, policy: denseShapes({ ...net, outputs }), value: denseShapes({ ...net, outputs: 1 }) };
}

const draws = (name: string): ReturnType<ReturnType<typeof createRandomRoot>['stream']> =>
  createRandomRoot(9).stream(name);

const SETTINGS: PpoSettings = {
  epochs: 4,
  minibatch: 16,
  clip: 0.2,
  entropy: 0,
  policyRate: 0.01,
  valueRate: 0.01,
  norm: 1,
  divergence: 10,
};

/** 64 decisions in one state: the last choice was good, the others bad; the middle one is masked. */
function oneSided(width: number): Experience {
  const count = 64;
  const good = (row: number): boolean => row % 2 === 0;
  const rows = <Value>(of: (row: number) => Value): Value[] => Array.from({ length: count }, (_, row) => of(row));
  return {
    observations: new Float32Array(2 * count).fill(0.5),
    masks: Float32Array.from(rows(() => (width === 3 ? [1, 0, 1] : [])).flat()),
    actions: Float32Array.from(rows((row) => (width === 3 ? (good(row) ? 2 : 0) : good(row) ? 0.5 : -0.5))),
    logChances: new Float32Array(count).fill(width === 3 ? Math.log(0.5) : -1),
    advantages: Float32Array.from(rows((row) => (good(row) ? 1 : -1))),
    returns: new Float32Array(count).fill(2),
  };
}

function stateFor(anatomy: Anatomy): Parameters<typeof updateByPpo>[1] {
  const layers = firstParameters(anatomy.policy, draws('policy'), 0.01);
  const policy = anatomy.acts.kind === 'box' ? Float32Array.from([...layers, Math.log(0.5)]) : layers;
  const value = firstParameters(anatomy.value, draws('value'), 0.01);
  return { policy, value, policyAdam: createAdam(policy.length), valueAdam: createAdam(value.length) };
}

function answerOf(shapes: Anatomy['policy'], flat: Float32Array): readonly number[] {
  const output = new Float32Array(shapes.at(-1)?.outputs ?? 0);
  compileNetwork({ layers: layersIn(shapes, flat) }).run([0.5, 0.5], output);
  return Array.from(output);
}

function ppo(
  tf: Tensorflow,
  acts: ActionSpace,
  settings: Partial<PpoSettings> = {},
): {
  readonly losses: ReturnType<typeof updateByPpo>;
  readonly state: Parameters<typeof updateByPpo>[1];
  readonly anatomy: Anatomy;
} {
  const anatomy = anatomyFor(acts);
  const state = stateFor(anatomy);
  const experience = oneSided(acts.kind === 'discrete' ? 3 : 1);
  const losses = updateByPpo({ tf, anatomy }, state, {
    experience,
    settings: { ...SETTINGS, ...settings },
    random: draws('order'),
  });
  return { losses, state, anatomy };
}

for (const backend of ['cpu', 'wasm'] as const) {
  test.serial(`the forward pass is that of the kernel, to 1e-5: ${backend}`, async (t) => {
    const { tf } = await loadTensorflow(backend);
    for (const activation of ['relu', 'tanh'] as const) {
      const shapes = denseShapes({ inputs: 5, hidden: [16, 16], outputs: 3, activation });
      const flat = firstParameters(shapes, draws(activation), 1);
      const random = draws('inputs');
      const rows = Float32Array.from({ length: 50 }, () => random.normal());
      let answers: Float32Array = new Float32Array(0);
      tf.tidy(() => {
        const output = passForward(shapes, parameterTensors(tf, shapes, flat), tf.tensor2d(rows, [10, 5]));
        answers = output.dataSync<'float32'>();
      });
      const kernel = compileNetwork({ layers: layersIn(shapes, flat) });
      const output = new Float32Array(3);
      for (let row = 0; row < 10; row++) {
        kernel.run(rows.subarray(5 * row, 5 * row + 5), output);
        output.forEach((value, k) => t.true(Math.abs(value - (answers[3 * row + k] ?? 9)) < 1e-5));
      }
    }
  });

  test.serial(`a gradient is the slope that small steps show: ${backend}`, async (t) => {
    const { tf } = await loadTensorflow(backend);
    const shapes = denseShapes({ inputs: 2, hidden: [4], outputs: 2, activation: 'tanh' });
    const flat = firstParameters(shapes, draws('slope'), 1);
    const slope = (at: Float32Array): ReturnType<typeof slopeOf> =>
      slopeOf(
        tf,
        () => parameterTensors(tf, shapes, at),
        (variables) =>
          passForward(shapes, variables, tf.tensor2d([[0.3, -0.8]]))
            .square()
            .sum(),
      );
    const { gradient } = slope(flat);
    flat.forEach((value, k) => {
      const by = (step: number): number => slope(flat.with(k, value + step)).loss;
      t.true(Math.abs((by(0.01) - by(-0.01)) / 0.02 - (gradient[k] ?? 9)) < 2e-3, String(k));
    });
  });

  test.serial(`PPO makes good choices likelier and leaves masked ones alone: ${backend}`, async (t) => {
    const { tf } = await loadTensorflow(backend);
    const { losses, state, anatomy } = ppo(tf, choices);
    const [bad = 0, , good = 0] = answerOf(anatomy.policy, state.policy);
    t.true(good > bad + 0.1, `${good} ${bad}`);
    const masked = layersIn(anatomy.policy, state.policy).at(-1)?.bias[1];
    t.is(masked, 0, 'the bias of a masked choice has no gradient');
    t.true(losses.steps === 16 && losses.entropy > 0 && losses.entropy <= Math.LN2 + 1e-6);
  });

  test.serial(`PPO moves the mean of a number towards what was good: ${backend}`, async (t) => {
    const { tf } = await loadTensorflow(backend);
    const { state, anatomy } = ppo(tf, number);
    const [mean = 0] = answerOf(anatomy.policy, state.policy);
    t.true(mean > 0.02, String(mean));
  });

  test.serial(`updates leave no tensor behind: ${backend}`, async (t) => {
    const { tf } = await loadTensorflow(backend);
    ppo(tf, choices);
    const before = tf.memory().numTensors;
    ppo(tf, choices);
    ppo(tf, number);
    dqn(tf, 3);
    t.is(tf.memory().numTensors, before);
  });
}

test.serial('PPO fits the value net to the returns', async (t) => {
  const { tf } = await loadTensorflow('wasm');
  const { state, anatomy } = ppo(tf, choices, { epochs: 60 });
  const [value = 0] = answerOf(anatomy.value, state.value);
  t.true(Math.abs(value - 2) < 0.2, String(value));
});

test.serial('PPO ends the epochs of the policy once it has moved too far, not those of the value', async (t) => {
  const { tf } = await loadTensorflow('wasm');
  const { losses, state, anatomy } = ppo(tf, choices, { epochs: 60, divergence: 0.01 });
  t.true(losses.steps < 60, String(losses.steps));
  t.true(losses.divergence > 0.01);
  t.true(Math.abs((answerOf(anatomy.value, state.value)[0] ?? 0) - 2) < 0.2);
});

test.serial('an entropy bonus widens a normal policy', async (t) => {
  const { tf } = await loadTensorflow('wasm');
  const plain = ppo(tf, number).state.policy.at(-1) ?? 0;
  const wide = ppo(tf, number, { entropy: 1 }).state.policy.at(-1) ?? 0;
  t.true(wide > plain + 0.02, `${wide} ${plain}`);
});

function dqn(
  tf: Tensorflow,
  steps: number,
  change: (row: number) => { mask: readonly number[]; discount: number } = () => ({ mask: [1, 1, 1], discount: 0 }),
): {
  readonly scores: Float32Array;
  readonly target: Float32Array;
  readonly anatomy: Anatomy;
} {
  const anatomy = anatomyFor(choices);
  const scores = firstParameters(anatomy.policy, draws('scores'), 0.01);
  const target = firstParameters(anatomy.policy, draws('target'), 0.01);
  // In the next state the target net finds the choices worth 1, 20 and 3, whatever it sees.
  layersIn(anatomy.policy, target).at(-1)?.kernel.fill(0);
  layersIn(anatomy.policy, target).at(-1)?.bias.set([1, 20, 3]);
  const rows = [0, 1, 2, 0, 1, 2];
  const batch = {
    observations: new Float32Array(12).fill(0.5),
    actions: Float32Array.from(rows),
    rewards: Float32Array.from(rows, (choice) => choice * 0.5),
    discounts: Float32Array.from(rows, (_, row) => change(row).discount),
    nextObservations: new Float32Array(12).fill(0.5),
    nextMasks: Float32Array.from(rows.flatMap((_, row) => change(row).mask)),
  };
  const adam = createAdam(scores.length);
  for (let k = 0; k < steps; k++) {
    stepByDqn({ tf, anatomy }, { scores, target, adam }, { batch, rate: 0.02, norm: 10 });
  }
  return { scores, target, anatomy };
}

test.serial('DQN learns what choices are worth that end the episode', async (t) => {
  const { tf } = await loadTensorflow('wasm');
  const { scores, anatomy } = dqn(tf, 200);
  answerOf(anatomy.policy, scores).forEach((score, choice) =>
    t.true(Math.abs(score - choice / 2) < 0.02, String(score)),
  );
});

test.serial(
  'DQN counts what follows by its own discount and the older net, of the open choice that the newer net picks',
  async (t) => {
    const { tf } = await loadTensorflow('wasm');
    // Choice 1, worth 20 to the older net, is masked; of the others the newer net comes to prefer the last, which the older finds worth 3.
    const { scores, anatomy } = dqn(tf, 600, () => ({ mask: [1, 0, 1], discount: 0.5 }));
    answerOf(anatomy.policy, scores).forEach((score, choice) => {
      t.true(Math.abs(score - (choice / 2 + 0.5 * 3)) < 0.05, String(score));
    });
  },
);

test.serial('the deviation of an action stays within bounds, whatever the advantages say', async (t) => {
  const { tf } = await loadTensorflow('cpu');
  const wide = ppo(tf, number, { entropy: 1_000, policyRate: 1, divergence: 1e9 });
  t.is(wide.state.policy.at(-1), 2);
  const narrow = ppo(tf, number, { entropy: -1_000, policyRate: 1, divergence: 1e9 });
  t.is(narrow.state.policy.at(-1), -7);
});

test.serial('experience that is not finite ends the training instead of the net', async (t) => {
  const { tf } = await loadTensorflow('cpu');
  const anatomy = anatomyFor(number);
  const state = stateFor(anatomy);
  const experience = { ...oneSided(1), returns: new Float32Array(64).fill(Number.NaN) };
  t.throws(() => updateByPpo({ tf, anatomy }, state, { experience, settings: SETTINGS, random: draws('order') }), {
    code: 'training-diverged',
    message: /lower the learning rate/,
  });
  t.true(state.value.every(Number.isFinite));
});
