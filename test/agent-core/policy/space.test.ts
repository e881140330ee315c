import test from 'ava';
import { box, discrete } from '../../../agent-core/policy/space.ts';

const one = { name: 'x', min: 0, max: 1 };

for (const [what, features] of [
  ['bounds out of order', [{ name: 'x', min: 1, max: 0 }]],
  ['bounds that are not finite', [{ name: 'x', min: 0, max: Infinity }]],
  ['two features of one name', [one, one]],
  ['more features than 4,096', Array.from({ length: 4_097 }, (_, k) => ({ ...one, name: String(k) }))],
] as const) {
  test(`refuses a box with ${what}`, (t) => {
    t.throws(() => box(features), { code: 'bad-space' });
  });
}

for (const [what, choices] of [
  ['no choice', []],
  ['two choices of one name', ['go', 'go']],
  ['more choices than 4,096', Array.from({ length: 4_097 }, (_, k) => String(k))],
] as const) {
  test(`refuses a discrete space with ${what}`, (t) => {
    t.throws(() => discrete(choices), { code: 'bad-space' });
  });
}
