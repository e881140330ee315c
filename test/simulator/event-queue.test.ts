import test from 'ava';
import * as fc from 'fast-check';
import { EventQueue, MAX_PENDING, type QueueSizes } from '../../simulator/event-queue.ts';
import { PRIORITY, SOURCE_COUNTER, SOURCE_KEY, TIME } from '../../simulator/event-slots.ts';

/** Sizes that make a few dozen events use every part of the far buckets. */
const SMALL: QueueSizes = { nearLimit: 6, bucketEvents: 2 };

interface Entry {
  readonly key: readonly number[];
  readonly handle: number;
}

/** A queue beside a list of what should be pending, with the checks that they agree. */
function checked(t: { is(actual: unknown, expected: unknown): unknown }, sizes: QueueSizes) {
  const queue = new EventQueue(MAX_PENDING, sizes);
  let model: Entry[] = [];
  let ran: readonly number[] = [];
  let now = 0;
  const order = new Float64Array(4);
  const note = (key: readonly number[]): void => void (ran = key);
  return {
    queue,
    size: () => model.length,
    now: () => now,
    push(...key: readonly [time: number, priority: number, source: number]): void {
      const full = [...key, model.length === 0 ? 0 : Math.max(...model.map((entry) => entry.key[3] ?? 0)) + 1];
      order[TIME] = key[0];
      order[PRIORITY] = key[1];
      order[SOURCE_KEY] = key[2];
      order[SOURCE_COUNTER] = full[3] ?? 0;
      model.push({ key: full, handle: queue.push(order, note, full) });
      t.is(queue.size, model.length);
    },
    cancel(index: number): void {
      const [gone] = model.splice(index % model.length, 1);
      t.is(queue.cancel(gone?.handle ?? 0), true);
      t.is(queue.cancel(gone?.handle ?? 0), false);
      t.is(queue.size, model.length);
    },
    pop(during: () => void = () => undefined): void {
      const first = model.reduce((a, b) => (isBefore(b.key, a.key) ? b : a));
      t.is(queue.nextTime(), first.key[0]);
      model = model.filter((entry) => entry !== first);
      now = first.key[0] ?? 0;
      const slot = queue.take();
      t.is(queue.cancel(first.handle), false);
      queue.actionOf(slot)?.(queue.dataOf(slot));
      t.is(ran.join(), first.key.join());
      const { priority, sourceKey, sourceCounter } = queue.keyOf(slot, now);
      t.is([now, priority, sourceKey, sourceCounter].join(), first.key.join());
      during();
      queue.release(slot);
      t.is(queue.cancel(first.handle), false);
      t.is(queue.size, model.length);
    },
    checkFirst(): void {
      t.is(queue.nextTime(), Math.min(Infinity, ...model.map((entry) => entry.key[0] ?? 0)));
    },
  };
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}

/** Delays of every kind: none, few distinct ones, spread ones, powers of two up to the last time there is. */
const delayArbitrary = fc.oneof(
  fc.constant(0),
  fc.nat(3),
  fc.nat(1_000),
  fc.nat(1_000_000_000),
  fc.nat(53).map((power) => 2 ** power - 1),
);
const stepArbitrary = fc.record({
  what: fc.constantFrom('push', 'push', 'push', 'pop', 'pop', 'cancel', 'first', 'flood'),
  delay: delayArbitrary,
  priority: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  source: fc.nat(2 ** 52),
  index: fc.nat(),
});

test('pushes, pops, cancels and looks in any order agree with a list, near and far', (t) => {
  let farMost = 0;
  fc.assert(
    fc.property(fc.array(stepArbitrary, { maxLength: 300, size: 'max' }), (steps) => {
      const all = checked(t, SMALL);
      for (const { what, delay, priority, source, index } of steps) {
        const time = Math.min(all.now() + delay, Number.MAX_SAFE_INTEGER);
        const push = (): void => all.push(time, priority % 3, source % 4);
        if (what === 'push') push();
        else if (what === 'flood') for (let i = 0; i < 12; i++) push();
        else if (what === 'first') all.checkFirst();
        else if (all.size() === 0) continue;
        else if (what === 'cancel') all.cancel(index);
        else all.pop(index % 3 === 0 ? push : index % 3 === 1 ? () => all.checkFirst() : undefined);
        farMost = Math.max(farMost, all.queue.farCount);
      }
      while (all.size() > 0) all.pop();
      all.checkFirst();
    }),
    { seed: 1, numRuns: 400 },
  );
  t.true(farMost > 50, `far events at most: ${farMost}`);
});

test('the order does not depend on the order of insertion', (t) => {
  const keyArbitrary = fc.tuple(delayArbitrary, fc.integer({ min: -1, max: 1 }), fc.nat(2));
  fc.assert(
    fc.property(fc.array(keyArbitrary, { maxLength: 200, size: 'max' }), fc.nat(), (parts, turn) => {
      const keys = parts.map((part, counter) => [...part, counter]);
      const from = turn % (keys.length + 1);
      const turned = [...keys.slice(from), ...keys.slice(0, from)].toReversed();
      const sorted = keys.toSorted((a, b) => (isBefore(a, b) ? -1 : 1));
      t.deepEqual(drained(keys, SMALL), sorted);
      t.deepEqual(drained(turned, SMALL), sorted);
    }),
    { seed: 2, numRuns: 200 },
  );
});

