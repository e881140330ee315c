import test from 'ava';
import * as fc from 'fast-check';
import { createKernel, type EventSource } from '../../simulator/kernel.ts';

/** Records what runs, in order. */
function recorder() {
  const kernel = createKernel();
  const ran: string[] = [];
  const note = (name: string): void => void ran.push(name);
  return { kernel, ran, note };
}

const eventArbitrary = fc.record({
  time: fc.integer({ min: 0, max: 8 }),
  priority: fc.integer({ min: -1, max: 1 }),
  source: fc.integer({ min: 0, max: 3 }),
  cancelled: fc.boolean(),
});

test('events run in the order of time, priority, source key and source counter, cancelled ones left out', (t) => {
  fc.assert(
    fc.property(fc.array(eventArbitrary, { maxLength: 300 }), (events) => {
      const { kernel, ran, note } = recorder();
      const first = kernel.source('a');
      const sources = [first, ...['b', 'c', 'd'].map((name) => kernel.source(name))];
      const expected = events.map((event, index) => {
        const source: EventSource = sources[event.source] ?? first;
        const key = [event.time, event.priority, source.key, source.count];
        const handle = source.at(event.time, note, `${index}`, event.priority);
        return { ...event, key, handle, name: `${index}` };
      });
      for (const event of expected) if (event.cancelled && !kernel.cancel(event.handle)) return false;
      kernel.run();
      const wanted = expected.filter((event) => !event.cancelled).toSorted((a, b) => compareKeys(a.key, b.key));
      t.deepEqual(
        ran,
        wanted.map((event) => event.name),
      );
      return kernel.pending === 0 && expected.every((event) => !kernel.cancel(event.handle));
    }),
    { seed: 1, numRuns: 300 },
  );
});

function compareKeys(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((part, at) => part !== b[at]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

test('the order across sources does not depend on which scheduled first', (t) => {
  fc.assert(
    fc.property(fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e', 'f'], { minLength: 6 }), (names) => {
      const { kernel, ran, note } = recorder();
      for (const name of names) kernel.source(name).at(5, note, name);
      kernel.run();
      const other = recorder();
      for (const name of names.toSorted()) other.kernel.source(name).at(5, other.note, name);
      other.kernel.run();
      t.deepEqual(ran, other.ran);
    }),
    { seed: 2, numRuns: 50 },
  );
});

test('pushes and cancels from inside actions agree with a sorted list', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(3), fc.nat(100)), { minLength: 1, maxLength: 200 }), (script) => {
      const kernel = createKernel();
      const source = kernel.source('s');
      const model: { time: number; counter: number; handle: number }[] = [];
      let next = 0;
      let counter = 0;
      const schedule = (time: number): void => {
        const entry = { time, counter: counter++, handle: 0 };
        entry.handle = source.at(time, act, entry.counter);
        model.push(entry);
      };
      const act = (ran: number): void => {
        model.sort((a, b) => a.time - b.time || a.counter - b.counter);
        t.is(model.shift()?.counter, ran);
        const [delay, pushes, victim] = script[next++] ?? [0, 0, 0];
        if (model.length > 60) {
          for (const entry of model.splice(0, 50)) t.true(kernel.cancel(entry.handle));
        }
        for (let i = 0; i < pushes; i++) schedule(kernel.now() + ((delay * (i + 1)) % 7));
        const [gone] = model.splice(victim % (model.length + 1), 1);
        if (gone !== undefined) t.true(kernel.cancel(gone.handle));
        t.is(kernel.pending, model.length);
      };
      for (let i = 0; i < 100; i++) schedule((i * 7) % 13);
      kernel.run();
      t.is(model.length, 0);
    }),
    { seed: 3, numRuns: 100 },
  );
});

