/**
 * Training: how fast decisions are gathered and learnt from, and how long it takes to a known optimum: `npm run bench:training`.
 *
 * Rates are per CPU-second of this process, the best of the repeats; times to a score are the means over seeds 1, 2 and 3, in this
 * thread. Scores are those of the policy file's own policy on seeds never trained on.
 */
import type { TensorflowBackend } from '../agent-core/adapters/tensorflow/backend.ts';
import { loadTensorflow, type Tensorflow } from '../agent-core/adapters/tensorflow/load.ts';
import { stepByDqn } from '../agent-core/adapters/tensorflow/dqn-update.ts';
import { updateByPpo } from '../agent-core/adapters/tensorflow/ppo-update.ts';
import type { Algorithm } from '../agent-core/adapters/training/options.ts';
import { train, type TrainingResult } from '../agent-core/adapters/training/train.ts';
import { createAdam } from '../agent-core/learning/adam.ts';
import { createActor, createBrain, trainedNetwork, type Anatomy, type Snapshot } from '../agent-core/learning/actor.ts';
import type { DecisionEnv } from '../agent-core/learning/decision-env.ts';
import { playEpisode } from '../agent-core/learning/episode.ts';
import { denseShapes, firstParameters } from '../agent-core/learning/flat-network.ts';
import { experienceOf } from '../agent-core/learning/path.ts';
import { noShift } from '../agent-core/learning/running-normaliser.ts';
import { networkPolicy } from '../agent-core/policy/network-policy.ts';
import { decide, type Policy } from '../agent-core/policy/policy.ts';
import { box, discrete } from '../agent-core/policy/space.ts';
import { createRandomRoot } from '../agent-core/random.ts';
import { cartPole } from '../agent-core/testing/tasks/cart-pole.ts';
import { gridCells, gridMask, gridView, gridWorths } from '../agent-core/testing/tasks/muddy-grid.ts';
import { bestOrder, meanProfit, newsvendorMeans } from '../agent-core/testing/tasks/newsvendor.ts';

const REPEATS = 9;
const SEEDS = [1, 2, 3];
const BACKENDS: readonly TensorflowBackend[] = ['node', 'wasm', 'cpu'];
const FRESH = Array.from({ length: 100 }, (_, k) => 1_000 + k);

interface Case {
  readonly title: string;
  readonly task: string;
  readonly algorithm: Algorithm;
  readonly decisions: number;
  readonly stop?: number;
  readonly score: (policy: Policy) => number;
  readonly unit: string;
}

const CASES: readonly Case[] = [
  {
    title: 'PPO, cart and pole',
    task: 'cart-pole',
    algorithm: { kind: 'ppo', hidden: [32, 32] },
    decisions: 40_000,
    stop: 495,
    score: cartSteps,
    unit: 'of 500 steps',
  },
  {
    title: 'Evolution, cart and pole',
    task: 'cart-pole',
    algorithm: { kind: 'evolution', hidden: [] },
    decisions: 400_000,
    stop: 495,
    score: cartSteps,
    unit: 'of 500 steps',
  },
  {
    title: 'PPO, newsvendor',
    task: 'newsvendor',
    algorithm: { kind: 'ppo', hidden: [16], gamma: 0, policyRate: { from: 2e-3, to: 2e-4 } },
    decisions: 30_000,
    score: shareOfProfit,
    unit: '% of the analytic optimum',
  },
  {
    title: 'DQN, muddy grid',
    task: 'muddy-grid',
    algorithm: { kind: 'dqn', hidden: [32], gamma: 0.9 },
    decisions: 9_000,
    score: cellsWalkedBest,
    unit: '% of cells left in a best way',
  },
];

/** What `work` gives, and the CPU that this process spent on it, over all its threads. */
async function timed<Value>(
  work: () => Promise<Value> | Value,
): Promise<{ readonly value: Value; readonly cpuSeconds: number }> {
  const start = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(start);
  return { value, cpuSeconds: (user + system) / 1e6 };
}

async function best(count: number, work: () => void): Promise<number> {
  const rates: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) rates.push(count / (await timed(work)).cpuSeconds);
  return Math.max(...rates);
}

function cartSteps(policy: Policy): number {
  const env = cartPole();
  let steps = 0;
  for (const seed of FRESH) {
    let turn = env.reset(seed).get('cart');
    while (turn !== undefined && !turn.terminated && !turn.truncated) {
      turn = env.step(new Map([['cart', decide(policy, turn.observation).action]])).get('cart');
      steps++;
    }
  }
  return steps / FRESH.length;
}

function shareOfProfit(policy: Policy): number {
  let [learnt, optimum] = [0, 0];
  for (const mean of newsvendorMeans) {
    learnt += meanProfit(mean, decide(policy, [mean]).action[0] ?? 0);
    optimum += meanProfit(mean, bestOrder(mean));
  }
  return (100 * learnt) / optimum;
}

