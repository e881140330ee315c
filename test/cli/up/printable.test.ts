import test from 'ava';
import { printable } from '../../../cli/up/log-view.ts';

test('no text of a peer moves the cursor, rings or reverses a line', (t) => {
  t.is(printable('\u001B[2Jgone'), '\\u{1b}[2Jgone');
  t.is(printable('\u009B31m'), '\\u{9b}31m');
  t.is(printable('a\r\nb\u0007'), 'a\\u{d}\\u{a}b\\u{7}');
  t.is(printable('\u202Eabc'), '\\u{202e}abc');
  t.is(printable('Zürich → 5 €'), 'Zürich → 5 €');
});