test('the handle of a dead event cancels nothing, whoever has its slot now', (t) => {
  const { kernel, ran, note } = recorder();
  const source = kernel.source('s');
  const dead = source.at(1, note, 'cancelled');
  t.true(kernel.cancel(dead));
  const handles = Array.from({ length: 200 }, (_, index) => source.at(2, note, `${index}`));
  t.false(kernel.cancel(dead));
  kernel.run();
  for (const handle of [...handles, dead, 0, -1, 0.5, 2 ** 52, NaN]) t.false(kernel.cancel(handle));
  t.is(ran.length, 200);
  t.is(new Set(handles).size, 200);
});

test('the running event cannot be cancelled', (t) => {
  const kernel = createKernel();
  const source = kernel.source('s');
  const box = { handle: 0 };
  box.handle = source.at(1, () => t.false(kernel.cancel(box.handle)), undefined);
  kernel.run();
  t.is(kernel.processed, 1);
});

test('a queue that was mostly cancelled is compacted and stays in order', (t) => {
  const { kernel, ran, note } = recorder();
  const source = kernel.source('s');
  const handles = Array.from({ length: 10_000 }, (_, i) =>
    source.at((i * 7919) % 10_007, note, `${(i * 7919) % 10_007}`),
  );
  for (const [index, handle] of handles.entries()) if (index % 10 > 0) t.true(kernel.cancel(handle));
  t.is(kernel.pending, 1_000);
  kernel.run();
  t.is(ran.length, 1_000);
  t.deepEqual(
    ran,
    ran.toSorted((a, b) => Number(a) - Number(b)),
  );
});

test('run stops at until, at maxEvents and when paused, and says so', (t) => {
  const { kernel, ran, note } = recorder();
  const source = kernel.source('s');
  for (const time of [10, 20, 30, 40]) source.at(time, note, `${time}`);
  t.is(kernel.run({ until: 20 }), 'until');
  t.deepEqual([kernel.now(), kernel.nextTime, kernel.pending], [20, 30, 2]);
  t.is(kernel.run({ until: 25 }), 'until');
  t.is(kernel.now(), 25);
  t.is(kernel.run({ maxEvents: 1, until: 100 }), 'max-events');
  t.is(kernel.now(), 30);
  source.at(35, () => kernel.pause(), undefined);
  t.is(kernel.run(), 'paused');
  t.is(kernel.now(), 35);
  t.is(kernel.run({ until: 100 }), 'idle');
  t.deepEqual([kernel.now(), kernel.nextTime, kernel.processed], [100, Infinity, 5]);
  t.deepEqual(ran, ['10', '20', '30', '40']);
});

test('step processes one event', (t) => {
  const { kernel, ran, note } = recorder();
  kernel.source('s').after(3, note, 'x');
  t.true(kernel.step());
  t.false(kernel.step());
  t.deepEqual([ran, kernel.now()], [['x'], 3]);
});

test('the current event can be read while its action runs, whatever that schedules', (t) => {
  const kernel = createKernel();
  const source = kernel.source('s');
  source.at(0, () => undefined, undefined);
  const action = (): void => {
    for (let i = 0; i < 100; i++) source.after(1, () => undefined, undefined);
    t.deepEqual(kernel.current, { time: 7, priority: -2, sourceKey: source.key, sourceCounter: 1 });
  };
  source.at(7, action, undefined, -2);
  t.is(kernel.current, undefined);
  kernel.run();
  t.is(kernel.current, undefined);
});

test('an error of an action propagates and leaves the kernel fit to go on', (t) => {
  const { kernel, ran, note } = recorder();
  const source = kernel.source('s');
  source.at(1, raise, undefined);
  source.at(2, note, 'after');
  t.throws(() => kernel.run(), { message: 'planted' });
  t.deepEqual([kernel.processed, kernel.pending, kernel.now(), kernel.current], [1, 1, 1, undefined]);
  t.is(kernel.run(), 'idle');
  t.deepEqual(ran, ['after']);
});

function raise(): never {
  throw new RangeError('planted');
}

