/** Each way to learn reaches a known optimum, with seeds 1, 2 and 3 of each. Judged by the policy file's own policy on seeds never trained on. */
import test from 'ava';
import { train, type TrainingResult } from '../../../../agent-core/adapters/training/train.ts';
import { cartPole } from '../../../../agent-core/testing/tasks/cart-pole.ts';
import { gridCells, gridMask, gridView, gridWorths } from '../../../../agent-core/testing/tasks/muddy-grid.ts';
import { bestOrder, meanProfit, newsvendorMeans } from '../../../../agent-core/testing/tasks/newsvendor.ts';
import { meanReward, policyOf, taskModule } from '../../../fixtures/training/trained.ts';

const SEEDS = [1, 2, 3];
const FRESH = Array.from({ length: 100 }, (_, k) => 1_000 + k);

function cartScore({ anatomy, best }: TrainingResult): number {
  return meanReward(cartPole(), policyOf(anatomy, best.snapshot), FRESH);
}

for (const seed of SEEDS) {
  test.serial(`PPO balances the pole for 475 of 500 steps and more, over 100 episodes: seed ${seed}`, async (t) => {
    const result = await train({
      module: taskModule('cart-pole'),
      algorithm: { kind: 'ppo', hidden: [32, 32] },
      seed,
      decisions: 40_000,
      evaluation: { episodes: 50, every: 2 },
      stop: { score: 495 },
    });
    const score = cartScore(result);
    t.true(score >= 475, `${score} after ${result.decisions} decisions`);
  });

  test.serial(`an evolution strategy balances the pole for 475 of 500 steps and more: seed ${seed}`, async (t) => {
    const result = await train({
      module: taskModule('cart-pole'),
      algorithm: { kind: 'evolution', hidden: [] },
      seed,
      decisions: 400_000,
      evaluation: { episodes: 50, every: 2 },
      stop: { score: 495 },
    });
    const score = cartScore(result);
    t.true(score >= 475, `${score} after ${result.decisions} decisions`);
  });

  test.serial(`PPO orders newspapers within 2 % of the analytic optimum, and beats random: seed ${seed}`, async (t) => {
    const result = await train({
      module: taskModule('newsvendor'),
      algorithm: { kind: 'ppo', hidden: [16], gamma: 0, policyRate: { from: 2e-3, to: 2e-4 } },
      seed,
      decisions: 30_000,
      evaluation: { episodes: 100, every: 5 },
    });
    const policy = policyOf(result.anatomy, result.last.snapshot);
    const profit = (orderFor: (mean: number) => number): number =>
      newsvendorMeans.reduce((sum, mean) => sum + meanProfit(mean, orderFor(mean)), 0);
    const optimum = profit(bestOrder);
    const learnt = profit((mean) => policy.act([mean])[0] ?? 0);
    const random = Array.from({ length: 151 }, (_, order) => profit(() => order)).reduce(
      (sum, one) => sum + one / 151,
      0,
    );
    t.true(learnt >= 0.98 * optimum, `${learnt} of ${optimum}`);
    t.true(learnt > random + 0.5 * (optimum - random), `${learnt}, at random ${random}`);
  });

  test.serial(
    `DQN walks the grid in the best way, by time and not by steps, from every cell: seed ${seed}`,
    async (t) => {
      const result = await train({
        module: taskModule('muddy-grid'),
        algorithm: { kind: 'dqn', hidden: [32], gamma: 0.9 },
        seed,
        decisions: 9_000,
        evaluation: { episodes: 10, every: 100 },
      });
      const policy = policyOf(result.anatomy, result.last.snapshot);
      const worths = gridWorths(0.9);
      for (const cell of gridCells) {
        const [choice = -1] = policy.act(gridView(cell), gridMask(cell));
        const [taken = Number.NaN, best] = [worths.get(cell)?.[choice], Math.max(...(worths.get(cell) ?? []))];
        t.true(taken > best - 1e-9, `cell ${cell}: choice ${choice} is worth ${taken} of ${best}`);
      }
    },
  );
}
