import test from 'ava';
import * as fc from 'fast-check';
import { SortedList } from '../../../agent-core/market/sorted-list.ts';

const numbers = (): SortedList<number> => new SortedList<number>((a, b) => a < b);

test('agrees with a sorted array after any inserts and removals', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 40 })), { maxLength: 120 }), (steps) => {
      const list = numbers();
      const model = new Set<number>();
      for (const [adds, value] of steps) {
        if (!adds) t.is(list.remove(value), model.delete(value));
        else if (!model.has(value)) {
          list.insert(value);
          model.add(value);
        }
        const sorted = [...model].toSorted((a, b) => a - b);
        t.deepEqual([...list], sorted);
        t.is(list.size, sorted.length);
        t.is(list.first(), sorted[0]);
        t.is(list.find(value), model.has(value) ? value : undefined);
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('stays sorted through splits and emptied chunks', (t) => {
  const list = numbers();
  const count = 5_000;
  // 1,237 is coprime to 5,000: every number once, in a scattered order.
  const scattered = Array.from({ length: count }, (_, i) => (i * 1_237) % count);
  for (const value of scattered) list.insert(value);
  t.deepEqual(
    [...list],
    Array.from({ length: count }, (_, i) => i),
  );
  for (const value of scattered) {
    t.is(list.find(value), value);
    if (value >= 3) t.true(list.remove(value));
  }
  t.deepEqual([...list], [0, 1, 2]);
  for (const value of [1, 0, 2]) t.true(list.remove(value));
  t.is(list.first(), undefined);
  t.is(list.size, 0);
  t.false(list.remove(1));
});

test('takes a second item at a taken place for a bug', (t) => {
  const list = numbers();
  list.insert(1);
  t.throws(() => list.insert(1), { message: 'insert met an item at the same place' });
});
