import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { evolve } from '../../../../agent-core/adapters/training/evolve.ts';
import { openPool } from '../../../../agent-core/adapters/training/pool.ts';
import { train, type TrainOptions } from '../../../../agent-core/adapters/training/train.ts';
import { fixtureModule, hashOf, taskModule } from '../../../fixtures/training/trained.ts';

const QUICK: TrainOptions = {
  module: taskModule('muddy-grid'),
  algorithm: { kind: 'dqn', hidden: [8], decisionsPerUpdate: 100, warmUp: 100, minibatch: 16 },
  seed: 1,
  decisions: 400,
  evaluation: { episodes: 2, every: 1 },
};

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'haggle-training-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.serial('tells how it goes: what plays, each update, scores where they are due', async (t) => {
  const told: string[] = [];
  const result = await train({
    ...QUICK,
    evaluation: { episodes: 2, every: 2 },
    onBegin: ({ environment, learners, backend }) => told.push(`${environment} ${learners.join()} ${backend}`),
    onUpdate: ({ update, score, reward }) => told.push(`${update} ${score !== null} ${reward !== null}`),
  });
  t.regex(told[0] ?? '', /^muddy-grid walker (wasm|node|cpu)$/);
  t.deepEqual(told.slice(1, 4), ['0 true false', '1 false true', '2 true true']);
  t.is(told.length, result.updates + 2);
  t.is(result.curve.length, result.updates + 1);
  t.true(result.decisions >= 400 && result.episodes > 4 && result.seconds > 0);
  t.is(result.stopped, 'budget');
});

test.serial('ends early once a score is reached, and once no evaluation is better', async (t) => {
  t.is((await train({ ...QUICK, stop: { score: -1 } })).updates, 0);
  const still = await train({ ...QUICK, decisions: 100_000, stop: { patience: 3 } });
  t.is(still.stopped, 'patience');
  t.true(still.decisions < 100_000);
});

test.serial('hears of an interrupt between updates though it plays in this thread', async (t) => {
  const stop = new AbortController();
  setImmediate(() => stop.abort());
  const { stopped, decisions } = await train({ ...QUICK, decisions: 100_000, signal: stop.signal });
  t.is(stopped, 'signal');
  t.true(decisions < 100_000);
});

test.serial('an interrupt before the first update leaves a checkpoint to go on from', async (t) => {
  await inFolder(async (folder) => {
    const checkpoint = { file: join(folder, 'training'), resume: true };
    const { stopped, updates } = await train({ ...QUICK, checkpoint, signal: AbortSignal.abort() });
    t.deepEqual([stopped, updates], ['signal', 0]);
    t.deepEqual(readdirSync(folder), ['training']);
    const { last } = await train({ ...QUICK, checkpoint });
    t.is(hashOf(last.snapshot), hashOf((await train(QUICK)).last.snapshot));
  });
});

test.serial('the best policy is that of the greatest score, the later one of equals', async (t) => {
  const { best, curve } = await train({ ...QUICK, decisions: 1_000 });
  const scores = curve.map(({ score }) => score ?? -Infinity);
  t.is(best.score, Math.max(...scores));
  t.is(best.update, scores.lastIndexOf(best.score));
});

for (const how of ['throw', 'exit'] as const) {
  test.serial(
    `an episode that fails ends the training with its seed and leaves nothing half written: ${how}`,
    async (t) => {
      await inFolder(async (folder) => {
        const file = join(folder, 'training');
        const checkpoint = { file, every: 1, resume: true };
        const module = fixtureModule('failing', { how, after: 60 });
        const failing = { ...QUICK, module, checkpoint, decisions: 10_000, workers: 2 };
        const failure = await t.throwsAsync<Error & { readonly fields?: Record<string, unknown> }>(train(failing), {
          code: how === 'throw' ? 'training-failed' : 'training-worker-died',
          message: how === 'throw' ? /the episode of seed \d+ failed: out of cells/ : /died/,
        });
        t.is(typeof failure.fields?.['seed'], 'number');
        t.deepEqual(readdirSync(folder), ['training'], 'the checkpoint of before, and no part of one');
        await t.throwsAsync(train(failing), { code: how === 'throw' ? 'training-failed' : 'training-worker-died' });
      });
    },
  );
}

test.serial('an episode that fails in this thread says its seed too', async (t) => {
  const module = fixtureModule('failing', { how: 'throw' });
  await t.throwsAsync(train({ ...QUICK, module }), {
    code: 'training-failed',
    message: /seed \d+ failed: out of cells/,
  });
});

