import test from 'ava';
import * as fc from 'fast-check';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { accepts, shaken, temperatures } from '../../../agents/ride-sharing/annealing.ts';

test('cools by the same factor every round, and stays where it ends', (t) => {
  const at = temperatures({ start: 100, end: 1, rounds: 10 });
  t.is(at(0), 100);
  t.true(Math.abs(at(5) - 10) < 1e-12);
  t.true(Math.abs(at(10) - 1) < 1e-12);
  t.is(at(11), at(10));
});

test('refuses to cool to nothing, upwards, from infinity or in no round', (t) => {
  const cooling = { start: 10, end: 1, rounds: 5 };
  for (const bad of [{ end: 0 }, { end: 11 }, { start: Infinity }, { start: NaN }, { rounds: 0 }, { rounds: 1.5 }]) {
    t.throws(() => temperatures({ ...cooling, ...bad }), { code: 'bad-cooling' });
  }
});

test('takes every gain, and a loss as often as its exponential says', (t) => {
  const random = createRandomRoot(1).stream('accept');
  let taken = 0;
  for (let k = 0; k < 20_000; k++) {
    t.true(accepts(-1e-9, 1e-9, random));
    if (accepts(2, 2, random)) taken++;
  }
  t.true(Math.abs(taken / 20_000 - Math.exp(-1)) < 0.015, `${taken}`);
  t.is(random.draws, 80_000);
});

test('shakes a bid by at most the noise, and not without', (t) => {
  fc.assert(
    fc.property(fc.nat(), fc.nat({ max: 50 }), (seed, noise) => {
      const random = createRandomRoot(seed).stream('noise');
      t.true(Math.abs(shaken(100, noise, random) - 100) <= noise);
      t.is(shaken(100, 0, random), 100);
    }),
    { seed: 60, numRuns: 100 },
  );
});
