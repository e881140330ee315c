import test from 'ava';
import * as fc from 'fast-check';
import { episodeSeed, JUDGED_FROM } from '../../../../agent-core/adapters/training/seeds.ts';

test('no episode is judged by that is learnt from', (t) => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(), (seed, index) => {
      const [learn, judge] = [episodeSeed(seed, 'learn', index), episodeSeed(seed, 'judge', index)];
      t.true(Number.isSafeInteger(learn) && learn >= 0 && learn < JUDGED_FROM);
      t.true(Number.isSafeInteger(judge) && judge >= JUDGED_FROM);
    }),
    { seed: 76 },
  );
});

test('a task that picks one of n instances by the seed meets each in turn', (t) => {
  for (const n of [2, 3, 7, 8, 10]) {
    for (const purpose of ['learn', 'judge'] as const) {
      const met = Array.from({ length: 2 * n }, (_, index) => episodeSeed('any', purpose, index) % n);
      t.deepEqual(
        met,
        Array.from({ length: 2 * n }, (_, index) => index % n),
      );
    }
  }
});

test('episodes differ in more than their turn', (t) => {
  const seeds = Array.from({ length: 10_000 }, (_, index) => episodeSeed(1, 'learn', index));
  t.is(new Set(seeds).size, 10_000);
  t.is(new Set(seeds.map((seed) => Math.floor(seed / 5_040))).size, 10_000);
});
