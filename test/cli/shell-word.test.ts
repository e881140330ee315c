import { spawnSync } from 'node:child_process';
import test from 'ava';
import { array, assert, constantFrom, property } from 'fast-check';
import { shellWord } from '../../cli/shell-word.ts';

test('leaves alone what needs no quotes', (t) => {
  for (const word of ['homes=8,days=28', '../a/b.json', 'plan=policy']) t.is(shellWord(word), word);
});

test('bash reads back any value, and sees nothing invisible', (t) => {
  const parts = constantFrom(
    'a',
    ' ',
    "'",
    '"',
    '\\',
    '$HOME',
    '\n',
    '\u0007',
    '\u0085',
    '\u200b',
    '\u{e0001}',
    'é',
    ';',
    '`',
    '!',
    '#',
  );
  assert(
    property(
      array(
        array(parts).map((one) => one.join('')),
        { minLength: 1, maxLength: 20 },
      ),
      (values) => {
        const line = values.map(shellWord).join(' ');
        t.notRegex(line, /\p{C}/u);
        const env = { ...process.env, LC_ALL: 'C.UTF-8' };
        const { stdout } = spawnSync('bash', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8', env });
        t.deepEqual(stdout.split('\0').slice(0, -1), values);
      },
    ),
    { numRuns: 30 },
  );
});