test('refuses bad times, priorities, sources, bounds and nested runs', (t) => {
  const kernel = createKernel({ maxPending: 2 });
  const source = kernel.source('s');
  const nothing = (): void => undefined;
  source.at(5, () => t.throws(() => kernel.run(), { code: 'kernel-running' }), undefined);
  kernel.run();
  t.throws(() => source.at(4, nothing, 0), { code: 'time-in-past' });
  t.throws(() => source.after(-1, nothing, 0), { code: 'time-in-past' });
  for (const time of [5.5, NaN, Infinity, 2 ** 53]) t.throws(() => source.at(time, nothing, 0), { code: 'bad-time' });
  t.throws(() => source.at(6, nothing, 0, 0.5), { code: 'bad-priority' });
  t.throws(() => source.at(6, nothing, 0, 2 ** 31), { code: 'bad-priority' });
  t.throws(() => kernel.run({ until: 1 }), { code: 'bad-time' });
  t.throws(() => kernel.source('s'), { code: 'duplicate-source' });
  t.throws(() => createKernel({ maxPending: 0 }), { code: 'bad-max-pending' });
  t.throws(() => createKernel({ maxPending: 2 ** 30 }), { code: 'bad-max-pending' });
  t.is(source.count, 1, 'a refused event is not counted');
  const handle = source.at(6, nothing, 0);
  source.at(6, nothing, 0);
  t.throws(() => source.at(6, nothing, 0), { code: 'event-queue-full' });
  kernel.cancel(handle);
  t.notThrows(() => source.at(6, nothing, 0));
});

test('an event that was claimed elsewhere runs in exactly its place, and moves no counter here', (t) => {
  const log: string[] = [];
  const note = (name: string): void => void log.push(name);
  const whole = createKernel();
  const [a, b] = [whole.source('a'), whole.source('b')];
  for (const [source, name] of [
    [a, 'a0'],
    [b, 'b0'],
    [a, 'a1'],
    [b, 'b1'],
  ] as const)
    source.at(5, note, name);
  whole.run();
  const inOneKernel = log.splice(0);
  const [near, far] = [createKernel(), createKernel()];
  const [nearA, farB] = [near.source('a'), far.source('b')];
  const keys = [farB.claim(5), farB.claim(5)];
  t.is(farB.count, 2);
  nearA.at(5, note, 'a0');
  near.insert(keys[1] ?? farB.claim(5), note, 'b1');
  nearA.at(5, note, 'a1');
  near.insert(keys[0] ?? farB.claim(5), note, 'b0');
  t.is(nearA.count, 2);
  near.run();
  t.deepEqual(log, inOneKernel);
  t.is(far.pending, 0);
});

test('a run before a time leaves that instant and the clock alone', (t) => {
  const kernel = createKernel();
  const source = kernel.source('a');
  const ran: number[] = [];
  for (const time of [3, 7, 10]) source.at(time, (at: number) => void ran.push(at), time);
  t.is(kernel.run({ before: 10 }), 'until');
  t.deepEqual(ran, [3, 7]);
  t.is(kernel.now(), 7);
  t.is(kernel.run({ before: 11 }), 'idle');
  t.is(kernel.now(), 10);
});

test('refuses to claim or insert what cannot have a place', (t) => {
  const kernel = createKernel();
  const source = kernel.source('a');
  source.at(5, () => undefined, undefined);
  kernel.run();
  const key = { time: 4, priority: 0, sourceKey: 1, sourceCounter: 0 };
  t.throws(() => kernel.insert(key, () => undefined, undefined), { code: 'time-in-past' });
  t.throws(() => kernel.insert({ ...key, time: 5.5 }, () => undefined, undefined), { code: 'bad-time' });
  t.throws(() => source.claim(4), { code: 'time-in-past' });
  t.throws(() => source.claim(Infinity), { code: 'bad-time' });
  t.throws(() => source.claim(6, 0.5), { code: 'bad-priority' });
  t.is(source.count, 1);
});