test.serial('goes on only from a whole checkpoint of the same settings', async (t) => {
  await inFolder(async (folder) => {
    const file = join(folder, 'training');
    const checkpoint = { file, resume: true };
    await train({ ...QUICK, checkpoint });
    await t.throwsAsync(train({ ...QUICK, seed: 2, checkpoint }), { code: 'checkpoint-mismatch' });
    const wider = { ...QUICK, algorithm: { ...QUICK.algorithm, hidden: [9] } };
    await t.throwsAsync(train({ ...wider, checkpoint }), { code: 'checkpoint-mismatch' });
    const bytes = readFileSync(file);
    for (const broken of [
      bytes.subarray(0, -1),
      bytes.subarray(0, 5),
      Buffer.from(bytes).fill(0, 200, 201),
      Buffer.alloc(0),
    ]) {
      writeFileSync(file, broken);
      await t.throwsAsync(train({ ...QUICK, checkpoint }), { code: 'bad-checkpoint' });
    }
    t.is((await train({ ...QUICK, checkpoint: { file } })).stopped, 'budget', 'without resume it begins anew');
    const nowhere = join(folder, 'absent', 'training');
    await t.throwsAsync(train({ ...QUICK, checkpoint: { file: nowhere } }), { code: 'cannot-write' });
  });
});

test.serial(
  'self-play: the learner beats its first version, and earlier versions are part of a checkpoint',
  async (t) => {
    await inFolder(async (folder) => {
      const duel: TrainOptions = {
        module: fixtureModule('duel'),
        algorithm: { kind: 'ppo', hidden: [8], decisionsPerUpdate: 200, minibatch: 64, policyRate: 0.01 },
        rivals: { agents: ['right'], every: 2, keep: 3 },
        seed: 4,
        decisions: 2_000,
        evaluation: { episodes: 4, every: 5 },
      };
      const whole = await train(duel);
      // Against the first version, which has no preference worth the name and acts on its greatest score.
      t.true(whole.last.score >= 0, String(whole.last.score));
      const entropies = whole.curve.map(({ losses }) => losses['entropy'] ?? Math.LN2);
      t.true((entropies.at(-1) ?? 1) < 0.3, 'it has learnt that one choice is never worse');
      const checkpoint = { file: join(folder, 'duel'), every: 1, resume: true };
      const stop = new AbortController();
      await train({ ...duel, checkpoint, signal: stop.signal, onUpdate: ({ update }) => update === 5 && stop.abort() });
      t.is(hashOf((await train({ ...duel, checkpoint, workers: 2 })).last.snapshot), hashOf(whole.last.snapshot));
    });
  },
);

test.serial('agents with like spaces share one policy', async (t) => {
  const algorithm = { kind: 'ppo', hidden: [8], decisionsPerUpdate: 200 } as const;
  const both = await train({ ...QUICK, module: fixtureModule('duel'), algorithm });
  t.is(both.decisions % 20, 0, 'ten rounds of two');
});

test.serial('refuses to learn for ever from episodes in which no learner has a turn', async (t) => {
  const algorithm = { kind: 'ppo', hidden: [8], decisionsPerUpdate: 20 } as const;
  const alone = { learners: ['bystander'], rivals: { agents: ['left', 'right'] } };
  const failed = train({ ...QUICK, module: fixtureModule('bystander'), algorithm, ...alone });
  await t.throwsAsync(failed, { code: 'bad-training', message: /no learner had a turn/ });
});

test.serial('agents that share a policy must have like spaces', async (t) => {
  const failed = train({ ...QUICK, module: fixtureModule('unlike') });
  await t.throwsAsync(failed, { code: 'bad-training', message: /left and right differ/ });
});

