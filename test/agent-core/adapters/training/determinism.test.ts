import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Algorithm } from '../../../../agent-core/adapters/training/options.ts';
import { train, type TrainOptions } from '../../../../agent-core/adapters/training/train.ts';
import { hashOf, taskModule } from '../../../fixtures/training/trained.ts';

const KINDS: readonly (readonly [string, string, Algorithm])[] = [
  ['PPO with choices', 'cart-pole', { kind: 'ppo', hidden: [16], decisionsPerUpdate: 200, minibatch: 64, epochs: 2 }],
  ['PPO with numbers', 'newsvendor', { kind: 'ppo', hidden: [16], decisionsPerUpdate: 200, minibatch: 64, epochs: 2 }],
  [
    'DQN',
    'muddy-grid',
    { kind: 'dqn', hidden: [16], decisionsPerUpdate: 200, warmUp: 300, replay: 500, targetEvery: 20 },
  ],
  ['an evolution', 'cart-pole', { kind: 'evolution', hidden: [4], episodes: 2, population: 4 }],
];

async function outcome(name: string, algorithm: Algorithm, options: Partial<TrainOptions> = {}): Promise<string> {
  const result = await train({
    module: taskModule(name),
    algorithm,
    seed: 7,
    decisions: 1_000,
    evaluation: { episodes: 3, every: 2 },
    ...options,
  });
  const scores = result.curve.map(({ score, reward, decisions }) => `${decisions}: ${score} ${reward}`);
  return [hashOf(result.last.snapshot), result.best.update, ...scores].join('\n');
}

for (const [what, name, algorithm] of KINDS) {
  test.serial(`${what}: one seed gives one policy, whether 0, 1 or 2 workers play`, async (t) => {
    const alone = await outcome(name, algorithm);
    t.is(await outcome(name, algorithm), alone, 'twice in one process');
    t.is(await outcome(name, algorithm, { workers: 1 }), alone, 'one worker');
    t.is(await outcome(name, algorithm, { workers: 2 }), alone, 'two workers');
    t.not(await outcome(name, algorithm, { seed: 8 }), alone, 'another seed');
  });

  test.serial(`${what}: a training that was interrupted ends like one that was not`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'haggle-training-'));
    try {
      const checkpoint = { file: join(folder, 'training'), every: 1, resume: true };
      const whole = await outcome(name, algorithm);
      const stop = new AbortController();
      const abort = ({ update }: { readonly update: number }): void => {
        if (update === 2) stop.abort();
      };
      const part = await outcome(name, algorithm, { checkpoint, signal: stop.signal, onUpdate: abort });
      t.not(part, whole);
      t.is(await outcome(name, algorithm, { checkpoint }), whole);
      t.is(await outcome(name, algorithm, { checkpoint }), whole, 'what has ended stays as it is');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test.serial('on the plain backend too one seed gives one policy', async (t) => {
  const [, name, algorithm] = KINDS[0] ?? ['', '', { kind: 'evolution' }];
  const alone = await outcome(name, algorithm, { backend: 'cpu' });
  t.is(await outcome(name, algorithm, { backend: 'cpu', workers: 2 }), alone);
});
