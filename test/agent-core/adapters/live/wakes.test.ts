import test from 'ava';
import { array, assert, boolean, integer, property, record } from 'fast-check';
import { createWakes } from '../../../../agent-core/adapters/live/wakes.ts';

test('wake-ups come by time, then in the order in which they were asked for, whatever is cancelled', (t) => {
  const plan = array(record({ time: integer({ min: 0, max: 20 }), cancelled: boolean() }), { maxLength: 300 });
  assert(
    property(plan, (steps) => {
      const wakes = createWakes();
      const handles = steps.map(({ time }) => wakes.add(time, () => undefined));
      for (const [index, { cancelled }] of steps.entries()) if (cancelled) t.true(wakes.cancel(handles[index] ?? 0));
      const expected = steps
        .map(({ time, cancelled }, index) => ({ time, handle: handles[index] ?? 0, cancelled }))
        .filter(({ cancelled }) => !cancelled)
        .toSorted((a, b) => a.time - b.time || a.handle - b.handle)
        .map(({ time, handle }) => ({ time, handle }));
      const came = [];
      for (let next = wakes.first(); next !== null; next = wakes.first()) {
        came.push(next);
        wakes.take(next.handle);
      }
      t.deepEqual(came, expected);
      t.is(wakes.size, 0);
    }),
    { seed: 7, numRuns: 200 },
  );
});

test('a wake-up that was taken or cancelled is gone', (t) => {
  const wakes = createWakes();
  let calls = 0;
  const handle = wakes.add(1, () => (calls += 1));
  wakes.take(handle)?.();
  t.is(wakes.take(handle), undefined);
  t.false(wakes.cancel(handle));
  t.is(calls, 1);
});