function cellsWalkedBest(policy: Policy): number {
  const worths = gridWorths(0.9);
  const good = gridCells.filter((cell) => {
    const choices = worths.get(cell) ?? [];
    const [choice = -1] = decide(policy, gridView(cell), gridMask(cell)).action;
    return (choices[choice] ?? -Infinity) > Math.max(...choices) - 1e-9;
  });
  return (100 * good.length) / gridCells.length;
}

interface Row {
  readonly backend: string;
  readonly cpuSeconds: number;
  readonly result: TrainingResult;
  readonly score: number;
}

async function trained(one: Case, seed: number, backend: TensorflowBackend): Promise<Row> {
  const { value: result, cpuSeconds } = await timed(() =>
    train({
      module: { url: new URL(`../agent-core/testing/tasks/${one.task}.js`, import.meta.url).href, options: {} },
      algorithm: one.algorithm,
      seed,
      decisions: one.decisions,
      backend,
      evaluation: { episodes: 50, every: 2 },
      ...(one.stop !== undefined && { stop: { score: one.stop } }),
    }),
  );
  const { snapshot } = one.stop === undefined ? result.last : result.best;
  const policy = networkPolicy({ name: 'trained', ...trainedNetwork(result.anatomy, snapshot) });
  return { backend: result.backend, cpuSeconds, result, score: one.score(policy) };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function timesToScore(backends: readonly TensorflowBackend[]): Promise<void> {
  console.log(
    '\n| learner and task | backend | decisions | updates | CPU s | score: mean (least) |\n|---|---|---|---|---|---|',
  );
  for (const one of CASES) {
    for (const backend of one.algorithm.kind === 'evolution' ? backends.slice(0, 1) : backends) {
      const rows: Row[] = [];
      for (const seed of SEEDS) rows.push(await trained(one, seed, backend));
      const of = (pick: (row: Row) => number): string => Math.round(average(rows.map(pick))).toLocaleString('en');
      const scores = rows.map(({ score }) => score);
      const score = `${average(scores).toFixed(1)} (${Math.min(...scores).toFixed(1)}) ${one.unit}`;
      const seconds = average(rows.map(({ cpuSeconds }) => cpuSeconds)).toFixed(1);
      const counts = `${of(({ result }) => result.decisions)} | ${of(({ result }) => result.updates)}`;
      console.log(`| ${one.title} | ${rows[0]?.backend ?? ''} | ${counts} | ${seconds} | ${score} |`);
    }
  }
}

const FEATURES = 32;
const CHOICES = 8;

/** The net of the kernel's own figures: 32-64-64-8. */
function sample(): { readonly anatomy: Anatomy; readonly snapshot: Snapshot } {
  const net = { inputs: FEATURES, hidden: [64, 64], activation: 'tanh' as const };
  const anatomy: Anatomy = {
    observes: box(Array.from({ length: FEATURES }, (_, k) => ({ name: `x${k}`, min: -1, max: 1 }))),
    acts: discrete(Array.from({ length: CHOICES }, (_, k) => `c${k}`)),
    policy: denseShapes({ ...net, outputs: CHOICES }),
    value: denseShapes({ ...net, outputs: 1 }),
  };
  const random = createRandomRoot('bench').stream('weights');
  const policy = firstParameters(anatomy.policy, random, 1);
  const value = firstParameters(anatomy.value, random, 1);
  return { anatomy, snapshot: { policy, value, inputs: noShift(FEATURES), worth: { mean: 0, deviation: 1 } } };
}

/** One agent, nothing to compute: what remains is what the machinery costs. */
function idleEnv(decisions: number): DecisionEnv {
  const { anatomy } = sample();
  const observation = Array.from({ length: FEATURES }, (_, k) => k / FEATURES);
  let left = decisions;
  const turn = (): ReturnType<DecisionEnv['reset']> => {
    const terminated = left-- <= 0;
    return new Map([['idle', { observation, reward: 1, elapsed: 1, terminated, truncated: false, info: {} }]]);
  };
  return {
    name: 'idle',
    possibleAgents: ['idle'],
    observationSpace: () => anatomy.observes,
    actionSpace: () => anatomy.acts,
    reset: () => {
      left = decisions;
      return turn();
    },
    step: turn,
  };
}

async function gathering(): Promise<void> {
  const { anatomy, snapshot } = sample();
  const decisions = 20_000;
  const shape = { features: FEATURES, actions: 1, choices: CHOICES };
  const env = idleEnv(decisions);
  const random = createRandomRoot('bench').stream('act');
  const play = (judges: boolean): void => {
    const brain = createBrain(judges ? anatomy : { ...anatomy, value: [] }, snapshot);
    const actor = createActor(brain, { exploration: { kind: 'sample' }, random });
    const plan = { seed: 1, decisionsMax: Infinity, playerOf: () => ({ actor, learns: true, shape }) };
    for (const path of playEpisode(env, plan).paths) experienceOf(path, { gamma: 0.99, lambda: 0.95 }, shape);
    brain.release();
  };
  const bare = (): void => {
    env.reset(1);
    const actions = new Map([['idle', [0]]]);
    for (let k = 0; k < decisions; k++) env.step(actions);
  };
  const cart = (): void => {
    const pole = cartPole();
    const actions = [new Map([['cart', [0]]]), new Map([['cart', [1]]])];
    pole.reset(1);
    for (let k = 0; k < decisions; k++) {
      const turn = pole.step(actions[k % 2] ?? new Map()).get('cart');
      if (turn?.terminated === true || turn?.truncated === true) pole.reset(k);
    }
  };
  console.log('| gathering, one thread | thousand decisions per CPU-second |\n|---|---|');
  for (const [title, work] of [
    ['an environment that does nothing, stepped', bare],
    ['cart and pole, stepped', cart],
    ['with a policy net 32-64-64-8, drawn and written down', () => play(false)],
    ['and a value net, and advantages', () => play(true)],
  ] as const) {
    work();
    console.log(`| ${title} | ${((await best(decisions, work)) / 1_000).toFixed(0)} |`);
  }
}

function ppoPass(tf: Tensorflow, minibatch: number, steps: number): void {
  const { anatomy, snapshot } = sample();
  const random = createRandomRoot('bench').stream('experience');
  const count = minibatch * steps;
  const normals = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
  const experience = {
    observations: normals(count * FEATURES),
    masks: new Float32Array(count * CHOICES).fill(1),
    actions: Float32Array.from({ length: count }, () => random.integer(0, CHOICES - 1)),
    logChances: new Float32Array(count).fill(-Math.log(CHOICES)),
    advantages: normals(count),
    returns: normals(count),
  };
  const [policy, value] = [snapshot.policy.slice(), snapshot.value.slice()];
  const adams = { policyAdam: createAdam(policy.length), valueAdam: createAdam(value.length) };
  const settings = {
    epochs: 1,
    minibatch,
    clip: 0.2,
    entropy: 0,
    policyRate: 1e-4,
    valueRate: 1e-4,
    norm: 0.5,
    divergence: 99,
  };
  updateByPpo({ tf, anatomy }, { policy, value, ...adams }, { experience, settings, random });
}

function dqnSteps(tf: Tensorflow, minibatch: number, steps: number): void {
  const { anatomy, snapshot } = sample();
  const random = createRandomRoot('bench').stream('transitions');
  const normals = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
  const batch = {
    observations: normals(minibatch * FEATURES),
    actions: Float32Array.from({ length: minibatch }, () => random.integer(0, CHOICES - 1)),
    rewards: normals(minibatch),
    discounts: new Float32Array(minibatch).fill(0.9),
    nextObservations: normals(minibatch * FEATURES),
    nextMasks: new Float32Array(minibatch * CHOICES).fill(1),
  };
  const scores = snapshot.policy.slice();
  const state = { scores, target: snapshot.policy.slice(), adam: createAdam(scores.length) };
  for (let k = 0; k < steps; k++) stepByDqn({ tf, anatomy }, state, { batch, rate: 1e-4, norm: 10 });
}

async function updating(backends: readonly TensorflowBackend[]): Promise<void> {
  console.log(
    '\n| gradient steps per CPU-second, 32-64-64-8 | backend | batch 64 | 256 | 1024 |\n|---|---|---|---|---|',
  );
  for (const [title, pass] of [
    ['PPO: policy and value', ppoPass],
    ['DQN: double, with target net', dqnSteps],
  ] as const) {
    for (const backend of backends) {
      const { tf } = await loadTensorflow(backend);
      const cells: string[] = [];
      for (const [minibatch, steps] of [
        [64, 60],
        [256, 30],
        [1_024, 10],
      ] as const) {
        pass(tf, minibatch, 3);
        cells.push((await best(steps, () => pass(tf, minibatch, steps))).toFixed(0));
      }
      console.log(`| ${title} | ${backend} | ${cells.join(' | ')} |`);
    }
  }
}

async function available(): Promise<readonly TensorflowBackend[]> {
  const found: TensorflowBackend[] = [];
  for (const backend of BACKENDS) {
    try {
      await loadTensorflow(backend);
      found.push(backend);
    } catch (cause) {
      console.log(cause instanceof Error ? cause.message.split(' at path')[0] : cause);
    }
  }
  return found;
}

console.log(`Node ${process.version}`);
const backends = await available();
await gathering();
await updating(backends);
await timesToScore(backends);
