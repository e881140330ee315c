import test from 'ava';
import { checkSubject, senderToken, subjects } from '../../../agent-core/bus/subjects.ts';
import { LIMITS } from '../../../agent-core/limits.ts';

test('an inbox names realm, receiver and sender, in this order', (t) => {
  t.is(subjects.inbox('sim', 'UTO', 'UFROM'), 'haggle.sim.in.UTO.UFROM');
  t.is(subjects.inboxOf('sim', 'UTO'), 'haggle.sim.in.UTO.*');
  t.is(subjects.event('sim', 'UFROM', 'price'), 'haggle.sim.ev.UFROM.price');
  t.is(senderToken(subjects.inbox('sim', 'UTO', 'UFROM')), 'UFROM');
});

const faults: readonly (readonly [string, string, RegExp])[] = [
  ['no text', '', /is empty/],
  ['an empty token', 'a..b', /empty token/],
  ['a dot at its start', '.a', /empty token/],
  ['a dot at its end', 'a.', /empty token/],
  ['a space', 'a.b c', /white space/],
  ['a line end', 'a.b\r\n', /white space/],
  ['a NUL', 'a.\u0000', /control character/],
  ['a DEL', 'a.\u007f', /control character/],
  ['too many characters', 'x'.repeat(LIMITS.subjectChars + 1), /longer than 1024 characters/],
  ['">" before its end', 'a.>.b', />|wildcard/],
];

for (const [what, subject, message] of faults) {
  test(`refuses a subject with ${what}, as text and as pattern`, (t) => {
    for (const kind of ['literal', 'pattern'] as const) {
      t.throws(() => checkSubject(subject, kind), { code: 'bad-subject', message });
    }
  });
}

test('wildcards are for patterns only, and are whole tokens', (t) => {
  for (const pattern of ['a.*', '*', '>', 'a.>', '*.b.*']) {
    t.notThrows(() => checkSubject(pattern, 'pattern'));
    t.throws(() => checkSubject(pattern, 'literal'), { code: 'bad-subject', message: /wildcard/ });
  }
  for (const text of ['a*', 'a.b>c', 'x'.repeat(LIMITS.subjectChars)]) {
    t.notThrows(() => checkSubject(text, 'literal'));
  }
});
