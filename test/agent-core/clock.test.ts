import test from 'ava';
import * as fc from 'fast-check';
import { micros, seconds, type Duration } from '../../agent-core/clock.ts';

test('a duration is whole microseconds, or a number and a unit', (t) => {
  const known: readonly (readonly [Duration, number])[] = [
    [0, 0],
    [17, 17],
    ['5 us', 5],
    ['250 ms', 250_000],
    ['0.5 ms', 500],
    ['2 s', 2_000_000],
    ['15 min', 900_000_000],
    ['1 h', 3_600_000_000],
    ['1 d', 86_400_000_000],
    ['1e3 s', 1_000_000_000],
  ];
  for (const [duration, expected] of known) t.is(micros(duration), expected);
});

test('a fraction of a microsecond is rounded to the nearest', (t) => {
  t.is(micros('0.4 us'), 0);
  t.is(micros('1.6 us'), 2);
  t.is(micros('0.1 s'), 100_000);
});

test('refuses what is no duration, naming it', (t) => {
  const wrong: readonly unknown[] = [-1, 0.5, NaN, Infinity, 2 ** 53, '', '5', 's', ' s', '5s', '5 weeks', '-1 s'];
  for (const text of [...wrong, 'x s', '1  s', '1 s ', 'Infinity s', '300 years', '1000000 d ']) {
    t.throws(() => micros(text as Duration), { code: 'bad-duration' }, String(text));
  }
  t.throws(() => micros('5 weeks' as Duration), { message: /"250 ms".*"5 weeks"/ });
  t.throws(() => micros('200000 d'), { code: 'bad-duration', message: /non-negative number of microseconds/ });
});

test('seconds are microseconds by a million', (t) => {
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), (whole) => t.is(seconds(micros(`${whole} s`)), whole)),
    { seed: 40 },
  );
  t.is(seconds(1), 1e-6);
});
