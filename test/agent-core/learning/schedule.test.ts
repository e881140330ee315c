import test from 'ava';
import { checkSchedule, scheduled } from '../../../agent-core/learning/schedule.ts';

test('a setting goes on a straight line and then stays', (t) => {
  const schedule = { from: 1, to: 0.5, over: 0.5 };
  t.is(scheduled(schedule, 0), 1);
  t.is(scheduled(schedule, 0.25), 0.75);
  t.is(scheduled(schedule, 0.5), 0.5);
  t.is(scheduled(schedule, 1), 0.5);
  t.is(scheduled({ from: 0, to: 4 }, 0.5), 2);
  t.is(scheduled(3, 0.7), 3);
});

test('refuses numbers out of bounds, and an end outside the training', (t) => {
  checkSchedule('rate', { from: 1, to: 0 }, 0);
  for (const wrong of [
    -1,
    Number.NaN,
    Infinity,
    { from: 1, to: -1 },
    { from: 1, to: 1, over: 0 },
    { from: 1, to: 1, over: 2 },
  ]) {
    t.throws(() => checkSchedule('rate', wrong, 0), { code: 'bad-training', message: /rate/ });
  }
});
