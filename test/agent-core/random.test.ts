import test from 'ava';
import * as fc from 'fast-check';
import { createRandomRoot } from '../../agent-core/random.ts';

test('a stream has golden values', (t) => {
  const s = createRandomRoot(42).stream('agent', 'a', 'bids');
  t.deepEqual([s.uint32(), s.uint32(), s.uint32()], [74302312, 2787919033, 2798646288]);
  t.deepEqual([s.uniform(), s.integer(1, 6)], [0.6080434128845147, 4]);
  t.deepEqual([s.normal(10, 2), s.exponential(3)], [12.449131638216485, 2.7306518705114824]);
  t.deepEqual(s.shuffle([1, 2, 3, 4, 5]), [4, 2, 3, 5, 1]);
});

test('a path names one stream, and draws elsewhere do not move it', (t) => {
  const quiet = createRandomRoot('x').stream('a');
  const root = createRandomRoot('x');
  root.stream('b').uint32();
  t.is(root.stream('a'), root.stream('a'));
  t.is(root.scope('p').stream('q'), root.stream('p', 'q'));
  t.is(root.stream('a').uint32(), quiet.uint32());
  t.not(root.stream('c').uint32(), root.stream('d').uint32());
});

test('a number and its text are the same seed', (t) => {
  t.is(createRandomRoot(7).stream('a').uint32(), createRandomRoot('7').stream('a').uint32());
});

test('the manifest lists draws by path, sorted', (t) => {
  const root = createRandomRoot(1);
  root.stream('z').uniform();
  root.stream('a', 'b').uint32();
  t.deepEqual(root.manifest(), [
    { path: ['a', 'b'], draws: 1 },
    { path: ['z'], draws: 2 },
  ]);
  t.deepEqual(root.scope('a').manifest(), [{ path: ['a', 'b'], draws: 1 }]);
});

test('a stream goes on from a saved state after JSON', (t) => {
  const stream = createRandomRoot(3).stream('a');
  stream.normal();
  const saved = JSON.stringify(stream.state());
  const expected = [stream.uint32(), stream.exponential(2), stream.draws];
  const other = createRandomRoot(4).stream('b');
  other.restore(JSON.parse(saved));
  t.deepEqual([other.uint32(), other.exponential(2), other.draws], expected);
});

test('integers stay in their range, over small and large spans', (t) => {
  const stream = createRandomRoot(5).stream('a');
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 2 ** 52 }), (min, span) => {
      const max = Math.min(min + span, Number.MAX_SAFE_INTEGER);
      const value = stream.integer(min, max);
      return Number.isSafeInteger(value) && value >= min && value <= max;
    }),
    { seed: 5 },
  );
  t.is(stream.integer(4, 4), 4);
});

test('draws have the moments that they should', (t) => {
  const stream = createRandomRoot('moments').stream('a');
  const n = 100_000;
  const mean = (draw: () => number): number => Array.from({ length: n }, draw).reduce((a, b) => a + b, 0) / n;
  t.true(Math.abs(mean(() => stream.uniform()) - 0.5) < 0.005);
  t.true(Math.abs(mean(() => stream.between(-2, 4)) - 1) < 0.03);
  t.true(Math.abs(mean(() => stream.exponential(3)) - 3) < 0.05);
  t.true(Math.abs(mean(() => stream.normal(5, 2)) - 5) < 0.04);
  t.true(Math.abs(mean(() => stream.normal() ** 2) - 1) < 0.03);
  const faces = Array.from({ length: n }, () => stream.integer(0, 5));
  const chi = [0, 1, 2, 3, 4, 5]
    .map((face) => (faces.filter((got) => got === face).length - n / 6) ** 2 / (n / 6))
    .reduce((a, b) => a + b, 0);
  // 99.9 % point of chi squared with 5 degrees of freedom.
  t.true(chi < 20.5, `chi squared ${chi}`);
});

test('shuffle keeps the items and its argument', (t) => {
  const items = Object.freeze([1, 2, 3, 4, 5, 6, 7]);
  const shuffled = createRandomRoot(1).stream('a').shuffle(items);
  t.deepEqual(
    shuffled.toSorted((a, b) => a - b),
    [...items],
  );
});

test('refuses bad seeds, ranges, choices and states', (t) => {
  const stream = createRandomRoot(1).stream('a');
  for (const seed of [0.5, NaN, 2 ** 53, '']) t.throws(() => createRandomRoot(seed), { code: 'bad-seed' });
  for (const draw of [
    () => stream.integer(2, 1),
    () => stream.integer(0.5, 2),
    () => stream.integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    () => stream.between(1, 0),
    () => stream.between(0, Infinity),
    () => stream.normal(0, -1),
    () => stream.exponential(-1),
    () => stream.exponential(NaN),
  ]) {
    t.throws(draw, { code: 'bad-range' });
  }
  t.throws(() => stream.pick([]), { code: 'empty-choice' });
  t.throws(() => stream.restore({ words: [1, 2, 3], draws: 0 }), { code: 'bad-random-state' });
  t.throws(() => stream.restore({ words: [1, 2, 3, -4], draws: 0 }), { code: 'bad-random-state' });
});
