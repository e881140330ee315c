import test from 'ava';
import { scheduled } from '../../../agent-core/learning/schedule.ts';

test('a setting goes on a straight line and then stays', (t) => {
  const schedule = { from: 1, to: 0.5, over: 0.5 };
  t.is(scheduled(schedule, 0), 1);
  t.is(scheduled(schedule, 0.25), 0.75);
  t.is(scheduled(schedule, 0.5), 0.5);
  t.is(scheduled(schedule, 1), 0.5);
  t.is(scheduled({ from: 0, to: 4 }, 0.5), 2);
  t.is(scheduled(3, 0.7), 3);
});