const wrong: readonly (readonly [string, Partial<TrainOptions>, RegExp])[] = [
  ['an agent that is not there', { learners: ['nobody'] }, /nobody/],
  ['nobody to train', { learners: [] }, /nobody to train/],
  ['a budget below 1', { decisions: 0 }, /decisions/],
  ['a budget that is not whole', { decisions: 0.5 }, /decisions/],
  ['too many workers', { workers: 65 }, /workers/],
  ['a gamma above 1', { algorithm: { kind: 'ppo', gamma: 1.1 } }, /gamma/],
  ['a clip that is not above 0', { algorithm: { kind: 'ppo', clip: 0 } }, /clip/],
  ['a hidden layer without width', { algorithm: { kind: 'dqn', hidden: [0] } }, /hidden\.0/],
  ['a replay buffer without room', { algorithm: { kind: 'dqn', replay: 0 } }, /replay/],
  ['an odd population', { algorithm: { kind: 'evolution', population: 5 } }, /population/],
  ['choices asked of a box', { module: taskModule('newsvendor'), algorithm: { kind: 'dqn' } }, /box/],
  [
    'rivals of an evolution',
    { module: fixtureModule('duel'), algorithm: { kind: 'evolution' }, rivals: { agents: ['right'] } },
    /versions/,
  ],
];
test.serial('a setting that is undefined counts as left out', async (t) => {
  const algorithm = { ...QUICK.algorithm, gamma: undefined, rate: undefined, activation: undefined };
  const left = { ...QUICK, algorithm, workers: undefined, stop: undefined, checkpoint: undefined };
  const { last } = await train(left as unknown as TrainOptions);
  t.is(hashOf(last.snapshot), hashOf((await train(QUICK)).last.snapshot));
});

for (const [what, options, message] of wrong) {
  test.serial(`refuses ${what}`, async (t) => {
    await t.throwsAsync(train({ ...QUICK, ...options }), { code: 'bad-training', message });
  });
}

for (const workers of [0, 1]) {
  test.serial(`refuses a module that is absent or offers nothing, with ${workers} workers`, async (t) => {
    for (const name of ['absent', 'empty', 'trained']) {
      const failed = train({ ...QUICK, module: fixtureModule(name), workers });
      await t.throwsAsync(failed, { code: 'bad-training-module', message: new RegExp(name) });
    }
    const fitness = train({ ...QUICK, module: fixtureModule('hill', { top: [1] }), workers });
    await t.throwsAsync(fitness, { code: 'training-failed', message: /createEnv/ });
  });
}

const HILL = {
  module: fixtureModule('hill', { top: [3, -2, 0.5] }),
  start: [0, 0, 0],
  deviation: 1,
  generations: 60,
  seed: 3,
  evaluation: { episodes: 4, every: 10 },
};

test.serial(
  'an evolution of any fitness finds its top, with any number of workers and over interruptions',
  async (t) => {
    await inFolder(async (folder) => {
      const whole = await evolve(HILL);
      [3, -2, 0.5].forEach((at, k) =>
        t.true(Math.abs((whole.best.weights[k] ?? 9) - at) < 0.02, String(whole.best.weights)),
      );
      t.deepEqual((await evolve({ ...HILL, workers: 2 })).last.weights, whole.last.weights);
      const stop = new AbortController();
      const checkpoint = { file: join(folder, 'hill'), every: 1, resume: true };
      await evolve({
        ...HILL,
        checkpoint,
        signal: stop.signal,
        onUpdate: ({ update }) => update === 30 && stop.abort(),
      });
      const resumed = await evolve({ ...HILL, checkpoint });
      t.deepEqual(resumed.last.weights, whole.last.weights);
      t.is(resumed.curve.length, whole.curve.length);
    });
  },
);

test.serial('a fitness may be awaited', async (t) => {
  const short = { ...HILL, generations: 5 };
  const { last } = await evolve(short);
  for (const workers of [0, 2]) {
    const module = { ...HILL.module, url: fixtureModule('awaited-hill').url };
    t.deepEqual((await evolve({ ...short, module, workers })).last.weights, last.weights);
  }
});

test.serial('refuses fitness that is none, and an environment where a fitness is wanted', async (t) => {
  await t.throwsAsync(evolve({ ...HILL, module: fixtureModule('hill', {}) }), {
    code: 'training-failed',
    message: /finite/,
  });
  await t.throwsAsync(evolve({ ...HILL, module: taskModule('muddy-grid') }), {
    code: 'training-failed',
    message: /evaluate/,
  });
});

test('what is queued when a pool is closed is not begun', async (t) => {
  const url = 'data:text/javascript,export const evaluate = () => 1;';
  const pool = await openPool({ url, options: null }, 0);
  const jobs = [1, 2].map((seed) => pool.run({ type: 'fitness', seed, weights: new Float32Array(1) }));
  await Promise.all([
    ...jobs.map(async (job) => t.throwsAsync(job, { code: 'training-failed', message: /the training is over/ })),
    pool.close(),
  ]);
});