function drained(keys: readonly (readonly number[])[], sizes: QueueSizes): (readonly number[])[] {
  const queue = new EventQueue(MAX_PENDING, sizes);
  const ran: (readonly number[])[] = [];
  for (const key of keys) pushKey(queue, key, (data) => void ran.push(data));
  while (queue.nextTime() < Infinity) runFirst(queue);
  return ran;
}

function pushKey(queue: EventQueue, key: readonly number[], action: (key: readonly number[]) => void): number {
  const order = new Float64Array(4);
  order[TIME] = key[0] ?? 0;
  order[PRIORITY] = key[1] ?? 0;
  order[SOURCE_KEY] = key[2] ?? 0;
  order[SOURCE_COUNTER] = key[3] ?? 0;
  return queue.push(order, action, key);
}

function runFirst(queue: EventQueue): void {
  const slot = queue.take();
  queue.actionOf(slot)?.(queue.dataOf(slot));
  queue.release(slot);
}

/** A sequence without a pattern that matters here (Lehmer's, with the multiplier of Park and Miller 1988). */
function lehmer(): () => number {
  let state = 1;
  return () => (state = (state * 48_271) % 2_147_483_647);
}

const random = lehmer();
const SHAPES: Readonly<Record<string, (index: number) => number>> = {
  'one time': () => 5,
  'two times': (i) => (i % 2) * Number.MAX_SAFE_INTEGER,
  'growing times': (i) => i,
  'falling times': (i) => 1e9 - i,
  'even times': () => random() % 1e6,
  'times with one outlier': (i) => (i === 7 ? Number.MAX_SAFE_INTEGER : random() % 1e5),
  'times that double': (i) => 2 ** (i % 53) + (random() % 3),
  'two crowds far apart': (i) => (i % 5 === 0 ? random() % 50 : 2 ** 45 + (random() % 1e4)),
  'one crowd among few': (i) => (i % 9 === 0 ? random() : 2 ** 30),
};
for (const [shape, timeOf] of Object.entries(SHAPES)) {
  test(`${shape}: 40,000 events at full size run in order`, (t) => {
    const keys = Array.from({ length: 40_000 }, (_, i) => [timeOf(i), (random() % 3) - 1, random() % 5, i]);
    const sorted = keys.toSorted((a, b) => (isBefore(a, b) ? -1 : 1));
    const ran = drained(keys, {});
    t.is(ran.length, sorted.length);
    t.true(ran.every((key, index) => key === sorted[index]));
  });
}

test('few events stay in the heap, many go to the far buckets and all come back', (t) => {
  const queue = new EventQueue(MAX_PENDING);
  const nothing = (): void => undefined;
  for (let i = 0; i < 8_192; i++) pushKey(queue, [random() % 1e6, 0, 0, i], nothing);
  t.is(queue.farCount, 0);
  for (let i = 8_192; i < 100_000; i++) pushKey(queue, [random() % 1e6, 0, 0, i], nothing);
  t.true(queue.farCount > 90_000);
  t.is(queue.size, 100_000);
  for (let left = 100_000; queue.nextTime() < Infinity; left--) {
    t.is(queue.size, left);
    runFirst(queue);
  }
  t.deepEqual([queue.size, queue.farCount], [0, 0]);
});

test('the next time is that of the first live event, however many dead buckets lie before it', (t) => {
  const queue = new EventQueue(MAX_PENDING, SMALL);
  const nothing = (): void => undefined;
  const handles = Array.from({ length: 100 }, (_, i) => pushKey(queue, [i * 1_000, 0, 0, i], nothing));
  // Two in five, so that no compaction sweeps them away first.
  for (const handle of handles.slice(0, 40)) t.true(queue.cancel(handle));
  t.is(queue.nextTime(), 40_000);
  for (const handle of handles.slice(40)) t.true(queue.cancel(handle));
  t.deepEqual([queue.size, queue.nextTime()], [0, Infinity]);
  const late = pushKey(queue, [7, 0, 0, 100], nothing);
  t.is(queue.nextTime(), 7);
  t.true(queue.cancel(late));
  t.is(queue.nextTime(), Infinity);
});

test('a million pushes, runs and cancels near and far reuse the slots they have', (t) => {
  const queue = new EventQueue(MAX_PENDING, { nearLimit: 100, bucketEvents: 16 });
  const nothing = (): void => undefined;
  const handles: number[] = [];
  let now = 0;
  for (let i = 0; i < 500_000; i++) {
    handles.push(pushKey(queue, [now + (random() % 10 ** (1 + (i % 7))), 0, 0, i], nothing));
    if (i % 2 === 0) queue.cancel(handles[random() % handles.length] ?? 0);
    if (queue.size > 2_000) {
      const time = queue.nextTime();
      t.true(time >= now);
      now = time;
      runFirst(queue);
    }
    if (i % 50_000 === 0) for (const handle of handles.splice(0, handles.length - 1_000)) queue.cancel(handle);
  }
  t.true(queue.capacity <= 8_192, `slots: ${queue.capacity}`);
  while (queue.nextTime() < Infinity) runFirst(queue);
  t.deepEqual([queue.size, queue.farCount], [0, 0]);
});

test('cancelling nearly all far events gives their memory back', (t) => {
  const queue = new EventQueue(MAX_PENDING, SMALL);
  const nothing = (): void => undefined;
  for (let round = 0; round < 100; round++) {
    const handles = Array.from({ length: 1_000 }, (_, i) => pushKey(queue, [1e6 + random(), 0, round, i], nothing));
    for (const handle of handles) t.true(queue.cancel(handle));
    t.true(queue.farCount < 64);
  }
  t.true(queue.capacity <= 2_048, `slots: ${queue.capacity}`);
});
