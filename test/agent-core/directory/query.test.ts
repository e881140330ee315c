import test from 'ava';
import { checkTags, isTag, type AgentCard } from '../../../agent-core/directory/card.ts';
import { checkQuery, matches, ranked } from '../../../agent-core/directory/query.ts';
import { key, recordOf } from './records.ts';

const card: AgentCard = recordOf(key(1), {
  protocols: [
    { id: 'haul/1.0.0/abc', roles: ['participant'] },
    { id: 'query/2.0.0/def', roles: ['asker', 'giver'] },
  ],
  tags: ['fuel/diesel', 'region:north'],
});

test('a protocol is found by name, name and version, or id, and never by part of a name', (t) => {
  for (const protocol of ['haul', 'haul/1.0.0', 'haul/1.0.0/abc']) t.true(matches(card, { protocol }), protocol);
  for (const protocol of ['hau', 'haul/1', 'haul/1.0.0/ab', 'haul/1.0.0/abcd'])
    t.false(matches(card, { protocol }), protocol);
});

test('a role is looked for in the protocol that is given, else in any', (t) => {
  t.true(matches(card, { role: 'giver' }));
  t.true(matches(card, { protocol: 'query', role: 'giver' }));
  t.false(matches(card, { protocol: 'haul', role: 'giver' }));
});

test('every tag must be there', (t) => {
  t.true(matches(card, { tags: [] }));
  t.true(matches(card, { tags: ['region:north', 'fuel/diesel'] }));
  t.false(matches(card, { tags: ['region:north', 'fuel/petrol'] }));
});

test('refuses a query that nothing could answer', (t) => {
  for (const limit of [0, -1, 1.5, 1_025, Number.NaN]) t.throws(() => checkQuery({ limit }), { code: 'bad-query' });
  for (const protocol of ['', '/', 'a//b', 'a/b/c/d']) t.throws(() => checkQuery({ protocol }), { code: 'bad-query' });
  t.throws(() => checkQuery({ tags: ['North'] }), { code: 'bad-tags' });
});

test('tags are sorted, none twice, at most 16', (t) => {
  t.deepEqual(checkTags(['b', 'a', 'b'], 'x'), ['a', 'b']);
  t.throws(
    () =>
      checkTags(
        Array.from({ length: 17 }, (_, i) => `t${i}`),
        'agent "x"',
      ),
    { code: 'bad-tags', message: /agent "x": 17/ },
  );
  for (const bad of ['', 'A', 'a b', 'ä', 't'.repeat(65)]) t.false(isTag(bad), bad);
});

const cards = Array.from({ length: 40 }, (_, i): AgentCard => recordOf(key(100 + i)));

test('the order is the same for one asker, whatever order the cards come in, and differs between askers', (t) => {
  const first = ranked(cards, key(1).did);
  t.deepEqual(ranked(cards.toReversed(), key(1).did), first);
  t.notDeepEqual(ranked(cards, key(2).did), first);
  t.deepEqual(ranked(cards, key(1).did, 3), first.slice(0, 3));
});

test('a limit does not lead everybody to the same few', (t) => {
  const asked = new Map<string, number>();
  for (let asker = 0; asker < 400; asker++) {
    for (const { agent } of ranked(cards, key(1_000 + asker).did, 1)) asked.set(agent, (asked.get(agent) ?? 0) + 1);
  }
  t.true(asked.size >= 38, `${asked.size} of 40 were asked`);
  t.true(Math.max(...asked.values()) <= 30);
});
