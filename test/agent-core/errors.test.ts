import test from 'ava';
import { assert, AssertionError, HaggleError } from '../../agent-core/errors.ts';

test('an error has a code, fields and its cause', (t) => {
  const cause = new RangeError('deep');
  const error = new HaggleError('too-deep', 'diving: 40 m, the limit is 30 m', { fields: { metres: 40 }, cause });
  t.true(error instanceof Error);
  t.like(error, { name: 'HaggleError', code: 'too-deep', fields: { metres: 40 }, cause });
  t.is(String(error), 'HaggleError: diving: 40 m, the limit is 30 m');
});

test('an error without detail has no fields and no cause', (t) => {
  const error = new HaggleError('x', 'y');
  t.deepEqual(error.fields, {});
  t.false('cause' in error);
});

test('assert throws an AssertionError where the condition does not hold, and nothing else', (t) => {
  assert(true, 'never seen');
  const error = t.throws(() => assert(false, 'two and two are four'), { instanceOf: AssertionError });
  t.is(error?.message, 'two and two are four');
  t.false(error instanceof HaggleError);
});
