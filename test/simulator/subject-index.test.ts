import test from 'ava';
import * as fc from 'fast-check';
import { SubjectIndex, subjectMatches } from '../../simulator/subject-index.ts';

/** NATS rules, token by token. */
function matches(pattern: string, subject: string): boolean {
  const wanted = pattern.split('.');
  const tokens = subject.split('.');
  for (const [index, token] of wanted.entries()) {
    if (token === '>') return tokens.length > index;
    if (index >= tokens.length || (token !== '*' && token !== tokens[index])) return false;
  }
  return wanted.length === tokens.length;
}

interface Entry {
  readonly pattern: string;
  readonly queue: string | undefined;
  readonly ownerName: string;
}

const token = fc.constantFrom('a', 'b', 'c');
const subject = fc.array(token, { minLength: 1, maxLength: 4 }).map((tokens) => tokens.join('.'));
const pattern = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([tokens, rest]) => [...tokens, ...(rest ? ['>'] : [])].join('.'));

test('finds what a match token by token finds, in order of subscribing, through changes', (t) => {
  const step = fc.tuple(pattern, subject, fc.option(fc.constantFrom('q', 'r'), { nil: undefined }), fc.nat(4));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const index = new SubjectIndex<Entry>();
      const live: Entry[] = [];
      for (const [added, asked, queue, victim] of steps) {
        const entry = { pattern: added, queue, ownerName: 'one' };
        live.push(entry);
        index.add(entry);
        const [gone] = victim < live.length - 1 ? live.splice(victim, 1) : [];
        if (gone !== undefined) t.true(index.remove(gone));
        const wanted = live.filter((one) => matches(one.pattern, asked));
        const found = index.match(asked);
        t.deepEqual(
          found.plain,
          wanted.filter((one) => one.queue === undefined),
        );
        t.true(found.groups.every((members) => members.every((one) => one.queue === members[0]?.queue)));
        const grouped = found.groups.flat().toSorted((a, b) => wanted.indexOf(a) - wanted.indexOf(b));
        t.deepEqual(
          grouped,
          wanted.filter((one) => one.queue !== undefined),
        );
        t.is(found.groups.length, new Set(wanted.map((one) => one.queue).filter((name) => name !== undefined)).size);
        t.is(index.match(asked), found, 'remembered');
      }
      t.is(index.size, live.length);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('forgets remembered matches when a subscription comes or goes', (t) => {
  const index = new SubjectIndex<Entry>();
  t.deepEqual(index.match('a.b').plain, []);
  const entry = { pattern: 'a.*', queue: undefined, ownerName: 'one' };
  index.add(entry);
  t.is(index.remembered('a.b'), undefined);
  t.deepEqual(index.match('a.b').plain, [entry]);
  t.true(index.remove(entry));
  t.false(index.remove(entry));
  t.deepEqual(index.match('a.b').plain, []);
});

test('matches come by owner, whoever subscribed first', (t) => {
  const entry = (ownerName: string): Entry => ({ pattern: 'a.>', queue: undefined, ownerName });
  for (const owners of [
    ['x', 'y', 'z'],
    ['z', 'x', 'y'],
  ]) {
    const index = new SubjectIndex<Entry>();
    for (const owner of owners) index.add(entry(owner));
    t.deepEqual(
      index.match('a.b').plain.map(({ ownerName }) => ownerName),
      ['x', 'y', 'z'],
    );
  }
});

test('one pattern is matched as the index matches it', (t) => {
  fc.assert(
    fc.property(pattern, subject, (wanted, asked) => t.is(subjectMatches(wanted, asked), matches(wanted, asked))),
  );
});
