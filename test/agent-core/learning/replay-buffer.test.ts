import test from 'ava';
import { createReplay, joinTransitions, type Transitions } from '../../../agent-core/learning/replay-buffer.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';

const SHAPE = { features: 2, choices: 2 };

function rows(...numbers: readonly number[]): Transitions {
  const twice = Float32Array.from(numbers.flatMap((number) => [number, -number]));
  return {
    observations: twice,
    actions: Float32Array.from(numbers, () => 1),
    rewards: Float32Array.from(numbers),
    discounts: Float32Array.from(numbers, () => 0.5),
    nextObservations: twice.map((number) => number + 1),
    nextMasks: Float32Array.from(numbers.flatMap(() => [1, 0])),
  };
}

test('keeps the latest transitions and forgets the oldest', (t) => {
  const replay = createReplay(3, SHAPE);
  replay.add(rows(1, 2));
  t.is(replay.length, 2);
  replay.add(rows(3, 4, 5));
  t.is(replay.length, 3);
  t.deepEqual(
    [...replay.state().rewards].toSorted((a, b) => a - b),
    [3, 4, 5],
  );
});

test('draws whole rows, each as likely as another', (t) => {
  const replay = createReplay(10, SHAPE);
  replay.add(rows(1, 2, 3, 4));
  const drawn = replay.draw(4_000, createRandomRoot(1).stream('draw'));
  const counts = [0, 0, 0, 0];
  drawn.rewards.forEach((reward, row) => {
    counts[reward - 1] = (counts[reward - 1] ?? 0) + 1;
    t.is(drawn.observations[2 * row], reward);
    t.is(drawn.nextObservations[2 * row + 1], 1 - reward);
  });
  for (const count of counts) t.true(Math.abs(count - 1_000) < 120, String(counts));
});

test('a saved buffer goes on as it was', (t) => {
  const [a, b] = [createReplay(4, SHAPE), createReplay(4, SHAPE)];
  a.add(rows(1, 2, 3, 4, 5, 6));
  b.add(rows(1, 2, 3, 4, 5, 6));
  const again = createReplay(4, SHAPE, b.state());
  a.add(rows(7));
  again.add(rows(7));
  t.deepEqual(again.state(), a.state());
  t.deepEqual(again.draw(9, createRandomRoot(2).stream('draw')), a.draw(9, createRandomRoot(2).stream('draw')));
});

test('batches are joined in their order', (t) => {
  t.deepEqual(joinTransitions([rows(1, 2), rows(), rows(3)], SHAPE), rows(1, 2, 3));
});

test('refuses a capacity below 1, and a draw before anything was added', (t) => {
  t.throws(() => createReplay(0, SHAPE), { code: 'bad-training' });
  t.throws(() => createReplay(1, SHAPE).draw(1, createRandomRoot(1).stream('draw')), { code: 'empty-replay' });
});
