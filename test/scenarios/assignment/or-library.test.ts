import test from 'ava';
import { HaggleError } from '../../../agent-core/errors.ts';
import { ASSIGNMENT_COST_MAX, ASSIGNMENT_SIZE_MAX, parseAssignment } from '../../../scenarios/assignment/or-library.ts';

test('reads costs person by person, however the lines are wrapped', (t) => {
  const problem = parseAssignment(' 2\r\n 5 -6\n\n 7\t+8 \n', 'small.txt');
  t.deepEqual(problem, {
    size: 2,
    costs: [
      [5, -6],
      [7, 8],
    ],
  });
});

const hostile: readonly (readonly [string, string, number, RegExp])[] = [
  ['an empty file', ' \n\n', 3, /the file is empty/],
  ['no persons', '0\n', 1, /1 to 4000, got 0/],
  ['too many persons', `\n${ASSIGNMENT_SIZE_MAX + 1}\n1`, 2, /1 to 4000, got 4001/],
  ['a size that is no number', 'NaN\n1', 1, /whole number.*got "NaN"/],
  ['a fraction', '2\n1 2\n3 4.5', 3, /got "4.5"/],
  ['an exponent', '1\n1e3', 2, /got "1e3"/],
  ['a hexadecimal number', '1\n0x10', 2, /got "0x10"/],
  ['a cost out of range', `1\n-${ASSIGNMENT_COST_MAX + 1}`, 2, /got "-1000000001"/],
  ['a huge word', `1\n${'9'.repeat(1_000)}`, 2, /got "9{40}…"$/],
  ['a cost too few', '2\n1 2 3', 2, /have 4 costs, the file ends after 3/],
  ['a cost too many', '2\n1 2\n3 4\n5\n', 4, /have 4 costs, there is one more: 5/],
];

for (const [what, text, line, message] of hostile) {
  test(`refuses ${what} and names the line`, (t) => {
    const error = t.throws(() => parseAssignment(text, 'bad.txt'), { instanceOf: HaggleError, message });
    t.is(error.code, 'bad-assignment-file');
    t.deepEqual(error.fields, { file: 'bad.txt', line });
    t.true(error.message.startsWith(`bad.txt:${line}: `));
    t.true(error.message.length < 200);
  });
}
