import test from 'ava';
import * as fc from 'fast-check';
import { advantagesOf, discount, lookAhead, standardise } from '../../../agent-core/learning/discounting.ts';

const path = fc
  .array(
    fc.tuple(
      fc.double({ min: -5, max: 5, noNaN: true }),
      fc.integer({ min: 0, max: 9 }),
      fc.double({ min: -5, max: 5, noNaN: true }),
    ),
    {
      minLength: 1,
      maxLength: 30,
    },
  )
  .map((rows) => ({
    rewards: rows.map(([reward]) => reward),
    elapsed: rows.map(([, elapsed]) => elapsed),
    values: [...rows.map(([, , value]) => value), 0],
  }));

test('a discount is the rate to the power of the time', (t) => {
  t.is(discount(0.9, 0), 1);
  t.is(discount(0.9, 1), 0.9);
  t.true(Math.abs(discount(0.9, 2.5) - 0.9 ** 2.5) < 1e-15);
  t.is(discount(1, 1e9), 1);
  t.is(discount(0, 3), 0);
  t.is(discount(0, 0), 1);
});

test('with lambda 1, value and advantage together are the discounted rewards to come', (t) => {
  fc.assert(
    fc.property(path, (one) => {
      const { returns } = advantagesOf(one, { gamma: 0.9, lambda: 1 });
      let ahead = 0;
      for (let k = one.rewards.length - 1; k >= 0; k--) {
        ahead = (one.rewards[k] ?? 0) + 0.9 ** (one.elapsed[k] ?? 0) * ahead;
        t.true(Math.abs((returns[k] ?? 0) - ahead) < 1e-9);
      }
    }),
    { seed: 71 },
  );
});

test('with lambda 0, an advantage is the surprise of one decision', (t) => {
  const { advantages } = advantagesOf(
    { rewards: [1, 2], elapsed: [3, 1], values: [10, 20, 30] },
    { gamma: 0.5, lambda: 0 },
  );
  t.deepEqual(Array.from(advantages), [1 + 0.125 * 20 - 10, 2 + 0.5 * 30 - 20]);
});

test('time that passes, not the number of decisions, is what discounts', (t) => {
  const twice = advantagesOf({ rewards: [0, 1], elapsed: [2, 1], values: [0, 0, 0] }, { gamma: 0.9, lambda: 1 });
  const threeTimes = advantagesOf(
    { rewards: [0, 0, 1], elapsed: [1, 1, 1], values: [0, 0, 0, 0] },
    { gamma: 0.9, lambda: 1 },
  );
  t.is(twice.returns[0], threeTimes.returns[0]);
});

test('looking ahead all the way is the discounted sum, one step the reward itself', (t) => {
  fc.assert(
    fc.property(path, ({ rewards, elapsed }) => {
      const all = lookAhead({ rewards, elapsed }, { from: 0, steps: rewards.length + 5, gamma: 0.9 });
      const { returns } = advantagesOf(
        { rewards, elapsed, values: new Float64Array(rewards.length + 1) },
        { gamma: 0.9, lambda: 1 },
      );
      t.true(Math.abs(all.reward - (returns[0] ?? 0)) < 1e-9);
      t.is(all.next, rewards.length);
      const total = elapsed.reduce((sum, time) => sum + time, 0);
      t.true(Math.abs(all.discount - 0.9 ** total) < 1e-12);
      t.deepEqual(lookAhead({ rewards, elapsed }, { from: 0, steps: 1, gamma: 0.9 }), {
        reward: rewards[0],
        discount: discount(0.9, elapsed[0] ?? 0),
        next: 1,
      });
    }),
    { seed: 72 },
  );
});

test('standardised numbers have mean 0 and deviation 1; equal ones become 0', (t) => {
  const values = Float32Array.of(1, 2, 3, 4);
  standardise(values);
  t.true(Math.abs(values.reduce((sum, value) => sum + value, 0)) < 1e-6);
  t.true(Math.abs(values.reduce((sum, value) => sum + value * value, 0) / 4 - 1) < 1e-6);
  const equal = Float32Array.of(7, 7);
  standardise(equal);
  t.deepEqual(equal, Float32Array.of(0, 0));
  standardise(new Float32Array(0));
});
