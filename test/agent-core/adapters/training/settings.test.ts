import test from 'ava';
import { evolve, type EvolveOptions } from '../../../../agent-core/adapters/training/evolve.ts';
import { train, type TrainOptions } from '../../../../agent-core/adapters/training/train.ts';
import { fixtureModule, taskModule } from '../../../fixtures/training/trained.ts';

const GRID: TrainOptions = { module: taskModule('muddy-grid'), algorithm: { kind: 'dqn' }, seed: 1, decisions: 400 };
const HILL: EvolveOptions = {
  module: fixtureModule('hill', { top: [1] }),
  start: [0],
  deviation: 1,
  generations: 2,
  seed: 3,
};

/** Settings as a program without a compiler has them. */
const unchecked: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
  ['a setting that there is not', { decision: 5 }, 'train: has no setting decision; it has module, algorithm, seed, '],
  [
    'an algorithm that there is not',
    { algorithm: { kind: 'sarsa' } },
    "train.algorithm.kind: Invalid discriminator value. Expected 'ppo' | 'dqn' | 'evolution', got { kind: 'sarsa' }",
  ],
  [
    'no algorithm',
    { algorithm: undefined },
    'train.algorithm: Invalid input: expected object, received undefined, got undefined',
  ],
  [
    'a misspelt setting of an algorithm',
    { algorithm: { kind: 'ppo', hiden: [4] } },
    'train.algorithm: has no setting hiden; it has kind, hidden, ',
  ],
  [
    'one width in the place of a list',
    { algorithm: { kind: 'evolution', hidden: 4 } },
    'train.algorithm.hidden: Invalid input: expected array, received number, got 4',
  ],
  [
    'a width that is no number',
    { algorithm: { kind: 'dqn', hidden: ['8'] } },
    "train.algorithm.hidden.0: Invalid input: expected number, received string, got '8'",
  ],
  [
    'another activation',
    { algorithm: { kind: 'ppo', activation: 'elu' } },
    'train.algorithm.activation: Invalid option: expected one of "relu"|"tanh", got \'elu\'',
  ],
  [
    'a schedule without an end',
    { algorithm: { kind: 'ppo', entropy: { from: 1 } } },
    'train.algorithm.entropy: expected a number from 0, or an object with from, to and over, got { from: 1 }',
  ],
  [
    'a schedule of another form',
    { algorithm: { kind: 'ppo', entropy: [1, 0] } },
    'train.algorithm.entropy: expected a number from 0, or an object with from, to and over, got [ 1, 0 ]',
  ],
  [
    'a misspelt part of a schedule',
    { algorithm: { kind: 'ppo', entropy: { from: 1, to: 0, ovr: 1 } } },
    'train.algorithm.entropy: has no setting ovr; it has from, to, over',
  ],
  ...[-1, { from: 1, to: -1 }].map(
    (rate) =>
      [
        `a rate below 0: ${JSON.stringify(rate)}`,
        { algorithm: { kind: 'dqn', rate } },
        `train.algorithm.rate${rate === -1 ? '' : '.to'}: Too small: expected number to be >=0, got -1`,
      ] as const,
  ),
  ...[NaN, Infinity].map(
    (rate) =>
      [
        `a rate that is ${rate}`,
        { algorithm: { kind: 'dqn', rate } },
        `train.algorithm.rate: expected a number from 0, or an object with from, to and over, got ${rate}`,
      ] as const,
  ),
  [
    'a schedule that ends before the training begins',
    { algorithm: { kind: 'dqn', rate: { from: 1, to: 1, over: 0 } } },
    'train.algorithm.rate.over: Too small: expected number to be >0, got 0',
  ],
  [
    'a schedule that ends after the training',
    { algorithm: { kind: 'dqn', rate: { from: 1, to: 1, over: 2 } } },
    'train.algorithm.rate.over: Too big: expected number to be <=1, got 2',
  ],
  ['no seed', { seed: undefined }, 'train.seed: expected a whole number or a text, got undefined'],
  [
    'a seed too long to be shown',
    { seed: Array.from({ length: 99 }, () => 1) },
    `train.seed: expected a whole number or a text, got [ ${'1, '.repeat(26)}…`,
  ],
  ['half a seed', { seed: 0.5 }, 'train.seed: expected a whole number or a text, got 0.5'],
  ['a seed that is no number', { seed: NaN }, 'train.seed: expected a whole number or a text, got NaN'],
  [
    'a budget of text',
    { decisions: '400' },
    "train.decisions: Invalid input: expected number, received string, got '400'",
  ],
  [
    'no module',
    { module: undefined },
    'train.module: Invalid input: expected object, received undefined, got undefined',
  ],
  [
    'a module without an address',
    { module: { options: 1 } },
    'train.module.url: Invalid input: expected string, received undefined, got undefined',
  ],
  [
    'a misspelt part of a setting',
    { evaluation: { episode: 2 } },
    'train.evaluation: has no setting episode; it has episodes, every',
  ],
  [
    'no episodes to judge by',
    { evaluation: { episodes: 0 } },
    'train.evaluation.episodes: Too small: expected number to be >=1, got 0',
  ],
  [
    'a score that is none',
    { stop: { score: NaN } },
    'train.stop.score: Invalid input: expected number, received NaN, got NaN',
  ],
  [
    'a checkpoint without a file',
    { checkpoint: { resume: true } },
    'train.checkpoint.file: Invalid input: expected string, received undefined, got undefined',
  ],
  [
    'a signal that is none',
    { signal: 'SIGINT' },
    "train.signal: Invalid input: expected AbortSignal, received string, got 'SIGINT'",
  ],
  ['an observer that cannot be called', { onUpdate: true }, 'train.onUpdate: expected a function, got true'],
  [
    'learners that are no list',
    { learners: 'walker' },
    "train.learners: Invalid input: expected array, received string, got 'walker'",
  ],
  [
    'another backend',
    { backend: 'gpu' },
    'train.backend: Invalid option: expected one of "node"|"wasm"|"cpu", got \'gpu\'',
  ],
];
for (const [what, options, message] of unchecked) {
  test(`refuses ${what}, also where no compiler did`, async (t) => {
    const settings = { ...GRID, ...options } as TrainOptions;
    const error = await t.throwsAsync(train(settings), { code: 'bad-training' });
    t.true(error.message.startsWith(message), error.message);
  });
}

