import test from 'ava';
import { checkEnv } from '../../../../agent-core/learning/check-env.ts';
import { createRandomRoot } from '../../../../agent-core/random.ts';
import { cartPole, CART_POLE_STEPS } from '../../../../agent-core/testing/tasks/cart-pole.ts';
import {
  gridCells,
  gridMask,
  gridWorths,
  moveFrom,
  muddyGrid,
} from '../../../../agent-core/testing/tasks/muddy-grid.ts';
import { bestOrder, meanProfit, newsvendor, newsvendorMeans } from '../../../../agent-core/testing/tasks/newsvendor.ts';

for (const make of [cartPole, muddyGrid, newsvendor]) {
  test(`is an environment without fault: ${make.name}`, (t) => {
    t.deepEqual(checkEnv(make(), { make, episodes: 3 }).findings, []);
  });
}

test('a cart that is always pushed one way drops its pole within a dozen steps', (t) => {
  const env = cartPole();
  let turn = env.reset(1).get('cart');
  let steps = 0;
  while (turn !== undefined && !turn.terminated && !turn.truncated) {
    turn = env.step(new Map([['cart', [1]]])).get('cart');
    steps++;
  }
  t.true(turn?.terminated === true && steps > 7 && steps < 13, String(steps));
});

test('a pole that is balanced by a plain rule stands until the episode is cut off', (t) => {
  const env = cartPole();
  let turn = env.reset(2).get('cart');
  let steps = 0;
  while (turn !== undefined && !turn.terminated && !turn.truncated) {
    const [place = 0, speed = 0, tilt = 0, turning = 0] = turn.observation;
    turn = env.step(new Map([['cart', [0.1 * place + 0.3 * speed + 5 * tilt + turning > 0 ? 1 : 0]]])).get('cart');
    steps++;
  }
  t.true(turn?.truncated);
  t.is(steps, CART_POLE_STEPS);
});

test('the grid is walked another way, and a worse one, by who discounts steps instead of time', (t) => {
  const timed = gridWorths(0.9);
  const untimed = gridWorths(0.9, false);
  const differing = gridCells.filter((cell) => {
    const byStep = untimed.get(cell) ?? [];
    const worths = timed.get(cell) ?? [];
    return (worths[byStep.indexOf(Math.max(...byStep))] ?? 0) < Math.max(...worths) - 1e-9;
  });
  t.deepEqual(differing, [0, 4, 8]);
});

test('worths of the grid are those of Bellman: reward, and what follows discounted by time', (t) => {
  const worths = gridWorths(0.9);
  for (const cell of gridCells) {
    gridMask(cell).forEach((open, choice) => {
      const move = moveFrom(cell, choice);
      const worth = worths.get(cell)?.[choice] ?? Number.NaN;
      if (move === null) {
        t.false(open);
        t.is(worth, -Infinity);
        return;
      }
      const after = move.terminated ? 0 : 0.9 ** move.elapsed * Math.max(...(worths.get(move.to) ?? []));
      t.true(Math.abs(worth - move.reward - after) < 1e-12);
    });
  }
});

test('the critical fractile is the best order, and mean profit is the mean of profits', (t) => {
  for (const mean of newsvendorMeans) {
    const best = bestOrder(mean);
    for (const off of [-20, -1, 1, 20]) t.true(meanProfit(mean, best) > meanProfit(mean, best + off), `${mean} ${off}`);
  }
  const random = createRandomRoot(1).stream('demand');
  const draws = 200_000;
  let sum = 0;
  for (let k = 0; k < draws; k++) {
    const demand = 50 * (0.4 + 1.2 * random.uniform());
    const sold = Math.min(60, demand);
    sum += 10 * sold + (60 - sold) - 4 * 60;
  }
  t.true(Math.abs(sum / draws - meanProfit(50, 60)) < 0.5);
});

test('tasks refuse agents they have not, actions out of turn, and choices that are masked', (t) => {
  const env = muddyGrid();
  t.throws(() => env.observationSpace('nobody'), { code: 'no-such-agent' });
  t.throws(() => env.step(new Map([['walker', [1]]])), { code: 'bad-action' });
  env.reset(1);
  t.throws(() => env.step(new Map()), { code: 'bad-action' });
  const cell = env.reset(1).get('walker')?.observation.indexOf(1) ?? -1;
  const masked = gridMask(cell).indexOf(false);
  t.throws(() => env.step(new Map([['walker', [masked]]])), { code: 'bad-action' });
  t.is(newsvendor().actionSpace('vendor').kind, 'box');
});