test('refuses settings of an evolution that are out of bounds, missing or misspelt', async (t) => {
  for (const [options, message] of [
    [{ generations: 0 }, 'evolve.generations: Too small: expected number to be >=1, got 0'],
    [{ decisions: 5 }, 'evolve: has no setting decisions; it has module, seed, '],
    [{ seed: undefined }, 'evolve.seed: expected a whole number or a text, got undefined'],
    [{ start: 3 }, 'evolve.start: expected a list of finite numbers, got 3'],
    [{ start: [0, NaN] }, 'evolve.start: expected a list of finite numbers, got [ 0, NaN ]'],
    [{ start: [] }, 'an evolution needs at least one parameter, got none'],
    [{ deviation: 0 }, 'evolve.deviation: Too small: expected number to be >0, got 0'],
    [{ population: 3 }, 'an evolution needs an even population of at least 2, got 3'],
    [{ seedsPerCandidate: 1.5 }, 'evolve.seedsPerCandidate: Invalid input: expected int, received number, got 1.5'],
    [{ workers: 65 }, 'training takes 0 to 64 workers, got 65'],
    [{ workers: '2' }, "evolve.workers: Invalid input: expected number, received string, got '2'"],
  ] as const) {
    const settings = { ...HILL, ...options } as unknown as EvolveOptions;
    const error = await t.throwsAsync(evolve(settings), { code: 'bad-training' });
    t.true(error.message.startsWith(message), error.message);
  }
});
